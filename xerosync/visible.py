"""Text from strangers → text that can be shown: nothing in it acts.

Names of accounts, files and errors may hold terminal escapes, line breaks, or marks that
turn the direction of writing round. Each is shown as an escape instead of being obeyed;
letters of every script, and the joiners that some of them need, stay as they are.
"""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    r"""Show what would act as an escape: `\n`, `\x1b`, `\u202e`."""
    if text.isprintable():
        return text
    return "".join(c if _harmless(c) else _escape(c) for c in text)


def _harmless(character: str) -> bool:
    return (
        character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs"
    )


def _escape(character: str) -> str:
    known = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"}.get(character)
    if known:
        return known
    point = ord(character)
    if point <= 0xFF:  # noqa: PLR2004 the last that two digits hold
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"  # noqa: PLR2004
