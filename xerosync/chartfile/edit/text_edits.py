"""Edits of a chart file's text, each as small as possible.

Everything outside the edits stays exactly as it is: comments, order, quotes, line
ends. Each edit is (start, end, text); they are applied together.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from xerosync.chartfile.edit.layout import Layout
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence
from xerosync.chartfile.syntax.quoting import block, scalar
from xerosync.model import Value, code_key

_SEPARATOR = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*,[ \t]*")
_HEADER = re.compile(r"[|>][0-9+-]*([ \t]+#.*)")
_NOT_IN_XERO = "# Not in Xero, so commented out. To create it, remove these comment marks:"


class TextEdits:
    """Collects edits of one text, then applies them."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._edits: list[tuple[int, int, str]] = []
        self._marks: list[tuple[int, int, str]] = []
        self._removed: set[int] = set()
        self._finished = layout.text[-1:] in {"\n", "\r", ""}

    def apply(self) -> str:
        """Return the text with every edit made; edits at one place in the order they came.

        Comment marks come last, so that text inserted above a line does not separate the two.
        """
        text, parts, at = self._layout.text, [], 0
        edits = [*self._edits, *self._marks]
        for start, end, new in sorted(edits, key=lambda e: (e[0], e[1] > e[0])):
            parts += [text[at:start], new]
            at = max(at, end)
        return "".join(parts) + text[at:]

    def set_value(self, entry: Mapping, key: str, value: Value | None) -> None:
        """Set a field, and add it if the entry lacks it. None writes null."""
        text, layout = self._layout.text, self._layout
        written = "null" if value is None else scalar(key, value, flow=entry.flow)
        if key not in entry.pairs:
            self._add(entry, f"{key}: {written}")
            return
        name, node = entry.pairs[key]
        alone = not text[node.end : layout.line_stop(node.end)].strip()
        if isinstance(value, str) and "\n" in value and alone and not entry.flow:
            indent = " " * (layout.column(name.offset) + 2)
            written = block(value, indent, layout.line_end) or written
        first, line_end, rest = written.partition(layout.line_end)
        written = first + self._header_comment(node) + line_end + rest
        space = "" if text[node.offset - 1 : node.offset] in {" ", "\t", "\n"} else " "
        self._replace(node, space + written)

    def remove(self, entry: Mapping, keys: Collection[str], *, instead: str = "") -> None:
        """Remove fields, each with its line; a comment on that line stays.

        If no field is left, the entry becomes the `account_id` given as `instead`.
        """
        layout, text = self._layout, self._layout.text
        left = [name.offset for key, (name, _) in entry.pairs.items() if key not in keys]
        if keys and not left:
            written = f"account_id: {scalar('account_id', instead)}"
            self._edits.append((entry.offset + entry.flow, entry.end - entry.flow, written))
            return
        for key in keys:
            name, value = entry.pairs[key]
            start, end = name.offset, value.end
            comment = self._header_comment(value).lstrip()
            if comment:
                self._edits.append((start, end, comment))
                continue
            if entry.flow:
                end = self._after_separator(end)
            elif start < min(left) and "#" not in text[entry.offset : min(left)]:
                start, end = entry.offset, min(left)
            elif start != entry.offset and not text[end : layout.line_stop(end)].strip():
                start, end = layout.line_start(start), layout.next_line(end)
            self._edits.append((start, end, ""))

    def remove_code(self, entry: Mapping, key: str, code: str) -> None:
        """Remove a code from a list in brackets, or from one with a line for each code."""
        text, layout = self._layout.text, self._layout
        name, node = entry.pairs[key]
        codes = node.items if isinstance(node, Sequence) else []
        items = [item for item in codes if isinstance(item, Scalar)]
        left = [item for item in items if code_key(item.text) != code_key(code)]
        if text[node.offset] != "-":
            written = ", ".join(scalar(key, item.text) for item in left)
            self._replace(node, f"[{written}]")
            return
        if not left:
            self.insert(text.index(":", name.end) + 1, " []")
        for item in items:
            if item in left:
                continue
            start, end = text.rindex("-", 0, item.offset), item.end
            if not text[end : layout.line_stop(end)].strip():
                start, end = layout.line_start(start), layout.next_line(end)
            self._edits.append((start, end, ""))

    def comment_out(self, entry: Mapping) -> None:
        """Turn an entry's lines into comments; in a list in brackets, remove it."""
        text, layout = self._layout.text, self._layout
        self._removed.add(entry.offset)
        dash = layout.dash(entry)
        if dash < 0:
            self._edits.append((entry.offset, self._after_separator(entry.end), ""))
            return
        column = layout.column(dash)
        at, above = layout.line_start(dash), _NOT_IN_XERO + layout.line_end
        while at < entry.end:
            line = text[at : layout.line_stop(at)]
            if line.strip():
                indent = min(column, len(line) - len(line.lstrip()))
                self._marks.append((at, at, " " * indent + above if above else ""))
                self._marks.append((at + indent, at + indent, "# "))
                above = ""
            at = layout.next_line(at)

    def insert(self, at: int, text: str) -> None:
        """Insert text at an offset."""
        self._edits.append((at, at, text))

    def insert_lines(self, at: int, lines: str) -> None:
        """Insert whole lines where a line begins, or at the end of the text."""
        if at == len(self._layout.text) and not self._finished:
            self._finished = True
            lines = self._layout.line_end + lines
        self.insert(at, lines)

    def insert_flow(self, neighbour: Mapping, item: str, *, after: bool) -> None:
        """Insert an item into a list in brackets, beside an entry of it."""
        if after and neighbour.offset not in self._removed:
            self.insert(neighbour.end, ", " + item)
        else:
            self.insert(neighbour.offset, item + ", ")

    def empty_list(self) -> None:
        """Write an empty list where no account is left."""
        self.insert(self._layout.colon + 1, " []")

    def fill_list(self, lines: str) -> None:
        """Replace `[]` with the first accounts."""
        after = self._layout.next_line(self._layout.accounts.end)
        self._replace(self._layout.accounts, "")
        self.insert_lines(after, lines)

    def _add(self, entry: Mapping, line: str) -> None:
        layout = self._layout
        if entry.flow:
            self.insert(entry.offset + 1, line + ", ")
            return
        indent = " " * layout.column(entry.offset)
        self.insert_lines(layout.below(entry), indent + line + layout.line_end)

    def _header_comment(self, node: Node) -> str:
        """Return the comment on the first line of a block scalar, with the space before it."""
        text = self._layout.text
        found = _HEADER.match(text, node.offset, self._layout.line_stop(node.offset))
        return found[1] if found else ""

    def _replace(self, node: Node, text: str) -> None:
        self._edits.append((node.offset, node.end, text))

    def _after_separator(self, end: int) -> int:
        found = _SEPARATOR.match(self._layout.text, end)
        return found.end() if found else end
