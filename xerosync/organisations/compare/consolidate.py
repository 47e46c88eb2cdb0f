"""Find whether an organisation's account splits the standard's line in consolidation tools.

Such a tool has one line for the same account in several organisations. It finds the accounts of a
line by a key: the name and the class, the name alone, the code, or code, name and class together.
An account whose key differs from the standard's gets a line of its own: the line is split.
"""

from __future__ import annotations

from xerosync.model import class_of
from xerosync.organisations.compare.grid import Key, Line


def splits_of(found: Line, wanted: Line) -> tuple[Key, ...]:
    """Return the parts of a key in which an organisation's account differs from the standard's."""
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
    return f"gets a line of its own in tools that consolidate by {' or by '.join(on)}" if on else ""
