"""The balances of the accounts, before the postings that ``Store`` adds.

An amount is in hundredths of the currency; a debit is positive. Debits equal credits: retained
earnings make up the difference at the start of the year, and the first bank account this year's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from xerosync.sandbox.accounting.account import Account
from xerosync.sandbox.books.seed.country import Organisation

SIGNS = {"ASSET": 1, "EXPENSE": 1, "EQUITY": -1, "LIABILITY": -1, "REVENUE": -1}
OF_A_YEAR = frozenset({"EXPENSE", "REVENUE"})
"""The classes in the profit and loss. Their balances start at zero each year."""
MOST_BOOKED = (30_000_00, 9_000_00, 900_00)
"""The largest random ``opening``, ``year`` and ``month``, before the factor in ``SCALES``."""
SCALES = {"REVENUE": 12, "ROUNDING": 1 / 5000, "TRACKINGTRANSFERS": 0, "HISTORICAL": 0}
"""Factors for the random amounts, by account type or system account; 1 for all others."""
CONTRA = ".ACC"
"""The end of every reporting code for accumulated depreciation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The amounts of one account.

    ``opening`` was booked before this year, ``year`` earlier this year, and ``month`` this month.
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
"""The code of the first bank account in a new organisation."""
PINNED = {
    "408": (0, 0, 0),
    "429": (0, -45_10, 0),
    "453": (0, -85_00, 85_00),
    "461": (0, 1_084_50, 120_00),
    "850": (310_00, 0, 0),
    "855": (-500_00, 500_00, 0),
    "900": (-25_000_00, 0, 0),
}
"""``opening``, ``year`` and ``month`` of some accounts of demo companies, by account code.

They include an account without amounts, an expense with a credit balance, accounts that came
back to zero, and accounts that have not moved this year.
"""


def balances(organisation: Organisation, accounts: Sequence[Account]) -> tuple[Balance, ...]:
    """Return the balance of each account.

    An account of an unknown type has no amounts: the trial balance has no section for it.
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
    return next((index for index, each in enumerate(found) if test(each.account)), 0)


def _balance(account: Account, pinned: tuple[int, int, int] | None) -> Balance:
    if not (account.used and account.class_):
        return Balance(account=account)
    opening, year, month = pinned or _at_random(account)
    if account.class_ in OF_A_YEAR:
        opening, year = 0, opening + year
    return Balance(account=account, opening=opening, year=year, month=month)


def _at_random(account: Account) -> tuple[int, int, int]:
    """Return ``opening``, ``year`` and ``month`` for an account.

    About one account in eight has no amounts. About half of the others have only an opening amount.
    """
    # No cryptography here: the same account must have the same balance.
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
