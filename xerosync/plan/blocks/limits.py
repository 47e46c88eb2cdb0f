"""Check a plan against its safety limits, and name the flag that raises a limit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xerosync.errors import LimitExceeded, UsageError
from xerosync.model import Status
from xerosync.plan.plan import Action, Plan
from xerosync.text import counted

SHARE_FROM = 10
"""With fewer active accounts than this, `change_percent` does not apply."""

_NUMBER = re.compile("[0-9]{1,9}")

NAMES = ("archives", "deletes", "change_percent")
"""The limits of one organisation's plan."""

ALLOWED = (*NAMES, "organisations")
"""The limits that `--allow` can raise; `organisations` is a limit on all plans of a run."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that a plan exceeds, with the number found and the number allowed."""

    limit: str
    found: int
    allowed: int
    message: str

    @property
    def flag(self) -> str:
        """The `--allow` flag that raises this limit just enough for the plan."""
        return f"--allow {self.limit}={self.found}"


def parse_allow(flags: Iterable[str]) -> Mapping[str, int]:
    """Return the limits of `--allow archives=12` flags. Raises `UsageError` for other flags."""
    allowed: dict[str, int] = {}
    for flag in flags:
        name, _, number = flag.partition("=")
        if name not in ALLOWED or not _NUMBER.fullmatch(number):
            raise UsageError(
                f"--allow {flag} does not name a limit and a number.",
                f"Write --allow NAME=NUMBER, where NAME is one of {', '.join(ALLOWED)}.",
            )
        allowed[name] = int(number)
    return allowed


def check(plan: Plan, allow: Mapping[str, int] | None = None) -> tuple[Breach, ...]:
    """Return every limit that the plan exceeds. Creates and restores never count.

    Changes left to another plan are counted too, so that nobody can avoid a limit by splitting a
    plan. For `change_percent`, only changes of active accounts count.
    """
    flags = allow or {}
    raised = {name: getattr(plan.desired.limits, name) for name in NAMES} | dict(flags)
    changes = (*plan.changes, *plan.deferred)
    deleted = sum(change.action is Action.DELETE for change in changes)
    gone = sum(change.removes for change in changes)
    touched = sum(c.account is not None and c.account.status == Status.ACTIVE for c in changes)
    percent = -(-100 * touched // plan.active) if plan.active >= SHARE_FROM else 0
    share = f"{touched} of {plan.active} active accounts ({percent}%)"
    return tuple(
        Breach(limit, found, raised[limit], f"{text}; {allows(limit, raised[limit], flags)}")
        for limit, found, text in (
            ("archives", gone, f"{counted(gone, 'account')} would be archived or deleted"),
            (
                "deletes",
                deleted,
                f"{counted(deleted, 'account')} would be deleted, which cannot be undone",
            ),
            ("change_percent", percent, f"{share} would be updated, archived or deleted"),
        )
        if found > raised[limit]
    )


def enforce(plan: Plan, allow: Mapping[str, int]) -> None:
    """Raise `LimitExceeded`, with the `--allow` flags to add, if the plan exceeds a limit."""
    found = check(plan, allow)
    if found:
        raise LimitExceeded(
            f"{plan.file}: " + " ".join(breach.message for breach in found),
            "If that is what you want: " + " ".join(breach.flag for breach in found),
        )


def allows(limit: str, number: int, flags: Mapping[str, int]) -> str:
    """Return the end of a sentence: what a limit allows, or what `--allow` allows instead."""
    what = f"--allow {limit}" if limit in flags else f"limits.{limit}"
    return f"{what} allows {number}{'%' if limit == 'change_percent' else ''}."
