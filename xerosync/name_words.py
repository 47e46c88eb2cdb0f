"""Split the name of an account into the words by which names are compared.

Three modules compare names, each in its own way: `plan/matching/shared_words.py` checks whether two
names may be those of one account, `chartfile/lint/similar.py` checks whether people would confuse
them, and `chartfile/near_names.py` measures how near they are.
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache

from xerosync.model import FIELD

_LONGEST_NAME = FIELD["name"].max_length
_SIGNS = str.maketrans(
    dict.fromkeys(string.punctuation, " ")
    | dict.fromkeys("'\u2019", "")  # Owner's and Owners
    | {"&": " and ", "+": " and "}
)
_ACCENTS = re.compile("[\u0300-\u036f]")


@lru_cache(maxsize=4096)  # each overlay of a standard repeats its names
def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, in their order, each in the singular.

    Case, accents, apostrophes and the word "and" do not count. Other punctuation divides words.
    """
    text = name[:_LONGEST_NAME].casefold()
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).translate(_SIGNS)
        text = "".join(" " if unicodedata.category(c)[0] == "P" else c for c in text)
    return tuple(_singular(w) for w in text.translate(_SIGNS).split() if w != "and")


def _singular(word: str) -> str:
    if len(word) > 3 and word[-1] == "s" and word[-2] != "s":  # noqa: PLR2004, gas is no plural
        return word[:-3] + "y" if word.endswith("ies") else word[:-1]
    return word
