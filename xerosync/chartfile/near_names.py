"""How near the names of accounts are to each other, for people to judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xerosync.chartfile.lint.similar import words_in_order, words_of

_NEAR = 0.6
"""Motor Vehicle is as near as this to Motor Vehicle Expenses; Sales - Online is not to Sales."""


_TURNED = 0.99
_DIRECTIONS = frozenset(
    ("by", "for", "from", "in", "less", "of", "on", "out", "over", "to", "with")
)
"""Words by which the order of the others means something."""


def near_names(name: str, others: Sequence[str]) -> Mapping[int, float]:
    """Return how near the other names are, by position, from 0.6 to 1: 1 is the same words.

    Case, accents, punctuation, plurals, `and` and the order of words do not count. Numbers and
    single letters must be equal: Loan 1 and Loan 2 are two accounts. Where the order tells who
    owes whom, it counts: Due from A to B and Due from B to A are only near.
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
    scores = {place: score / 100 for _, score, place in found}
    doubtful = [p for p, score in scores.items() if score == 1 and _is_turned(name, others[p])]
    return scores | dict.fromkeys(doubtful, _TURNED)


def _is_turned(name: str, other: str) -> bool:
    """Whether two names of the same words are in an order that may mean something else."""
    one, two = words_in_order(name), words_in_order(other)
    return one != two and (not _DIRECTIONS.isdisjoint(one) or len(_marks(one)) > 1)


def _marks(words: Sequence[str]) -> frozenset[str]:
    """Return the words that tell accounts of one name apart: numbers and single letters."""
    return frozenset(word for word in words if len(word) == 1 or any(map(str.isdigit, word)))
