"""Turn a YAML parser's error into a problem at the place that matters, in plain words.

The patterns match the messages of libyaml and PyYAML. Other errors keep the parser's own words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from xerosync.chartfile.problems import LINE_BREAK, Report
from xerosync.chartfile.syntax.source import NOWHERE, Spot
from xerosync.text import first_few

if TYPE_CHECKING:
    from yaml import Mark


class _Wording(NamedTuple):
    """The message for a parser's error; `at_context` puts it where the unfinished value begins."""

    context: str
    problem: str
    message: str
    hint: str
    at_context: bool = False


_IN_QUOTES = "Put the text in quotes."
_WORDINGS = (
    _Wording("quoted scalar", "end of stream|document indicator",
             "The quote opened here is never closed.", "Close it on the same line.",
             at_context=True),
    _Wording("quoted scalar", "escape",
             'A backslash in "…" begins an escape, and this one is not known.',
             r"Write \\ for a backslash, or use '…' instead."),
    _Wording("flow sequence", "", "The list opened here by [ is not closed, or lacks a comma.",
             "Check its commas and quotes, and end the list with ].", at_context=True),
    _Wording("flow mapping", "", "The mapping opened here by { is not closed, or lacks a comma.",
             "Check its commas and quotes, and end it with }.", at_context=True),
    _Wording("flow node", "", "A value is expected here, inside [ ] or { }.",
             "Remove this character, or put the text in quotes."),
    _Wording("", "mapping values are not allowed", "A colon is not allowed here.",
             "Put text that contains a colon in quotes, and check that this line is "
             "indented like its neighbours."),
    _Wording("simple key", "could not find expected ':'",
             "The line that begins here has no colon.", "Write `field: value`.", at_context=True),
    _Wording("next token", "cannot start any token",
             "No value can begin with this character.", _IN_QUOTES),
    _Wording("block mapping", "did not find expected key|expected <block end>",
             "This line does not fit the ones above.",
             "Check its quotes and indentation: fields of one account begin in one column."),
    _Wording("block (?:collection|sequence)", "", "This line does not fit the list above.",
             "Check its quotes and indentation, and that each item begins with a dash."),
    _Wording("", "sequence entries are not allowed", "A list cannot begin here.",
             "Begin the list on the next line, with the dash."),
    _Wording("block node", "", "A value is expected here.", _IN_QUOTES),
    _Wording("anchor", "", "A value that begins with & is an anchor in YAML.", _IN_QUOTES),
    _Wording("alias", "", "A value that begins with * is an alias in YAML.", _IN_QUOTES),
    _Wording("tag", "", "A value that begins with ! is a tag in YAML.", _IN_QUOTES),
    _Wording("", "undefined tag handle", "A value that begins with ! is a tag in YAML.",
             _IN_QUOTES),
    _Wording("directive", "", "A line that begins with % is a directive in YAML.",
             "Delete the line, or put the text in quotes."),
    _Wording("", "incompatible YAML document", "The file declares an unknown version of YAML.",
             "Delete the %YAML line."),
    _Wording("block scalar", "", "The block of text that begins here is not valid.",
             "End the line after | or >, and indent the text below it with spaces.",
             at_context=True),
    _Wording("", "expected '?<document start>", "The chart has already ended here.",
             "Delete this text, or what ends the chart before it: `...`, a bracket or a quote."),
)  # fmt: skip

_UNCLOSED = ("A list or mapping opened by [ or { is never closed.",
             "Close it with ] or }, or put the text in quotes.")  # fmt: skip

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_IN_COMMENT = "The # after a space begins a comment: put the text in quotes."
"""The hint if the closing bracket of a list or mapping may be in a comment."""

_TABBED = re.compile(r" *\t")
_MANY = 8


def report_syntax(error: Exception, text: str, report: Report) -> None:
    """Report why text is not YAML: one problem, because nothing after it can be read."""
    context = str(getattr(error, "context", None) or "")
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    at = _spot(getattr(error, "problem_mark", None))
    began = _spot(getattr(error, "context_mark", None)) if context else at
    lines = LINE_BREAK.split(text)
    at = _within(at, lines)
    if _report_tabs(at, lines, report):
        return
    if "flow" in context and _is_end(at, lines):
        place = began if "flow node" not in context else at
        message, hint = _UNCLOSED
        report.error("syntax", place, message, _IN_COMMENT if _cut(place, lines) else hint)
        return
    for wording in _WORDINGS:
        if re.search(wording.context, context) and re.search(wording.problem, problem):
            place = began if wording.at_context and began.line else at
            cut = "flow" in wording.context and _cut(place, lines)
            hint = _IN_COMMENT if cut else wording.hint
            report.error("syntax", place, wording.message, hint)
            return
    words = " ".join(f"{context} {problem}".split())[:200]
    report.error("syntax", at, f"This is not YAML: {words}.")


def _report_tabs(at: Spot, lines: list[str], report: Report) -> bool:
    """Report a tab in the indentation where the parser stopped. Return whether there was one."""
    line = lines[at.line - 1] if 0 < at.line <= len(lines) else ""
    found = _TABBED.match(line)
    if not found or at.column > len(line) - len(line.lstrip()) + 1:
        return False
    others = [n for n, other in enumerate(lines, 1) if n > at.line and _TABBED.match(other)]
    also = ""
    if others:
        also = f" So {'is line' if len(others) == 1 else 'are lines'} "
        also += f"{first_few([str(line) for line in others], _MANY)}."
    report.error(
        "tabs", Spot(at.line, found.end()), f"The line is indented with a tab.{also}",
        "Indent with spaces; YAML does not allow tabs there.",
    )  # fmt: skip
    return True


def _cut(at: Spot, lines: list[str]) -> bool:
    """Whether the line at a place has a comment that seems to contain the missing bracket."""
    line = _QUOTED.sub("", lines[at.line - 1]) if 0 < at.line <= len(lines) else ""
    return any(bracket in line.partition(" #")[2] for bracket in "]}")


def _spot(mark: Mark | None) -> Spot:
    return Spot(mark.line + 1, mark.column + 1) if mark else NOWHERE


def _is_end(at: Spot, lines: list[str]) -> bool:
    rest = [lines[at.line - 1][at.column - 1 :], *lines[at.line :]] if at.line else [""]
    return not any(line.strip() for line in rest)


def _within(at: Spot, lines: list[str]) -> Spot:
    """Return `at` if it is in the file's lines, otherwise the end of the last line with text."""
    if at.line and (at.line > len(lines) or (at.line == len(lines) and not lines[-1].strip())):
        last = next((n for n in range(len(lines), 0, -1) if lines[n - 1].strip()), 0)
        return Spot(last, len(lines[last - 1]) + 1) if last else at
    return at
