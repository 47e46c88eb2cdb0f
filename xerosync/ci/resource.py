"""One JSON object in an answer of GitHub or GitLab. Reading a field checks its type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from xerosync.errors import LedgerError

_LARGEST = 10**18
"""This number and larger ones are rejected: ids are smaller."""
_LOGIN = re.compile(r"[A-Za-z0-9_.\[\]-]{1,255}")
"""A username. GitHub's apps have brackets in theirs, such as `dependabot[bot]`."""
_COMMIT = re.compile("[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Resource:
    """One object of an answer; `source` names it in messages.

    Every method that reads a field raises `LedgerError` if the field has another type or form.
    Only methods whose names end in `_or_empty` or `_or_none` accept a missing or null field.
    """

    source: str
    fields: Mapping[str, object] = field(repr=False)

    def text(self, name: str) -> str:
        """Return a text, with U+FFFD for each lone surrogate."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise self.unexpected(name, "text")
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def text_or_empty(self, name: str) -> str:
        """Return a text, "" if the field is missing or null."""
        return "" if self.fields.get(name) is None else self.text(name)

    def login(self, name: str) -> str:
        """Return a username."""
        text = self.text(name)
        if not _LOGIN.fullmatch(text):
            raise self.unexpected(name, "the name of a user")
        return text

    def number(self, name: str) -> int:
        """Return a whole number that is not negative, such as an id."""
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LARGEST:
            raise self.unexpected(name, "a number")
        return value

    def number_or_none(self, name: str) -> int | None:
        """Return a whole number that is not negative, None if the field is missing or null."""
        return None if self.fields.get(name) is None else self.number(name)

    def flag(self, name: str) -> bool:
        """Return a boolean."""
        value = self.fields.get(name)
        if not isinstance(value, bool):
            raise self.unexpected(name, "true or false")
        return value

    def commit(self, name: str) -> str:
        """Return the hash of a commit."""
        text = self.text(name)
        if not _COMMIT.fullmatch(text):
            raise self.unexpected(name, "the hash of a commit")
        return text

    def part(self, name: str) -> Resource:
        """Return a field that is an object."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise self.unexpected(name, "an object")
        return Resource(f"{self.source}, {name}", value)

    def part_or_none(self, name: str) -> Resource | None:
        """Return a field that is an object, None if it is missing, null or empty."""
        return self.part(name) if self.fields.get(name) not in (None, {}) else None

    def parts(self, name: str) -> tuple[Resource, ...]:
        """Return a field that is a list of objects."""
        return resources(f"{self.source}, {name}", self.fields.get(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field that is a list of texts."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.unexpected(name, "a list of strings")
        return tuple(value)

    def unexpected(self, name: str, wanted: str) -> LedgerError:
        """Return the error for a wrong value of a field; `wanted` says what fits: "a number"."""
        return unexpected(f"{self.source}: its `{name}` is not {wanted}")


def resources(source: str, value: object) -> tuple[Resource, ...]:
    """Return the objects of a JSON list. Raises `LedgerError` if `value` is anything else."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise unexpected(f"{source} is not a list of objects")
    return tuple(Resource(source, one) for one in value)


def unexpected(what: str) -> LedgerError:
    """Return the error for an answer that is not as GitHub or GitLab documents it."""
    return LedgerError(
        f"Unexpected answer: {what}.",
        "A proxy may have answered instead; check the address of the API. If it is right, please "
        "report this.",
    )
