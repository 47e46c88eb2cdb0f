"""The problems to report if it is unclear which account an entry means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xerosync.desired import DesiredAccount
from xerosync.errors import Problem
from xerosync.model import Account
from xerosync.plan.matching.pins import ids, leave_out, remove_previously, xero_id
from xerosync.text import full_stop, series


def one_account_twice(
    entry: DesiredAccount, by: str, first: DesiredAccount, first_by: str, account: Account
) -> Problem:
    """Return the problem for two entries that match one account."""
    how = ["a former code (`previously`)" if m == "previously" else m for m in (by, first_by)]
    new = f" If a new account is meant, {remove_previously(entry)}." if by == "previously" else ""
    return _problem(
        entry,
        "one-account-twice",
        f"{entry.label} and {first.label} ({first.source}) match the same account in Xero, "
        f"{account.label}: the first by {how[0]}, the second by {how[1]}.",
        f"Keep one of the two entries, or give each its own account_id.{new}",
    )


def pins_disagree(entry: DesiredAccount, account: Account) -> Problem:
    """Return the problem for an entry whose `account_id` and `system_account` disagree."""
    return _problem(
        entry,
        "pins-disagree",
        f"{entry.label}: the account_id is that of {account.label} in Xero, which is not the "
        f"system account {entry.system_account}.",
        "Keep only the right one: account_id or system_account.",
    )


def ambiguous_account(entry: DesiredAccount, accounts: Iterable[Account]) -> Problem:
    """Return the problem for an entry that could be any of several accounts."""
    labels = sorted(f"{a.label} ({xero_id(a)})" if xero_id(a) else a.label for a in accounts)
    return _problem(
        entry,
        "ambiguous-account",
        f"{entry.label} could be any of these accounts in Xero: {full_stop(', '.join(labels))}",
        "Say which one with its account_id.",
    )


def both_codes_present(entry: DesiredAccount, accounts: Iterable[Account]) -> Problem:
    """Return the problem for a renumbered entry that matches several accounts."""
    accounts = _by_code(accounts)
    labels = series([f"{a.label} ({a.status.lower()})" for a in accounts])
    former = f"had the code {series(entry.previously, 'or')} before"
    two = len(accounts) == 2  # noqa: PLR2004
    several = "two" if two else "several"
    others = "the other one" if two else "each of the others"
    interrupted = "was being renumbered when an apply was interrupted"
    return _problem(
        entry,
        "both-codes-present",
        f"{entry.label} {former if entry.previously else interrupted}, and Xero has {labels}: "
        f"{several} accounts for one entry.",
        (f"If the renumbering is done, {remove_previously(entry)}. " if entry.previously else "")
        + "If only one of them is to stay active, pin this entry to it by account_id, and give "
        f"{others} an entry with its own account_id and `status: ARCHIVED`{ids(accounts)}.",
    )


def ambiguous_renumbering(
    entries: Sequence[DesiredAccount], accounts: Iterable[Account]
) -> Problem:
    """Return the problem for entries that share codes and whose names do not say which is which."""
    former = any(entry.previously and not entry.inherited.file for entry in entries)
    remove = "Remove `previously` from each entry for a new account. " if former else ""
    return _problem(
        entries[0],
        "ambiguous-renumbering",
        "These entries share codes, present or former, and their names do not show which account is"
        f" which: {', '.join(f'{e.label} ({e.source})' for e in entries)}.",
        f"{remove}Add the account_id to each entry whose account is in Xero"
        f"{ids(_by_code(accounts))}.",
    )


def deleted_former_code(
    entry: DesiredAccount, code: str, other: DesiredAccount, accounts: Iterable[Account]
) -> Problem:
    """Return the problem for a DELETED entry whose former code is another entry's code."""
    now = ids(accounts)
    check = f"{now}. Check the name: another account may have its code now" if now else ""
    return _problem(
        entry,
        "ambiguous-renumbering",
        f"{entry.label} is to be deleted, and its former code {code} now belongs to "
        f"{other.label} ({other.source}): once it is deleted, xerosync cannot tell which of the "
        "two has that code in Xero.",
        f"If Xero no longer has the account to delete, {leave_out(entry)}. If it does, add its "
        f"account_id to this entry{check}.",
    )


def _problem(entry: DesiredAccount, rule: str, message: str, hint: str) -> Problem:
    source = entry.source
    return Problem(source.file, source.line, source.column, rule, message, hint)


def _by_code(accounts: Iterable[Account]) -> list[Account]:
    return sorted(accounts, key=lambda account: account.code)
