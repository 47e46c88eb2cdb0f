"""The text of a chart file, with the offsets at which its accounts and lines begin and end."""

from __future__ import annotations

import re

from xerosync.chartfile.syntax.nodes import (
    Mapping,
    Sequence,
    dashes_of,
    keeps_blank_lines,
    scalars_of,
)
from xerosync.chartfile.syntax.parse import read_tree

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLANKS = re.compile(r"[ \t\r\n]*")


class Layout:
    """A valid chart file: its text, the list of accounts, and the mapping of each entry."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        key, accounts = read_tree(text).pairs["accounts"]
        if not isinstance(accounts, Sequence):
            raise TypeError("the accounts of a valid chart file are a list")
        self.accounts = accounts
        self.colon = text.index(":", key.end)
        """Where the colon of `accounts:` is."""
        self.entries = [item for item in accounts.items if isinstance(item, Mapping)]
        dashes = [] if accounts.flow else dashes_of(accounts, text)
        self._dashes = dict(zip((entry.offset for entry in self.entries), dashes, strict=False))

    def dash(self, entry: Mapping) -> int:
        """Return where an entry's dash is; -1 for a list in brackets."""
        return self._dashes.get(entry.offset, -1)

    def line_start(self, offset: int) -> int:
        """Return where the line of an offset begins."""
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_stop(self, offset: int) -> int:
        """Return where the line of an offset ends, before its line end."""
        found = _LINE_END.search(self.text, offset)
        return found.start() if found else len(self.text)

    def next_line(self, offset: int) -> int:
        """Return where the line below that of an offset begins."""
        found = _LINE_END.search(self.text, offset)
        return found.end() if found else len(self.text)

    def column(self, offset: int) -> int:
        """Return how many characters precede an offset in its line."""
        return offset - self.line_start(offset)

    def below(self, entry: Mapping) -> int:
        """Return where the line below an entry begins."""
        *_, last = scalars_of(entry)
        if not keeps_blank_lines(last, self.text):
            return self.next_line(entry.end)
        found = _BLANKS.match(self.text, entry.end)
        end = found.end() if found else entry.end
        return end if end == len(self.text) else self.line_start(end)
