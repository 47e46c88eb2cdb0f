"""The results of the doctor: what each check found, whether that is good, and what to do."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from xerosync.errors import XerosyncError
from xerosync.text import first_few

Fact = str | int | bool | None | tuple[str, ...]
"""A value for programs, such as a number, a version or a scope. It is never private."""

Facts = Mapping[str, Fact]

_NO_FACTS: Facts = {}
_PACKAGE = Path(__file__).parent.parent


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its stable `id`, its `label` for people, what was found, and what to do.

    `private` means that the message or the hint may name something of the user's: books, people,
    files, hosts. `facts` are never private.
    """

    id: str
    label: str
    level: Level
    message: str
    hint: str = ""
    private: bool = False
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check is about. The methods return the check with its result."""

    id: str
    label: str

    def ok(self, message: str, facts: Facts = _NO_FACTS, *, private: bool = False) -> Check:
        """Return the check for something that is as it should be."""
        return Check(self.id, self.label, Level.OK, message, "", private, facts)

    def warn(
        self, message: str, hint: str = "", facts: Facts = _NO_FACTS, *, private: bool = False
    ) -> Check:
        """Return the check for something that may not be what the user wants."""
        return Check(self.id, self.label, Level.WARN, message, hint, private, facts)

    def fail(
        self, message: str, hint: str = "", facts: Facts = _NO_FACTS, *, private: bool = False
    ) -> Check:
        """Return the check for something that keeps xerosync from working, or is not safe."""
        return Check(self.id, self.label, Level.FAIL, message, hint, private, facts)

    def error(self, error: XerosyncError) -> Check:
        """Return the check for an error; it is private, since a message may name anything."""
        facts: dict[str, Fact] = {"error": type(error).__name__, "at": place_of(error)}
        message = f"{error.message} {first_few(error.details, 3)}".strip()
        return self.fail(message, error.hint, facts, private=True)

    def not_checked(self, because: str) -> Check:
        """Return a check that could not be made, and why."""
        return Check(self.id, self.label, Level.NOT_CHECKED, f"not checked: {because}")


@dataclass(frozen=True, slots=True)
class CheckSection:
    """One section of a diagnosis: its checks, in order."""

    id: str
    title: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Every section of one run."""

    sections: tuple[CheckSection, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks, in order."""
        return tuple(check for section in self.sections for check in section.checks)

    def count(self, level: Level) -> int:
        """Return how many checks have this level."""
        return [check.level for check in self.checks].count(level)

    @property
    def failed(self) -> bool:
        """Whether a check failed."""
        return self.count(Level.FAIL) > 0


def place_of(error: BaseException) -> str:
    """Return the innermost file and line of xerosync in an error's traceback, "" if there is none.

    The place tells which error it was, without the private values in its message.
    """
    ours = [
        (Path(frame.filename).relative_to(_PACKAGE).as_posix(), frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    return f"{ours[-1][0]}:{ours[-1][1]}" if ours else ""
