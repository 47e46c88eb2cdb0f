"""Take what belongs to the organisation out of Xero's texts, so that a report can be shared.

Names of one word are also words of Xero's own ("Inventory"), so they go only from quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xerosync.text import whole
from xerosync.xero_behaviour import LONGEST_TEXT, MOST_TEXTS

_GUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTES = "'\"`\u2018\u2019\u201c\u201d"
_APART = (r"(?<!\w)", r"(?!\w)")
_SHORTEST = 3


def scrubbed(texts: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return texts without ids, addresses of e-mail, and these names."""
    known = sorted({name for name in names if len(name) >= _SHORTEST}, key=len, reverse=True)
    return tuple(
        _scrubbed(whole(text[:LONGEST_TEXT]), known)[:LONGEST_TEXT]
        for text in list(texts)[:MOST_TEXTS]
    )


def _scrubbed(text: str, names: Iterable[str]) -> str:
    text = _EMAIL.sub("[e-mail]", _GUID.sub("[id]", text))
    for name in names:
        if name.casefold() in text.casefold():
            quoted = re.escape(name)
            one_word = len(name.split()) == 1
            around = (f"(?<=[{_QUOTES}])", f"(?=[{_QUOTES}])") if one_word else _APART
            text = re.sub(around[0] + quoted + around[1], "[name]", text, flags=re.IGNORECASE)
    return text
