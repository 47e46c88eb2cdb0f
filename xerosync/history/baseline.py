"""The baseline: one organisation's chart as the last apply left it, and what the file asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from xerosync.desired import DesiredAccount, DesiredChart, Unmanaged
from xerosync.history.folder import JournalIndex, last_runs, recent_runs
from xerosync.history.runs import Run
from xerosync.history.settled import as_left, match_again
from xerosync.model import Account, AccountKey, Chart, account_key, code_key
from xerosync.plan.diff import account_changes
from xerosync.plan.matching.identity import looks_like_another_account
from xerosync.workspace import RUNS

_EARLIER = 20
"""For `last_holders`, `read_baseline` reads the newest journals, at most this many."""


@dataclass(frozen=True, slots=True)
class LastApplied:
    """What a file asked for when it was last applied.

    `entries` maps the id of an account to its entry. `by_code` maps the `code_key` of an entry to
    the id of its account. `unmet` has the code and name of each entry without an account, and of
    each inherited entry that probably does not mean the account that it matches.
    """

    entries: Mapping[str, DesiredAccount]
    by_code: Mapping[str, str]
    unmet: frozenset[AccountKey]
    unmanaged: Unmanaged
    file: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accounts of one organisation, by id, as the last run left them.

    `at` is the end of the last run that read the chart back. `unsure` has the id, or the code and
    name, of each account that a later run may have changed. `last_applied` is None if it is not
    known what the file asked for. `rolled_back` maps an account's id to the time of a rollback
    since the last apply. `last_holders` maps a code and name to the id of their last account.
    """

    accounts: Mapping[str, Account]
    at: datetime
    unsure: frozenset[str | AccountKey] = frozenset()
    last_applied: LastApplied | None = None
    rolled_back: Mapping[str, datetime] = field(default_factory=dict)
    last_holders: Mapping[AccountKey, str] = field(default_factory=dict)


def read_baseline(
    tenant_id: str, file: str, warn: Callable[[str], None], index: JournalIndex | None = None
) -> Baseline | None:
    """Return the baseline from this project's journals, None if there is none.

    Its `last_applied` is None if the last apply was of a file with another name. To read the
    baselines of many organisations, pass the same `index` each time.
    """
    index = index or JournalIndex(RUNS)
    found = baseline(last_runs(index, tenant_id, warn), tenant_id)
    if found is None:
        return None
    earlier = recent_runs(index, tenant_id, lambda _: None, newest=_EARLIER)
    last = found.last_applied
    if last and Path(last.file).name != Path(file).name:
        last = None
    return replace(found, last_holders=_last_holders(earlier), last_applied=last)


def baseline(runs: Iterable[Run], tenant_id: str) -> Baseline | None:
    """Return the baseline of an organisation, None if no run read the chart back at its end.

    If a later run did not read the chart back, its answered calls are included. See `as_left`
    for the edits in Xero that the baseline includes.
    """
    runs = sorted((run for run in runs if run.tenant_id == tenant_id), key=lambda run: run.at)
    accounts: dict[str, Account] = {}
    unsure: set[str | AccountKey] = set()
    at: datetime | None = None
    asked: DesiredChart | None = None
    rolled_back: dict[str, datetime] = {}
    for run in runs:
        if run.accounts:
            accounts = as_left(run, accounts)
            at = run.ended_at or run.at
            unsure.clear()
        elif at is not None:
            accounts |= {c.after.account_id: c.after for c in run.calls if c.after and c.acted}
            unsure |= {c.subject or account_key(c.code, c.name) for c in run.calls if c.open}
        if run.desired and run.desired.partial:
            rolled_back |= {c.subject: run.at for c in run.calls if c.acted and c.subject}
        else:
            asked = run.desired
            rolled_back.clear()
    if at is None:
        return None
    last = _last_applied(asked, accounts.values())
    return Baseline(accounts, at, frozenset(unsure), last, rolled_back, _last_holders(runs))


def _last_holders(runs: Iterable[Run]) -> dict[AccountKey, str]:
    """Return, for each code and name, the id of the account that last had both."""
    found: dict[AccountKey, str] = {}
    for run in sorted(runs, key=lambda r: r.at):
        before = (call.before for call in run.calls if call.before)
        for account in (*before, *run.accounts):
            found[account_key(account.code, account.name)] = account.account_id
    return found


def left_by_applies(
    current: Chart, warn: Callable[[str], None], index: JournalIndex
) -> Mapping[str, datetime]:
    """Return when an apply last changed each account, by id. Accounts edited since are left out."""
    last = last_left(recent_runs(index, current.organisation.tenant_id, warn))
    return {
        account.account_id: last[account.account_id][1]
        for account in current.accounts
        if account.account_id in last and same(account, last[account.account_id][0])
    }


def last_left(runs: Iterable[Run]) -> Mapping[str, tuple[Account, datetime]]:
    """Return, by id, each account as the last answered call left it, with that call's time."""
    last: dict[str, tuple[Account, datetime]] = {}
    for run in sorted(runs, key=lambda r: r.at):
        for call in run.calls:
            if call.acted and call.after:
                last[call.after.account_id] = call.after, call.ended_at or run.at
    return last


def same(now: Account, then: Account | None) -> bool:
    """Whether an account has the status and the values of `then`; False if `then` is None."""
    return then is not None and not account_changes(then, now)


def _last_applied(asked: DesiredChart | None, accounts: Iterable[Account]) -> LastApplied | None:
    """Match the last applied file again to the accounts. Return None if that is not possible."""
    found = match_again(asked, accounts)
    if asked is None or found is None:
        return None
    met = [(m.desired, m.account) for m in found if m.account and not looks_like_another_account(m)]
    entries = {account.account_id: entry for entry, account in met}
    applied = {id(entry) for entry in entries.values()}
    return LastApplied(
        entries,
        {code_key(entry.code): account.account_id for entry, account in met if entry.code},
        frozenset(
            account_key(m.desired.code, m.desired.name)
            for m in found
            if id(m.desired) not in applied
        ),
        asked.unmanaged,
        asked.file,
    )
