"""Plan again from the chart as it was read back, to verify that nothing is left to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from xerosync.apply.outcome import Outcome
from xerosync.desired import DesiredChart
from xerosync.errors import ChartError, XerosyncError
from xerosync.model import Account, Chart, Status
from xerosync.plan.build import build
from xerosync.plan.matching import interrupted
from xerosync.plan.plan import Blocked, Change, Plan
from xerosync.plan.saved import changed_since
from xerosync.plan.temporary import is_left
from xerosync.plan.usage import AsReviewed
from xerosync.text import full_stop

AS_PLANNED = "as planned"


def undone(outcomes: Iterable[Outcome]) -> frozenset[int]:
    """Return the indexes of the plan's changes that have a step without a `good` outcome."""
    return frozenset(o.step.change for o in outcomes if not o.good)


def prove(plan: Plan, outcomes: Iterable[Outcome], chart: Chart) -> tuple[str, ...]:
    """Plan again from the chart read back; return a sentence for each difference from the plan.

    A difference is a change or a block that the run should not have left, an edit of an account
    before the run archived it, or a temporary code or name that is still there.
    """
    left = undone(outcomes)
    try:
        rest = build(chart, plan.desired, AsReviewed(plan))
    except ChartError as error:
        return tuple(problem.message for problem in error.problems)
    others: list[Change | Blocked] = [
        *plan.deferred,
        *(change for i, change in enumerate(plan.changes) if i in left),
        *plan.blocked,
        *plan.deferred_blocked,
    ]
    ids = {change.account_id for change in others if change.account_id}
    new = {(change.code, change.name) for change in others if not change.account_id}
    found = [
        change
        for change in rest.changes
        if change.account_id not in ids and (change.code, change.name) not in new
    ]
    known = {other.label for other in others}
    blocked = (
        f"{one.label}: blocked now ({one.rule}): {one.reason}"
        for one in rest.blocked
        if one.label not in known
    )
    reported = {change.account_id for change in found}
    done = [change for index, change in enumerate(plan.changes) if index not in left]
    archived = (_edited(change, chart) for change in done if change.account_id not in reported)
    temporary = (_still_temporary(a, rest) for a in chart.accounts if is_left(a))
    return (*map(_difference, found), *blocked, *filter(None, archived), *temporary)


def _still_temporary(account: Account, rest: Plan) -> str:
    for sentence in interrupted.sentences((account,), rest.unmanaged):
        return sentence
    blocked = any(one.account_id == account.account_id for one in rest.blocked)
    then = "The change that replaces it is blocked" if blocked else "The next apply replaces it"
    return f"{account.label} still has a temporary code or name. {then}."


def check_pulled(chart: Chart, pulled: DesiredChart, pending: Collection[str] = ()) -> None:
    """Raise `XerosyncError` if a plan for a file pulled from this chart would not be empty.

    A plan may change accounts in `pending`, by id or label: the file has edits not yet applied.
    """
    plan = build(chart, pulled)
    found: tuple[Change | Blocked, ...] = (*plan.changes, *plan.blocked)
    left = [
        one.label for one in found if one.account_id not in pending and one.label not in pending
    ]
    if left:
        raise XerosyncError(
            f"{pulled.file} cannot represent what Xero holds: a plan would still have changes "
            f"for {full_stop(', '.join(left))}",
            "Nothing was written. Please report this: it should not happen.",
        )


def _edited(change: Change, chart: Chart) -> str:
    """Return how an account was edited between the plan and its archiving, "" if it was not."""
    if change.account is None or not change.removes:
        return ""
    now = changed_since.found_in(chart, change.account_id)
    if now is None or now.status != Status.ARCHIVED:
        return ""
    then = replace(change.account, status=now.status, **dict(change.after()))  # type: ignore[arg-type]
    found = ", ".join(changed_since.edits(change, then, now))
    said = f"{change.label}: edited before this apply archived it: {full_stop(found)}"
    return said if found else ""


def _difference(change: Change) -> str:
    fields = "; ".join(
        f"{f.label} {f.verb('is', 'are')} {f.was} and not {f.becomes}" for f in change.fields
    )
    detail = f" ({fields})" if fields and change.account else ""
    return f"{change.label}: {change.action} is still needed{detail}."
