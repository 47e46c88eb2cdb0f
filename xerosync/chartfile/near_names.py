"""How near the names of accounts are to each other, for people to judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xerosync.chartfile.lint.similar import words_of

_NEAR = 0.6
"""Motor Vehicle is as near as this to Motor Vehicle Expenses; Sales - Online is not to Sales."""


def near_names(name: str, others: Sequence[str]) -> Mapping[int, float]:
    """Return how near the other names are, by position, from 0.6 to 1: 1 is the same words.

    Case, accents, punctuation, plurals, `and` and the order of words do not count. Numbers and
    single letters must be equal: Loan 1 and Loan 2 are two accounts.
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415, only for names that are not equal

    own = words_of(name)
    marks = _marks(own)
    comparable = {
        place: " ".join(words)
        for place, other in enumerate(others)
        if (words := words_of(other)) and _marks(words) == marks
    }
    if not own or not comparable:
        return {}
    found = process.extract(
        " ".join(own), comparable, scorer=fuzz.ratio, score_cutoff=100 * _NEAR, limit=None
    )
    return {place: score / 100 for _, score, place in found}


def _marks(words: Sequence[str]) -> frozenset[str]:
    """Return the words that tell accounts of one name apart: numbers and single letters."""
    return frozenset(word for word in words if len(word) == 1 or any(map(str.isdigit, word)))
