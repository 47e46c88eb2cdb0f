"""Temporary codes and names: how one looks, and what an interrupted apply had in mind.

Where codes or names go round in a circle, one account is parked for the length of a call.
If the run dies right then, the next one must find the account again, without a journal:
a parked name ends with the code that the account is on its way to, and an account whose
code alone is parked still has its name.
"""

from __future__ import annotations

import re
from collections.abc import Container

from xerosync.model import code_key, name_key

_CODE = re.compile(r"XSTMP[1-9][0-9]{0,4}", re.IGNORECASE)
_NAME = re.compile(r" \(xerosync moves it to (?P<code>.*)\)")
_MAX_NAME = 150


def temporary_code(taken: Container[str]) -> str:
    """Give a code that is in no use; `taken` holds code keys. 10 characters at most."""
    number = 1
    while code_key(f"XSTMP{number}") in taken:
        number += 1
    return f"XSTMP{number}"


def temporary_name(name: str, code: str, taken: Container[str]) -> str:
    """Give a name in no use that tells where the account goes; `taken` holds name keys."""
    number = 1
    while True:
        ending = f" (xerosync moves it to {code})"
        again = f" {number}" if number > 1 else ""
        parked = name[: _MAX_NAME - len(ending) - len(again)] + again + ending
        if name_key(parked) not in taken:
            return parked
        number += 1


def is_code(code: str) -> bool:
    """Tell whether a code is one of our temporary ones."""
    return _CODE.fullmatch(code) is not None


def target_of(name: str) -> str:
    """Give the code that a parked account was on its way to, "" for a name not of ours."""
    found = _NAME.search(name)
    return found["code"] if found and found.end() == len(name) else ""
