"""(a saved plan, the plan made now from the same file) → what changed in Xero in between.

Only what would be done counts: an edit of an account that the plan does not touch leaves
it as good as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.errors import ChartError, InvalidPlan, StalePlan, WrongOrganisation
from xerosync.model import FIELD, Account, Chart, DesiredChart, spoken
from xerosync.plan.build import build
from xerosync.plan.plan import Blocked, Change, Plan
from xerosync.text import day_and_time

_PLAN_AGAIN = "Nothing was sent. Plan again, review it, and apply the new plan."


def check_made_for_xero(saved: Plan) -> None:
    """Let pass a plan against Xero's own chart, not one against a CSV. Raises `InvalidPlan`."""
    if not saved.organisation.tenant_id:
        raise InvalidPlan(
            f"This plan was made for {saved.organisation.name}: against a CSV, not against Xero. "
            "It cannot be applied.",
            "Nothing was sent. Plan again without --current, review it, and apply the new plan.",
        )


def again(saved: Plan, current: Chart) -> Plan:
    """Plan again from what a saved plan carries, and let pass a plan that would do the same.

    Raises `WrongOrganisation` for other books than it was made for, and `StalePlan`, saying
    what differs.
    """
    then, now = saved.organisation, current.organisation
    check_made_for_xero(saved)
    if then.tenant_id != now.tenant_id:
        raise WrongOrganisation(
            f"This plan of {saved.file} was made for {then.name} ({then.tenant_id}), and the "
            f"credentials open {now.name} ({now.tenant_id}).",
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
    """Let pass a plan that would still do the same. Raises `StalePlan`, saying what differs."""
    found = differences(saved, fresh, current)
    if found:
        raise StalePlan(
            f"Xero changed since this plan of {saved.file} was saved, so it was not applied:",
            _PLAN_AGAIN,
            found,
        )


def as_in_file(saved: Plan, current: Chart, desired: DesiredChart) -> Plan:
    """Plan what a file asks for now, and let it pass where it is just what the saved plan does.

    The plan that is given is the file's: its limits count. Raises `StalePlan`.
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
    """Say, one sentence each, what the two plans would do otherwise.

    With the current chart it is told, too, when an account was edited that needs no change
    any more.
    """
    then, now = _by_account(saved), _by_account(fresh)
    accounts = {a.account_id: a for a in current.accounts} if current else {}
    found = []
    for key, change in then.items():
        if key not in now:
            when = _when(accounts.get(key))
            found.append(f"{change.label}: {change.action} is not to be done any more{when}.")
        elif difference := _difference(change, now[key]):
            found.append(difference)
    found += [
        f"{change.label}: {change.action} is now to be done{_when(change.account)}."
        for key, change in now.items()
        if key not in then
    ]
    before, after = {_rule(b) for b in saved.blocked}, {_rule(b) for b in fresh.blocked}
    found += [
        f"{blocked.label}: now blocked ({blocked.rule}): {blocked.reason}"
        for blocked in fresh.blocked
        if _rule(blocked) not in before
    ]
    found += [
        f"{blocked.label}: no longer blocked ({blocked.rule})."
        for blocked in saved.blocked
        if _rule(blocked) not in after
    ]
    if not found and saved.steps != fresh.steps:
        found.append("The steps must now be done in another order, or with other codes.")
    return tuple(found)


def _by_account(plan: Plan) -> Mapping[str, Change]:
    return {c.account_id or f"{c.action} {c.code} {c.name}": c for c in plan.changes}


def _rule(blocked: Blocked) -> tuple[str, ...]:
    return (blocked.rule, blocked.account_id, blocked.code, blocked.name)


def _difference(then: Change, now: Change) -> str:
    if then.action is not now.action:
        return (
            f"{then.label}: the plan says {then.action}, and now it would be "
            f"{now.action}{_when(now.account)}."
        )
    before = {f.field: f.before for f in then.fields}
    after = {f.field: f.after for f in then.fields}
    found = []
    for changed in now.fields:
        if changed.field not in before:
            found.append(f"{FIELD[changed.field].label} is now {changed.before or 'empty'}")
        elif before[changed.field] != changed.before:
            found.append(
                f"{FIELD[changed.field].label} was {before[changed.field] or 'empty'} and is "
                f"now {changed.before or 'empty'}"
            )
        elif after[changed.field] != changed.after:
            found.append(
                f"{FIELD[changed.field].label}: the plan makes it {spoken(after[changed.field])}, "
                f"the file asks for {spoken(changed.after)}"
            )
    gone = set(before) - {f.field for f in now.fields}
    found += [f"{FIELD[name].label} is already as planned" for name in before if name in gone]
    return f"{then.label}: {'; '.join(found)}{_when(now.account)}." if found else ""


def _when(account: Account | None) -> str:
    """Say when Xero saw the account edited last; its API does not say by whom."""
    if account is None or account.updated_at is None:
        return ""
    return f" (edited in Xero on {day_and_time(account.updated_at)}; Xero does not say who)"
