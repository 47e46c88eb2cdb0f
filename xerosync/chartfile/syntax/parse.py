"""YAML text → nodes with their places, in one bounded pass over the parser's events.

Nothing is built before it is judged: depth is bounded as the events come, and aliases
are never followed, so that neither a 200,000-deep `[` nor an alias bomb costs anything.
We read events instead of `yaml.compose`, which recurses in C and is slower.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Scalar, Sequence
from xerosync.chartfile.syntax.parse_errors import report_syntax
from xerosync.chartfile.syntax.source import Spot

MAX_DEPTH = 20
"""A chart needs four levels."""

MAX_VALUES = 600_000
"""A chart of 20,000 accounts has so many names and values."""

_Event = Any
"""An event of yaml, whose types name no attributes."""

_ALIAS_HINT = "Write the value out: each account says for itself what it is."


def compose(text: str, report: Report) -> Node | None:
    """Read the text's one document; None when it is empty or not YAML.

    Duplicate keys, anchors, aliases, merge keys, tags and further documents are reported,
    and what can be read in spite of them is given. `text` is clean of control characters.
    """
    import yaml  # noqa: PLC0415, heavy

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _Builder(report).build(loader.get_event)
    except (yaml.YAMLError, ValueError) as error:
        report_syntax(error, text, report)
        return None
    finally:
        loader.dispose()


class _Builder:
    """Builds nodes from events with a stack of its own; recursion would be the file's to spend."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stack: list[tuple[Mapping | Sequence | None, Scalar | Opaque | None]] = []
        self._root: Node | None = None
        self._into: Mapping | Sequence | None = None
        self._key: Scalar | Opaque | None = None

    def build(self, get_event: Callable[[], _Event]) -> Node | None:
        """Give the root of the first document."""
        import yaml  # noqa: PLC0415, heavy

        documents = 0
        for _ in range(MAX_VALUES):
            if self._report.full:
                return None
            event = get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._add_scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if not self._open(event, mapping=kind is yaml.MappingStartEvent):
                    return None
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._into, self._key = self._stack.pop()
            elif kind is yaml.AliasEvent:
                self._refuse_alias(event)
            elif kind is yaml.DocumentStartEvent and documents:
                self._refuse_document(event)
                return self._root
            elif kind is yaml.StreamEndEvent:
                return self._root
            documents += kind is yaml.DocumentStartEvent
        self._report.error(
            "too-large", Spot(0, 0), f"The file has more than {MAX_VALUES:,} names and values.",
            "A chart is far smaller; this may be another file.",
        )  # fmt: skip
        return None

    def _add_scalar(self, event: _Event) -> None:
        mark = event.start_mark
        if event.anchor is not None or event.tag is not None:
            self._refuse_properties(event)
        line, column = mark.line + 1, mark.column + 1
        if event.tag is not None:
            self._add(Opaque(line, column))
        else:
            self._add(Scalar(event.value, not event.style, line, column))

    def _open(self, event: _Event, *, mapping: bool) -> bool:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if event.anchor is not None or event.tag is not None:
            self._refuse_properties(event)
        if len(self._stack) >= MAX_DEPTH:
            self._report.error(
                "too-deep", Spot(line, column),
                f"Lists and mappings are nested more than {MAX_DEPTH} deep here.",
                "A chart needs four levels; look for a stray [ or {.",
            )  # fmt: skip
            return False
        node: Mapping | Sequence
        node = Mapping({}, line, column) if mapping else Sequence([], line, column)
        self._add(node)
        self._stack.append((self._into, self._key))
        self._into, self._key = node, None
        return True

    def _add(self, node: Node) -> None:
        into = self._into
        if isinstance(into, Mapping):
            key = self._key
            if key is None:
                self._key = self._judge_key(node)
                return
            self._key = None
            if isinstance(key, Scalar) and key.text not in into.pairs:
                into.pairs[key.text] = (key, node)
        elif into is not None:
            into.items.append(node)
        else:
            self._root = node

    def _judge_key(self, node: Node) -> Scalar | Opaque:
        """Give a mapping's next key; one that is refused comes back opaque."""
        into = self._into
        if not isinstance(node, Scalar):
            if not isinstance(node, Opaque):
                self._report.error(
                    "wrong-type", node, "A field's name must be a word, not a list or a mapping.",
                    "Put text that begins with [ or { in quotes.",
                )  # fmt: skip
            return Opaque(node.line, node.column)
        if node.plain and node.text == "<<":
            self._report.error(
                "merge-key", node, "Merge keys (<<) are not read.",
                _ALIAS_HINT,
            )  # fmt: skip
            return Opaque(node.line, node.column)
        if isinstance(into, Mapping) and node.text in into.pairs:
            first = into.pairs[node.text][0]
            self._report.error(
                "duplicate-key", node,
                f"{quoted(node.text)} is given twice; first on line {first.line}.",
                "Keep one of the two.",
            )  # fmt: skip
        return node

    def _refuse_properties(self, event: _Event) -> None:
        spot = Spot(event.start_mark.line + 1, event.start_mark.column + 1)
        if event.anchor is not None:
            self._report.error(
                "anchor", spot, f"Anchors (&{quoted(event.anchor)[1:-1]}) are not read.",
                "Remove it; put text that begins with & in quotes.",
            )  # fmt: skip
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            meant = f"{tag} {event.value}".strip() if hasattr(event, "value") else ""
            self._report.error(
                "custom-tag", spot, f"Tags ({quoted(tag)[1:-1]}) are not read.",
                f"If it is text, put it in quotes: {quoted(meant)}." if meant else "Remove it.",
            )  # fmt: skip

    def _refuse_alias(self, event: _Event) -> None:
        spot = Spot(event.start_mark.line + 1, event.start_mark.column + 1)
        self._report.error(
            "alias", spot, f"Aliases (*{quoted(event.anchor)[1:-1]}) are not read.", _ALIAS_HINT
        )
        self._add(Opaque(spot.line, spot.column))

    def _refuse_document(self, event: _Event) -> None:
        spot = Spot(event.start_mark.line + 1, event.start_mark.column + 1)
        self._report.error(
            "multiple-documents", spot, "A second YAML document begins here.",
            "One file is one organisation: put the other chart in a file of its own.",
        )  # fmt: skip
