"""(a saved plan, the plan made now from the same file) → what changed in Xero in between.

Only what would be done counts: an edit of an account that the plan does not touch leaves
it as good as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.change import Blocked, Change
from xerosync.errors import StalePlan
from xerosync.model import FIELD
from xerosync.plan import Plan


def check(saved: Plan, fresh: Plan) -> None:
    """Let pass a plan that would still do the same. Raises `StalePlan`, saying what differs."""
    found = differences(saved, fresh)
    if found:
        raise StalePlan(
            f"Xero changed since this plan of {saved.file} was saved, so it was not applied. "
            + " ".join(found),
            "Nothing was sent. Plan again, review it, and apply the new plan.",
        )


def differences(saved: Plan, fresh: Plan) -> tuple[str, ...]:
    """Say, one sentence each, what the two plans would do otherwise."""
    then, now = _by_account(saved), _by_account(fresh)
    found = []
    for key, change in then.items():
        if key not in now:
            found.append(f"{change.label}: the {change.action} is not to be done any more.")
        elif difference := _difference(change, now[key]):
            found.append(difference)
    found += [
        f"{change.label}: there is now a {change.action} to do{_when(change)}."
        for key, change in now.items()
        if key not in then
    ]
    found += [
        f"{blocked.label}: now blocked ({blocked.rule}): {blocked.reason}"
        for blocked in fresh.blocked
        if _rule(blocked) not in {_rule(b) for b in saved.blocked}
    ]
    found += [
        f"{blocked.label}: no longer blocked ({blocked.rule})."
        for blocked in saved.blocked
        if _rule(blocked) not in {_rule(b) for b in fresh.blocked}
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
            f"{now.action}{_when(now)}."
        )
    before = {f.field: f.before for f in then.fields}
    found = []
    for changed in now.fields:
        if changed.field not in before:
            found.append(f"{FIELD[changed.field].label} is now {changed.before or 'empty'}")
        elif before[changed.field] != changed.before:
            found.append(
                f"{FIELD[changed.field].label} was {before[changed.field] or 'empty'} and is "
                f"now {changed.before or 'empty'}"
            )
    gone = set(before) - {f.field for f in now.fields}
    found += [f"{FIELD[name].label} is already as planned" for name in before if name in gone]
    return f"{then.label}: {'; '.join(found)}{_when(now)}." if found else ""


def _when(change: Change) -> str:
    """Say when Xero saw the account edited last; its API does not say by whom."""
    account = change.account
    if account is None or account.updated_at is None:
        return ""
    moment = account.updated_at
    return (
        f" (edited in Xero on {moment.day} {moment:%B %Y at %H:%M UTC}; Xero does not tell by whom)"
    )
