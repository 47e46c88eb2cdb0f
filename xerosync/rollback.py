"""A run's journal → the chart that undoes it, and what cannot be undone.

The undoing is a plan like any other: diffed, checked, limited, reviewed. Only the fields
that the run changed are put back; what it created is archived, for a delete is refused
once anything uses the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xerosync.change import Operation
from xerosync.journal import Call, Run
from xerosync.model import (
    FIELD,
    Account,
    DesiredAccount,
    DesiredChart,
    OrganisationPin,
    Source,
    Status,
    Value,
    code_key,
    name_key,
)
from xerosync.outcome import Result


@dataclass(frozen=True, slots=True)
class Undoing:
    """The chart to plan for, and one sentence for each thing that stays done."""

    chart: DesiredChart
    impossible: tuple[str, ...]


@dataclass(slots=True)
class _Undone:
    """One account of the run: as it was before, and what was done to it."""

    before: Account | None
    after: Account | None = None
    fields: set[str] = field(default_factory=set)
    deleted: bool = False


def undo(run: Run, journal: str) -> Undoing:
    """Give the chart that takes back what a run did. `journal` names it in the plan."""
    accounts: dict[str, _Undone] = {}
    impossible: list[str] = []
    for call in run.calls:
        if not _may_have_acted(call):
            continue
        account_id = (call.after.account_id if call.after else "") or _account_id(call)
        if not account_id:
            impossible.append(
                f"{call.sending['code']} {call.sending['name']}: the run ended while it was "
                "being created; if it is in Xero, archive it there."
            )
            continue
        seen = accounts.setdefault(account_id, _Undone(call.before))
        seen.after = call.after or seen.after
        seen.fields |= set(call.sending["values"])
        seen.deleted |= _deleted(call)
    source = Source(journal)
    entries = [
        _put_back(account_id, undone, source)
        for account_id, undone in accounts.items()
        if undone.before and not undone.deleted
    ]
    impossible += [
        f"{undone.before.label}: it was deleted; Xero cannot bring it back. Create it anew "
        "with its code; its id will be another."
        for undone in accounts.values()
        if undone.before and undone.deleted
    ]
    created = [u.after for u in accounts.values() if u.before is None and u.after]
    entries += _archive_created(created, entries, source)
    pin = OrganisationPin(tenant_id=run.tenant_id, source=source)
    return Undoing(DesiredChart(journal, tuple(entries), pin), tuple(impossible))


def _may_have_acted(call: Call) -> bool:
    """Tell whether a call may have changed Xero: also one that a kill left open."""
    result = call.ended.get("result", Result.UNKNOWN)
    return result in (Result.DONE, Result.FELL_BACK, Result.UNKNOWN)


def _deleted(call: Call) -> bool:
    done = call.ended.get("result") == Result.DONE
    return done and call.sending["operation"] == Operation.DELETE


def _account_id(call: Call) -> str:
    return str(call.sending["account_id"]) or (call.before.account_id if call.before else "")


def _put_back(account_id: str, undone: _Undone, source: Source) -> DesiredAccount:
    before = undone.before or Account(account_id)
    values: dict[str, Value] = {name: before.value(name) for name in FIELD if name in undone.fields}
    return DesiredAccount(values, before.status, account_id, source=source)


def _archive_created(
    created: Iterable[Account], entries: Sequence[DesiredAccount], source: Source
) -> list[DesiredAccount]:
    """Archive what the run created, out of the way of what gets its code or name back."""
    codes = {code_key(entry.code) for entry in entries if entry.code}
    names = {name_key(entry.name) for entry in entries if entry.name}
    archived = []
    for number, account in enumerate(created, start=1):
        values: dict[str, Value] = {}
        if code_key(account.code) in codes:
            values["code"] = f"UNDONE{number}"
        if name_key(account.name) in names:
            values["name"] = f"{account.name[:130]} (undone {number})"
        archived.append(DesiredAccount(values, Status.ARCHIVED, account.account_id, source=source))
    return archived
