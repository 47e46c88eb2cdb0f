"""Score how similar the names of accounts are, so that people can judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xerosync.name_words import name_words

_NEAR = 0.6
"""The least score: Motor Vehicle and Motor Vehicle Expenses reach it, Sales and Sales - Online
do not."""

_REORDERED = 0.99
"""The score of two names with the same words, in an order that may matter."""

_DIRECTIONS = frozenset(
    ("by", "for", "from", "in", "less", "of", "on", "out", "over", "to", "with")
)
"""Words that make the order of the other words matter."""


def near_names(name: str, others: Sequence[str]) -> Mapping[int, float]:
    """Return the score of each similar name, from 0.6 to 1. The keys are positions in `others`.

    Names with the same `name_words` score 1, even in another order. If the order may change the
    meaning, they score a little less: Due from A to B, Due from B to A. Numbers and single letters
    must be equal: Loan 1 and Loan 2 are two accounts.
    """
    from rapidfuzz import fuzz, process  # noqa: PLC0415, only for names that are not equal

    own = sorted(name_words(name))
    marks = _marks(own)
    comparable = {
        place: " ".join(words)
        for place, other in enumerate(others)
        if (words := sorted(name_words(other))) and _marks(words) == marks
    }
    if not own or not comparable:
        return {}
    found = process.extract(
        " ".join(own), comparable, scorer=fuzz.ratio, score_cutoff=100 * _NEAR, limit=None
    )
    scores = {place: score / 100 for _, score, place in found}
    doubtful = [p for p, score in scores.items() if score == 1 and _is_reordered(name, others[p])]
    return scores | dict.fromkeys(doubtful, _REORDERED)


def _is_reordered(name: str, other: str) -> bool:
    """Whether two names with the same words may differ in meaning by the order of the words."""
    one, two = name_words(name), name_words(other)
    return one != two and (not _DIRECTIONS.isdisjoint(one) or len(_marks(one)) > 1)


def _marks(words: Sequence[str]) -> frozenset[str]:
    """Return the words that tell similar names apart: those with digits, and single letters."""
    return frozenset(word for word in words if len(word) == 1 or any(map(str.isdigit, word)))
