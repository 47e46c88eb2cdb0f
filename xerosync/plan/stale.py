"""Whether a saved plan is still true: it is compared with the plan made now.

Only what would be done counts: a plan stays good when somebody edits an account that it
does not touch.
"""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.errors import ChartError, InvalidPlan, StalePlan, WrongOrganisation
from xerosync.model import Account, Chart, DesiredChart
from xerosync.plan.build import build
from xerosync.plan.plan import Blocked, Change, Plan
from xerosync.text import day_and_time

_PLAN_AGAIN = "Nothing was sent. Plan again, review it, and apply the new plan."


def check_made_for_xero(saved: Plan) -> None:
    """Raise `InvalidPlan` for a plan made against a CSV file instead of Xero."""
    if not saved.organisation.tenant_id:
        raise InvalidPlan(
            f"This plan was made for {saved.organisation.name}: against a CSV, not against Xero. "
            "It cannot be applied.",
            "Nothing was sent. Plan again without --current, review it, and apply the new plan.",
        )


def again(saved: Plan, current: Chart) -> Plan:
    """Return a fresh plan for the same desired accounts, which does just what `saved` does.

    Raises `WrongOrganisation` for books other than those it was made for, and `StalePlan`
    with each difference.
    """
    then, now = saved.organisation, current.organisation
    check_made_for_xero(saved)
    if then.tenant_id != now.tenant_id:
        raise WrongOrganisation(
            f"This plan of {saved.file} was made for {then.name} ({then.tenant_id}), but the "
            f"credentials are for {now.name} ({now.tenant_id}).",
            "Nothing was compared and nothing was sent. A demo company becomes another "
            "organisation when it is reset: plan again.",
        )
    try:
        fresh = build(current, saved.desired)
    except ChartError as error:
        raise StalePlan(
            f"Xero changed since this plan of {saved.file} was saved, so it was not applied. "
            "It cannot be planned again:",
            _PLAN_AGAIN,
            tuple(problem.message for problem in error.problems),
        ) from error
    check(saved, fresh, current)
    return fresh


def check(saved: Plan, fresh: Plan, current: Chart | None = None) -> None:
    """Raise `StalePlan`, with each difference, if the plans would not do the same."""
    found = differences(saved, fresh, current)
    if found:
        raise StalePlan(
            f"Xero changed since this plan of {saved.file} was saved, so it was not applied:",
            _PLAN_AGAIN,
            found,
        )


def as_in_file(saved: Plan, current: Chart, desired: DesiredChart) -> Plan:
    """Return the plan for a file as it is now, if it does just what the saved plan does.

    The limits of that file count. Raises `StalePlan` with each difference.
    """
    plan = build(current, desired)
    if found := differences(saved, plan, current):
        raise StalePlan(
            f"{desired.file} does not ask for what this plan does, so it was not applied:",
            "Nothing was sent. The file was changed after the plan was saved: plan again, review "
            "it, and apply the new plan.",
            found,
        )
    return plan


def differences(saved: Plan, fresh: Plan, current: Chart | None = None) -> tuple[str, ...]:
    """Return a sentence for each difference between what the two plans would do.

    With the current chart, a change that is no longer needed also says when the account was
    edited.
    """
    then, now = _by_account(saved), _by_account(fresh)
    accounts = {a.account_id: a for a in current.accounts} if current else {}
    found = []
    for key, change in then.items():
        if key not in now:
            edited = _edited(accounts.get(key))
            found.append(f"{change.label}: {change.action} is no longer needed{edited}.")
        elif difference := _difference(change, now[key]):
            found.append(difference)
    found += [
        f"{change.label}: would now also be {change.action.past}{_edited(change.account)}."
        for key, change in now.items()
        if key not in then
    ]
    before, after = {_identity(b) for b in saved.blocked}, {_identity(b) for b in fresh.blocked}
    found += [
        f"{blocked.label}: now blocked ({blocked.rule}): {blocked.reason}"
        for blocked in fresh.blocked
        if _identity(blocked) not in before
    ]
    found += [
        f"{blocked.label}: no longer blocked ({blocked.rule})."
        for blocked in saved.blocked
        if _identity(blocked) not in after
    ]
    if not found and saved.steps != fresh.steps:
        found.append("The steps would now be in another order, or use other temporary codes.")
    return tuple(found)


def _by_account(plan: Plan) -> Mapping[str, Change]:
    return {c.account_id or f"{c.action} {c.code} {c.name}": c for c in plan.changes}


def _identity(blocked: Blocked) -> tuple[str, ...]:
    return (blocked.rule, blocked.account_id, blocked.code, blocked.name)


def _difference(then: Change, now: Change) -> str:
    """Return how two changes of one account differ, "" if they do not."""
    edited = _edited(now.account)
    if then.action is not now.action:
        was, would = then.action.past, now.action.past
        return f"{then.label}: was to be {was}, and would now be {would}{edited}."
    found = []
    for changed in now.fields:
        planned = then.field(changed.field)
        if planned is None:
            found.append(f"{changed.label} is now {changed.was}")
        elif planned.before != changed.before:
            found.append(f"{changed.label} was {planned.was} and is now {changed.was}")
        elif planned.after != changed.after:
            found.append(
                f"{changed.label}: the plan makes it {planned.becomes}, the file asks for "
                f"{changed.becomes}"
            )
    found += [
        f"{planned.label} is already as planned"
        for planned in then.fields
        if now.field(planned.field) is None
    ]
    return f"{then.label}: {'; '.join(found)}{edited}." if found else ""


def _edited(account: Account | None) -> str:
    """Return when the account was last edited; Xero's API does not say by whom."""
    if account is None or account.updated_at is None:
        return ""
    return f" (edited in Xero on {day_and_time(account.updated_at)}; Xero does not say who)"
