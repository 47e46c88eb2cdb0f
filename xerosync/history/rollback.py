"""A run, and the chart as it is now → the chart that undoes the run, and what stays done.

The undoing is a plan like any other: diffed, checked, limited, reviewed. Only the fields
that the run changed are put back; what it created is archived, for a delete is refused
once anything uses the account. What was changed again after the run is told: the undoing
overwrites it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xerosync.apply.outcome import Result
from xerosync.errors import ChartError
from xerosync.history.runs import Call, Run
from xerosync.model import (
    FIELD,
    Account,
    Chart,
    DesiredAccount,
    DesiredChart,
    Limits,
    OrganisationPin,
    Source,
    Status,
    Value,
    code_key,
    display,
    name_key,
)
from xerosync.plan.diff import field_changes
from xerosync.plan.matching import match
from xerosync.plan.plan import Action, Change, Plan
from xerosync.plan.rules import FILLED_BY_XERO
from xerosync.text import day

_NO_FILE = "Settle it in Xero or in the chart file, or undo the rest with --skip-blocked."
_MAX_NAME = FIELD["name"].max_length


@dataclass(slots=True)
class _Undone:
    """One account of the run: as it was before, and what was done to it."""

    before: Account | None
    fields: set[str] = field(default_factory=set)
    restated: bool = False
    deleted: bool = False


def undo(run: Run, journal: str, accounts: Iterable[Account]) -> DesiredChart:
    """Give the chart that takes back what a run did; its notes say what stays done.

    `journal` names it in the plan; `accounts` are those that Xero has now.
    """
    now = {account.account_id: account for account in accounts}
    source = Source(journal)
    protected = _protected(run, now.values())
    touched, impossible = _touched(run, now.values())
    entries: list[DesiredAccount] = []
    created: list[Account] = []
    for account_id, undone in touched.items():
        account = now.get(account_id)
        if undone.before is None:
            created += [account] if account else []
        elif account is None:
            impossible.append(_gone(undone.before, deleted=undone.deleted))
        else:
            entries.append(_put_back(undone, account, source))
            impossible += _stays(undone, account)
    entries += _archive_created(created, entries, now.values(), source)
    return DesiredChart(
        journal,
        tuple(replace(one, protect=one.account_id in protected) for one in entries),
        OrganisationPin(tenant_id=run.tenant_id, source=source),
        limits=run.desired.limits if run.desired else Limits(),
        partial=True,
        notes=tuple(impossible),
    )


def _protected(run: Run, accounts: Iterable[Account]) -> frozenset[str]:
    """Give the ids of the accounts that the run's file protects."""
    if run.desired is None:
        return frozenset()
    try:
        found = match(Chart(run.organisation, tuple(accounts)), run.desired)
    except ChartError:
        return frozenset()
    return frozenset(m.account.account_id for m in found if m.account and m.desired.protect)


def explain(plan: Plan, run: Run) -> Plan:
    """Add to each change of the undoing what was changed again after the run."""
    left: dict[str, Account] = {}
    for call in run.calls:
        if call.acted and (after := call.after or _would_be(call)):
            left[after.account_id] = after
    left |= {a.account_id: a for a in run.accounts if a.account_id in left}
    return replace(
        plan,
        changes=tuple(_explain(change, left) for change in plan.changes),
        blocked=tuple(replace(one, hint=_NO_FILE) for one in plan.blocked),
    )


def _would_be(call: Call) -> Account | None:
    """Give the account as a call whose answer is lost would have left it."""
    if call.before is None or call.operation is Action.DELETE:
        return None
    status = {Action.ARCHIVE: Status.ARCHIVED, Action.RESTORE: Status.ACTIVE}.get(
        call.operation, call.before.status
    )
    return replace(call.before, status=status, **dict(call.values))  # type: ignore[arg-type]


def _explain(change: Change, left: Mapping[str, Account]) -> Change:
    account, then = change.account, left.get(change.account_id)
    if account is None or then is None:
        return change
    fields = change.after() or FIELD
    again = [
        f"the {changed.sentence}"
        for changed in field_changes(then.values(), account.values())
        if changed.field in fields
    ]
    if then.status != account.status:
        again.append(f"it was {then.status.lower()} and is now {account.status.lower()}")
    if not again:
        return change
    when = account.updated_at
    edited = f" (edited on {day(when)})" if when else ""
    what = "The undoing overwrites that." if change.fields else "It is archived all the same."
    warning = f"Changed again after the run{edited}: {', '.join(again)}. {what}"
    return replace(change, warnings=(warning, *change.warnings))


def _touched(run: Run, now: Iterable[Account]) -> tuple[dict[str, _Undone], list[str]]:
    """Give the accounts that the run changed, by id, and the creates that nobody knows of."""
    touched: dict[str, _Undone] = {}
    impossible: list[str] = []
    names = {(code_key(account.code), name_key(account.name)) for account in now}
    for call in run.calls:
        if not call.acted:
            continue
        if not call.subject:
            if (code_key(call.code), name_key(call.name)) in names:
                impossible.append(
                    f"{call.label}: the run ended while it was being created, so it is not "
                    "sure that the account in Xero is this run's. If it is, archive it there."
                )
            continue
        undone = touched.setdefault(call.subject, _Undone(call.before))
        undone.fields |= set(call.values)
        undone.restated |= call.operation in (Action.ARCHIVE, Action.RESTORE)
        undone.deleted |= _deleted(call)
        undone.restated |= call.result is Result.FELL_BACK
    return touched, impossible


def _deleted(call: Call) -> bool:
    return call.operation is Action.DELETE and (call.open or call.result is Result.DONE)


def _gone(before: Account, *, deleted: bool) -> str:
    how = "it was deleted" if deleted else "it is not in Xero any more"
    return (
        f"{before.label}: {how}; Xero cannot bring an account back. Create it anew with its "
        "code: its id and its history will be others."
    )


def _stays(undone: _Undone, account: Account) -> Iterator[str]:
    """Say what the run filled in, and nobody can make empty again."""
    for name in _kept(undone):
        if value := account.value(name):
            yield (
                f"{account.label}: its {FIELD[name].label} was empty before the run, which Xero "
                f"does not take back; it stays {display(value)}."
            )


def _kept(undone: _Undone) -> tuple[str, ...]:
    before = undone.before
    return tuple(n for n in FILLED_BY_XERO if before and n in undone.fields and not before.value(n))


def _put_back(undone: _Undone, account: Account, source: Source) -> DesiredAccount:
    before = undone.before or account
    fields = undone.fields.difference(_kept(undone))
    values: dict[str, Value] = {name: before.value(name) for name in FIELD if name in fields}
    status = before.status if undone.restated else account.status
    return DesiredAccount(values, status, account.account_id, source=source)


def _archive_created(
    created: Iterable[Account],
    entries: Sequence[DesiredAccount],
    now: Iterable[Account],
    source: Source,
) -> list[DesiredAccount]:
    """Archive what the run created, out of the way of what gets its code or name back."""
    codes = {code_key(entry.code) for entry in entries if entry.code}
    names = {name_key(entry.name) for entry in entries if entry.name}
    used = codes | {code_key(account.code) for account in now}
    used_names = names | {name_key(account.name) for account in now}
    archived = []
    for account in created:
        values: dict[str, Value] = {}
        if code_key(account.code) in codes:
            values["code"] = _free_code(used)
        if name_key(account.name) in names:
            values["name"] = _free_name(account.name, used_names)
        archived.append(DesiredAccount(values, Status.ARCHIVED, account.account_id, source=source))
    return archived


def _free_code(used: set[str]) -> str:
    number = 1
    while code_key(f"UNDONE{number}") in used:
        number += 1
    used.add(code_key(f"UNDONE{number}"))
    return f"UNDONE{number}"


def _free_name(name: str, used: set[str]) -> str:
    number = 1
    while True:
        ending = f" (undone {number})"
        free = name[: _MAX_NAME - len(ending)] + ending
        if name_key(free) not in used:
            used.add(name_key(free))
            return free
        number += 1
