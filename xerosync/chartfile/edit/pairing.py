"""Entries of a chart file → the accounts that they speak of, moved and remade ones too.

A plan matches by what the file says alone. When the books are what counts, an account that
Xero renumbered, or that was deleted and made anew, is found as well: it is one that no
entry speaks of, and it alone has an entry's code or name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xerosync.model import (
    Account,
    Chart,
    DesiredAccount,
    DesiredChart,
    Status,
    code_key,
    name_key,
)
from xerosync.plan.matching import Match, MatchedBy, match


def pair(chart: Chart, desired: DesiredChart) -> tuple[Match, ...]:
    """Match every entry, in the order of the file. Raises `ChartError` where it is ambiguous."""
    found = list(match(chart, desired))
    _match_rest(found, chart.accounts, _code_of_entry, _code_of_account, MatchedBy.CODE)
    _match_rest(found, chart.accounts, _name_of_entry, _name_of_account, MatchedBy.NAME)
    return tuple(found)


def _match_rest(
    found: list[Match],
    accounts: Sequence[Account],
    wanted: Callable[[DesiredAccount], str],
    key_of: Callable[[Account], str],
    by: MatchedBy,
) -> None:
    """Match entries that have no account to free accounts that are alone with their key."""
    owned = {m.account.account_id for m in found if m.account}
    free: dict[str, list[Account]] = {}
    for account in accounts:
        if account.account_id not in owned and account.status == Status.ACTIVE:
            free.setdefault(key_of(account), []).append(account)
    for index, open_match in enumerate(found):
        entry = open_match.desired
        if open_match.account or entry.system_account or entry.status != Status.ACTIVE:
            continue
        key = wanted(entry)
        candidates = [a for a in free.get(key, []) if key and _same_kind(entry, a)]
        if len(candidates) == 1:
            found[index] = Match(entry, candidates[0], by)
            free[key].remove(candidates[0])


def _same_kind(entry: DesiredAccount, account: Account) -> bool:
    """Tell whether both are bank accounts, or neither: none becomes the other."""
    kind = entry.text("type")
    return not kind or (kind == "BANK") == (account.type == "BANK")


def _code_of_entry(entry: DesiredAccount) -> str:
    return code_key(entry.code)


def _code_of_account(account: Account) -> str:
    return code_key(account.code)


def _name_of_entry(entry: DesiredAccount) -> str:
    return name_key(entry.name)


def _name_of_account(account: Account) -> str:
    return name_key(account.name)
