"""Fail the job on a plan's pull request if `apply` would refuse the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xerosync.apply import preflight
from xerosync.errors import LimitExceeded, Refused, SomeOrganisationsFailed
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.group import group
from xerosync.organisations.reach_limit import enforce_reach
from xerosync.organisations.run import check_each
from xerosync.plan.plan import Plan
from xerosync.text import counted


def check(
    plans: Sequence[Plan],
    allowed: Mapping[str, int],
    *,
    skip_blocked: bool,
    failed: Sequence[FailedOrganisation] = (),
) -> None:
    """Raise `Refused`, with the reasons, if `xerosync apply` would refuse the plans.

    `failed` are the organisations that could not be planned. `allowed` and `skip_blocked` are the
    options with which the plans would be applied. Raises `SomeOrganisationsFailed` if some plans
    would be refused, and others applied.
    """
    this = f"apply would refuse {'this plan' if len(plans) == 1 else 'these plans'}"
    try:
        if len(plans) > 1 or failed:
            enforce_reach(group(plans), plans, allowed)
    except LimitExceeded as error:
        raise Refused(f"{this}: {error.message}", error.hint, error.details) from error
    _, refused = check_each(
        plans,
        lambda plan: plan,
        lambda plan: preflight.check(plan, allowed, skip_blocked=skip_blocked),
    )
    why = [f"{one.error.message} {one.error.hint}".rstrip() for one in refused]
    if why and len(why) == len(plans):
        raise Refused(f"{this}:", "", tuple(why))
    if why:
        number = f"{len(why):,} of {counted(len(plans), 'organisation')}"
        raise SomeOrganisationsFailed(f"apply would refuse {number}:", "", tuple(why))
