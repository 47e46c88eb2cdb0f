r"""Blocks of lines that `fmt` moves, each with its comments.

Lines are moved and indented; of their text, only white space changes. The text is a valid chart
file, and its line ends are "\n".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass, field
from itertools import accumulate

from xerosync.chartfile.syntax.nodes import (
    Mapping,
    Node,
    Sequence,
    dashes_of,
    keeps_blank_lines,
    scalars_of,
)

WHITE = " \t"
"""White space in YAML; other spaces are text."""

_BANNER = re.compile(r"##.*|#[ \t]*([-=*#~_]{2}.*|.*[-=*#~_]{3})?")
"""A comment that heads the accounts below it: `# --- Income`, `## Income`, `#`."""

_DASH = re.compile(r" *- +")


class UnusualLayout(Exception):
    """The lines of the text cannot be moved."""


@dataclass(frozen=True, slots=True)
class FieldBlock:
    """The lines of one field, from `start` up to `stop`; `lead` are the comments above it.

    Comments below the value that are indented deeper than the field's name are part of the field.
    """

    name: str
    value: Node
    column: int
    lead: range
    start: int
    stop: int


@dataclass(slots=True)
class AccountBlock:
    """The lines of one account; `lead` are the comments above it that belong to it.

    `header` are the comments and empty lines that head a section, if a section begins here.
    `blank` is whether there are only empty lines instead.
    """

    node: Node
    dash: int
    start: int
    stop: int
    lead: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    blank: bool = False


class Lines:
    """The lines of a text, and the blocks that they form."""

    def __init__(self, text: str, root: Mapping) -> None:
        self._text = text
        self.lines = text.removesuffix("\n").split("\n")
        self._starts = list(accumulate((len(line) + 1 for line in self.lines), initial=0))
        self._inside: set[int] = set()
        """The lines of values that have several lines."""
        for scalar in scalars_of(root):
            if keeps_blank_lines(scalar, text):
                raise UnusualLayout
            last = self.last_line(scalar)
            if last >= scalar.line:
                self._inside.update(range(scalar.line - 1, last + 1))

    def last_line(self, node: Node) -> int:
        """Return the index of the line on which a value ends."""
        return bisect_right(self._starts, node.end) - 1

    def fields(self, node: Mapping, first: int, stop: int) -> list[FieldBlock]:
        """Return the fields of a block mapping on these lines. Raises `UnusualLayout`."""
        found: list[FieldBlock] = []
        lead = first
        pairs = list(node.pairs.values())
        ends = [key.line - 1 for key, _ in pairs[1:]] + [stop]
        for (key, value), end in zip(pairs, ends, strict=True):
            line, column = key.line - 1, key.column - 1
            before = self.lines[line][:column]
            if before.strip(WHITE) and not (line == first == lead and _DASH.fullmatch(before)):
                raise UnusualLayout
            self._check_gap(lead, line)
            behind = self._end_of_comments(max(line, self.last_line(value)) + 1, end, column)
            found.append(FieldBlock(key.text, value, column, range(lead, line), line, behind))
            lead = behind
        self._check_gap(lead, stop)
        return found

    def accounts(
        self, node: Sequence, first: int, stop: int
    ) -> tuple[list[AccountBlock], list[str]]:
        """Divide a block list; return its accounts, and the comments and empty lines below.

        Raises `UnusualLayout`.
        """
        found: list[AccountBlock] = []
        lead = first
        for item, offset in zip(node.items, dashes_of(node, self._text), strict=True):
            line = bisect_right(self._starts, offset) - 1
            dash, start = offset - self._starts[line], item.line - 1
            behind_dash = self._text[offset + 1 : self._text.index("\n", offset)].strip(WHITE)
            beside = [behind_dash] if behind_dash and line != start else []
            if self._text[self._starts[line] : offset].strip(" "):
                raise UnusualLayout
            self._check_gap(lead, line)
            if found:
                found[-1].stop = lead = self._end_of_comments(lead, line, dash)
            gap = self.gap(range(lead, line))
            lead = self.last_line(item) + 1
            found.append(AccountBlock(item, dash, start, lead))
            _divide_gap(found[-1], [*gap, *beside, *self.gap(range(line + 1, start))])
        found[-1].stop = self._end_of_comments(lead, stop, found[-1].dash)
        self._check_gap(found[-1].stop, stop)
        return found, self.gap(range(found[-1].stop, stop))

    def gap(self, lines: range, *, blanks: bool = True) -> list[str]:
        """Return the comments, unindented; with `blanks`, also each run of empty lines as one."""
        comments: list[str] = []
        for line in lines:
            text = self.lines[line].strip(WHITE)
            if text or (blanks and comments[-1:] != [""]):
                comments.append(text)
        return comments

    def shifted(self, lines: range, column: int, to: int, *, blanks: bool = True) -> list[str]:
        """Return lines moved from `column` to `to`; the first line loses text before `column`."""
        moved = [" " * to + self._content(lines[0], column)]
        for line in lines[1:]:
            text = self._content(line, 0)
            indent = len(text) - len(text.lstrip(" "))
            text = text[min(indent, column) :]
            if line in self._inside or text or (blanks and moved[-1]):
                moved.append(" " * to + text if text else "")
        return moved

    def _content(self, line: int, column: int) -> str:
        text = self.lines[line][column:]
        return text if line in self._inside else text.rstrip(WHITE)

    def _end_of_comments(self, first: int, stop: int, column: int) -> int:
        """From `first` on, skip comments indented beyond `column`; return the line below them."""
        behind = first
        for line in range(first, stop):
            text = self.lines[line]
            if text.strip(WHITE):
                if len(text) - len(text.lstrip(WHITE)) <= column:
                    break
                behind = line + 1
        return behind

    def _check_gap(self, first: int, stop: int) -> None:
        if any(self.lines[line].strip(WHITE)[:1] not in {"", "#"} for line in range(first, stop)):
            raise UnusualLayout


def is_banner(comment: str) -> bool:
    """Whether a comment heads a section, instead of describing one account."""
    return bool(_BANNER.fullmatch(comment))


def _divide_gap(account: AccountBlock, gap: AbstractSequence[str]) -> None:
    """Divide the lines above an account into a section's header and the account's comments.

    The comments right above an account, up to the nearest empty line or banner, are the account's.
    The lines above these comments are the section's header.
    """
    own = len(gap)
    while own and gap[own - 1] and not is_banner(gap[own - 1]):
        own -= 1
    account.lead, above = list(gap[own:]), list(gap[:own])
    if any(above):
        account.header = above
    else:
        account.blank = bool(above)
