"""Whether `apply` would refuse a plan. If so, the job on the plan's pull request fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xerosync.errors import ExitCode
from xerosync.organisations.group import group
from xerosync.organisations.reach import too_far
from xerosync.plan.blocks import limits
from xerosync.plan.plan import Plan
from xerosync.text import counted


def refusal(
    plans: Sequence[Plan], allowed: Mapping[str, int], *, skip_blocked: bool
) -> tuple[str, ExitCode]:
    """Return the reason why apply would refuse the plans, and the exit code of the job.

    `allowed` and `skip_blocked` are options of that apply. If it would refuse nothing, return ""
    and `OK`. If it would refuse some organisations and apply the others, the code is `PARTIAL`.
    """
    blocked = [0 if skip_blocked else plan.summary["blocked"] for plan in plans]
    exceeded = [len(limits.check(plan, allowed)) for plan in plans]
    far = too_far(group(plans), plans, allowed) if len(plans) > 1 else ()
    if far:
        breach = far[0].breach
        why = f"{breach.message} If that is what you want: {breach.flag}"
        return f"apply would refuse this plan: {why}", ExitCode.REFUSED
    refused = sum(map(bool, map(sum, zip(blocked, exceeded, strict=True))))
    if not refused:
        return "", ExitCode.OK
    why = f"{sum(blocked)} blocked, {counted(sum(exceeded), 'limit')} exceeded."
    if refused == len(plans):
        return f"apply would refuse this plan: {why}", ExitCode.REFUSED
    number = f"{refused:,} of {counted(len(plans), 'organisation')}"
    return f"apply would refuse {number}: {why}", ExitCode.PARTIAL
