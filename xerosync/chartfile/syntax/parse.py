"""Parse YAML text into a tree of nodes, in one bounded pass over the parser's events.

Depth is checked as the events arrive, and aliases are never followed, so that neither 200,000
nested `[` nor an alias bomb costs much. `yaml.compose` would be slower, and it recurses in C.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Scalar, Sequence
from xerosync.chartfile.syntax.parse_errors import report_syntax
from xerosync.chartfile.syntax.source import NOWHERE, Spot

_YAML_TAGS = ("!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp")
MAX_DEPTH = 20
"""The deepest nesting that is accepted; a chart needs four levels."""

MAX_VALUES = 600_000
"""The most parser events that are read: 20,000 accounts with 14 fields have about as many."""

_Event = Any
"""An event of PyYAML."""


def read_tree(text: str) -> Mapping:
    """Return the root of a chart file that is already known to be valid."""
    root = compose(text, Report("", text))
    if not isinstance(root, Mapping):
        raise TypeError("the text is not a valid chart file")
    return root


def compose(text: str, report: Report) -> Node | None:
    """Return the root of the text's first document.

    Return None if the text has no document, cannot be parsed, is too deep or too large, or has too
    many errors. Reports duplicate keys, anchors, aliases, merge keys, tags and further documents.
    """
    import yaml  # noqa: PLC0415, heavy

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _Builder(text, report).build(loader.get_event)
    except (yaml.YAMLError, ValueError) as error:
        report_syntax(error, text, report)
        return None
    finally:
        loader.dispose()


class _Builder:
    def __init__(self, text: str, report: Report) -> None:
        self._text = text
        self._report = report
        self._stack: list[tuple[Mapping | Sequence | None, Scalar | Opaque | None]] = []
        self._root: Node | None = None
        self._parent: Mapping | Sequence | None = None
        self._key: Scalar | Opaque | None = None
        self._end = 0
        """Where the last scalar or closing bracket ended."""

    def build(self, get_event: Callable[[], _Event]) -> Node | None:
        import yaml  # noqa: PLC0415, heavy

        report, documents = self._report, 0
        for _ in range(MAX_VALUES):
            if report.full:
                return None
            event = get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._add_scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if not self._open(event, mapping=kind is yaml.MappingStartEvent):
                    return None
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close(event)
            elif kind is yaml.AliasEvent:
                self._reject_alias(event)
            elif kind is yaml.DocumentStartEvent and documents:
                report.error(
                    "multiple-documents", _place(event), "A second YAML document begins here.",
                    "A chart file has one document: put the other chart in a file of its own.",
                )  # fmt: skip
                return self._root
            elif kind is yaml.StreamEndEvent:
                return self._root
            else:
                documents += kind is yaml.DocumentStartEvent
        report.error(
            "too-large", NOWHERE, f"The file has more than {MAX_VALUES:,} names and values.",
            "A chart is far smaller; this may be another file.",
        )  # fmt: skip
        return None

    def _add_scalar(self, event: _Event) -> None:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        offset, end = mark.index, event.end_mark.index
        if event.style in {"|", ">"}:
            end = offset + len(self._text[offset:end].rstrip(" \t\r\n"))
        self._end = end
        if event.anchor is not None or event.tag is not None:
            self._reject_properties(event)
        if event.tag is not None:
            self._add(Opaque(line, column))
        else:
            self._add(Scalar(event.value, not event.style, line, column, offset, end))

    def _open(self, event: _Event, *, mapping: bool) -> bool:
        if event.anchor is not None or event.tag is not None:
            self._reject_properties(event)
        if len(self._stack) >= MAX_DEPTH:
            self._report.error(
                "too-deep", _place(event),
                f"Lists and mappings are nested more than {MAX_DEPTH} deep here.",
                "A chart needs four levels; look for a stray [ or {.",
            )  # fmt: skip
            return False
        line, column = _place(event)
        node: Mapping | Sequence
        node = Mapping({}, line, column) if mapping else Sequence([], line, column)
        node.offset, node.flow = event.start_mark.index, bool(event.flow_style)
        self._add(node)
        self._stack.append((self._parent, self._key))
        self._parent, self._key = node, None
        return True

    def _close(self, event: _Event) -> None:
        """End a mapping or sequence: at its bracket, or with its last value."""
        mark = event.end_mark
        if mark.index > event.start_mark.index:
            self._end = mark.index
        if self._parent is not None:
            self._parent.end = self._end
        self._parent, self._key = self._stack.pop()

    def _add(self, node: Node) -> None:
        parent = self._parent
        if isinstance(parent, Mapping):
            key = self._key
            if key is None:
                self._key = self._check_key(node, parent)
                return
            self._key = None
            if isinstance(key, Scalar) and key.text not in parent.pairs:
                parent.pairs[key.text] = (key, node)
        elif parent is not None:
            parent.items.append(node)
        else:
            self._root = node

    def _check_key(self, node: Node, parent: Mapping) -> Scalar | Opaque:
        if not isinstance(node, Scalar):
            if not isinstance(node, Opaque):
                self._report.error(
                    "wrong-type", node, "A field's name must be a word, not a list or a mapping.",
                    "Put text that begins with [ or { in quotes.",
                )  # fmt: skip
            return Opaque(node.line, node.column)
        if node.plain and node.text == "<<":
            self._report.error(
                "merge-key", node, "Merge keys (<<) are not supported.",
                "Write out the fields instead.",
            )  # fmt: skip
            return Opaque(node.line, node.column)
        if node.text in parent.pairs:
            first = parent.pairs[node.text][0]
            self._report.error(
                "duplicate-key", node,
                f"{quoted(node.text)} is given twice; first on line {first.line}.",
                "Keep one of the two.",
            )  # fmt: skip
        return node

    def _reject_properties(self, event: _Event) -> None:
        if event.anchor is not None:
            anchor = quoted(event.anchor)[1:-1]
            self._report.error(
                "anchor", _place(event), f"Anchors (&{anchor}) are not supported.",
                "Remove the anchor. Text that begins with & needs quotes.",
            )  # fmt: skip
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            value, hint = getattr(event, "value", None), "Remove it."
            if value is not None:
                meant = value if value and tag in _YAML_TAGS else f"{tag} {value}".strip()
                hint = f"If it is text, put it in quotes: {quoted(meant)}."
            self._report.error(
                "custom-tag", _place(event), f"The tag {quoted(tag)[1:-1]} is not supported.", hint
            )  # fmt: skip

    def _reject_alias(self, event: _Event) -> None:
        place, alias = _place(event), quoted(event.anchor)[1:-1]
        self._report.error(
            "alias", place, f"Aliases (*{alias}) are not supported.",
            "Write out the value instead. Text that begins with * needs quotes.",
        )  # fmt: skip
        self._add(Opaque(place.line, place.column))


def _place(event: _Event) -> Spot:
    return Spot(event.start_mark.line + 1, event.start_mark.column + 1)
