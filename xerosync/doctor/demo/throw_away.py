"""The names and codes of throw-away accounts, by which they are recognised."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from xerosync.model import FIELD

PREFIX = "XS"
_NAME = re.compile(r"[^\w\s]?xerosync test [0-9a-f]{4} [0-9]{1,3}: delete me", re.IGNORECASE)
_CODE = re.compile(rf"{PREFIX}[0-9A-F]{{4}}[0-9]{{3}}", re.IGNORECASE)
_RENAMED = re.compile(r"(.+) \(xerosync test [0-9a-f]{4}\)", re.DOTALL)


@dataclass(slots=True)
class ThrowAwayNames:
    """Makes the codes and names of one run; `run` is its mark, four hexadecimal digits."""

    run: str
    used: int = 0

    def new(self) -> tuple[str, str]:
        """Return the next code and name."""
        self.used += 1
        return (
            f"{PREFIX}{self.run.upper()}{self.used:03}",
            f"xerosync test {self.run} {self.used}: delete me",
        )

    def has_made(self, name: str) -> bool:
        """Whether a throw-away name was made by this run."""
        return f"xerosync test {self.run} " in name.casefold()

    def renamed(self, name: str) -> str:
        """Return the temporary name of a system account; "" if it is too long."""
        found = f"{name} (xerosync test {self.run})"
        return found if len(found) <= FIELD["name"].max_length else ""


def is_free(run: str, taken: Iterable[str]) -> bool:
    """Whether no code or name in `taken` has the mark `run` of a run. Case does not count."""
    marks: Collection[str] = (f"{PREFIX}{run}".casefold(), f"xerosync test {run}".casefold())
    return not any(mark in text.casefold() for text in taken for mark in marks)


def is_throw_away(code: str, name: str) -> bool:
    """Whether the doctor made an account or item, by its name and, if it has one, its code."""
    return bool(_NAME.fullmatch(name)) and (not code or bool(_CODE.fullmatch(code)))


def name_before(name: str) -> str:
    """Return the name of a system account before the doctor renamed it, "" if not renamed."""
    found = _RENAMED.fullmatch(name)
    return found[1] if found else ""
