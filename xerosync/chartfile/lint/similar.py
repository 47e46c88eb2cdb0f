"""Names → the pairs of them that are nearly the same.

Nearly: the same but for case, accents, signs, `and`, plurals and the order of words; or one
letter missing, added, changed or swapped with its neighbour in a longer word. Numbers and
words of a few letters must be equal: `Loan 1` and `Loan 2`, `Owner A` and `Owner B` are
meant to be told apart.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence

_APART = string.punctuation + "\u2018\u2019\u201c\u201d\u2013\u2014"
"""Signs that part words: those of ASCII, typographic quotes and dashes."""

_SIGNS = str.maketrans(dict.fromkeys(_APART, " ") | {"&": " and ", "+": " and "})
_ACCENTS = re.compile("[\u0300-\u036f]")
_JOINING = frozenset({"and"})
_LONG_WORD = 6
"""Words of so many letters are long enough for a slip of the pen to be one."""

_LONGEST_WORD = 30
_LONGEST = 150
_LARGEST_GROUP = 20
"""Of names that a slip may lead to, so many are compared with those that follow."""


def similar(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give the pairs of places with nearly the same name: an earlier place, then the later.

    Each place is paired once at most, with the first that it is like. Takes time in
    proportion to the names' length.
    """
    forms = [_form(name) for name in names]
    kin = _kin({word for words in forms for word in words})
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, words in enumerate(forms):
        if not words:
            continue
        key = tuple(sorted(kin.get(word, word) for word in words)) if kin else words
        group = groups.setdefault(key, [])
        near = (other for other in group if _is_near(forms[other], words))
        earlier = next(near, None)
        if earlier is not None:
            yield earlier, place
        elif len(group) < _LARGEST_GROUP:
            group.append(place)


def _form(name: str) -> tuple[str, ...]:
    """Give a name's words in the form in which they compare."""
    text = name[:_LONGEST].casefold()
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    words = text.translate(_SIGNS).split()
    return tuple(sorted(_singular(word) for word in words if word not in _JOINING))


def _singular(word: str) -> str:
    if len(word) > 3 and word[-1] == "s" and word[-2] != "s":  # noqa: PLR2004, gas is no plural
        return word[:-3] + "y" if word.endswith("ies") else word[:-1]
    return word


def _kin(words: set[str]) -> dict[str, str]:
    """Give a word that stands for it to each long word that another is one slip from.

    Two such words have a form in common when each loses one letter or none: the index of
    W. Garbe's SymSpell.
    """
    first: dict[str, str] = {}
    kin: dict[str, str] = {}
    for word in sorted(words):
        if not _LONG_WORD <= len(word) <= _LONGEST_WORD or not word.isalpha():
            continue
        for form in (word, *(word[:gone] + word[gone + 1 :] for gone in range(len(word)))):
            other = first.setdefault(form, word)
            if other != word and word not in kin and _one_slip(other, word):
                kin[word] = kin.setdefault(other, other)
    return kin


def _is_near(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Tell whether the words are the same, or all but one are, and that by one slip."""
    if one == two:
        return True
    left = [word for word in one if word not in two]
    right = [word for word in two if word not in one]
    return len(one) == len(two) and len(left) == len(right) == 1 and _one_slip(left[0], right[0])


def _one_slip(one: str, two: str) -> bool:
    """Tell whether two words differ by one slip of the pen (F. J. Damerau, 1964)."""
    shorter, longer = sorted((one, two), key=len)
    start = next((i for i, c in enumerate(shorter) if c != longer[i]), len(shorter))
    left, right = shorter[start:], longer[start:]
    if len(longer) > len(shorter):
        return left == right[1:]
    return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
