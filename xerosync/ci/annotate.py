"""Whether `apply` would refuse a plan: the job on its pull request then fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xerosync.organisations.group import group
from xerosync.organisations.reach import too_far
from xerosync.plan import limits
from xerosync.plan.plan import Plan
from xerosync.text import counted


def refusal(plans: Sequence[Plan], allowed: Mapping[str, int], *, skip_blocked: bool) -> str:
    """Return why apply would refuse the plans with these options, "" if it would not."""
    blocked = 0 if skip_blocked else sum(len(plan.blocked) for plan in plans)
    exceeded = sum(len(limits.check(plan, allowed)) for plan in plans)
    if len(plans) > 1:
        exceeded += len(too_far(group(plans), plans, allowed))
    if not blocked and not exceeded:
        return ""
    limits_exceeded = f"{counted(exceeded, 'limit')} exceeded"
    return f"apply would refuse this plan: {blocked} blocked, {limits_exceeded}."
