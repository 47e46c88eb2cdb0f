"""Make the chart that undoes a run, from its journal and from the accounts in Xero now.

A rollback is planned from this chart like any apply, with the same checks, limits and review.
Only what the run changed is put back. Accounts that it created are archived, because Xero
refuses to delete an account once anything uses it. Warnings say what was edited in Xero
after the run, or changed by a later apply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path

from xerosync.desired import DesiredAccount, DesiredChart, Limits, OrganisationPin, Source
from xerosync.errors import UsageError
from xerosync.history.baseline import last_left
from xerosync.history.folder import journals
from xerosync.history.runs import Run, RunCall
from xerosync.history.settled import match_again
from xerosync.model import (
    FIELD,
    Account,
    Chart,
    Status,
    Value,
    account_key,
    code_key,
    display,
    name_key,
)
from xerosync.plan.blocks.requirements import how_to_know
from xerosync.plan.blocks.rules import FILLED_BY_XERO
from xerosync.plan.diff import account_changes
from xerosync.plan.known import known_of
from xerosync.plan.plan import Action, Change, Plan
from xerosync.text import day, full_stop
from xerosync.workspace import RUNS, command_on
from xerosync.xero_behaviour import Question

_RESOLVE = "Resolve it in Xero."
_BY_HAND = {"protected": "It was protected in that run. To undo this all the same, do it in Xero."}


@dataclass(slots=True)
class _Touched:
    """An account as it was before the run, and the run's changes to the account.

    `never_empty` are the fields that might not stay empty in Xero if they are cleared.
    """

    before: Account | None
    never_empty: tuple[str, ...]
    fields: set[str] = field(default_factory=set)
    status: bool = False
    deleted: bool = False

    def kept(self) -> Iterator[str]:
        """Yield the fields that the run filled, and that might not stay empty in Xero."""
        if self.before:
            for name in self.never_empty:
                if name in self.fields and not self.before.value(name):
                    yield name


def to_undo(runs: Sequence[Run], journal: Path) -> tuple[Run, ...]:
    """Return those runs of a journal or folder that may have changed the books, the last one first.

    If there are none, return one run for each organisation to which something was to be sent. Raise
    `UsageError` if there is none either (the hint names this project's newest journal of a run that
    changed one of these organisations), or if several runs to return are of one organisation.
    """
    idle = {run.tenant_id: run for run in reversed(runs) if run.steps or run.calls}
    acted = (run for run in reversed(runs) if any(call.acted for call in run.calls))
    found = tuple(acted) or tuple(idle.values())
    count = Counter(run.tenant_id for run in found)
    for run in found:
        if count[run.tenant_id] > 1:
            raise UsageError(
                f"{journal} has several runs of {full_stop(run.organisation.name)}",
                "Give the journal of one run. To undo several runs, begin with the newest.",
            )
    if found:
        return found
    tenants = {run.tenant_id for run in runs}
    ours = ((path, run) for path, its in journals(RUNS) for run in its if run.tenant_id in tenants)
    last = next((path for path, run in ours if any(call.acted for call in run.calls)), None)
    whose = runs[-1].organisation.name if len(tenants) == 1 else "any of these organisations"
    raise UsageError(
        f"{journal} records nothing that was sent to Xero: there is nothing to undo.",
        f"To undo the last apply on record that changed {whose}, run "
        f"`{command_on('rollback', last)}`."
        if last
        else f"No apply on record here changed {full_stop(whose)}",
    )


def undo(run: Run, accounts: Iterable[Account]) -> DesiredChart:
    """Return the chart that undoes a run; its notes say what cannot be undone.

    `accounts` are the accounts in Xero now. The `file` of the result is the journal of the run.
    """
    now = {account.account_id: account for account in accounts}
    source = Source(run.journal)
    found = match_again(run.desired, now.values()) or ()
    protected = {m.account.account_id for m in found if m.account and m.desired.protect}
    notes = _unanswered_creates(run, now.values())
    entries: list[DesiredAccount] = []
    created: list[Account] = []
    for account_id, touched in _touched(run).items():
        account = now.get(account_id)
        if touched.before is None:
            created += [account] if account else []
        elif account is None:
            notes.append(_gone(touched.before, deleted=touched.deleted))
        else:
            entries.append(_restored(touched, touched.before, account, source))
            notes += _cannot_be_emptied(touched, account)
    entries += _archived(created, entries, now.values(), source)
    return DesiredChart(
        run.journal,
        tuple(replace(one, protect=one.account_id in protected) for one in entries),
        OrganisationPin(tenant_id=run.tenant_id, source=source),
        limits=run.desired.limits if run.desired else Limits(),
        archive_requires=run.desired.archive_requires if run.desired else (),
        partial=True,
        profile=run.profile,
        notes=tuple(notes),
        behaviour=run.desired.behaviour if run.desired else None,
    )


def add_later_edits(plan: Plan, run: Run, known: Iterable[Run] = ()) -> Plan:
    """Return a rollback's plan with warnings, and with the hints of a rollback for its blocks.

    A warning says that a value was edited in Xero after the run, or changed by a later `known` run.
    """
    left: dict[str, Account] = {}
    for call in run.calls:
        if call.acted and (after := call.after or _expected(call)):
            left[after.account_id] = after
    later = last_left(other for other in known if other.at > run.at)
    rest = " Or undo the rest: apply this plan with --skip-blocked." if plan.changes else ""
    return replace(
        plan,
        changes=tuple(
            _with_edits(change, left.get(change.account_id), later.get(change.account_id))
            for change in plan.changes
        ),
        blocked=tuple(
            replace(one, hint=f"{how_to_know(one) or _BY_HAND.get(one.rule, _RESOLVE)}{rest}")
            for one in plan.blocked
        ),
    )


def _expected(call: RunCall) -> Account | None:
    """Return the account as a call leaves it; None for a create and for a delete."""
    if call.before is None or call.operation is Action.DELETE:
        return None
    status = call.operation.status_after(call.before.status)
    return replace(call.before, status=status, **dict(call.values))  # type: ignore[arg-type]


def _with_edits(
    change: Change, then: Account | None, later: tuple[Account, datetime] | None
) -> Change:
    """Add warnings about values that have changed since the run.

    `then` is the account as the run left it. `later` is the account as a later apply left it, with
    the time of the last call; None if no later apply changed it.
    """
    account = change.account
    if account is None or then is None:
        return change
    applied, at = later or (then, None)
    status = () if change.action is Action.UPDATE else ("status",)
    fields = {*status, *(change.after() or FIELD)}
    since = {changed.field for changed in account_changes(applied, account)}
    by_apply: list[str] = []
    edits: list[str] = []
    for changed in account_changes(then, account):
        if changed.field in fields:
            (edits if changed.field in since else by_apply).append(f"the {changed.sentence}")
    what = (
        "The rollback overwrites that."
        if change.fields
        else f"The rollback {change.action}s the account all the same."
    )
    warnings = [
        f"{who}{f' (on {day(when)})' if when else ''}: {full_stop(', '.join(found))} {what}"
        for who, when, found in (
            ("Edited after the run", account.updated_at, edits),
            ("Changed by a later apply", at, by_apply),
        )
        if found
    ]
    return replace(change, warnings=(*warnings, *change.warnings))


def _touched(run: Run) -> dict[str, _Touched]:
    """Return the accounts that the run changed, or may have changed, by id."""
    known = known_of(Chart(run.organisation, ()), run.desired.behaviour if run.desired else None)
    clears = known.is_known(Question.CLEAR_REPORTING_CODE, "cleared")
    never_empty = tuple(f for f in FILLED_BY_XERO if not (clears and f == "reporting_code"))
    found: dict[str, _Touched] = {}
    for call in run.calls:
        if call.acted and call.subject:
            touched = found.setdefault(call.subject, _Touched(call.before, never_empty))
            touched.fields |= set(call.values)
            touched.status |= call.operation in (Action.ARCHIVE, Action.RESTORE)
            touched.deleted |= call.operation is Action.DELETE
    return found


def _unanswered_creates(run: Run, accounts: Iterable[Account]) -> list[str]:
    """Return a note for each create without an answer, if its account may be in Xero."""
    keys = {account_key(account.code, account.name) for account in accounts}
    return [
        f"{call.label}: the run ended while it was being created, so the account in Xero may "
        "not be this run's. If it is, give it another code and name there, then archive it: an "
        "archived account keeps its code and name."
        for call in run.calls
        if call.acted and not call.subject and account_key(call.code, call.name) in keys
    ]


def _gone(before: Account, *, deleted: bool) -> str:
    why = "it was deleted" if deleted else "it is no longer in Xero"
    return (
        f"{before.label}: {why}, and Xero cannot bring an account back. Create it again with "
        "its code: the new account has another id and no history."
    )


def _cannot_be_emptied(touched: _Touched, account: Account) -> Iterator[str]:
    for name in touched.kept():
        if value := account.value(name):
            yield (
                f"{account.label}: its {FIELD[name].label} was empty before the run, but might "
                f"not stay empty in Xero if cleared; it stays {full_stop(display(value))}"
            )


def _restored(
    touched: _Touched, before: Account, account: Account, source: Source
) -> DesiredAccount:
    fields = touched.fields.difference(touched.kept())
    values: dict[str, Value] = {name: before.value(name) for name in FIELD if name in fields}
    status = before.status if touched.status else account.status
    return DesiredAccount(values, status, account.account_id, source=source)


def _archived(
    created: Iterable[Account],
    entries: Sequence[DesiredAccount],
    now: Iterable[Account],
    source: Source,
) -> list[DesiredAccount]:
    """Return entries that archive `created`, with codes and names that no other entry has."""
    codes = {code_key(entry.code) for entry in entries if entry.code}
    names = {name_key(entry.name) for entry in entries if entry.name}
    used = codes | {code_key(account.code) for account in now}
    used_names = names | {name_key(account.name) for account in now}
    archived = []
    for account in created:
        values: dict[str, Value] = {}
        if code_key(account.code) in codes:
            free = (f"UNDONE{n}" for n in count(1))
            values["code"] = code = next(c for c in free if code_key(c) not in used)
            used.add(code_key(code))
        if name_key(account.name) in names:
            ends = (f" (undone {n})" for n in count(1))
            free = (account.name[: FIELD["name"].max_length - len(end)] + end for end in ends)
            values["name"] = name = next(c for c in free if name_key(c) not in used_names)
            used_names.add(name_key(name))
        archived.append(DesiredAccount(values, Status.ARCHIVED, account.account_id, source=source))
    return archived
