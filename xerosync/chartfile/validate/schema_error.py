"""A violation of the JSON Schema, and words that several messages share."""

from __future__ import annotations

from collections.abc import Sequence as AbstractSequence
from typing import Any, NamedTuple

from xerosync.chartfile.problems import quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence, ValueNode
from xerosync.suggestions import nearest


class SchemaError(NamedTuple):
    """A violation of the JSON Schema, and where it is.

    `value` is what `keyword` demands in the schema. `field` is the last name on the path to `node`.
    For an item of a list, it is the list's name; for a whole part of the file, it is the part's
    name, such as `account`. `section` is the name before `field`, or "".
    """

    keyword: str
    value: Any
    section: str
    field: str
    node: ValueNode
    parent: Node
    item: bool


def kind_of_node(node: ValueNode) -> str:
    """Return what a node is, as a message names it."""
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar():
            return quoted(node.text) if node.text and not node.null else "an empty value"


def suggest(word: str, known: AbstractSequence[str]) -> str:
    """Return the hint for a word that is not among the known ones."""
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else f"Use one of: {', '.join(known)}."
