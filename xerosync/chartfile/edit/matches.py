"""Find the account of each entry, even if it was renumbered or recreated in Xero.

A pull looks for the account that the entry had at the last apply. A code alone is weak evidence and
counts last: codes move when people renumber a chart in Xero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.model import Account, Chart, Status, code_key, name_key
from xerosync.plan.matching.match import Match, MatchedBy, match, same_kind

_PINS = (
    MatchedBy.ACCOUNT_ID,
    MatchedBy.SYSTEM_ACCOUNT,
    MatchedBy.TEMPORARY,
    MatchedBy.BANK_ACCOUNT_NUMBER,
)

_Named = Account | DesiredAccount
_Key = Callable[[_Named], tuple[str, ...]]


def match_for_pull(
    chart: Chart, desired: DesiredChart, applied: Mapping[str, DesiredAccount]
) -> list[Match]:
    """Return a plan's matches (see `match`), each with the account that a pull finds for it.

    If a pull finds none, the account is None. `applied` are the entries of the last apply by the
    ids of their accounts. Raises `ChartError` if a match is ambiguous.
    """
    planned = match(chart, desired)
    rest = _Rest(chart, planned)
    rest.take_planned(_PINS)
    rest.take_applied(applied)
    rest.take_planned((MatchedBy.PREVIOUSLY,))
    rest.take_equal(_code_and_name, MatchedBy.CODE)
    rest.take_equal(_name, MatchedBy.NAME, active=True)
    rest.take_planned(tuple(MatchedBy))
    rest.take_equal(_code, MatchedBy.CODE, active=True)
    return [
        rest.found.get(number, replace(one, account=None, by=MatchedBy.NOTHING))
        for number, one in enumerate(planned)
    ]


class _Rest:
    """The entries without an account yet, and the accounts without an entry."""

    def __init__(self, chart: Chart, planned: Iterable[Match]) -> None:
        self.found: dict[int, Match] = {}
        self._planned = tuple(planned)
        self._free = {a.account_id: a for a in chart.accounts if a.status != Status.DELETED}

    def take_planned(self, kinds: Iterable[MatchedBy]) -> None:
        for number, one in enumerate(self._planned):
            free = one.account is not None and one.account.account_id in self._free
            if free and one.by in kinds and number not in self.found:
                self._take(number, one)

    def take_applied(self, applied: Mapping[str, DesiredAccount]) -> None:
        """Match each entry with the account that it had at the last apply."""
        known = [(self._free[i], entry) for i, entry in applied.items() if i in self._free]
        for key in (_code_and_name, _name, _code):
            there = [(account, key(entry)) for account, entry in known]
            self._take_pairs(there, key, MatchedBy.ACCOUNT_ID, active=False)

    def take_equal(self, key: _Key, by: MatchedBy, *, active: bool = False) -> None:
        """Match each entry with the account of the same `key`, if there is only one.

        With `active`, only active entries and active accounts are matched.
        """
        there = [
            (account, key(account))
            for account in self._free.values()
            if not active or account.status == Status.ACTIVE
        ]
        self._take_pairs(there, key, by, active=active)

    def _take_pairs(
        self,
        there: Iterable[tuple[Account, tuple[str, ...]]],
        key: _Key,
        by: MatchedBy,
        *,
        active: bool,
    ) -> None:
        accounts: dict[tuple[str, ...], list[Account]] = {}
        for account, value in there:
            accounts.setdefault(value, []).append(account)
        for number, one in enumerate(self._planned):
            entry = one.desired
            value = key(entry)
            if number in self.found or entry.system_account or not all(value):
                continue
            if active and entry.status != Status.ACTIVE:
                continue
            fits = partial(same_kind, entry)
            free = [a for a in accounts.get(value, ()) if a.account_id in self._free and fits(a)]
            if len(free) == 1:
                self._take(number, Match(entry, free[0], by))

    def _take(self, number: int, found: Match) -> None:
        if found.account is not None:
            self.found[number] = found
            del self._free[found.account.account_id]


def _code_and_name(one: _Named) -> tuple[str, ...]:
    return code_key(one.code), name_key(one.name)


def _name(one: _Named) -> tuple[str, ...]:
    return (name_key(one.name),)


def _code(one: _Named) -> tuple[str, ...]:
    return (code_key(one.code),)
