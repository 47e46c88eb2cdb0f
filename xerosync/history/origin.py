"""(a plan, the chart as the last apply left it) → the plan, telling drift from intention.

What Xero holds now and did not hold then was changed in Xero; what the file asks for now
and did not ask for then was changed in the file. What is neither is left over: a step
that was not done, or that a rollback took back.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from xerosync.errors import ChartError
from xerosync.history.runs import Run
from xerosync.model import (
    FIELD,
    Account,
    Chart,
    DesiredAccount,
    DesiredChart,
    Organisation,
    Unmanaged,
    Value,
    code_key,
    name_key,
)
from xerosync.plan.diff import field_changes
from xerosync.plan.matching import match
from xerosync.plan.plan import Action, Change, Origin, Plan
from xerosync.text import day

_STATUS = "status"
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the file asked for when it was last applied: `entries` by the account that each is.

    `by_code` are the ids of those accounts by their entries' codes; `unmet` are the codes and
    names of the entries that had no account.
    """

    entries: Mapping[str, DesiredAccount]
    by_code: Mapping[str, str]
    unmet: frozenset[_Key]
    unmanaged: Unmanaged


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accounts of one organisation as the last apply left them, by id, and when that was.

    `unsure` are accounts, by id or by code and name, that a later run may have written to
    before it was killed: of these nobody can tell. `wish` is None where it is not known.
    `taken_back` says of the accounts that a rollback has written to when that was.
    """

    accounts: Mapping[str, Account]
    at: datetime
    unsure: frozenset[str | _Key] = frozenset()
    wish: Wish | None = None
    taken_back: Mapping[str, datetime] = field(default_factory=dict)


def baseline(runs: Iterable[Run], tenant_id: str) -> Baseline | None:
    """Put together what the runs say of one organisation; None when none read its chart.

    A run that was killed has no chart at its end; its answered calls count all the same.
    """
    accounts: dict[str, Account] = {}
    unsure: set[str | _Key] = set()
    at: datetime | None = None
    asked: DesiredChart | None = None
    taken_back: dict[str, datetime] = {}
    for run in sorted((r for r in runs if r.tenant_id == tenant_id), key=lambda r: r.at):
        if run.accounts:
            accounts = {a.account_id: a for a in run.accounts}
            at = run.ended_at or run.at
            unsure.clear()
        elif at is not None:
            accounts |= {c.after.account_id: c.after for c in run.calls if c.after and c.acted}
            unsure |= {c.subject or _key(c.code, c.name) for c in run.calls if c.open}
        if run.desired and run.desired.partial:
            taken_back |= {c.subject: run.at for c in run.calls if c.acted}
        else:
            asked = run.desired
            taken_back.clear()
    if at is None:
        return None
    return Baseline(accounts, at, frozenset(unsure), _wish(asked, accounts), taken_back)


def _wish(asked: DesiredChart | None, accounts: Mapping[str, Account]) -> Wish | None:
    if asked is None:
        return None
    try:
        found = match(Chart(Organisation("", ""), tuple(accounts.values())), asked)
    except ChartError:
        return None
    return Wish(
        {m.account.account_id: m.desired for m in found if m.account},
        {code_key(m.desired.code): m.account.account_id for m in found if m.account},
        frozenset(_key(m.desired.code, m.desired.name) for m in found if not m.account),
        asked.unmanaged,
    )


def explain(plan: Plan, base: Baseline | None, current: Chart) -> Plan:
    """Add to each change of an account that the baseline knows where it comes from.

    `current` is the chart that the plan was made of. The plan of a rollback comes from no
    file, and says itself what was changed since.
    """
    if base is None or plan.desired.partial:
        return plan
    still = {account.account_id: account for account in current.accounts}
    claimed = {m.account.account_id for m in match(current, plan.desired) if m.account}
    changes = tuple(
        _another(change, base, still) or _explain(change, base, plan.desired)
        if change.account
        else _explain_create(change, base, still, claimed)
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def _another(change: Change, base: Baseline, still: Mapping[str, Account]) -> Change | None:
    """Warn where an entry finds another account than at the last apply, by an edit in Xero.

    None where it finds the same, where the codes in Xero are as they were, and where the
    entry was written anew: then the file follows Xero.
    """
    entry, account = change.desired, change.account
    code = code_key(entry.code) if entry else ""
    first = base.wish.by_code.get(code, "") if base.wish and code else ""
    then, now = base.accounts.get(first), still.get(first)
    if not entry or not account or not base.wish or not then or first == account.account_id:
        return None
    if not _same_entry(entry, base.wish.entries[first]):
        return None
    before = base.accounts.get(account.account_id)
    moved = before is None or _differs("code", before.code, account.code)
    if not moved and (now is None or not _differs("code", then.code, now.code)):
        return None
    where = f"is {now.label} in Xero now" if now else "is not in Xero any more"
    reason = (
        f"At the last apply on record ({day(base.at)}) this entry was {then.label}, which {where}."
    )
    was = f", which was {before.label} then" if before else ""
    pin = f" To keep to the first, pin this entry to it with account_id: {first}." if now else ""
    warning = (
        f"What has the code {account.code} in Xero is another account than at the last apply{was}: "
        f"this would change that one.{pin}"
    )
    return _told(_warned(change, warning), Origin.XERO, reason)


def _same_entry(now: DesiredAccount, then: DesiredAccount) -> bool:
    """Tell whether two entries of one code are one, as far as their names tell."""
    return not now.name or not then.name or name_key(now.name) == name_key(then.name)


def _explain(change: Change, base: Baseline, file: DesiredChart) -> Change:
    account = change.account or Account("")
    if not base.unsure.isdisjoint({account.account_id, _key(account.code, account.name)}):
        return change
    then = base.accounts.get(account.account_id)
    if then is None:
        reason = f"Added in Xero since the last apply on record ({day(base.at)})."
        return _told(change, Origin.XERO, reason)
    fields = change.after() if change.desired else ("code", "name")
    drifted = [
        f"{changed.label} was {changed.was}"
        for changed in field_changes(then.values(), account.values())
        if changed.field in fields
    ]
    if _restates(change) and then.status != account.status:
        drifted.append(f"it was {then.status.lower()}")
    intended = _intended(change, then, base.wish, file) if base.wish else False
    if drifted:
        reason = (
            f"Edited in Xero{_when(account, base)}: after the last apply on record "
            f"({day(base.at)}) {', '.join(drifted)}. Xero does not tell by whom."
        )
        if (
            change.desired is None
            and not intended
            and base.wish
            and account.account_id in base.wish.entries
        ):
            warning = (
                f"This was {then.label}, which the file still asks for. To keep it, pin that entry "
                f"to it with account_id: {account.account_id}."
            )
            change = _warned(change, warning)
        return _told(change, Origin.BOTH if intended else Origin.XERO, reason)
    if intended:
        return replace(change, origin=Origin.FILE)
    back = base.taken_back.get(account.account_id)
    return _left(change, back, known=base.wish is not None)


def _differs(name: str, one: Value, other: Value) -> bool:
    return FIELD[name].comparable(one) != FIELD[name].comparable(other)


def _restates(change: Change) -> bool:
    return change.action in (Action.ARCHIVE, Action.RESTORE, Action.DELETE)


def _intended(change: Change, then: Account, wish: Wish, file: DesiredChart) -> bool:
    """Tell whether the file asks for anything of the change that it did not ask for then.

    What Xero held then, too, is asked for because of an edit there, whatever the file said.
    """
    now, before = change.desired, wish.entries.get(change.account_id)
    if now is None:
        if before is None:
            return wish.unmanaged is not Unmanaged.ARCHIVE
        return not any(
            code_key(entry.code) == code_key(before.code) and _same_entry(entry, before)
            for entry in file.accounts
        )
    if before is None:
        return True
    if _restates(change) and before.status != now.status != then.status:
        return True
    return any(
        (name not in before.values or _differs(name, before.values[name], now.values[name]))
        and _differs(name, then.value(name), now.values[name])
        for name in (f.field for f in change.fields)
        if name in now.values
    )


def _explain_create(
    change: Change, base: Baseline, still: Mapping[str, Account], claimed: Container[str]
) -> Change:
    key = _key(change.code, change.name)
    if key in base.unsure:
        return change
    gone = next((a for a in base.accounts.values() if _key(a.code, a.name) == key), None)
    if gone and gone.account_id in claimed:
        return replace(change, origin=Origin.FILE)
    if gone and gone.account_id in still:
        return _moved(change, gone, still[gone.account_id], base)
    if gone:
        reason = (
            f"{gone.label} was in Xero after the last apply on record ({day(base.at)}): deleted "
            "there."
        )
        return _told(change, Origin.XERO, reason)
    if base.wish is None:
        return change
    return _left(change) if key in base.wish.unmet else replace(change, origin=Origin.FILE)


def _moved(change: Change, then: Account, now: Account, base: Baseline) -> Change:
    """Warn of a create for an account that got another code and name in Xero."""
    when = _when(now, base)
    reason = (
        f"{then.label} was in Xero after the last apply on record ({day(base.at)}), and is "
        f"{now.label} there now{f' (edited{when})' if when else ''}."
    )
    warning = (
        f"{now.label} in Xero was this account. This would create a new one, without its history. "
        f"To bring it back instead, pin this entry to it with account_id: {now.account_id}."
    )
    return _told(_warned(change, warning), Origin.XERO, reason)


def _warned(change: Change, warning: str) -> Change:
    return replace(change, warnings=(warning, *change.warnings))


def _left(change: Change, taken_back: datetime | None = None, *, known: bool = True) -> Change:
    """Say why it is left over; `known` tells whether the file of then asked for it."""
    if taken_back and known:
        reason = f"A rollback took this back on {day(taken_back)}; the file still asks for it."
    elif taken_back:
        reason = f"A rollback left it so on {day(taken_back)}."
    elif known:
        reason = "Left over: the file asked for this at the last apply, which did not do it."
    else:
        return change
    return _told(change, Origin.LEFT, reason)


def _told(change: Change, origin: Origin, reason: str) -> Change:
    return replace(change, origin=origin, reasons=(reason, *change.reasons))


def _key(code: str, name: str) -> _Key:
    return code_key(code), name_key(name)


def _when(account: Account, base: Baseline) -> str:
    """Say when Xero saw it edited; nothing where that is before the last apply, as on reset books.

    Of one day, nobody can tell: Xero's clock and ours differ.
    """
    moment = account.updated_at
    return f" on {day(moment)}" if moment and moment.date() >= base.at.date() else ""
