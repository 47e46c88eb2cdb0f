"""Collect the problems of a chart file, and format each for people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

from xerosync.desired import Source
from xerosync.errors import ChartError, Problem
from xerosync.organisations.standards.documents import Finding
from xerosync.text import visible
from xerosync.workspace import STDIN, command_line

MAX_PROBLEMS = 100
"""The most problems of a file that are shown; further ones are only counted."""

_MOST_KEPT = 20 * MAX_PROBLEMS
"""At most this many errors, and as many warnings, are kept, to bound time and memory."""

LINE_BREAK = re.compile(r"\r\n|\n|\r")
_WINDOW = 96
_LONGEST_SOURCE_LINE = 10_000
_LONGEST_QUOTE = 60


class Place(Protocol):
    """A position in the file; both numbers count from 1, and 0 means no position."""

    @property
    def line(self) -> int:
        """The number of the line."""

    @property
    def column(self) -> int:
        """The number of the character in the line."""


class Report:
    """Collects the problems of one file; `text` is its content, for the source lines."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._errors: list[Finding] = []
        self._warnings: list[Finding] = []
        self._seen: set[tuple[Source, str]] = set()
        self._dropped = 0
        self.full = False
        """Whether there are so many errors that further checks are pointless."""

    def error(self, rule: str, at: Place, message: str, hint: str = "") -> None:
        """Add an error: the file cannot be used until it is fixed."""
        self.add(Finding(rule, Source(self._file, at.line, at.column), message, hint))

    def warn(self, rule: str, at: Place, message: str, hint: str = "") -> None:
        """Add a warning: the file can be used as it is."""
        self.add(Finding(rule, Source(self._file, at.line, at.column), message, hint, "warning"))

    def add(self, finding: Finding) -> None:
        """Add a finding in this file, unless an earlier one has the same place and message."""
        kept = self._errors if finding.severity == "error" else self._warnings
        identity = finding.place, finding.message
        if len(kept) >= _MOST_KEPT:
            self._dropped += 1
        elif identity not in self._seen:
            self._seen.add(identity)
            kept.append(finding)
        self.full = len(self._errors) >= _MOST_KEPT

    def count_errors(self) -> int:
        """Return the number of errors that are kept."""
        return len(self._errors)

    def command(self, name: str) -> str:
        """Return the command of xerosync that works on this file, for a hint."""
        return command(name, self._file)

    def close(self) -> tuple[Problem, ...]:
        """Return the warnings. Raises ChartError with errors and warnings if there is an error."""
        problems = self.all()
        if self._errors:
            raise ChartError(problems)
        return problems

    def all(self) -> tuple[Problem, ...]:
        """Return errors and warnings in the order of the file.

        If there are more than `MAX_PROBLEMS`, errors take precedence over warnings, and a last
        problem says how many are left out.
        """
        kept = [*sorted(self._errors, key=_order), *sorted(self._warnings, key=_order)]
        kept = sorted(kept[:MAX_PROBLEMS], key=lambda found: _order(found)[:2])
        lines = LINE_BREAK.split(self._text)
        problems = [_problem(lines, found) for found in kept]
        beyond = len(self._errors) + len(self._warnings) + self._dropped - len(kept)
        if beyond:
            what = "more problem is" if beyond == 1 else "more problems are"
            message = f"{'At least ' if self.full else ''}{beyond:,} {what} not shown."
            hint = "Fix the problems that are shown, then run the command again."
            severity = "error" if self._errors else "warning"
            problems.append(Problem(self._file, 0, 0, "too-many-problems", message, hint, severity))
        return tuple(problems)


def problem_at(text: str, found: Finding) -> Problem:
    """Return the problem for a finding, with its source line from the file's text."""
    return _problem(LINE_BREAK.split(text), found)


def _order(found: Finding) -> tuple[object, ...]:
    return found.place.line, found.place.column, found.rule, found.message, found.hint


def _problem(lines: Sequence[str], found: Finding) -> Problem:
    """Return the problem for a finding in a file with these lines; a very long line is left out."""
    place = found.place
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    if len(line) > _LONGEST_SOURCE_LINE:
        line = ""
    return Problem(
        place.file, place.line, place.column, found.rule, found.message, found.hint,
        found.severity, line,
    )  # fmt: skip


def command(name: str, file: str) -> str:
    """Return the xerosync command to type for a file."""
    if file == STDIN:
        return f"xerosync {name} -" if name == "fmt" else f"xerosync {name}"
    return command_line(name, file)


def quoted(text: str) -> str:
    """Return a value in quotes for a message: safe to print, and cut if it is long."""
    shown = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    return f'"{visible(shown)}"'


def describe(problem: Problem) -> str:
    """Return a problem as text: where and what, then the source line with a caret, and any hint.

    The text has no final line break. It is safe to print, whatever the file contains; a long source
    line is cut to the part around the caret.
    """
    lines = [visible(str(problem))]
    if problem.source_line.strip():
        number = str(problem.line)
        shown, before = _excerpt(problem.source_line, max(problem.column, 1) - 1)
        lines.append(f"  {number} | {shown}".rstrip())
        lines.append(f"  {' ' * len(number)} | {' ' * before}^")
    if problem.hint:
        lines.append(f"  hint: {visible(problem.hint)}")
    return "\n".join(lines)


def _excerpt(line: str, index: int) -> tuple[str, int]:
    """Return the part of a line around a character, and where in it the character is shown."""
    index = min(index, len(line))
    start, end = 0, len(line)
    if len(line) > _WINDOW:
        start = max(0, min(index - _WINDOW // 2, len(line) - _WINDOW))
        end = start + _WINDOW
    head = "…" if start else ""
    tail = "…" if end < len(line) else ""
    before = head + visible(line[start:index])
    return head + visible(line[start:end]) + tail, sum(map(_width, before))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
