"""The balances of the accounts, made from their ids, so that each sandbox has the same ones.

An amount is in hundredths of the currency; a debit is positive. The books balance: retained
earnings have what balances the other accounts at the start of the year, and the first bank
account has what balances this year's amounts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from xerosync.sandbox.accounting.account import Account
from xerosync.sandbox.books.seed.country import Organisation

SIGNS = {"ASSET": 1, "EXPENSE": 1, "EQUITY": -1, "LIABILITY": -1, "REVENUE": -1}
OF_A_YEAR = frozenset({"EXPENSE", "REVENUE"})
"""The classes whose balances start each year at zero."""
MOST_BOOKED = (30_000_00, 9_000_00, 900_00)
"""The most that is booked on an account before this year, in it, and in this month."""
SCALES = {"REVENUE": 12, "ROUNDING": 1 / 5000, "TRACKINGTRANSFERS": 0, "HISTORICAL": 0}
"""Factors of ``MOST_BOOKED`` for some types and system accounts."""
CONTRA = ".ACC"
"""The end of the reporting codes of accumulated depreciation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What is booked on one account: before this year, in it, and in this month.

    ``year`` is without ``month``.
    """

    account: Account
    opening: int = 0
    year: int = 0
    month: int = 0

    @property
    def now(self) -> int:
        """The balance today."""
        return self.opening + self.year + self.month


BANK = "090"
"""The code that the first bank account has at the start."""
PINNED = {
    "408": (0, 0, 0),
    "429": (0, -45_10, 0),
    "453": (0, -85_00, 85_00),
    "461": (0, 1_084_50, 120_00),
    "850": (310_00, 0, 0),
    "855": (-500_00, 500_00, 0),
    "900": (-25_000_00, 0, 0),
}
"""Amounts of demo companies by code, as in ``Balance``.

Some accounts are unused, are on the unusual side, came to zero, or have not moved this year.
"""


def balances(organisation: Organisation, accounts: Sequence[Account]) -> tuple[Balance, ...]:
    """Return the balance of each account, which is zero if no transaction uses the account.

    It is also zero if the account's type is unknown, as no section of a report has such accounts.
    """
    pinned = {organisation.id_of(code): amounts for code, amounts in PINNED.items()}
    found = [
        _balance(account, pinned.get(account.account_id) if organisation.is_demo else None)
        for account in accounts
    ]
    retained = _first(found, lambda account: account.system_account == "RETAINEDEARNINGS")
    bank = _first(found, lambda account: account.account_id == organisation.id_of(BANK))
    for index, name in ((retained, "opening"), (bank, "year"), (bank, "month")):
        rest = sum(getattr(each, name) for each in found) - getattr(found[index], name)
        found[index] = replace(found[index], **{name: -rest})
    return tuple(found)


def _first(found: Sequence[Balance], test: Callable[[Account], bool]) -> int:
    """Return the position of the first account that passes a test, or 0 if none does."""
    return next((index for index, each in enumerate(found) if test(each.account)), 0)


def _balance(account: Account, pinned: tuple[int, int, int] | None) -> Balance:
    if not (account.used and account.class_):
        return Balance(account=account)
    opening, year, month = pinned or _at_random(account)
    if account.class_ in OF_A_YEAR:
        opening, year = 0, opening + year
    return Balance(account=account, opening=opening, year=year, month=month)


def _at_random(account: Account) -> tuple[int, int, int]:
    """Return the amounts of an account, as in ``Balance``.

    One account in eight has none, and of the others one in two has not moved this year.
    """
    # Not for secrecy: the same account must have the same balance.
    chance = random.Random(account.account_id)  # noqa: S311
    sign = SIGNS.get(account.class_, 1) * (-1 if account.reporting_code.endswith(CONTRA) else 1)
    if chance.random() < 1 / 8:
        return 0, 0, 0
    scale = SCALES.get(account.system_account or account.type, 1)
    opening, year, month = (
        sign * round(scale * chance.randint(10_00, most)) for most in MOST_BOOKED
    )
    if chance.random() < 1 / 10:
        opening, year = -opening, -year
    return (opening, 0, 0) if chance.random() < 1 / 2 else (opening, year, month)
