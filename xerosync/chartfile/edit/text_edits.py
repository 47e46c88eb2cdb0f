"""Edits of a chart file's text, each as small as possible.

Everything outside the edits stays exactly as it is: comments, order, quotes, line
ends. Each edit is (start, end, text); all edits are applied together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from collections.abc import Sequence as AbstractSequence
from itertools import chain

from xerosync.chartfile.edit.layout import Layout, ListSection
from xerosync.chartfile.fields import ACCOUNT_FIELDS, SECTIONS
from xerosync.chartfile.format.blocks import is_banner
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence, items_of, text_of
from xerosync.chartfile.syntax.quoting import block, scalar
from xerosync.model import Value, code_key

_SEPARATOR = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*[\r\n])*,[ \t]*")
_COMMENT = re.compile(r"#[^\r\n]*")
_HEADER = re.compile(r"[|>][0-9+-]*([ \t]+#.*)")
NOT_IN_XERO = "Not in Xero, so commented out. To create it, remove these comment marks:"


class TextEdits:
    """Collects edits of one text, then applies them."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._edits: list[tuple[int, int, str]] = []
        self._marks: list[tuple[int, int, str]] = []
        self._removed: set[int] = set()
        self._finished = layout.text[-1:] in {"\n", "\r", ""}

    def apply(self) -> str:
        """Return the text with all edits made; insertions at one place keep the order of the calls.

        At one place, the comment marks come after all other insertions, right before their line.
        """
        text, parts, at = self.layout.text, [], 0
        edits = [*self._edits, *self._marks]
        for start, end, new in sorted(edits, key=lambda e: (e[0], e[1] > e[0])):
            parts += [text[at:start], new]
            at = max(at, end)
        return "".join(parts) + text[at:]

    def set_value(self, entry: Mapping, key: str, value: Value | None) -> None:
        """Set a field, and add it if the entry lacks it. None writes null."""
        text, layout = self.layout.text, self.layout
        written = "null" if value is None else scalar(key, value, flow=entry.flow)
        if key not in entry.pairs:
            self._add(entry, f"{key}: {written}")
            return
        name, node = entry.pairs[key]
        alone = not text[node.end : layout.line_stop(node.end)].strip()
        if isinstance(value, str) and alone and not entry.flow:
            indent = " " * (layout.column(name.offset) + 2)
            written = block(value, indent, layout.line_end) or written
        first, line_end, rest = written.partition(layout.line_end)
        written = first + self._header_comment(node) + line_end + rest
        space = "" if text[node.offset - 1 : node.offset] in {" ", "\t", "\n"} else " "
        self._replace(node, space + written)

    def remove(self, entry: Mapping, keys: Collection[str], *, instead: str = "") -> None:
        """Remove fields, and in a block entry each line that becomes empty.

        Comments in a block entry stay, unless a key is explicit (`? key`). If no field is left,
        `account_id` with the value `instead` replaces the whole entry, with its comments.
        """
        layout, text = self.layout, self.layout.text
        left = [name.offset for key, (name, _) in entry.pairs.items() if key not in keys]
        if keys and not left:
            written = f"account_id: {scalar('account_id', instead)}"
            self._edits.append((entry.offset + entry.flow, entry.end - entry.flow, written))
            return
        for key in keys:
            name, value = entry.pairs[key]
            start, end = name.offset, value.end
            explicit = "?" in text[layout.line_start(start) : start]
            comments = [] if entry.flow or explicit else self._comments(name.end, value)
            if comments:
                line_end = f"{layout.line_end}{' ' * layout.column(start)}"
                self._edits.append((start, end, line_end.join(comments)))
                continue
            if entry.flow:
                end = self._after_separator(end)
            elif start < min(left) and "#" not in text[entry.offset : min(left)]:
                start, end = entry.offset, min(left)
            elif start != entry.offset and not text[end : layout.line_stop(end)].strip():
                start, end = layout.line_start(start), layout.next_line(end)
            self._edits.append((start, end, ""))

    def remove_former_code(self, entry: Mapping, code: str) -> bool:
        """Remove a code from an entry's `previously`; return False if it is not there."""
        codes = items_of(entry.get("previously"))
        removed = [item for item in codes if code_key(text_of(item)) == code_key(code)]
        if removed:
            self.remove_items(entry, "previously", removed)
        return bool(removed)

    def remove_items(self, entry: Mapping, key: str, removed: AbstractSequence[Node]) -> None:
        """Remove items, all in one call, from a list in brackets or with a line for each item."""
        text, layout = self.layout.text, self.layout
        name, node = entry.pairs[key]
        left = [item for item in items_of(node) if item not in removed]
        in_brackets = text[node.offset] != "-"
        comments = [] if entry.flow else self._comments(node.offset, node)
        if in_brackets and not (left and comments):
            written = f"[{', '.join(scalar(key, text_of(item)) for item in left)}]"
            self._replace(node, " ".join([written, *comments]))
            return
        if not left:
            self.insert(text.index(":", name.end) + 1, " []")
        for item in removed:
            start, end = item.offset, self._after_separator(item.end)
            if not in_brackets:
                start, end = text.rindex("-", 0, start), item.end
            space = " " if text[end : end + 1] == "#" else ""
            if not (
                text[layout.line_start(start) : start] + text[end : layout.line_stop(end)]
            ).strip():
                start, end, space = layout.line_start(start), layout.next_line(end), ""
            self._edits.append((start, end, space))

    def replace_text(self, node: Scalar, key: str, text: str, *, flow: bool) -> None:
        """Replace the text of a scalar, such as an item of a list; `key` is the scalar's field."""
        self._replace(node, scalar(key, text, flow=flow))

    def add_to_list(self, entry: Mapping, key: str, values: Iterable[str]) -> None:
        """Add to an entry's list the values that it lacks; add the list if the entry has none."""
        there = entry.get(key)
        known = {text_of(one) for one in (there.items if isinstance(there, Sequence) else (there,))}
        new = [scalar(key, one, flow=True) for one in values if one not in known]
        written = ", ".join(new)
        if not new:
            return
        if there is None and entry.flow and key == "previously":
            first = ACCOUNT_FIELDS[: ACCOUNT_FIELDS.index(key)]
            ends = (node.end for name, (_, node) in entry.pairs.items() if name in first)
            self.insert(max(ends), f", {key}: [{written}]")
            return
        if there is None:
            self._add(entry, f"{key}: [{written}]")
        elif isinstance(there, Scalar) and there.null:
            self._replace(there, f"{' ' if there.offset == there.end else ''}[{written}]")
        elif not isinstance(there, Sequence):
            self._replace(there, f"[{self.layout.text[there.offset : there.end]}, {written}]")
        elif there.flow:
            end = there.items[-1].end if there.items else there.offset + 1
            self.insert(end, f"{', ' if there.items else ''}{written}")
        else:
            indent = " " * self.layout.column(there.offset)
            lines = (f"{indent}- {value}{self.layout.line_end}" for value in new)
            self.insert_lines(self.layout.below(there.items[-1]), "".join(lines))

    def comment_out(self, entry: Mapping, why: str) -> str:
        """Comment out an entry, with `why` above, and return "commented out".

        If its list is in brackets, remove the entry, and return "removed".
        """
        text, layout = self.layout.text, self.layout
        self._removed.add(entry.offset)
        dash = layout.dash(entry)
        if dash < 0:
            self._edits.append((entry.offset, self._after_separator(entry.end), ""))
            return "removed"
        column = layout.column(dash)
        at, above = layout.line_start(dash), f"# {why}{layout.line_end}"
        while at < entry.end:
            line = text[at : layout.line_stop(at)]
            if line.strip():
                indent = min(column, len(line) - len(line.lstrip()))
                self._marks.append((at, at, " " * indent + above if above else ""))
                self._marks.append((at + indent, at + indent, "# "))
                above = ""
            at = layout.next_line(at)
        return "commented out"

    def delete(self, entry: Mapping, why: str) -> None:
        """Delete an entry. If its lines may contain a comment, comment it out, with `why` above.

        An entry of a list in brackets is always deleted.
        """
        layout, dash = self.layout, self.layout.dash(entry)
        start, end = layout.line_start(max(dash, 0)), layout.below(entry)
        if dash < 0 or "#" in layout.text[start:end]:
            self.comment_out(entry, why)
            return
        self._removed.add(entry.offset)
        self._edits.append((start, end, ""))

    def is_removed(self, entry: Mapping) -> bool:
        """Whether an entry is commented out or deleted."""
        return entry.offset in self._removed

    def insert(self, at: int, text: str) -> None:
        """Insert text at an offset."""
        self._edits.append((at, at, text))

    def insert_lines(self, at: int, lines: str) -> None:
        """Insert whole lines where a line begins, or at the end of the text."""
        if at == len(self.layout.text) and not self._finished:
            self._finished = True
            lines = self.layout.line_end + lines
        self.insert(at, lines)

    def insert_beside(
        self, section: ListSection, neighbour: Mapping, item: str, *, after: bool
    ) -> None:
        """Insert an item into a list beside a neighbour.

        The item gets lines of its own, or a comma if the list is in brackets.
        """
        layout = self.layout
        if section.node.flow and after and not self.is_removed(neighbour):
            self.insert(neighbour.end, ", " + item)
        elif section.node.flow:
            self.insert(neighbour.offset, item + ", ")
        else:
            dash = layout.dash(neighbour)
            at = layout.below(neighbour) if after else self._above(dash, section.colon)
            self.insert_lines(at, item)

    def empty_list(self, section: ListSection) -> None:
        """Write `[]` for a section that has no entries left."""
        self.insert(section.colon + 1, " []")

    def fill_list(self, name: str, lines: str, flow: str) -> None:
        """Write the first entries of a list that is empty or missing.

        `lines` are the entries on lines of their own, `flow` are the same entries in braces.
        """
        layout, section = self.layout, self.layout.sections.get(name)
        if layout.root.flow and section:
            self._replace(section.node, f"[{flow}]")
        elif layout.root.flow:
            self.insert(layout.root.end - 1, f", {name}: [{flow}]")
        elif section:
            after = layout.next_line(section.node.end)
            self._replace(section.node, "")
            self.insert_lines(after, lines)
        else:
            below = SECTIONS[SECTIONS.index(name) :]
            keys = [key.offset for known, (key, _) in layout.root.pairs.items() if known in below]
            at = self._above(min(keys), 0) if keys else layout.below(layout.root)
            self.insert_lines(at, f"{name}:{layout.line_end}{lines}")

    def _above(self, offset: int, colon: int) -> int:
        """Return where the line of `offset` begins, including any comments right above it.

        The search for comments ends at the heading of a section, and at the line of `colon`.
        """
        layout = self.layout
        at = layout.line_start(offset)
        while at > 0:
            line_start = layout.line_start(at - 1 - (layout.text[at - 2 : at] == "\r\n"))
            line = layout.text[line_start:at].strip()
            if not line.startswith("#") or is_banner(line) or line_start <= colon:
                break
            at = line_start
        return at

    def _add(self, entry: Mapping, line: str) -> None:
        layout = self.layout
        if entry.flow and "standard" in entry.pairs:
            self.insert(entry.pairs["standard"][1].end, f", {line}")
            return
        if entry.flow:
            self.insert(entry.offset + 1, line + ", ")
            return
        indent = " " * layout.column(entry.offset)
        self.insert_lines(layout.below(entry), indent + line + layout.line_end)

    def _comments(self, start: int, value: Node) -> list[str]:
        """Return the comments from `start` to the end of a value."""
        pairs = value.pairs.values() if isinstance(value, Mapping) else ()
        parts = value.items if isinstance(value, Sequence) else [*chain(*pairs)] or [value]
        ends, begins = (one.end for one in parts), (one.offset for one in parts)
        gaps = zip((start, *ends), (*begins, value.end), strict=True)
        found = (_COMMENT.findall(self.layout.text, *gap) for gap in gaps)
        return [*filter(None, (*chain(*found), self._header_comment(value).lstrip()))]

    def _header_comment(self, node: Node) -> str:
        """Return the comment on the first line of a block scalar, with the space before it."""
        found = _HEADER.match(self.layout.text, node.offset, self.layout.line_stop(node.offset))
        return found[1] if found else ""

    def _replace(self, node: Node, text: str) -> None:
        self._edits.append((node.offset, node.end, text))

    def _after_separator(self, end: int) -> int:
        found = _SEPARATOR.match(self.layout.text, end)
        return found.end() if found else end
