"""Findings in a chart file → problems in the order of the file, and each as text to read."""

from __future__ import annotations

import re
import unicodedata
from typing import Protocol

from xerosync.errors import ChartError, Problem
from xerosync.text import visible

MAX_PROBLEMS = 100
"""So many are reported; what is beyond is only counted."""

_MOST_KEPT = 20 * MAX_PROBLEMS
"""A bound on time and memory for a file that is one long mistake."""

_Finding = tuple[int, int, str, str, str]
"""Line, column, rule, message, hint."""

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_WINDOW = 96
_LONGEST_SOURCE_LINE = 10_000
_LONGEST_QUOTE = 60


class Place(Protocol):
    """Anything with a place in the file; both count from 1."""

    @property
    def line(self) -> int:
        """The line."""

    @property
    def column(self) -> int:
        """The character in the line."""


class Report:
    """Collects what is wrong with one file. `text` is the file's, for the source lines."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._lines: list[str] | None = None
        self._errors: list[_Finding] = []
        self._warnings: list[_Finding] = []
        self._seen: set[tuple[int, int, str]] = set()
        self._dropped = 0

    def error(self, rule: str, at: Place, message: str, hint: str = "") -> None:
        """Note something that must be mended before the file can be used."""
        self._add(self._errors, rule, at, message, hint)

    def warn(self, rule: str, at: Place, message: str, hint: str = "") -> None:
        """Note something that works and should be mended all the same."""
        self._add(self._warnings, rule, at, message, hint)

    def count_errors(self) -> int:
        """Count what must be mended."""
        return len(self._errors)

    @property
    def full(self) -> bool:
        """Whether there are so many errors that looking further helps nobody."""
        return len(self._errors) >= _MOST_KEPT

    def close(self) -> tuple[Problem, ...]:
        """Give the warnings, in the order of the file.

        At most `MAX_PROBLEMS` are given, errors before warnings, and a last one counts
        the rest.
        Raises ChartError with every problem, errors and warnings, when there is an error.
        """
        kept = [("error", f) for f in sorted(self._errors)[:MAX_PROBLEMS]]
        room = MAX_PROBLEMS - len(kept)
        kept += [("warning", f) for f in sorted(self._warnings)[:room]]
        kept.sort(key=lambda found: found[1][:2])
        problems = [self._problem(severity, found) for severity, found in kept]
        beyond = len(self._errors) + len(self._warnings) + self._dropped - len(kept)
        if beyond:
            what = "more problem is" if beyond == 1 else "more problems are"
            message = f"{'At least ' if self.full else ''}{beyond:,} {what} not shown."
            hint = "Mend these first, then run it again."
            severity = "error" if self._errors else "warning"
            problems.append(Problem(self._file, 0, 0, "too-many-problems", message, hint, severity))
        if self._errors:
            raise ChartError(tuple(problems))
        return tuple(problems)

    def source_line(self, number: int) -> str:
        """Give the text of a line, "" for one that is not there or too long to show."""
        if self._lines is None:
            self._lines = _LINE_BREAK.split(self._text)
        line = self._lines[number - 1] if 0 < number <= len(self._lines) else ""
        return line if len(line) <= _LONGEST_SOURCE_LINE else ""

    def _add(self, to: list[_Finding], rule: str, at: Place, message: str, hint: str) -> None:
        identity = (at.line, at.column, message)
        if len(to) >= _MOST_KEPT:
            self._dropped += 1
        elif identity not in self._seen:
            self._seen.add(identity)
            to.append((at.line, at.column, rule, message, hint))

    def _problem(self, severity: str, found: _Finding) -> Problem:
        line, column, rule, message, hint = found
        source = self.source_line(line)
        return Problem(self._file, line, column, rule, message, hint, severity, source)


def quoted(text: str) -> str:
    """Give a value of the file for a message: safe, in quotes, cut when long."""
    shown = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
    return f'"{visible(shown)}"'


def describe(problem: Problem) -> str:
    """Render a problem for people: where and what, the source line, a caret, the way out.

    Plain text without colour, several lines, no line end. Safe to print, whatever the
    file holds; a long source line is cut to the part around the caret.
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
    """Give the part of a line around a character, and the columns before that character."""
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
