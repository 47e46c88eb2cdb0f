"""(a plan, its outcomes, the chart read afterwards) → what is not as planned."""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.apply.outcome import Outcome
from xerosync.errors import XerosyncError
from xerosync.model import Chart
from xerosync.plan.build import build
from xerosync.plan.plan import Change, Plan

AS_PLANNED = "as planned"


def undone(outcomes: Iterable[Outcome]) -> frozenset[int]:
    """Give the changes (by index in the plan) of which a step did not succeed."""
    return frozenset(o.step.change for o in outcomes if not o.good)


def prove(plan: Plan, outcomes: Iterable[Outcome], chart: Chart) -> tuple[str, ...]:
    """Plan again from the chart as it now is, and give what should not be there.

    After a whole run nothing may be left to do; after one in part, nothing of what was
    done.
    """
    left = undone(outcomes)
    done = [change for index, change in enumerate(plan.changes) if index not in left]
    try:
        rest = build(chart, plan.desired)
    except XerosyncError as error:
        return (error.message,)
    ours = {change.account_id for change in done if change.account_id}
    created = {(change.code, change.name) for change in done}
    return tuple(
        _difference(change)
        for change in rest.changes
        if not left or change.account_id in ours or (change.code, change.name) in created
    )


def _difference(change: Change) -> str:
    fields = "; ".join(f"{f.label} is {f.was} and not {f.becomes}" for f in change.fields)
    what = f"{change.action} is still to be done"
    return f"{change.label}: {what}{f' ({fields})' if fields and change.account else ''}."
