"""In which consolidation tools an account that differs from the standard would be another line.

Tools that consolidate several organisations key on different things: the name and the class, the
name alone, the code, or all three. A difference in what a tool keys on splits the standard's line.
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
        if other and one != other and (one or key is Key.CODE)  # a missing code is a different one
    )


def sentence(splits: tuple[Key, ...]) -> str:
    """Return in which tools the line is split, in words; "" if in none."""
    if Key.CODE in splits and Key.NAME in splits:
        on = "code or on name"
    elif Key.CODE in splits:
        on = "code"
    elif Key.NAME in splits:
        on = "name"
    elif Key.CLASS in splits:
        on = "name and class"
    else:
        return ""
    return f"splits a line in tools that key on {on}"
