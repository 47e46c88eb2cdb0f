"""The parts of a YAML document, each with its place: text, mapping, list.

Values stay as they were written. What a value means depends on the field that it
belongs to (`0123` is a code here, and a number nowhere), so nothing is resolved yet.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import NamedTuple

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""The plain scalars that mean nothing (YAML 1.2, 10.3.2 core schema)."""


class Scalar(NamedTuple):
    """A scalar as written; `plain` when it has no quotes. A tuple, for there are many."""

    text: str
    plain: bool
    line: int
    column: int

    @property
    def null(self) -> bool:
        """Whether it stands for nothing."""
        return self.plain and self.text in NULLS


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file; of a repeated key, the first."""

    pairs: dict[str, tuple[Scalar, Node]]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """Give the value of a key, if the key is there."""
        pair = self.pairs.get(key)
        return pair[1] if pair else None

    @property
    def start(self) -> Node:
        """The place to point at: the first key, or the mapping itself when it is empty."""
        return next((key for key, _ in self.pairs.values()), self)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: list[Node]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that was refused, and reported, already: an alias, or text with a tag."""

    line: int
    column: int


Node = Scalar | Mapping | Sequence | Opaque
Pairs = AbstractMapping[str, tuple[Scalar, Node]]


def text_of(node: Node | None) -> str:
    """Give a scalar's text; "" for null and for what is not a scalar."""
    return node.text if isinstance(node, Scalar) and not node.null else ""
