"""The text of a chart file → where each account, field and value stands in it.

The reader's nodes say where a value begins; to edit one we must also know where it ends.
Offsets are in characters of the text. The text has passed the reader, so there are no
aliases, tags or second documents in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_LINE_END = re.compile(r"\r\n|\n|\r")
_Event = Any
"""An event of yaml, whose types name no attributes."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, from `start` up to `end`."""

    start: int
    end: int


@dataclass(slots=True)
class Pair:
    """A field of an account: where its name and its value stand."""

    key: Span
    value: Span


@dataclass(slots=True)
class Entry:
    """An account's mapping: its fields, its place, and whether it is written in braces."""

    pairs: dict[str, Pair] = field(default_factory=dict)
    start: int = 0
    end: int = 0
    flow: bool = False
    dash: int = -1
    """Where its dash stands; -1 inside brackets."""
    tail: int = 0
    """Where the line after it begins: more can be written there."""


@dataclass(slots=True)
class Layout:
    """Where everything stands. `accounts` is the list's own span."""

    text: str
    entries: list[Entry] = field(default_factory=list)
    accounts: Span = Span(0, 0)
    colon: int = 0
    """Where the colon of `accounts:` stands."""
    flow: bool = False
    line_end: str = "\n"

    def line_start(self, offset: int) -> int:
        """Give where the line of an offset begins."""
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_stop(self, offset: int) -> int:
        """Give where the line of an offset ends, before its line end."""
        found = _LINE_END.search(self.text, offset)
        return found.start() if found else len(self.text)

    def next_line(self, offset: int) -> int:
        """Give where the line after that of an offset begins."""
        found = _LINE_END.search(self.text, offset)
        return found.end() if found else len(self.text)

    def column(self, offset: int) -> int:
        """Give how many characters stand before an offset in its line."""
        return offset - self.line_start(offset)


def lay_out(text: str) -> Layout:
    """Find where the accounts of a chart file stand; `text` is one that the reader takes."""
    import yaml  # noqa: PLC0415, heavy

    layout = Layout(text, line_end="\r\n" if "\r\n" in text else "\n")
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))]
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        _Walk(layout, starts, loader, yaml).run()
    finally:
        loader.dispose()
    _find_dashes(layout)
    return layout


class _Walk:
    """One pass over the parser's events, that follows the path root → accounts → entry."""

    def __init__(self, layout: Layout, starts: list[int], loader: Any, yaml: Any) -> None:  # noqa: ANN401
        self._layout = layout
        self._starts = starts
        self._loader = loader
        self._yaml = yaml
        self._kept = 0
        """The end of the last block of text that keeps its empty lines (`|+`)."""

    def run(self) -> None:
        yaml = self._yaml
        while not isinstance(self._next(), yaml.MappingStartEvent):
            pass
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            first = self._next()
            if key.value == "accounts" and isinstance(first, yaml.SequenceStartEvent):
                self._layout.colon = self._layout.text.index(":", self._at(key.end_mark))
                self._accounts(first)
            else:
                self._skip(first)

    def _accounts(self, first: _Event) -> None:
        yaml, layout = self._yaml, self._layout
        layout.flow = bool(first.flow_style)
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            if isinstance(event, yaml.MappingStartEvent):
                layout.entries.append(self._entry(event))
            else:
                self._skip(event)
        end = self._at(event.end_mark) if layout.flow else self._at(first.start_mark)
        if layout.entries and not layout.flow:
            end = layout.entries[-1].end
        layout.accounts = Span(self._at(first.start_mark), end)

    def _entry(self, first: _Event) -> Entry:
        yaml = self._yaml
        entry = Entry(start=self._at(first.start_mark), flow=bool(first.flow_style))
        entry.end = entry.start
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            value = self._skip(self._next())
            name = Span(self._at(key.start_mark), self._at(key.end_mark))
            entry.pairs.setdefault(key.value, Pair(name, value))
            entry.end = max(entry.end, value.end, name.end)
            entry.tail = max(self._kept, self._layout.next_line(entry.end))
        if entry.flow:
            entry.end = self._at(key.end_mark)
            entry.tail = self._layout.next_line(entry.end)
        return entry

    def _skip(self, event: _Event) -> Span:
        """Pass over a whole value, and give where it stands."""
        yaml = self._yaml
        start, depth, end = self._at(event.start_mark), 0, 0
        while True:
            opens = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
            closes = isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
            depth += opens - closes
            if not closes or self._layout.text[self._at(event.start_mark) :][:1] in {"]", "}"}:
                end = max(end, self._at(event.end_mark))
            if isinstance(event, yaml.ScalarEvent) and event.style in {"|", ">"}:
                written = self._layout.text[start:end]
                if "+" in written.split("\n", 1)[0]:
                    self._kept = end
                end = start + len(written.rstrip(" \t\r\n"))
            if not depth:
                return Span(start, end)
            event = self._next()

    def _next(self) -> _Event:
        return self._loader.get_event()

    def _at(self, mark: Any) -> int:  # noqa: ANN401
        line: int = mark.line
        column: int = mark.column
        return min(self._starts[line] + column, len(self._layout.text))


def _find_dashes(layout: Layout) -> None:
    """Find the dash before each entry: the one that is in no comment."""
    if layout.flow:
        return
    before = layout.accounts.start
    for entry in layout.entries:
        gap = layout.text[before : entry.start]
        for found in re.finditer(r"#[^\r\n]*|-", gap):
            if found[0] == "-":
                entry.dash = before + found.start()
        before = entry.end
