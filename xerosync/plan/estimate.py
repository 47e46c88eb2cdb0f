"""The calls that an apply needs, and how long they take within Xero's limits."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.errors import TooFewCalls
from xerosync.plan.blocks import requirements
from xerosync.plan.plan import Plan, Step
from xerosync.text import counted, full_stop
from xerosync.usage import UsageKind
from xerosync.xero_limits import AT_ONCE, PER_MINUTE

READS_BEFORE = 4
"""Calls to read the organisation, the accounts, the tax rates, and the accounts once more."""

READS_AFTER = 2
"""Calls to read the accounts and the tax rates after the last write, to verify."""

BATCH = AT_ONCE
"""How many steps may rely on one reading of the accounts: as many as are sent at once."""

_SECONDS_A_CALL = 1.0
"""A cautious guess; Xero promises nothing."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The maximum number of calls of an apply, and about how many seconds they take.

    Assumes that nothing else calls Xero, and that no call is slow, lost or repeated.
    """

    count: int
    seconds: int


def measure(plan: Plan) -> Estimate:
    """Return the calls and seconds to apply the plan, zero if it has no steps."""
    if not plan.steps:
        return Estimate(0, 0)
    planned = plan.usage.calls if plan.usage else 0
    calls = READS_BEFORE + planned + _calls_again(plan) + _calls_to_write(plan.steps) + READS_AFTER
    return Estimate(calls, seconds(calls))


def _calls_again(plan: Plan) -> int:
    """Return how many calls read the usage of the accounts again, before the first write.

    If the plan was made without reading usage, contacts are assumed to fit one page.
    """
    kinds = requirements.to_check_again(plan)
    pages = max(0, plan.usage.calls - len(UsageKind)) if plan.usage else 0
    return len(kinds) + (pages if UsageKind.CONTACTS in kinds else 0)


def first_calls(plan: Plan) -> int:
    """Return how many calls the minute must allow after the next reading; 0 without steps."""
    return min(_calls_again(plan) + BATCH, PER_MINUTE // 2) if plan.steps else 0


def _calls_to_write(steps: tuple[Step, ...]) -> int:
    """Return the maximum number of calls from the first write to the last, readings included."""
    writes = sum(2 if step.fallback else 1 for step in steps)
    existing = any(step.account_id for step in steps)
    return writes + ((len(steps) - 1) // BATCH if existing else 0)


def seconds(calls: int) -> int:
    """Return the seconds that the calls take if the minute's limit is unused at the start."""
    minutes, rest = divmod(max(0, calls - 1), PER_MINUTE)
    return minutes * 60 + round((rest // AT_ONCE + 1) * _SECONDS_A_CALL)


def sentence(plan: Plan) -> str:
    """Return a sentence on the calls and time of an apply, "" if there is nothing to apply.

    A plan against a CSV has no tenant id, and cannot be applied.
    """
    estimate = measure(plan)
    if not estimate.count or not plan.organisation.tenant_id:
        return ""
    limit = f": Xero allows {PER_MINUTE} a minute" if estimate.count > PER_MINUTE else ""
    return (
        f"Applying it takes up to {estimate.count} calls to Xero and about"
        f" {duration(estimate.seconds)}{limit}."
    )


def check(plan: Plan, left_today: int | None) -> None:
    """Raise `TooFewCalls` if Xero allows too few calls today for those that are still to be made.

    `left_today` is the number of calls left that Xero last reported, None if that is unknown.
    """
    if not plan.steps or left_today is None:
        return
    needed = 1 + _calls_again(plan) + _calls_to_write(plan.steps) + READS_AFTER
    if needed <= left_today:
        return
    raise TooFewCalls(
        f"{plan.file}: this needs {needed} more calls, but Xero allows only {left_today} more"
        f" for {plan.organisation.name} today.",
        "Run again tomorrow. To start today anyway, add --start-anyway, and plan again tomorrow"
        f" for what is left. Nothing was sent to {full_stop(plan.organisation.name)}",
    )


def duration(seconds: int) -> str:
    """Return a duration for people: seconds if it is short, else minutes, rounded up."""
    if seconds < 100:  # noqa: PLR2004 (above, minutes read better)
        return counted(seconds, "second")
    return f"{-(-seconds // 60)} minutes"
