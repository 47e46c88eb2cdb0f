"""Find the keys by which a consolidation tool would not add an account to the standard's line.

A tool that consolidates several organisations finds the same account in each by a key: the name
and the class, the name alone, the code, or code, name and class together. An account with another
key gets a line of its own, so the standard's line is split.
"""

from __future__ import annotations

from xerosync.model import class_of
from xerosync.organisations.compare.grid import Key, Line


def splits_of(found: Line, wanted: Line) -> tuple[Key, ...]:
    """Return the keys in which an organisation's account differs from the standard's."""
    keys = {
        Key.CODE: (found.code, wanted.code),
        Key.NAME: (found.name, wanted.name),
        Key.CLASS: (class_of(found.type), class_of(wanted.type)),
    }
    return tuple(
        key
        for key, (one, other) in keys.items()
        if other and one != other and (one or key is Key.CODE)  # a missing code differs
    )


def sentence(splits: tuple[Key, ...]) -> str:
    """Return a phrase that says in which tools the line is split, "" if in none."""
    on = ["code"] if Key.CODE in splits else []
    if Key.NAME in splits:
        on.append("name")
    elif Key.CLASS in splits:
        on.append("name and class")
    return f"splits a line in tools that consolidate by {' or by '.join(on)}" if on else ""
