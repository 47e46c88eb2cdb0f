"""What a run settled: an edit in Xero that it neither overwrote nor took over stays an edit.

The chart that a run reads at its end also holds what somebody edited meanwhile, or had edited
in an account that the run left alone. Such a value is not what the run left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from xerosync.errors import ChartError
from xerosync.history.runs import Run
from xerosync.model import (
    Account,
    Chart,
    DesiredAccount,
    DesiredChart,
    Organisation,
    Status,
    code_key,
    name_key,
)
from xerosync.plan.diff import field_changes
from xerosync.plan.matching import Match, match

AccountKey = tuple[str, str]


def as_left(run: Run, before: Mapping[str, Account]) -> dict[str, Account]:
    """Return the accounts by id as a run left them; what it did not settle is as `before`."""
    now = {account.account_id: account for account in run.accounts}
    if not before:
        return now
    if run.desired and run.desired.partial:
        ours = {call.subject for call in run.calls if call.acted}
        kept = {key: account for key, account in before.items() if key not in ours}
        return kept | {key: account for key, account in now.items() if key in ours}
    for account_id, fields in unsettled(run).items():
        if then := before.get(account_id):
            now[account_id] = replace(
                now[account_id], **{name: getattr(then, name) for name in fields}
            )
    unmet = _unmet(run)
    gone = {key: a for key, a in before.items() if account_key(a.code, a.name) in unmet}
    return gone | now


def is_settled(run: Run) -> bool:
    """Whether all that the file asked for is in the chart that a run read at its end."""
    return not unsettled(run) and not _unmet(run)


def unsettled(run: Run) -> dict[str, set[str]]:
    """Return the fields, by account id, that are not as the file asked and not as a call left them.

    Some of them were edited in Xero; the others wait for another apply.
    """
    written = {c.after.account_id: c.after for c in run.calls if c.acted and c.after}
    found = {}
    for one in match_again(run.desired, run.accounts) or ():
        if one.account and (fields := _differing(one.desired, one.account)):
            left = written.get(one.account.account_id)
            found[one.account.account_id] = {
                name for name in fields if left is None or not _same(name, left, one.account)
            }
    return {account_id: fields for account_id, fields in found.items() if fields}


def match_again(
    desired: DesiredChart | None, accounts: Iterable[Account]
) -> tuple[Match, ...] | None:
    """Match what a run's file asked for to some accounts; None where that is not possible."""
    if desired is None:
        return None
    try:
        return match(Chart(Organisation("", ""), tuple(accounts)), desired)
    except ChartError:
        return None


def account_key(code: str, name: str) -> AccountKey:
    """Return what identifies an account that has no id yet."""
    return code_key(code), name_key(name)


def _differing(entry: DesiredAccount, account: Account) -> set[str]:
    """Return the fields in which an account is not as its entry asks.

    A tax rate that the entry gives by its name is left out: only Xero knows its code.
    """
    wanted = dict(entry.values)
    if " " in str(wanted.get("tax_type", "")):
        del wanted["tax_type"]
    fields = {changed.field for changed in field_changes(account.values(), wanted)}
    return fields | ({"status"} if entry.status != account.status else set())


def _same(name: str, one: Account, other: Account) -> bool:
    return bool(getattr(one, name) == getattr(other, name))


def _unmet(run: Run) -> set[AccountKey]:
    """Return the codes and names of active entries that had no account at the end."""
    return {
        account_key(one.desired.code, one.desired.name)
        for one in match_again(run.desired, run.accounts) or ()
        if not one.account and one.desired.status == Status.ACTIVE
    }
