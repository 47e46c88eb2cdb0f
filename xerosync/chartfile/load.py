"""Load a chart file: return the chart that it describes, or every problem in it.

The stages: `syntax.source` (bytes → clean text), `syntax.parse` (text → nodes with positions),
`validate` (structure, characters, duplicates), `build` (nodes → accounts), `lint` (the file's own
rules). All of them add to one report; a chart is returned only if the report has no error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from xerosync.chartfile.build import build, build_account
from xerosync.chartfile.lint.check import check_policy
from xerosync.chartfile.lint.policy import Policy, read_policy
from xerosync.chartfile.problems import STDIN, Report
from xerosync.chartfile.syntax import source
from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Scalar, Sequence, text_of
from xerosync.chartfile.syntax.parse import compose
from xerosync.chartfile.syntax.source import Spot
from xerosync.chartfile.validate.characters import check_characters
from xerosync.chartfile.validate.duplicates import check_duplicates
from xerosync.chartfile.validate.structure import check_structure
from xerosync.errors import ChartError, Problem
from xerosync.model import DesiredAccount, DesiredChart, Status, Unmanaged
from xerosync.regular_file import open_regular
from xerosync.text import whole

_STANDARD = re.compile(rb"^standard[ \t]*:", re.MULTILINE)
_CSV_HEAD = "*Code,"
"""The beginning of the CSV file that Xero exports."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A chart with the warnings about its file, and the file's policy for `lint`."""

    chart: DesiredChart
    warnings: tuple[Problem, ...] = ()
    policy: Policy = field(default_factory=Policy)


def load(path: str, *, stdin: BinaryIO | None = None, lint: bool = True) -> Loaded:
    """Read a chart file; "-" reads `stdin`, by default the standard input.

    With `lint` off, the file's own rules are not checked: a file can be edited while it breaks
    them. Raises ChartError with all problems in the order of the file; also if the file does
    not exist, is larger than `source.MAX_BYTES`, or is not UTF-8.
    """
    return parse(source.read(path, stdin), STDIN if path == "-" else path, lint=lint)


def parse(text: str | bytes, file: str, *, lint: bool = True) -> Loaded:
    """Read a chart from memory, as `load` does; `file` is its name in problems."""
    file = whole(file)
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    decoded = source.decode(data, file)
    report = Report(file, decoded)
    decoded = source.clean(decoded, report)
    root = _root(decoded, report) or Mapping({}, 0, 0)
    accounts: tuple[DesiredAccount, ...] = ()
    policy = Policy()
    if root.line:
        given = root.get("accounts")
        listed = given if isinstance(given, Sequence) else Sequence([], 0, 0)
        check_structure(root, listed, report)
        check_characters(root, listed, report, decoded)
        check_duplicates(listed, report)
        nodes = [n for n in listed.items if isinstance(n, Mapping) and not report.full]
        accounts = tuple(build_account(node, file) for node in nodes)
        _check_archives(root, accounts, report)
        policy = read_policy(root, report)
        if lint and not report.full:
            check_policy(root, nodes, accounts, policy, report)
    warnings = report.close()
    return Loaded(build(root, accounts, file), warnings, policy)


def _check_archives(root: Mapping, accounts: tuple[DesiredAccount, ...], report: Report) -> None:
    """Report a file that would archive every account: it has probably been cut short."""
    node = root.get("unmanaged")
    if node is None or text_of(node) != Unmanaged.ARCHIVE or report.count_errors():
        return
    if all(account.status != Status.ACTIVE for account in accounts):
        report.error(
            "archives-everything", node,
            "`unmanaged: archive` would archive every account, since the file has no active one.",
            f"Remove this line; `{report.command('pull')}` then lists the accounts to keep, and "
            "the line can be written again.",
        )  # fmt: skip


def _root(text: str, report: Report) -> Mapping | None:
    """Return the mapping at the root of the file; report anything else, and return None."""
    if text.startswith(_CSV_HEAD):
        report.error(
            "not-a-mapping", Spot(1, 1), "This is a CSV file exported from Xero, not YAML.",
            "Name it chart.csv, then make a chart of it with `xerosync import-csv chart.csv`.",
        )  # fmt: skip
        return None
    errors = report.count_errors()
    root = compose(text, report)
    if isinstance(root, Mapping):
        return root
    if report.count_errors() == errors or root is not None:
        _report_root(root, text, report)
    return None


def _report_root(root: Node | None, text: str, report: Report) -> None:
    if root is None or (isinstance(root, Scalar) and root.null):
        blank = not text.strip()
        pull = f"Create a chart from Xero with `{report.command('pull')}`, or b"
        report.error(
            "empty-file", Spot(0, 0),
            "The file is empty." if blank else "The file has no fields.",
            f"{pull if blank else 'B'}egin with `version: 1`.",
        )  # fmt: skip
    elif isinstance(root, Sequence):
        report.error(
            "not-a-mapping", root, "The file is a list, but a chart begins with fields.",
            "Begin with `version: 1` and `organisation:`; put the list under `accounts:`.",
        )  # fmt: skip
    elif not isinstance(root, Opaque):
        report.error(
            "not-a-mapping", root, "The file is text, but a chart begins with fields.",
            "Begin the file with `version: 1`.",
        )  # fmt: skip


def load_all(paths: Iterable[str]) -> tuple[Loaded, ...]:
    """Read many chart files. Raises one ChartError with the problems of all of them."""
    loaded: list[Loaded] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            loaded.append(load(path))
        except ChartError as error:
            problems += error.problems
    if problems:
        raise ChartError(tuple(problems))
    return tuple(loaded)


def kind_of(path: str) -> Literal["organisation", "standard"]:
    """Return what a chart file describes. A file that cannot be read counts as an organisation."""
    try:
        with open_regular(path) as file:
            standard = _STANDARD.search(file.read(source.MAX_BYTES))
    except OSError:
        standard = None
    return "standard" if standard else "organisation"
