"""The account of each entry of a chart file, also after Xero renumbered or recreated it.

A plan matches by what the file says alone. For a pull, what Xero holds counts: an entry
without an account also gets an account that no other entry has, if that account is the
only one with the entry's code or name.
"""

from __future__ import annotations

from collections.abc import Callable

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


def match_for_pull(chart: Chart, desired: DesiredChart) -> list[Match]:
    """Match every entry, in the order of the file. Raises `ChartError` if it is ambiguous."""
    found = list(match(chart, desired))
    _match_the_rest(found, chart, MatchedBy.CODE, lambda one: code_key(one.code))
    _match_the_rest(found, chart, MatchedBy.NAME, lambda one: name_key(one.name))
    return found


def _match_the_rest(
    found: list[Match],
    chart: Chart,
    via: MatchedBy,
    key_of: Callable[[Account | DesiredAccount], str],
) -> None:
    """Match the entries without an account to the active accounts without an entry."""
    matched = {m.account.account_id for m in found if m.account}
    free: dict[str, list[Account]] = {}
    for account in chart.accounts:
        if account.account_id not in matched and account.status == Status.ACTIVE:
            free.setdefault(key_of(account), []).append(account)
    for index, unmatched in enumerate(found):
        entry = unmatched.desired
        key = key_of(entry)
        if unmatched.account or entry.system_account or entry.status != Status.ACTIVE or not key:
            continue
        candidates = [account for account in free.get(key, ()) if _same_kind(entry, account)]
        if len(candidates) == 1:
            found[index] = Match(entry, candidates[0], via)
            free[key].remove(candidates[0])


def _same_kind(entry: DesiredAccount, account: Account) -> bool:
    """Whether both are bank accounts, or neither: none becomes the other."""
    kind = entry.text("type")
    return not kind or (kind == "BANK") == (account.type == "BANK")
