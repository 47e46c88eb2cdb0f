"""Find names that are nearly the same.

Two names are nearly the same if they differ only in case, accents, apostrophes, punctuation between
words, `and`, plurals and the order of words, or by one typing error in one word: a letter missing,
added, changed or swapped with its neighbour. Numbers, and words shorter than 6 or longer than 30
letters, must be equal: `Loan 1` and `Loan 2`, `Owner A` and `Owner B` are different accounts.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

_PUNCTUATION = string.punctuation + "\u2018\u2019\u201c\u201d\u2013\u2014"
_SIGNS = str.maketrans(
    dict.fromkeys(_PUNCTUATION, " ")
    | dict.fromkeys("'\u2019", "")  # Owner's and Owners
    | {"&": " and ", "+": " and "}
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_SHORTEST_WORD, _LONGEST_WORD = 6, 30
"""The lengths of words in which a typing error is looked for."""

_LONGEST_NAME = 150
_MOST_COMPARED = 500
"""At most this many names that differ only in one word are compared, to bound the time."""

_Words = tuple[str, ...]


def similar(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """For each name that is similar to an earlier one, yield both positions, the earlier first."""
    first: dict[_Words, int] = {}
    by_rest: dict[_Words, dict[int, str]] = {}
    for place, name in enumerate(names):
        words = words_of(name)
        if not words:
            continue
        rests = list(_rests(words))
        found = [first[words]] if words in first else []
        for word, rest in rests:
            found += _misspelled(word, by_rest.get(rest))
        if found:
            yield min(found), place
        first.setdefault(words, place)
        for word, rest in rests:
            others = by_rest.setdefault(rest, {})
            if len(others) < _MOST_COMPARED:
                others[place] = word


@lru_cache(maxsize=4096)  # each overlay of a standard repeats its names
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in the form in which they are compared, sorted."""
    return tuple(sorted(words_in_order(name)))


def words_in_order(name: str) -> _Words:
    """Return the words of a name in the form in which they are compared, in their order."""
    text = name[:_LONGEST_NAME].casefold()
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    words = text.translate(_SIGNS).split()
    return tuple(_singular(word) for word in words if word != "and")


def _singular(word: str) -> str:
    if len(word) > 3 and word[-1] == "s" and word[-2] != "s":  # noqa: PLR2004, gas is no plural
        return word[:-3] + "y" if word.endswith("ies") else word[:-1]
    return word


def _rests(words: _Words) -> Iterator[tuple[str, _Words]]:
    """Yield each word in which a typing error is looked for, with the other words."""
    for at, word in enumerate(words):
        if _SHORTEST_WORD <= len(word) <= _LONGEST_WORD and word.isalpha():
            yield word, words[:at] + words[at + 1 :]


def _misspelled(word: str, others: dict[int, str] | None) -> list[int]:
    """Return the position of the first word that is one typing error away; [] if none is."""
    if not others:
        return []
    from rapidfuzz import process  # noqa: PLC0415, only for a file that has such names
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    near = process.extract_iter(word, others, scorer=OSA.distance, score_cutoff=1)
    return [place for other, _, place in near if other != word][:1]
