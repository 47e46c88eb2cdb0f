"""Remove what belongs to the organisation from Xero's texts, so that a report can be shared.

Names that are also words of Xero's own ("Inventory") are removed only where they are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from xerosync.text import whole
from xerosync.xero_behaviour import LONGEST_TEXT, MOST_TEXTS

_GUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
_CUT_GUID = re.compile("[0-9a-fA-F]{8}-[0-9a-fA-F-]{0,27}$")
_QUOTES = "'\"`\u2018\u2019\u201c\u201d"
_APART = (r"(?<!\w)", r"(?!\w)")
_QUOTED = (f"(?<=[{_QUOTES}])", f"(?=[{_QUOTES}])")
_SHORTEST = 3
_XEROS_WORDS = frozenset({
    "account", "accounts", "archived", "asset", "bank", "code", "cost", "current", "depreciation",
    "description", "equity", "expense", "expenses", "fixed", "income", "inventory", "item",
    "liability", "name", "number", "organisation", "overheads", "payments", "prepayment",
    "purchases", "rate", "revenue", "sales", "status", "system", "tax", "type", "xero",
})  # fmt: skip
"""Words of Xero's messages that may also be the name of an account."""


def scrubbed(texts: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the first `MOST_TEXTS` texts, shortened, without ids, email addresses and `names`.

    Names of one or two characters are not removed.
    """
    known = {name for name in names if len(name.strip()) >= _SHORTEST}
    known |= {escape(name) for name in known}
    longest_first = sorted(known, key=lambda name: (-len(name), name))
    return tuple(
        _cut(_scrubbed(_cut(whole(text)), longest_first)) for text in list(texts)[:MOST_TEXTS]
    )


def _scrubbed(text: str, names: Iterable[str]) -> str:
    text = _EMAIL.sub("[e-mail]", _GUID.sub("[id]", text))
    for name in names:
        before, after = _QUOTED if name.casefold() in _XEROS_WORDS else _APART
        words = r"\s+".join(map(re.escape, name.split()))
        text = re.sub(before + words + after, "[name]", text, flags=re.IGNORECASE)
    if text.endswith("…"):
        end = _without_cut_name(_CUT_GUID.sub("[id]", text.removesuffix("…")), names)
        return f"{end}…"
    return text


def _without_cut_name(text: str, names: Iterable[str]) -> str:
    """Replace the name at the end of a shortened text, if the cut left only its beginning."""
    for name in names:
        for length in range(len(name) - 1, _SHORTEST - 1, -1):
            start = len(text) - length
            begins = name[:length].casefold()
            is_whole = start <= 0 or not text[start - 1].isalnum()
            if begins not in _XEROS_WORDS and is_whole and text.casefold().endswith(begins):
                return f"{text[:start]}[name]"
    return text


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
