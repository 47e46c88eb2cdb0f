"""Blocks of Markdown → as much of them as a page has room for, cut between rows only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_NOTE = 200
"""Room for the sentence that says what was cut."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with a table or a list. `head` and `tail` open and close what they open.

    `noun` says what a row is, in the plural. `whole` blocks are left out rather than cut.
    """

    head: str
    rows: tuple[str, ...]
    tail: str = ""
    noun: str = "rows"


def size(text: str) -> int:
    """Count a text as GitHub may: in UTF-16 units, which are never fewer than characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(blocks: Iterable[Block], room: int) -> str:
    """Write the blocks that there is room for, the first ones first, and say what is cut."""
    parts: list[str] = []
    left_out: list[str] = []
    room -= 2 * _NOTE
    for block in blocks:
        written, kept = _cut(block, room)
        if written:
            parts.append(written)
            room -= size(written)
        more = len(block.rows) - kept
        if more and not written:
            left_out.append(f"{more} {block.noun}")
    if left_out:
        shown = ", ".join(left_out)
        parts.append(f"_Left out for length: {shown}. The saved plan holds all of it._\n\n")
    return "".join(parts)


def _cut(block: Block, room: int) -> tuple[str, int]:
    frame = size(block.head) + size(block.tail)
    room -= frame + _NOTE
    kept = 0
    for row in block.rows:
        room -= size(row)
        if room < 0:
            break
        kept += 1
    more = len(block.rows) - kept
    if more and not kept:
        return "", 0
    note = f"\n_And {more} more {block.noun}, left out for length._\n" if more else ""
    return f"{block.head}{''.join(block.rows[:kept])}{note}{block.tail}\n", kept
