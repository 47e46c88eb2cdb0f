"""Temporary codes and names, which break cycles of codes or names.

A run may be killed while an account has a temporary code or name. The next run must find the
account again, without a journal. A temporary name ends with the code that the account is moving to.
An account with only a temporary code still has its own name.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import count

from xerosync.model import FIELD, Account, code_key, name_key

_CODE = re.compile(r"XSTMP[1-9][0-9]{0,4}", re.IGNORECASE)
_ENDING = " (xerosync moves it to "
_NUMBER = re.compile(r"(?<=\)) [1-9][0-9]*$")
"""The number that a temporary name ends with if the name without a number is in use."""
_MAX_NAME = FIELD["name"].max_length


def temporary_codes(taken: Container[str]) -> Iterator[str]:
    """Yield temporary codes that are not in use; `taken` holds code keys."""
    for number in count(1):
        code = f"XSTMP{number}"
        if code_key(code) not in taken:
            yield code


def temporary_name(name: str, code: str, taken: Container[str]) -> str:
    """Return an unused name that ends with the code to move to; `taken` holds name keys."""
    name = original_name(name) or name
    endings = (f"{_ENDING}{code})" + (f" {n}" if n > 1 else "") for n in count(1))
    names = (name[: _MAX_NAME - len(ending)].rstrip() + ending for ending in endings)
    return next(found for found in names if name_key(found) not in taken)


def fits(name: str, code: str) -> bool:
    """Whether a temporary name has room for the whole name."""
    return len(name) + len(f"{_ENDING}{code})") <= _MAX_NAME


def is_code(code: str) -> bool:
    """Whether a code is a temporary one."""
    return _CODE.fullmatch(code) is not None


def target_of(name: str) -> str:
    """Return the code at the end of a temporary name, "" for other names."""
    return _split(name)[1]


def original_name(name: str) -> str:
    """Return the original name in a temporary name, perhaps truncated; "" for other names."""
    return _split(name)[0]


def is_left(account: Account) -> bool:
    """Whether an account has a temporary code or name."""
    return is_code(account.code) or bool(original_name(account.name))


def name_before(account: Account, expected: str = "") -> str:
    """Return the name that an account has, or had before it got a temporary name.

    A temporary name truncates a long name. Return `expected` if it may be the whole name.
    """
    original = original_name(account.name)
    if not original:
        return account.name
    truncated = len(expected) + len(account.name) - len(original) > _MAX_NAME
    return expected if truncated and name_key(expected).startswith(name_key(original)) else original


def _split(name: str) -> tuple[str, str]:
    before, ending, code = _NUMBER.sub("", name).rpartition(_ENDING)
    return (before, code[:-1]) if ending and code.endswith(")") else ("", "")
