"""Wishes for single accounts → the smallest edits of the text that fulfil them.

Everything that no edit touches stays as it is, to the last character: comments, order,
quotes, line ends. Each edit is (start, end, text); they are applied together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from xerosync.chartfile.edit.layout import Entry, Layout, Pair
from xerosync.chartfile.syntax.quoting import block, scalar
from xerosync.model import Value

_SEPARATOR = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*,[ \t]*")
_GONE = "# Not in Xero, so commented out; without the marks, it would be created:"


class Edits:
    """Collects edits of one text, then makes them."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._edits: list[tuple[int, int, str]] = []
        self._removed: set[int] = set()

    def apply(self) -> str:
        """Give the text with every edit made; edits at one place in the order they came."""
        text, parts, at = self._layout.text, [], 0
        for start, end, new in sorted(self._edits, key=lambda e: (e[0], e[1] > e[0])):
            parts += [text[at:start], new]
            at = max(at, end)
        return "".join(parts) + text[at:]

    def set_value(self, entry: Entry, key: str, value: Value | None) -> None:
        """Give a field a value; a field that is not there is added. None writes null."""
        pair = entry.pairs.get(key)
        if pair is None:
            self._add(entry, f"{key}: {self._written(entry, key, value)}")
            return
        text, layout = self._layout.text, self._layout
        start, end = pair.value.start, pair.value.end
        written = ""
        alone = not text[end : layout.line_stop(end)].strip()
        if isinstance(value, str) and "\n" in value and alone and not entry.flow:
            indent = " " * (layout.column(pair.key.start) + 2)
            written = block(value, indent, layout.line_end)
        written = written or self._written(entry, key, value)
        space = "" if text[start - 1 : start] in {" ", "\t", "\n"} else " "
        self._edits.append((start, end, space + written))

    def remove(self, entry: Entry, keys: Sequence[str], *, instead: str = "") -> None:
        """Take fields out, each with its line; a comment on that line stays.

        Where no field is left, the entry becomes the `account_id` given `instead`.
        """
        layout = self._layout
        left = [pair.key.start for key, pair in entry.pairs.items() if key not in keys]
        if keys and not left:
            written = f"account_id: {scalar('account_id', instead)}"
            self._edits.append((entry.start + entry.flow, entry.end - entry.flow, written))
            return
        for key in keys:
            pair = entry.pairs[key]
            stop = layout.line_stop(pair.value.end)
            if entry.flow:
                found = _SEPARATOR.match(layout.text, pair.value.end)
                self._edits.append((pair.key.start, found.end() if found else pair.value.end, ""))
            elif pair.key.start < min(left) and "#" not in layout.text[entry.start : min(left)]:
                self._edits.append((entry.start, min(left), ""))
            elif pair.key.start == entry.start or layout.text[pair.value.end : stop].strip():
                self._edits.append((pair.key.start, pair.value.end, ""))
            else:
                start = layout.line_start(pair.key.start)
                self._edits.append((start, layout.next_line(pair.value.end), ""))

    def set_codes(self, pair: Pair, codes: Sequence[str]) -> None:
        """Write a list of codes anew."""
        written = "[" + ", ".join(scalar("previously", code) for code in codes) + "]"
        start = pair.value.start
        if self._layout.text[start : start + 1] == "-":
            start = self._layout.text.index(":", pair.key.end) + 1
            written = " " + written
        self._edits.append((start, pair.value.end, written))

    def retire(self, entry: Entry, reason: str = _GONE) -> None:
        """Take an entry out: its lines become comments, or it goes where it has no lines."""
        text, layout = self._layout.text, self._layout
        self._removed.add(id(entry))
        if entry.dash < 0:
            found = _SEPARATOR.match(text, entry.end)
            self._edits.append((entry.start, found.end() if found else entry.end, ""))
            return
        column = layout.column(entry.dash)
        at, first = layout.line_start(entry.dash), True
        while at < entry.end:
            stop = layout.line_stop(at)
            line = text[at:stop]
            if line.strip():
                mark = min(column, len(line) - len(line.lstrip()))
                above = " " * mark + reason + layout.line_end if first else ""
                self._edits.append((at, at, above))
                self._edits.append((at + mark, at + mark, "# "))
                first = False
            at = layout.next_line(at)
            if stop == len(text):
                break

    def insert(self, at: int, lines: str) -> None:
        """Insert whole lines where a line begins, or at the end of the text."""
        text = self._layout.text
        if at == len(text) and text[-1:] not in {"\n", "\r"}:
            lines = self._layout.line_end + lines
        self._edits.append((at, at, lines))

    def insert_flow(self, place: Entry, item: str, *, after: bool) -> None:
        """Insert an item into a list in brackets, beside an entry of it."""
        if after and id(place) not in self._removed:
            self._edits.append((place.end, place.end, ", " + item))
        else:
            self._edits.append((place.start, place.start, item + ", "))

    def empty_list(self) -> None:
        """Say that no account is left."""
        self._edits.append((self._layout.colon + 1, self._layout.colon + 1, " []"))

    def fill_list(self, lines: str) -> None:
        """Put the first accounts where the list is `[]`."""
        span = self._layout.accounts
        after = self._layout.next_line(span.end)
        self._edits.append((span.start, span.end, ""))
        self.insert(after, lines)

    def _add(self, entry: Entry, line: str) -> None:
        layout = self._layout
        if entry.flow:
            self._edits.append((entry.start + 1, entry.start + 1, line + ", "))
            return
        indent = " " * layout.column(entry.start)
        self.insert(entry.tail, indent + line + layout.line_end)

    def _written(self, entry: Entry, key: str, value: Value | None) -> str:
        return "null" if value is None else scalar(key, value, flow=entry.flow)
