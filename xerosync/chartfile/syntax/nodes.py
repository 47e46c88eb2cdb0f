"""The tree of a YAML document: scalars, mappings and sequences, each with its place.

Every value is text. What a value means depends on its field (`0123` is a code, and never a number),
so nothing is resolved yet. `line` and `column` count from 1 and are for messages; `offset` and
`end` delimit the node's text and are for edits. A block ends with its last value: comments below
that value are not part of the block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import NamedTuple

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""The plain scalars that mean null (YAML 1.2, 10.3.2 core schema)."""

_COMMENT_OR_DASH = re.compile(r"#[^\r\n]*|-")


class Scalar(NamedTuple):
    """A scalar as text; `plain` is whether it has no quotes and is no block (`|` or `>`).

    It is a tuple, which is fast to make: a file has many scalars.
    """

    text: str
    plain: bool
    line: int
    column: int
    offset: int = 0
    end: int = 0

    @property
    def null(self) -> bool:
        """Whether the scalar means null."""
        return self.plain and self.text in NULLS


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order of the file; a repeated key has its first value."""

    pairs: dict[str, tuple[Scalar, Node]]
    line: int
    column: int
    offset: int = 0
    end: int = 0
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """Return the value of a key, None if the key is absent."""
        pair = self.pairs.get(key)
        return pair[1] if pair else None

    @property
    def start(self) -> Node:
        """The place to point at: the first key, or the mapping itself when it is empty."""
        return next((key for key, _ in self.pairs.values()), self)


@dataclass(slots=True)
class Sequence:
    """A list; `flow` is whether it is written in brackets."""

    items: list[Node]
    line: int
    column: int
    offset: int = 0
    end: int = 0
    flow: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """A key or value that was already reported as an error, such as an alias."""

    line: int
    column: int
    offset: int = 0
    end: int = 0


ValueNode = Scalar | Mapping | Sequence
Node = ValueNode | Opaque
Pairs = AbstractMapping[str, tuple[Scalar, Node]]


def text_of(node: Node | None) -> str:
    """Return a scalar's text; "" for null and for anything else."""
    if not isinstance(node, Scalar):
        return ""
    return "" if node.plain and node.text in NULLS else node.text


def items_of(node: Node | None) -> list[Node]:
    """Return the items of a list; [] for anything else."""
    return node.items if isinstance(node, Sequence) else []


def pairs_of(node: Node | None) -> Pairs:
    """Return the keys and values of a mapping; {} for anything else."""
    return node.pairs if isinstance(node, Mapping) else {}


def scalars_of(node: Node) -> Iterator[Scalar]:
    """Yield every scalar in a node, keys included, in the order of the file."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from scalars_of(item)
    elif isinstance(node, Mapping):
        for key, value in node.pairs.values():
            yield key
            yield from scalars_of(value)


def dashes_of(sequence: Sequence, text: str) -> list[int]:
    """Return the offset of the dash before each item of a block sequence."""
    dashes = []
    before = sequence.offset
    for item in sequence.items:
        found = _COMMENT_OR_DASH.finditer(text, before, item.offset)
        dashes.append(next(match.start() for match in found if match[0] == "-"))
        before = item.end
    return dashes


def keeps_blank_lines(scalar: Scalar, text: str) -> bool:
    """Whether a scalar is a block that includes the empty lines below it (`|+`)."""
    header = text[scalar.offset : scalar.end].split("\n", 1)[0].split("#", 1)[0]
    return not scalar.plain and header[:1] in {"|", ">"} and "+" in header
