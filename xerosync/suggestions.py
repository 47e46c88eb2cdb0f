"""Suggest a known word for a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], similar: float = 0.6) -> str:
    """Return the known word nearest to `word`; "" if none is near.

    `similar`, from 0 to 1, is the lowest similarity that counts as near. Case, `_`, `-` and
    spaces are ignored, so that Xero's spelling (`TaxType`) finds ours (`tax_type`).
    """
    by_form = {_form(k): k for k in known if k}
    form = _form(word[:60])
    if form in by_form:
        return by_form[form]
    close = difflib.get_close_matches(form, by_form, n=1, cutoff=similar)
    return by_form[close[0]] if close else ""


def _form(word: str) -> str:
    return "".join(c for c in word.casefold() if c not in "_- ")
