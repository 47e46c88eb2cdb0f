"""A chart of accounts as Xero has it; what a file asks for is in `desired.py`.

`FIELDS` is the one table of an account's fields. `xero/wire.py` maps them to Xero's names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

Value = str | bool
"""A field's value: text ("" for absent, null and empty) or a flag."""

AccountKey = tuple[str, str]
"""The `code_key` and the `name_key` of an account, which identify it where its id is not known."""


class AccountClass(StrEnum):
    """The five classes that Xero derives from an account's type."""

    ASSET = "ASSET"
    EQUITY = "EQUITY"
    EXPENSE = "EXPENSE"
    LIABILITY = "LIABILITY"
    REVENUE = "REVENUE"


class Status(StrEnum):
    """The status of an account or a tax rate."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


CLASS_OF_TYPE: Mapping[str, AccountClass] = dict(
    sorted(
        (account_type, AccountClass(class_name))
        for class_name, types in {
            "ASSET": ("BANK", "CURRENT", "FIXED", "INVENTORY", "NONCURRENT", "PREPAYMENT"),
            "EQUITY": ("EQUITY",),
            "EXPENSE": ("DEPRECIATN", "DIRECTCOSTS", "EXPENSE", "OVERHEADS"),
            "LIABILITY": ("CURRLIAB", "LIABILITY", "PAYG", "TERMLIAB"),
            "REVENUE": ("OTHERINCOME", "REVENUE", "SALES"),
        }.items()
        for account_type in types
    )
)
"""The class of each account type (Xero docs, Types: Account Types).

Xero's answers may also contain other types.
"""

BANK_ACCOUNT_TYPES = ("BANK", "CREDITCARD", "PAYPAL")

SYSTEM_ACCOUNTS = (
    "BANKCURRENCYGAIN", "CISASSET", "CISASSETS", "CISLABOUR", "CISLABOUREXPENSE",
    "CISLABOURINCOME", "CISLIABILITY", "CISMATERIALS", "CREDITORS", "DEBTORS", "GST",
    "GSTONIMPORTS", "HISTORICAL", "REALISEDCURRENCYGAIN", "RETAINEDEARNINGS", "ROUNDING",
    "TRACKINGTRANSFERS", "UNPAIDEXPCLM", "UNREALISEDCURRENCYGAIN", "WAGEPAYABLES",
)  # fmt: skip
"""The roles that Xero gives to system accounts (Xero docs, Types: System Accounts)."""


class AppliesTo(StrEnum):
    """Which accounts a field belongs to."""

    ALL = "all"
    BANK = "bank"
    NOT_BANK = "not bank"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an account: its name, where it applies, and what Xero accepts.

    `label` is what an accountant calls it. `max_length` is in characters, 0 for no known limit.
    `flag` fields are true or false; all others are text. `plural` says that the label is plural.
    """

    name: str
    label: str
    applies_to: AppliesTo = AppliesTo.ALL
    on_create: bool = True
    on_update: bool = True
    flag: bool = False
    max_length: int = 0
    choices: tuple[str, ...] = ()
    plural: bool = False

    def applies(self, account_type: str) -> bool:
        """Whether the field belongs to accounts of this type."""
        of_banks = self.applies_to is AppliesTo.BANK
        return self.applies_to is AppliesTo.ALL or of_banks == (account_type == "BANK")

    @property
    def empty(self) -> Value:
        """The value of the field when it is absent."""
        return False if self.flag else ""

    def comparable(self, value: Value | None) -> Value:
        """Return one form for all values that count as the same.

        Absent, null and "" are the same, and so is the bank account type "NONE". A bank account
        number loses its punctuation, as in Xero's answers, and its case does not count. In other
        text, CRLF is the same as LF; white space at the ends and the Unicode form do not count.
        """
        if value is None:
            return self.empty
        if isinstance(value, bool):
            return value
        value = _composed(value)
        if self.name == "bank_account_number":
            return "".join(c for c in value if c.isalnum()).upper()
        if self.name == "bank_account_type":
            return "" if value == "NONE" else value
        return value.replace("\r\n", "\n").strip()


FIELDS: tuple[Field, ...] = (
    Field("code", "code", max_length=10),
    Field("name", "name", max_length=150),
    Field("type", "type", choices=tuple(CLASS_OF_TYPE)),
    Field("tax_type", "tax rate"),
    Field("description", "description", AppliesTo.NOT_BANK, max_length=4000),
    Field("reporting_code", "report code"),
    Field(
        "enable_payments_to_account", "payments to this account", AppliesTo.NOT_BANK, flag=True,
        plural=True,
    ),
    Field("show_in_expense_claims", "expense claims", AppliesTo.NOT_BANK, flag=True, plural=True),
    Field("add_to_watchlist", "dashboard watchlist", on_create=False, flag=True),
    Field("bank_account_number", "bank account number", AppliesTo.BANK),
    Field(
        "bank_account_type", "bank account type", AppliesTo.BANK,
        on_update=False, choices=BANK_ACCOUNT_TYPES,
    ),
    Field("currency_code", "currency", AppliesTo.BANK, on_update=False),
)  # fmt: skip
"""The fields that a file can manage, in the order in which they are shown.

What Xero accepts is from its documentation, Accounts: a create (PUT) does not set the watchlist,
and the bank account type cannot be updated. An apply sends `status` in calls of its own.
"""

FIELD: Mapping[str, Field] = {f.name: f for f in FIELDS}
_DIGITS = re.compile("([0-9]+)")


def display(value: Value, label: str = "", *, empty: str = "empty") -> str:
    """Return a field's value as people read it. For a tax type, `label` is the tax rate's name."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{label} ({value})" if label and value else value or empty


def _composed(text: str) -> str:
    """Return the text in Unicode's NFC, so that equal texts have equal characters."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def code_key(code: str) -> str:
    """Return a key that is equal for codes that Xero may treat as the same.

    Xero does not document whether case counts, so `abc` and `ABC` have the same key.
    """
    return _composed(code.strip()).casefold()


def name_key(name: str) -> str:
    """Return a key that is equal for names that Xero may treat as the same (see `code_key`)."""
    return _composed(" ".join(name.split())).casefold()


def account_key(code: str, name: str) -> AccountKey:
    """Return the `AccountKey` of an account with this code and name."""
    return code_key(code), name_key(name)


def bank_number_key(number: str) -> str:
    """Return a bank account number in capitals and without punctuation, to compare it."""
    return str(FIELD["bank_account_number"].comparable(number))


def code_order(code: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts codes as people do: 90 before 200, B2 before B10."""
    return tuple(
        (0, len(digits := part.lstrip("0")), digits) if part.isdecimal() else (1, 0, part)
        for part in _DIGITS.split(code.casefold())
        if part
    ) or ((2, 0, ""),)


@dataclass(frozen=True, slots=True)
class Account:
    """One account as Xero has it. Unknown types and statuses are kept as text."""

    account_id: str
    code: str = ""
    name: str = ""
    type: str = ""
    status: str = Status.ACTIVE
    tax_type: str = ""
    description: str = ""
    reporting_code: str = ""
    enable_payments_to_account: bool = False
    show_in_expense_claims: bool = False
    add_to_watchlist: bool = False
    bank_account_number: str = ""
    bank_account_type: str = ""
    currency_code: str = ""
    system_account: str = ""
    account_class: str = ""
    updated_at: datetime | None = None

    def value(self, name: str) -> Value:
        """Return the value of one field of `FIELDS`."""
        value: Value = getattr(self, name)
        return value

    def values(self) -> dict[str, Value]:
        """Return every field of `FIELDS` with its value."""
        return {f.name: self.value(f.name) for f in FIELDS}

    @property
    def label(self) -> str:
        """The account in messages: code and name."""
        return f"{self.code} {self.name}".strip()


def class_of(account_type: str, fallback: str = "") -> str:
    """Return the class of an account type, or `fallback` for a type not in `CLASS_OF_TYPE`."""
    return str(CLASS_OF_TYPE.get(account_type, fallback))


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate of the organisation: `tax_type` is Xero's code, `name` is shown to people.

    `applies_to` are the classes of accounts that can use it. `percent` is None if Xero has none.
    """

    tax_type: str
    name: str
    status: str = Status.ACTIVE
    applies_to: frozenset[str] = frozenset()
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation: a Xero tenant. `timezone` is Xero's name for a time zone."""

    tenant_id: str
    name: str
    short_code: str = ""
    country_code: str = ""
    base_currency: str = ""
    is_demo_company: bool = False
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """The current chart: all accounts of one organisation, including archived ones."""

    organisation: Organisation
    accounts: tuple[Account, ...]
    tax_rates: tuple[TaxRate, ...] = ()
