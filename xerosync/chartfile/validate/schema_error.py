"""One error of the schema, and the words that its messages share."""

from __future__ import annotations

from collections.abc import Sequence as AbstractSequence
from typing import Any, NamedTuple

from xerosync.chartfile.problems import quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Sequence
from xerosync.suggestions import nearest

_MOST_CHOICES_SHOWN = 20


class SchemaError(NamedTuple):
    """One error of the schema, and where it is.

    `field` names the value (`head` and `account` name the whole), `section` what contains it;
    `item` means that it is in a list.
    """

    keyword: str
    value: Any
    section: str
    field: str
    node: Node
    parent: Node
    item: bool


def kind_of_node(node: Node) -> str:
    """Return what a node is, as a message names it."""
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Opaque():
            return "an alias"
        case _:
            return quoted(node.text) if node.text and not node.null else "an empty value"


def suggest(word: str, known: AbstractSequence[str]) -> str:
    """Return the hint for a word that is not among the known ones."""
    near = nearest(word, known)
    return (
        f"Did you mean {near}?"
        if near
        else f"Use one of: {', '.join(known[:_MOST_CHOICES_SHOWN])}."
    )
