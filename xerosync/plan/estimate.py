"""A plan → the calls that its apply takes, and how long they take at Xero's limits."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.errors import TooFewCalls
from xerosync.plan.plan import Plan, Step
from xerosync.text import counted

PER_MINUTE = 60
AT_ONCE = 5
"""Xero takes so many calls of one organisation (Xero docs, OAuth 2.0 API limits)."""

READS_BEFORE = 4
"""Which books these are; then the organisation, its accounts and its tax rates."""

READS_AFTER = 3
"""The same three once more, as proof."""

_SECONDS_A_CALL = 1.0
"""What one call may take, on the cautious side: nobody promises any."""


@dataclass(frozen=True, slots=True)
class Effort:
    """The count of an apply's calls, and the seconds from its first to its last, both at most.

    Nothing else may call Xero meanwhile, and nothing may have to be repeated.
    """

    count: int
    seconds: int


def measure(plan: Plan) -> Effort:
    """Give the effort of an apply of this plan; 0 of each when there is nothing to do."""
    if not plan.steps:
        return Effort(0, 0)
    calls = READS_BEFORE + writes(plan.steps) + READS_AFTER
    return Effort(calls, seconds(calls))


def writes(steps: tuple[Step, ...]) -> int:
    """Give the writes that steps take at most: one each, two where the file has a fallback."""
    return sum(2 if step.fallback else 1 for step in steps)


def seconds(calls: int) -> int:
    """Give the seconds that so many calls take when a minute's 60 are free at the start."""
    minutes, rest = divmod(max(0, calls - 1), PER_MINUTE)
    return minutes * 60 + round((rest // AT_ONCE + 1) * _SECONDS_A_CALL)


def sentence(plan: Plan) -> str:
    """Say the effort of an apply, "" when there is nothing to do."""
    effort = measure(plan)
    if not effort.count:
        return ""
    return (
        f"Applying it takes up to {effort.count} calls of Xero, about {spoken(effort.seconds)}"
        f" at {PER_MINUTE} calls a minute."
    )


def check(plan: Plan, left_today: int | None) -> None:
    """Let pass what the day's rest can finish. Raises `TooFewCalls`.

    `left_today` is what Xero said last, None when it has not. The reads before are done.
    """
    needed = writes(plan.steps) + READS_AFTER
    if not plan.steps or left_today is None or needed <= left_today:
        return
    raise TooFewCalls(
        f"{plan.file}: this takes {needed} more calls, and Xero allows {left_today} more to"
        f" {plan.organisation.name} today.",
        "Run again tomorrow. To begin today all the same and go on tomorrow, add"
        " --start-anyway. Nothing was sent.",
    )


def spoken(seconds: int) -> str:
    """Say so many seconds: in minutes, rounded up, where they are many."""
    if seconds < 100:  # noqa: PLR2004 (above, minutes read better)
        return counted(seconds, "second")
    return f"{-(-seconds // 60)} minutes"
