"""Temporary codes and names: how one looks, and what an interrupted apply had in mind.

Where codes or names go round in a circle, one account is parked for the length of a call.
If the run dies right then, the next one must find the account again, without a journal:
a parked name ends with the code that the account is on its way to, and an account whose
code alone is parked still has its name.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import count

from xerosync.model import code_key, name_key

_CODE = re.compile(r"XSTMP[1-9][0-9]{0,4}", re.IGNORECASE)
_ENDING = " (xerosync moves it to "
_MAX_NAME = 150


def temporary_codes(taken: Container[str]) -> Iterator[str]:
    """Give codes that are in no use; `taken` holds code keys. 10 characters at most."""
    for number in count(1):
        code = f"XSTMP{number}"
        if code_key(code) not in taken:
            yield code


def temporary_name(name: str, code: str, taken: Container[str]) -> str:
    """Give a name in no use that tells where the account goes; `taken` holds name keys.

    A name that is a temporary one already gets the new ending instead of a second one.
    """
    number = 1
    name = original_name(name) or name
    while True:
        ending = f"{_ENDING}{code})"
        again = f" {number}" if number > 1 else ""
        parked = name[: _MAX_NAME - len(ending) - len(again)].rstrip() + again + ending
        if name_key(parked) not in taken:
            return parked
        number += 1


def fits(name: str, code: str) -> bool:
    """Tell whether a temporary name would hold the whole of a name."""
    return len(name) + len(f"{_ENDING}{code})") <= _MAX_NAME


def is_code(code: str) -> bool:
    """Tell whether a code is one of our temporary ones."""
    return _CODE.fullmatch(code) is not None


def target_of(name: str) -> str:
    """Give the code that a parked account was on its way to, "" for a name not of ours."""
    _, ours, code = name.rpartition(_ENDING)
    return code[:-1] if ours and code.endswith(")") else ""


def original_name(name: str) -> str:
    """Give the name that a parked account had, cut where it was long; "" for one not of ours."""
    before, ours, code = name.rpartition(_ENDING)
    return before if ours and code.endswith(")") else ""
