"""How the charts of a practice's clients have drifted from the ones that they started with.

Each client was set up with the chart of its country (``chart``), which has since been changed
as bookkeepers change charts. The same seed gives the same drift. Each change is a
``Deviation``, so that what a program finds can be compared with what was done.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One thing that was done to an account.

    ``standard`` is the code that the account had at the start, ``""`` if it is the client's
    own (``extra``). ``account_id`` is its id, ``""`` if it is gone (``missing``). ``value`` is
    the new name, code, tax type or reporting code, and for ``extra`` the code.
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
"""Of a hundred deviations, how many are of each kind."""
FEWEST, MOST = 2, 9
"""The fewest and the most changes that are drawn for a chart; a change may bring a second one."""
ALSO_RENUMBERED = 0.15
"""The share of accounts with another name that also have another code."""
REUSED = 0.3
"""The share of missing accounts whose code has gone to an account of the client's own.

Only codes in ``OWN_ACCOUNTS`` are reused.
"""


def drifted(
    organisation: Organisation, seed: int
) -> tuple[tuple[Account, ...], tuple[Deviation, ...]]:
    """Return the chart of a client as it is now, and what was done to it."""
    books = _Books(organisation)
    if organisation.name in PINNED:
        for kind, standard, value in PINNED[organisation.name]:
            books.change(DeviationKind(kind), standard, value)
    else:
        # Not for secrecy: the same seed must give the same charts.
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
        """The chart as it is now."""
        return (*self._banks, *self._now.values(), *self._own)

    def free(self, kind: DeviationKind) -> list[str]:
        """Return the codes of the unchanged accounts to which this kind of change may be made."""
        changed = {each.standard for each in self.deviations}
        unchanged = (one for code, one in self._now.items() if code not in changed)
        return [one.code for one in unchanged if POSSIBLE[kind](one)]

    def is_free(self, code: str) -> bool:
        """Whether no account has a code, and none that is left had it at the start."""
        taken = {account.code for account in self.accounts}
        return code not in taken and code not in self._now

    def change(self, kind: DeviationKind, standard: str, value: str) -> None:
        """Change or remove the account that had a code at the start, or add one with a new code.

        The code of an account to add is ``value``.
        """
        if kind is DeviationKind.EXTRA:
            account = self._own_account(value)
            self._own.append(account)
        elif kind is DeviationKind.MISSING:
            del self._now[standard]
            self.deviations.append(Deviation(kind=kind, standard=standard, account_id="", value=""))
            return
        else:
            account = replace(self._now[standard], **_fields(kind, value))
            self._now[standard] = account
        self.deviations.append(
            Deviation(kind=kind, standard=standard, account_id=account.account_id, value=value)
        )

    def other_tax(self, standard: str) -> str:
        """Return a wrong tax type: no tax if the account has one, else that of its class."""
        account, tax = self._now[standard], self.organisation.country.tax
        if account.tax_type != tax["none"]:
            return tax["none"]
        return tax["out" if account.class_ == "REVENUE" else "in"]

    def other_reporting_codes(self, standard: str) -> list[str]:
        """Return the other reporting codes of an account's class."""
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
"""Whether each kind of change may be made to an account."""


def _fields(kind: DeviationKind, value: str) -> dict[str, Any]:
    """Return the new values that a change gives to fields of an account."""
    if kind is DeviationKind.ARCHIVED:
        return {"status": AccountStatus.ARCHIVED}
    return {"tax_type" if kind is DeviationKind.TAX else kind.replace("-", "_"): value}


def _at_random(books: _Books, chance: random.Random) -> None:
    """Change the chart of a client at random."""
    kinds, weights = [*HOW_OFTEN], [*HOW_OFTEN.values()]
    for kind in chance.choices(kinds, weights, k=chance.randint(FEWEST, MOST)):
        if kind is DeviationKind.EXTRA:
            _add_own(books, chance)
            continue
        standard = chance.choice(books.free(kind))
        value = _value(books, chance, kind, standard)
        books.change(kind, standard, value)
        if kind is DeviationKind.NAME and chance.random() < ALSO_RENUMBERED:
            books.change(
                DeviationKind.CODE, standard, _value(books, chance, DeviationKind.CODE, standard)
            )
        if kind is DeviationKind.MISSING and standard in OWN_ACCOUNTS and chance.random() < REUSED:
            books.change(DeviationKind.EXTRA, "", standard)


def _add_own(books: _Books, chance: random.Random) -> None:
    """Add an account of the client's own, unless it has all of them."""
    codes = [code for code in OWN_ACCOUNTS if books.is_free(code) and code != NEW_CODE]
    if codes:
        books.change(DeviationKind.EXTRA, "", chance.choice(codes))


def _value(books: _Books, chance: random.Random, kind: DeviationKind, standard: str) -> str:
    """Return the new value for a kind of change, ``""`` if it needs none."""
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
        case _:
            return ""
