r"""The text of a chart file → blocks of lines that can change places, each with its comments.

Lines are moved, never written anew: a comment, an alignment or a way of quoting that a
person chose stays as it is. The text has passed the reader; its line ends are "\n".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_Node = Any
"""A node of yaml, whose types name no attributes."""

WHITE = " \t"
"""What is white to YAML; other spaces are text."""

_BANNER = re.compile(r"#[ \t]*([-=*#~_]{2}.*|.*[-=*#~_]{3})?")
"""A comment that heads what is below it: `# --- Income`, `## Income`, `#`."""

_DASH = re.compile(r"( *)- +")
_LONE_DASH = re.compile(r"( *)-(?: +(#.*))?")


class Unusual(Exception):
    """The text is laid out in a way in which lines cannot change places."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A field in lines of its own. `start` to `stop` are its lines, `lead` those above it.

    `stop` is behind the comments below the value that are indented deeper than the name.
    """

    name: str
    value: _Node
    column: int
    lead: range
    start: int
    stop: int


@dataclass(slots=True)
class Item:
    """An account in lines of its own; `lead` are the comments that speak of it.

    `blank` says that an empty line parts it from the one before. `header` are the comments
    and empty lines above it that head a section.
    """

    node: _Node
    dash: int
    start: int
    stop: int
    lead: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    blank: bool = False


class Lines:
    """A text by lines, with what yaml says of them."""

    def __init__(self, text: str, root: _Node) -> None:
        self.lines = text.removesuffix("\n").split("\n")
        self._bound: set[int] = set()
        """The lines that are part of a value of several lines."""
        for node in _walk(root):
            if not hasattr(node.value, "append"):
                last = self.last_line(node)
                if last > node.start_mark.line:
                    self._bound.update(range(node.start_mark.line, last + 1))

    def last_line(self, node: _Node) -> int:
        """Give the line on which a value ends, without the comments below it."""
        start, end = node.start_mark, node.end_mark
        if isinstance(node.value, list):
            if node.flow_style or not node.value:
                return int(end.line)
            last = node.value[-1]
            if not isinstance(last, tuple):
                return self.last_line(last)
            return max(int(last[0].end_mark.line), self.last_line(last[1]))
        line = int(end.line)
        if node.style in {"|", ">"}:
            line -= not end.column
            if "+" in self.lines[start.line][start.column :].split("#", 1)[0]:
                raise Unusual
            while line > start.line and not self.lines[line].strip(WHITE):
                line -= 1
        return max(line, int(start.line))

    def pairs(self, node: _Node, first: int, stop: int) -> list[Pair]:
        """Part a block mapping whose lines are from `first` to `stop`."""
        found: list[Pair] = []
        lead = first
        for at, (key, value) in enumerate(node.value):
            line, column = key.start_mark.line, key.start_mark.column
            before = self.lines[line][:column]
            if before.strip(WHITE) and not (at == 0 and line == first and _DASH.fullmatch(before)):
                raise Unusual
            self._check_gap(lead, line)
            last = max(line, self.last_line(value))
            end = node.value[at + 1][0].start_mark.line if at + 1 < len(node.value) else stop
            behind = self._trail(last + 1, end, column)
            found.append(Pair(key.value, value, column, range(lead, line), line, behind))
            lead = behind
        self._check_gap(lead, stop)
        return found

    def items(self, node: _Node, first: int, stop: int) -> tuple[list[Item], list[str]]:
        """Part a block list; give its items, and the comments and empty lines below them."""
        found: list[Item] = []
        lead = first
        for at, item in enumerate(node.value):
            line, dash, said = self._find_dash(item, lead)
            self._check_gap(lead, line)
            if at:
                found[-1].stop = lead = self._trail(lead, line, dash)
            gap = self.gap(range(lead, line))
            last = self.last_line(item) + 1
            found.append(Item(item, dash, item.start_mark.line, last))
            _divide(found[-1], [*gap, *said, *self.gap(range(line + 1, item.start_mark.line))])
            lead = last
        found[-1].stop = self._trail(lead, stop, found[-1].dash)
        self._check_gap(found[-1].stop, stop)
        return found, self.gap(range(found[-1].stop, stop))

    def gap(self, lines: range, *, blanks: bool = True) -> list[str]:
        """Give comments without their indentation; empty lines in a row become one."""
        said: list[str] = []
        for line in lines:
            text = self.lines[line].strip(WHITE)
            if text or (blanks and said[-1:] != [""]):
                said.append(text)
        return said

    def shifted(self, lines: range, column: int, to: int, *, blanks: bool = True) -> list[str]:
        """Give lines, moved from one column to another; the first begins with its content."""
        moved = [" " * to + self._content(lines[0], column)]
        for line in lines[1:]:
            text = self._content(line, 0)
            indent = len(text) - len(text.lstrip(" "))
            text = text[min(indent, column) :]
            if line in self._bound or text or (blanks and moved[-1]):
                moved.append(" " * to + text if text else "")
        return moved

    def _content(self, line: int, column: int) -> str:
        text = self.lines[line][column:]
        return text if line in self._bound else text.rstrip(WHITE)

    def _trail(self, first: int, stop: int, column: int) -> int:
        """Give where the comments end that are indented deeper than a column."""
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
            raise Unusual

    def _find_dash(self, item: _Node, first: int) -> tuple[int, int, list[str]]:
        """Find an item's dash: its line, its column, and the comment beside it."""
        line = item.start_mark.line
        before = self.lines[line][: item.start_mark.column]
        if found := _DASH.fullmatch(before):
            return line, len(found[1]), []
        for above in range(line - 1, first - 1, -1):
            if found := _LONE_DASH.fullmatch(self.lines[above].rstrip(WHITE)):
                return above, len(found[1]), [found[2]] if found[2] else []
        raise Unusual


def is_banner(comment: str) -> bool:
    """Tell whether a comment heads a section rather than speaking of one account."""
    return bool(_BANNER.fullmatch(comment))


def _divide(item: Item, gap: list[str]) -> None:
    """Part what stands above an account: what heads a section, and what speaks of it.

    A comment right above it is its own, from below the last banner. What stands apart by an
    empty line, or is a banner, heads all that follows.
    """
    own = len(gap)
    while own and gap[own - 1] and not is_banner(gap[own - 1]):
        own -= 1
    item.lead = gap[own:]
    above = gap[:own]
    if any(above):
        item.header = above
    else:
        item.blank = bool(above)


def _walk(node: _Node) -> Iterator[_Node]:
    yield node
    if isinstance(node.value, list):
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                yield from _walk(part)
