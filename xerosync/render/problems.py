"""Problems of chart files as JSON, GitHub annotations, GitLab Code Quality, SARIF and JUnit.

Text from a chart file is made safe to show, so that a name cannot start a new line. The
text is also escaped for each format, so that it cannot end a command or close a tag.
"""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from xerosync import __version__
from xerosync.errors import Problem
from xerosync.text import counted, json_text, visible

FORMAT_VERSION = "1.0"
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One checked file and its problems.

    `accounts` is the number of accounts in the file, 0 if they were not counted.
    `invalid_standard` is True if the file extends an invalid standard.
    """

    file: str
    accounts: int
    problems: tuple[Problem, ...]
    invalid_standard: bool = False

    def count(self, severity: str) -> int:
        """Return the number of problems of a severity, `error` or `warning`."""
        return sum(problem.severity == severity for problem in self.problems)

    def fails(self, *, strict: bool) -> bool:
        """Whether the file fails the check. If `strict`, a warning is enough."""
        return not self.valid or (strict and bool(self.problems))

    @property
    def valid(self) -> bool:
        """Whether the file and the standards that it extends have no errors."""
        return not self.count("error") and not self.invalid_standard


def summary(files: Sequence[CheckedFile]) -> str:
    """Return a sentence that counts errors and warnings. If there are none, it counts accounts."""
    errors = sum(checked.count("error") for checked in files)
    warnings = sum(checked.count("warning") for checked in files)
    if not errors and not warnings:
        accounts = counted(sum(checked.accounts for checked in files), "account")
        where = visible(files[0].file) if len(files) == 1 else counted(len(files), "file")
        return f"{where}: {accounts}, no problems."
    bad = sum(bool(checked.problems) for checked in files)
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')} in " + (
        f"{visible(files[0].file)}." if len(files) == 1 else f"{bad} of {len(files)} files."
    )


def as_json(files: Sequence[CheckedFile]) -> str:
    """Return all problems as JSON; a new minor `format_version` only adds keys."""
    document = {
        "format_version": FORMAT_VERSION,
        "xerosync_version": __version__,
        "summary": {
            "errors": sum(checked.count("error") for checked in files),
            "warnings": sum(checked.count("warning") for checked in files),
        },
        "files": [
            {
                "file": checked.file,
                "valid": checked.valid,
                "accounts": checked.accounts,
                "problems": [_as_data(problem) for problem in checked.problems],
            }
            for checked in files
        ],
    }
    return json_text(document)


def as_github(files: Sequence[CheckedFile]) -> str:
    """Return workflow commands that annotate the lines of a pull request.

    They are escaped as in GitHub's actions/toolkit, packages/core/src/command.ts.
    """
    lines = []
    for checked in files:
        for problem in checked.problems:
            place = {"file": _relative(problem.file), "title": problem.rule}
            if problem.line:
                place |= {"line": str(problem.line), "col": str(max(problem.column, 1))}
            said = ",".join(f"{name}={_property(value)}" for name, value in place.items())
            text = _percent(visible(problem.message))
            if problem.hint:
                text += "%0A" + _percent(visible(problem.hint))
            lines.append(f"::{problem.severity} {said}::{text}\n")
    return "".join(lines)


def as_gitlab(files: Sequence[CheckedFile]) -> str:
    """Return a Code Quality report, which GitLab shows with a merge request.

    GitLab removes `%{…}` and HTML tags from descriptions. Both are changed slightly, to be shown.
    """
    report: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for problem in (problem for checked in files for problem in checked.problems):
        path = _tame(_relative(problem.file))
        text = _tame(f"{problem.message} {problem.hint}".strip())
        known = json.dumps([path, problem.rule, text])
        seen[known] += 1
        finger = sha256(f"{known}{seen[known]}".encode()).hexdigest()
        report.append(
            {
                "description": text,
                "check_name": _tame(problem.rule),
                "fingerprint": finger,
                "severity": "major" if problem.severity == "error" else "minor",
                "location": {"path": path, "lines": {"begin": max(problem.line, 1)}},
            }
        )
    return json_text(report)


def as_sarif(files: Sequence[CheckedFile], rules: Mapping[str, str]) -> str:
    """Return a SARIF 2.1.0 log for code scanning. `rules` has a line on each rule, by its id."""
    found = [problem for checked in files for problem in checked.problems]
    used = sorted({problem.rule for problem in found})
    at = {rule: index for index, rule in enumerate(used)}
    driver = {
        "name": "xerosync",
        "semanticVersion": __version__,
        "version": __version__,
        "rules": [
            {"id": rule, "shortDescription": {"text": rules.get(rule, f"{rule}.")}} for rule in used
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_as_result(problem, at[problem.rule]) for problem in found],
    }
    return json_text({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def as_junit(files: Sequence[CheckedFile], *, strict: bool) -> str:
    """Return a JUnit report with a suite for each file and a case for each problem.

    A file without problems has one case that passes. If `strict`, warnings are failures.
    """
    suites = []
    for checked in files:
        cases = [_as_case(problem, strict=strict) for problem in checked.problems]
        failures = sum(strict or problem.severity == "error" for problem in checked.problems)
        name = _xml(checked.file)
        cases = cases or [f'    <testcase classname="{name}" name="no problems"/>\n']
        suites.append(
            f'  <testsuite name="{name}" tests="{len(cases)}" failures="{failures}" errors="0" '
            f'skipped="0">\n{"".join(cases)}  </testsuite>\n'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="xerosync validate">\n{"".join(suites)}</testsuites>\n'
    )


def _as_data(problem: Problem) -> dict[str, Any]:
    names = ("line", "column", "severity", "rule", "message", "hint", "source_line")
    return {name: getattr(problem, name) for name in names}


def _as_result(problem: Problem, index: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line:
        place["region"] = {"startLine": problem.line, "startColumn": max(problem.column, 1)}
    text = visible(f"{problem.message} {problem.hint}".strip())
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }


def _as_case(problem: Problem, *, strict: bool) -> str:
    where = f"{problem.rule} at line {problem.line}" if problem.line else problem.rule
    text = _xml(f"{problem.message} {problem.hint}".strip())
    begin = f'    <testcase classname="{_xml(problem.file)}" name="{_xml(where)}">'
    if problem.severity == "error" or strict:
        inside = f'<failure type="{_xml(problem.rule)}" message="{_xml(problem.message)}">'
        inside += f"{_xml(str(problem))} {_xml(problem.hint)}".rstrip() + "</failure>"
    else:
        inside = f"<system-out>warning: {text}</system-out>"
    return f"{begin}{inside}</testcase>\n"


def _percent(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _percent(visible(text)).replace(":", "%3A").replace(",", "%2C")


def _tame(text: str) -> str:
    return visible(text).replace("<", "\u2039").replace("%{", "% {")


def _xml(text: str) -> str:
    return html.escape(visible(text))


def _relative(file: str) -> str:
    path = Path(file)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return PurePath(path).as_posix()


def _uri(file: str) -> str:
    """Return a relative URI, or a `file:` URI for an absolute path outside the current folder."""
    path = PurePath(_relative(file))
    if not path.is_absolute():
        return _quoted(path.as_posix())
    if path.drive.endswith(":"):  # as on Windows: D:/books/accounts.yaml
        return f"file:///{path.drive}{_quoted(path.as_posix().removeprefix(path.drive))}"
    begin = "file:" if path.drive else "file://"  # here a drive is //server/share
    return begin + _quoted(path.as_posix())


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogatepass"), safe="/")
