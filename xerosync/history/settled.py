"""The chart as a run left it, without edits in Xero that are still open.

An edit in Xero is settled if the run overwrote it, or if the file asks for the same. The chart
that a run reads back at its end may have other edits. Later plans must still show them as edits.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.errors import ChartError
from xerosync.history.runs import Run
from xerosync.model import Account, Chart, Organisation, Status, Value, account_key
from xerosync.plan.diff import field_changes
from xerosync.plan.matching.match import Match, match
from xerosync.plan.plan import Action


def as_left(run: Run, before: Mapping[str, Account]) -> dict[str, Account]:
    """Return the accounts by id as a run left them; `before` has them as earlier runs left them.

    A value that was read back and differs from its entry may be an edit in Xero. The result then
    has the value that the run wrote, or else the one in `before`, or else the one that the run
    found. An account without an entry is as the run found it, unless the run changed it. For a
    rollback, the result is `before`, changed only in the values that the run wrote.
    """
    written = _written(run)
    now = _without_added(run, written)
    ours = _found(run, written)
    if run.desired and run.desired.partial:
        before = before or now | ours
        rolled_back = {
            key: _with(before.get(key, account), written[key])
            for key, account in now.items()
            if key in written
        }
        return {key: a for key, a in before.items() if key not in written} | rolled_back
    known = ours | dict(before)
    entries = _entries(run, ours, before)
    left_alone = now.keys() - written.keys() - entries.keys()
    now |= {a.account_id: a for a in run.found if a.account_id in left_alone}
    there = {id(entry) for account_id, entry in entries.items() if account_id in now}
    for account_id, entry in entries.items():
        then, account = known.get(account_id), now.get(account_id)
        if account and then:
            old = {name: then.value(name) for name in _differing(entry, account)}
            wrote = {n: v for n, v in written.get(account_id, {}).items() if n in old}
            now[account_id] = _with(account, old | wrote)
        elif then and id(entry) not in there and "status" not in written.get(account_id, {}):
            now[account_id] = then
    return now


def is_settled(run: Run) -> bool:
    """Whether the chart that a run read back is as the file asked; True if that is not known."""
    return all(
        one.account and not _differing(one.desired, one.account)
        for one in match_again(run.desired, run.accounts) or ()
        if one.account or one.desired.status == Status.ACTIVE
    )


def match_again(
    desired: DesiredChart | None, accounts: Iterable[Account]
) -> tuple[Match, ...] | None:
    """Return the matches of entries with accounts, None if entries are unknown or ambiguous."""
    if desired is None:
        return None
    try:
        return match(Chart(Organisation("", ""), tuple(accounts)), desired)
    except ChartError:
        return None


def _without_added(run: Run, written: Container[str]) -> dict[str, Account]:
    """Return the accounts at the end of a run, without those that somebody else added meanwhile."""
    there = {account.account_id for account in run.found}
    unsure = {account_key(call.code, call.name) for call in run.calls if call.open}
    return {
        account.account_id: account
        for account in run.accounts
        if not there
        or account.account_id in there
        or account.account_id in written
        or account_key(account.code, account.name) in unsure
    }


def _differing(entry: DesiredAccount, account: Account) -> set[str]:
    """Return the fields in which an account differs from its entry.

    A tax type with a space is not compared: it is the name of a tax rate, not its code.
    """
    wanted = dict(entry.values)
    if " " in str(wanted.get("tax_type", "")):
        del wanted["tax_type"]
    fields = {changed.field for changed in field_changes(account.values(), wanted)}
    return fields | ({"status"} if entry.status != account.status else set())


def _entries(run: Run, *earlier: Mapping[str, Account]) -> dict[str, DesiredAccount]:
    """Return, by account id, the entries that match accounts at the run's end or in `earlier`."""
    found: dict[str, DesiredAccount] = {}
    for accounts in (run.accounts, *(known.values() for known in earlier)):
        matched = match_again(run.desired, accounts) or ()
        found |= {one.account.account_id: one.desired for one in matched if one.account}
    return found


def _found(run: Run, written: Mapping[str, Mapping[str, Value]]) -> dict[str, Account]:
    """Return, by id, the accounts that a run found or created, with the values that it wrote."""
    found: dict[str, Account] = {}
    for call in run.calls:
        first = call.after if call.operation is Action.CREATE else call.before
        if first:
            found.setdefault(first.account_id, first)
    found |= {account.account_id: account for account in run.found}
    return {key: _with(account, written.get(key, {})) for key, account in found.items()}


def _written(run: Run) -> dict[str, dict[str, Value]]:
    """Return, by account id, the fields that a run wrote, with their last values."""
    found: dict[str, dict[str, Value]] = {}
    for call in run.calls:
        if call.acted and call.subject:
            fields = found.setdefault(call.subject, {})
            answer = None if call.settled else call.after
            fields |= {n: answer.value(n) if answer else v for n, v in call.values.items()}
            if call.operation in (Action.ARCHIVE, Action.RESTORE, Action.DELETE):
                fields["status"] = call.after.status if call.after else ""
    return found


def _with(account: Account, values: Mapping[str, Value]) -> Account:
    known: dict[str, Any] = {n: v for n, v in values.items() if n != "status" or v}
    return replace(account, **known)
