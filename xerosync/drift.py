"""(a plan, the chart as the last apply left it) → the plan, telling drift from intention.

What Xero holds now and did not hold then was changed in Xero; what it holds as it did
then, and the file wants otherwise, was changed in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from xerosync.change import Action, Change, Origin
from xerosync.journal import Run
from xerosync.model import FIELD, Account
from xerosync.plan import Plan


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accounts of one organisation as the last apply left them, by id, and when that was."""

    accounts: Mapping[str, Account]
    at: datetime


def baseline(runs: Iterable[Run], tenant_id: str) -> Baseline | None:
    """Put together what the runs say of one organisation; None when none read its chart.

    A run that was killed has no chart at its end; its answered calls count all the same.
    """
    accounts: dict[str, Account] = {}
    at: datetime | None = None
    for run in sorted((r for r in runs if r.tenant_id == tenant_id), key=lambda r: r.at):
        if run.end.get("accounts"):
            accounts = {a.account_id: a for a in run.chart_at_end()}
            at = run.ended_at
        elif at is not None:
            accounts |= {c.after.account_id: c.after for c in run.calls if c.after}
    return Baseline(accounts, at) if at else None


def explain(plan: Plan, base: Baseline | None) -> Plan:
    """Add to each change of an account that the baseline knows where it comes from."""
    if base is None:
        return plan
    return replace(plan, changes=tuple(_explain(change, base) for change in plan.changes))


def _explain(change: Change, base: Baseline) -> Change:
    account = change.account
    if account is None:
        gone = next((a for a in base.accounts.values() if _same(a, change)), None)
        if gone is None:
            return replace(change, origin=Origin.FILE)
        reason = f"{gone.label} was in Xero after the last apply ({_day(base.at)}): deleted there."
        return replace(change, origin=Origin.XERO, reasons=(reason, *change.reasons))
    then = base.accounts.get(account.account_id)
    if then is None:
        reason = f"Added in Xero since the last apply ({_day(base.at)})."
        return replace(change, origin=Origin.XERO, reasons=(reason, *change.reasons))
    drifted = [
        f"{FIELD[f.field].label} from {_spoken(then.value(f.field))}"
        for f in change.fields
        if FIELD[f.field].comparable(then.value(f.field))
        != FIELD[f.field].comparable(account.value(f.field))
    ]
    restatus = change.action in (Action.ARCHIVE, Action.RESTORE, Action.DELETE)
    if restatus and then.status != account.status:
        drifted.append(f"status from {then.status}")
    intended = len(change.fields) + restatus - len(drifted)
    if not drifted:
        return replace(change, origin=Origin.FILE)
    when = _day(account.updated_at) if account.updated_at else "an unknown day"
    reason = f"Edited in Xero on {when}: {', '.join(drifted)}. Xero does not tell by whom."
    origin = Origin.BOTH if intended else Origin.XERO
    return replace(change, origin=origin, reasons=(reason, *change.reasons))


def _same(account: Account, change: Change) -> bool:
    return (account.code, account.name) == (change.code, change.name)


def _spoken(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "empty"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
