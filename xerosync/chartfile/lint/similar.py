"""Find names that are nearly the same.

Two names are nearly the same if their `name_words` differ only in order, or by one typing error
in one word: a letter missing, added, changed or swapped with its neighbour. Numbers, and words
shorter than 6 or longer than 30 letters, must be equal: `Loan 1` and `Loan 2`, `Owner A` and
`Owner B` are different accounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xerosync.name_words import name_words

_SHORTEST_WORD, _LONGEST_WORD = 6, 30
"""The lengths of words in which a typing error is looked for."""

_MOST_COMPARED = 500
"""Of names that differ only in one word, each is compared with at most this many others."""

_Words = tuple[str, ...]


def similar(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """For each name that is similar to an earlier one, yield both positions, the earlier first."""
    first: dict[_Words, int] = {}
    by_rest: dict[_Words, dict[int, str]] = {}
    for place, name in enumerate(names):
        if not (words := tuple(sorted(name_words(name)))):
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


def _rests(words: _Words) -> Iterator[tuple[str, _Words]]:
    for at, word in enumerate(words):
        if _SHORTEST_WORD <= len(word) <= _LONGEST_WORD and word.isalpha():
            yield word, words[:at] + words[at + 1 :]


def _misspelled(word: str, others: dict[int, str] | None) -> list[int]:
    """Return a list with the key of the first of `others` that differs by one typing error."""
    if not others:
        return []
    from rapidfuzz import process  # noqa: PLC0415, only for a file that has such names
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    near = process.extract_iter(word, others, scorer=OSA.distance, score_cutoff=1)
    return [place for other, _, place in near if other != word][:1]
