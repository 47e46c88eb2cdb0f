"""Whether two names have a word in common, so that they may be names of one account.

What two names share shows how likely they are to mean one account. From most to least likely:

* the same text, except for case and extra spaces (`name_key`);
* a specific word, even in another form: Rent Expense, Rental Expense;
* only general words, which is doubtful: Bank Fees, Bank Charges;
* none of these: Cleaning and Clearing are two accounts, although they look alike.

Words are compared with difflib: `plan/` uses only the standard library, not rapidfuzz.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import TypeVar

from xerosync.model import Account, name_key
from xerosync.name_words import name_words

T = TypeVar("T")

_SAYS_LITTLE = frozenset(
    (
        "the", "for", "account", "asset", "bank", "charge", "cost", "current", "expense", "fee",
        "fixed", "general", "income", "liability", "other", "payable", "receivable", "revenue",
        "sundry",
    )
)  # fmt: skip
"""General words, which accounts of any kind have in their names."""
_SIMILAR = 0.9
"""The minimum difflib ratio of two spellings of one word."""
_BEGINNING = 4
"""The minimum length of a word that counts as the beginning of another: rent, but not car."""
_MISSPELT = 0.85
"""The minimum difflib ratio of two spellings of one name that has only general words."""


@lru_cache(maxsize=4096)
def share_a_word(one: str, other: str) -> bool:
    """Whether two names have a word in common, perhaps in two forms (see `_alike`).

    General words ("fee") and words of up to two letters count only if a name has no other words, or
    if one name has several words, all in the other: Bank Fee, Bank Card Fee.
    """
    return any(_alike(a, b) for a in _words(one) for b in _words(other)) or _nested(one, other)


@lru_cache(maxsize=4096)
def share_general_words_alone(one: str, other: str) -> bool:
    """Whether two names of only general words share one of them: Bank Fees, Bank Charges.

    Return False for two spellings of one name (Bank Chargs, Bank Charges). Return False also if one
    name has several words and the other name has all of them.
    """
    said = ([w for w in _words(name) if w not in _SAYS_LITTLE] for name in (one, other))
    return (
        share_a_word(one, other)
        and not _nested(one, other)
        and not any(_alike(a, b) for a, b in product(*said))
        and _ratio(name_key(one), name_key(other)) < _MISSPELT
    )


def _nested(one: str, other: str) -> bool:
    few, many = sorted((set(name_words(one)), set(name_words(other))), key=len)
    return len(few) > 1 and few <= many


def likeliest(
    name: str, candidates: Mapping[str, T], accounts: Mapping[str, Account]
) -> dict[str, T]:
    """Return the candidates (by id) with an inherited entry's name, or else with a word of it.

    A code says little: many organisations use it for another account. So names come first. If none
    fits, return only the last: the account with the present code, or else one with a former code.
    """
    same = [i for i in candidates if name_key(accounts[i].name) == name_key(name)]
    alike = [i for i in candidates if share_a_word(accounts[i].name, name)]
    return {i: candidates[i] for i in same or alike or [*candidates][-1:]}


def _alike(one: str, other: str) -> bool:
    """Whether two words are nearly the same, or the longer begins with the shorter."""
    short, long = sorted((one, other), key=len)
    if len(short) >= _BEGINNING and long.startswith(short):
        return True
    return _ratio(one, other) >= _SIMILAR


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _words(name: str) -> Sequence[str]:
    words = name_words(name)
    return [w for w in words if len(w) > 2 and w not in _SAYS_LITTLE] or words  # noqa: PLR2004 of, to
