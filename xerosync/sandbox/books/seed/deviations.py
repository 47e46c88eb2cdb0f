"""Make the charts of a practice's clients drift from the standard chart of their country.

Each client was set up with the chart of its country (``chart``). Since then, the chart has been
changed in ways that are common among bookkeepers. The same seed gives the same drift. Each change
is recorded as a ``Deviation``, so that a program's findings can be compared with the truth.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from xerosync.sandbox.accounting.account import CLASS_OF, Account, AccountStatus
from xerosync.sandbox.accounting.reporting import DEFAULTS, NAMES
from xerosync.sandbox.books.seed.chart import accounts
from xerosync.sandbox.books.seed.country import CREATED_MS, Organisation
from xerosync.sandbox.books.seed.local import NEW_CODE, OTHER_NAMES, OWN_ACCOUNTS, PINNED


class DeviationKind(StrEnum):
    """One way in which an account deviates from the chart that its client started with."""

    NAME = "name"
    CODE = "code"
    TAX = "tax"
    REPORTING_CODE = "reporting-code"
    ARCHIVED = "archived"
    MISSING = "missing"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One change to an account.

    ``standard`` is the account's code in the standard chart. An account that the client added
    (``extra``) has ``""``. ``account_id`` is ``""`` for a removed account (``missing``). ``value``
    is the new name, code, tax type or reporting code, or the code of an added account. It is
    ``""`` for the kinds ``archived`` and ``missing``.
    """

    kind: DeviationKind
    standard: str
    account_id: str
    value: str


HOW_OFTEN = {
    DeviationKind.NAME: 40,
    DeviationKind.EXTRA: 25,
    DeviationKind.MISSING: 10,
    DeviationKind.TAX: 8,
    DeviationKind.CODE: 7,
    DeviationKind.ARCHIVED: 6,
    DeviationKind.REPORTING_CODE: 4,
}
"""The chance, in percent, of each kind of random change."""
FEWEST, MOST = 2, 9
"""The fewest and the most random changes to a chart; some of them cause a second change."""
ALSO_RENUMBERED = 0.15
"""The share of renamed accounts that also get another code."""
REUSED = 0.3
"""The chance that a client reuses the code of a removed account, if ``OWN_ACCOUNTS`` has it."""


def drifted(
    organisation: Organisation, seed: int
) -> tuple[tuple[Account, ...], tuple[Deviation, ...]]:
    """Return the chart of a client as it is now, and the changes that were made to it."""
    books = _Books(organisation)
    if organisation.name in PINNED:
        for kind, standard, value in PINNED[organisation.name]:
            books.change(DeviationKind(kind), standard, value)
    else:
        # No cryptography here: the same seed must give the same charts.
        _at_random(books, random.Random(f"{seed} {organisation.key}"))  # noqa: S311
    return books.accounts, tuple(books.deviations)


class _Books:
    """The chart of one client while it is being changed."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        start = accounts(organisation)
        self._banks = [account for account in start if account.is_bank]
        self._now = {account.code: account for account in start if not account.is_bank}
        self._own: list[Account] = []
        self.deviations: list[Deviation] = []

    @property
    def accounts(self) -> tuple[Account, ...]:
        return (*self._banks, *self._now.values(), *self._own)

    def free(self, kind: DeviationKind) -> list[str]:
        changed = {each.standard for each in self.deviations}
        unchanged = (one for code, one in self._now.items() if code not in changed)
        return [one.code for one in unchanged if POSSIBLE[kind](one)]

    def is_free(self, code: str) -> bool:
        taken = {account.code for account in self.accounts}
        return code not in taken and code not in self._now

    def change(self, kind: DeviationKind, standard: str, value: str) -> None:
        """Change or remove the account that started with the code ``standard``.

        For ``extra``, add the account of ``OWN_ACCOUNTS`` that has the code ``value``.
        """
        if kind is DeviationKind.EXTRA:
            account = self._own_account(value)
            self._own.append(account)
        elif kind is DeviationKind.MISSING:
            del self._now[standard]
            self.deviations.append(Deviation(kind, standard, "", ""))
            return
        else:
            account = replace(self._now[standard], **_fields(kind, value))
            self._now[standard] = account
        self.deviations.append(Deviation(kind, standard, account.account_id, value))

    def other_tax(self, standard: str) -> str:
        """Return a wrong tax type: no tax if the account has a tax, else a tax for its class."""
        account, tax = self._now[standard], self.organisation.country.tax
        if account.tax_type != tax["none"]:
            return tax["none"]
        return tax["out" if account.class_ == "REVENUE" else "in"]

    def other_reporting_codes(self, standard: str) -> list[str]:
        """Return the reporting codes of an account's class, except the account's own code."""
        account = self._now[standard]
        branch = DEFAULTS[account.class_]
        return [
            code for code in NAMES if code.startswith(branch) and code != account.reporting_code
        ]

    def _own_account(self, code: str) -> Account:
        name, type_, tax = OWN_ACCOUNTS[code]
        return Account(
            account_id=self.organisation.id_of(f"own/{code}"),
            code=code,
            name=name,
            type=type_,
            tax_type=self.organisation.country.tax[tax],
            reporting_code=DEFAULTS[CLASS_OF[type_]],
            updated_ms=CREATED_MS,
            used=True,
        )


def _is_ordinary(account: Account) -> bool:
    return account.status == AccountStatus.ACTIVE and not account.is_system


def _may_go(account: Account) -> bool:
    return _is_ordinary(account) and not account.locked_by


TAXED = frozenset({"EXPENSE", "REVENUE"})
POSSIBLE: dict[DeviationKind, Callable[[Account], bool]] = {
    DeviationKind.NAME: lambda account: _is_ordinary(account) and account.code in OTHER_NAMES,
    DeviationKind.CODE: _is_ordinary,
    DeviationKind.TAX: lambda account: _is_ordinary(account) and account.class_ in TAXED,
    DeviationKind.REPORTING_CODE: _is_ordinary,
    DeviationKind.ARCHIVED: _may_go,
    DeviationKind.MISSING: _may_go,
}
"""For each kind of change except ``extra``, a test of whether an account allows the change."""


def _fields(kind: DeviationKind, value: str) -> dict[str, Any]:
    if kind is DeviationKind.ARCHIVED:
        return {"status": AccountStatus.ARCHIVED}
    return {"tax_type" if kind is DeviationKind.TAX else kind.replace("-", "_"): value}


def _at_random(books: _Books, chance: random.Random) -> None:
    kinds, weights = [*HOW_OFTEN], [*HOW_OFTEN.values()]
    for kind in chance.choices(kinds, weights, k=chance.randint(FEWEST, MOST)):
        if kind is DeviationKind.EXTRA:
            _add_own(books, chance)
            continue
        standard = chance.choice(books.free(kind))
        books.change(kind, standard, _value(books, chance, kind, standard))
        if kind is DeviationKind.NAME and chance.random() < ALSO_RENUMBERED:
            books.change(
                DeviationKind.CODE, standard, _value(books, chance, DeviationKind.CODE, standard)
            )
        if kind is DeviationKind.MISSING and standard in OWN_ACCOUNTS and chance.random() < REUSED:
            books.change(DeviationKind.EXTRA, "", standard)


def _add_own(books: _Books, chance: random.Random) -> None:
    """Add one of ``OWN_ACCOUNTS`` at random, if any has a free code other than ``NEW_CODE``."""
    codes = [code for code in OWN_ACCOUNTS if books.is_free(code) and code != NEW_CODE]
    if codes:
        books.change(DeviationKind.EXTRA, "", chance.choice(codes))


def _value(books: _Books, chance: random.Random, kind: DeviationKind, standard: str) -> str:
    """Return the new value for a kind of change, or ``""`` if this kind needs no value."""
    match kind:
        case DeviationKind.NAME:
            return chance.choice(OTHER_NAMES[standard])
        case DeviationKind.CODE:
            codes = (f"{standard}0", f"{standard}1", f"{int(standard) + 1}", f"{int(standard) + 2}")
            return chance.choice([code for code in codes if books.is_free(code)])
        case DeviationKind.TAX:
            return books.other_tax(standard)
        case DeviationKind.REPORTING_CODE:
            return chance.choice(books.other_reporting_codes(standard))
    return ""
