"""The text of a chart file, with the offsets at which its entries and lines begin and end."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.chartfile.problems import LINE_BREAK
from xerosync.chartfile.syntax.nodes import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    dashes_of,
    keeps_blank_lines,
    scalars_of,
)
from xerosync.chartfile.syntax.parse import read_tree


@dataclass(frozen=True, slots=True)
class ListSection:
    """A top-level list of a chart file, such as `accounts`; `colon` is the offset of its colon."""

    colon: int
    node: Sequence
    entries: tuple[Mapping, ...]


class Layout:
    """A valid chart file: its text and its top-level lists."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        self.root = read_tree(text)
        self._dashes: dict[int, int] = {}
        self.sections = {
            name: self._section(key, node)
            for name, (key, node) in self.root.pairs.items()
            if isinstance(node, Sequence)
        }

    @property
    def entries(self) -> tuple[Mapping, ...]:
        """The nodes of the file's own accounts."""
        accounts = self.sections.get("accounts")
        return accounts.entries if accounts else ()

    def _section(self, key: Scalar, node: Sequence) -> ListSection:
        entries = tuple(item for item in node.items if isinstance(item, Mapping))
        if not node.flow and len(entries) == len(node.items):
            dashes = dashes_of(node, self.text)
            self._dashes |= zip((entry.offset for entry in entries), dashes, strict=True)
        return ListSection(self.text.index(":", key.end), node, entries)

    def dash(self, entry: Mapping) -> int:
        """Return the offset of an entry's dash; -1 if its list is in brackets."""
        return self._dashes.get(entry.offset, -1)

    def line_start(self, offset: int) -> int:
        """Return where the line that contains an offset begins."""
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_stop(self, offset: int) -> int:
        """Return where the line that contains an offset ends, before its line break."""
        found = LINE_BREAK.search(self.text, offset)
        return found.start() if found else len(self.text)

    def next_line(self, offset: int) -> int:
        """Return where the next line after an offset begins."""
        found = LINE_BREAK.search(self.text, offset)
        return found.end() if found else len(self.text)

    def column(self, offset: int) -> int:
        """Return how many characters precede an offset in its line."""
        return offset - self.line_start(offset)

    def below(self, node: Node) -> int:
        """Return where the line below a node begins, past empty lines that are part of its text."""
        *_, last = scalars_of(node)
        if not keeps_blank_lines(last, self.text):
            return self.next_line(node.end)
        end = len(self.text) - len(self.text[node.end :].lstrip(" \t\r\n"))
        return end if end == len(self.text) else self.line_start(end)
