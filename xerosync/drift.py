"""(a plan, the chart as the last apply left it) → the plan, telling drift from intention.

What Xero holds now and did not hold then was changed in Xero; what it holds as it did
then, and the file wants otherwise, was changed in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from xerosync.change import Action, Change, Origin
from xerosync.model import FIELD, Account, code_key, name_key
from xerosync.plan import Plan
from xerosync.runs import Run


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accounts of one organisation as the last apply left them, by id, and when that was.

    `unsure` are accounts, by id or by code and name, that a later run may have written to
    before it was killed: of these nobody can tell.
    """

    accounts: Mapping[str, Account]
    at: datetime
    unsure: frozenset[str | tuple[str, str]] = frozenset()


def baseline(runs: Iterable[Run], tenant_id: str) -> Baseline | None:
    """Put together what the runs say of one organisation; None when none read its chart.

    A run that was killed has no chart at its end; its answered calls count all the same.
    """
    accounts: dict[str, Account] = {}
    unsure: set[str | tuple[str, str]] = set()
    at: datetime | None = None
    for run in sorted((r for r in runs if r.tenant_id == tenant_id), key=lambda r: r.at):
        if run.accounts:
            accounts = {a.account_id: a for a in run.accounts}
            at = run.ended_at or run.at
            unsure.clear()
        elif at is not None:
            accounts |= {c.after.account_id: c.after for c in run.calls if c.after and c.acted}
            unsure |= {c.subject or _key(c.code, c.name) for c in run.calls if c.open}
    return Baseline(accounts, at, frozenset(unsure)) if at else None


def explain(plan: Plan, base: Baseline | None) -> Plan:
    """Add to each change of an account that the baseline knows where it comes from."""
    if base is None:
        return plan
    return replace(plan, changes=tuple(_explain(change, base) for change in plan.changes))


def _explain(change: Change, base: Baseline) -> Change:
    account = change.account
    if account is None:
        return _explain_create(change, base)
    if not base.unsure.isdisjoint({account.account_id, _key(account.code, account.name)}):
        return change
    then = base.accounts.get(account.account_id)
    if then is None:
        return _told(change, Origin.XERO, f"Added in Xero since the last apply ({_day(base.at)}).")
    drifted = [
        f"{FIELD[f.field].label} was {_spoken(then.value(f.field))}"
        for f in change.fields
        if FIELD[f.field].comparable(then.value(f.field))
        != FIELD[f.field].comparable(account.value(f.field))
    ]
    restatus = change.action in (Action.ARCHIVE, Action.RESTORE, Action.DELETE)
    if restatus and then.status != account.status:
        drifted.append(f"it was {then.status.lower()}")
    if not drifted:
        return replace(change, origin=Origin.FILE)
    intended = len(change.fields) + restatus - len(drifted)
    reason = (
        f"Edited in Xero{_when(account, base)}: after the last apply ({_day(base.at)}) "
        f"{', '.join(drifted)}. Xero does not tell by whom."
    )
    return _told(change, Origin.BOTH if intended else Origin.XERO, reason)


def _explain_create(change: Change, base: Baseline) -> Change:
    key = _key(change.code, change.name)
    if key in base.unsure:
        return change
    gone = next((a for a in base.accounts.values() if _key(a.code, a.name) == key), None)
    if gone is None:
        return replace(change, origin=Origin.FILE)
    reason = f"{gone.label} was in Xero after the last apply ({_day(base.at)}): deleted there."
    return _told(change, Origin.XERO, reason)


def _told(change: Change, origin: Origin, reason: str) -> Change:
    return replace(change, origin=origin, reasons=(reason, *change.reasons))


def _key(code: str, name: str) -> tuple[str, str]:
    return code_key(code), name_key(name)


def _when(account: Account, base: Baseline) -> str:
    """Say when Xero saw it edited; nothing where that is before the last apply, as on reset books.

    Of one day, nobody can tell: Xero's clock and ours differ.
    """
    moment = account.updated_at
    return f" on {_day(moment)}" if moment and moment.date() >= base.at.date() else ""


def _spoken(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "empty"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
