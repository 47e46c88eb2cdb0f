"""Check that values read from a file have the types that their dataclasses declare.

JSON can hold anything, such as a number for a name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from xerosync.model import FIELD

T = TypeVar("T")


def checked(value: T) -> T:
    """Check the attributes of a dataclass instance, and return the instance unchanged.

    Raises `ValueError` if an attribute has a wrong type. The attribute `field`, and each key of the
    attribute `values`, must also be the name of a field of an account.
    """
    kind: Any = type(value)
    for name, fits in _fields(kind):
        if not fits(getattr(value, name)):
            raise ValueError(f"{kind.__name__}.{name}")
        if name == "values":
            for field, item in value.values.items():  # type: ignore[attr-defined]
                if field not in FIELD or isinstance(item, bool) != FIELD[field].flag:
                    raise ValueError(field)
        if name == "field" and value.field not in FIELD:  # type: ignore[attr-defined]
            raise ValueError(value.field)  # type: ignore[attr-defined]
    return value


@cache
def _fields(kind: type) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
    hints = get_type_hints(kind)
    return tuple((f.name, _test(hints[f.name])) for f in dataclasses.fields(kind))


def _test(hint: Any) -> Callable[[Any], bool]:  # noqa: ANN401, PLR0911 a hint is anything
    """Return a function that tests whether a value has the type `hint`."""
    origin, parts = get_origin(hint), [_test(part) for part in get_args(hint) if part is not ...]
    if origin in (Union, UnionType):
        return lambda value: any(test(value) for test in parts)
    if origin in (tuple, list):
        return lambda value: isinstance(value, origin) and all(map(parts[0], value))
    if origin in (Mapping, dict):
        return lambda value: (
            isinstance(value, Mapping)
            and all(map(parts[0], value))
            and all(map(parts[1], value.values()))
        )
    if hint is str:
        return _is_text
    if hint is datetime:
        return _is_moment
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return lambda value: type(value) is hint and checked(value) is value
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: isinstance(value, hint)
    return lambda value: type(value) is hint


def _is_text(value: object) -> bool:
    """Whether a value is text without lone surrogates, which cannot be written to a file."""
    return isinstance(value, str) and (
        value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)
    )


def _is_moment(value: object) -> bool:
    """Whether a value is a date and time with a time zone that can be converted to UTC."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return False
    try:
        value.astimezone(UTC)
    except OverflowError:
        return False
    return True
