"""The nouns of a chart of accounts: what Xero holds, and what the file wants.

`FIELDS` is the one table of an account's fields; the schema, the reader, the diff,
the wire and the renderers all follow it. Names are ours; Xero's spelling of them is
in `xero/wire.py` alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Value = str | bool
"""A field's value: text (absent, null and "" are all "") or a flag."""


class AccountClass(StrEnum):
    """The five classes that Xero derives from an account's type."""

    ASSET = "ASSET"
    EQUITY = "EQUITY"
    EXPENSE = "EXPENSE"
    LIABILITY = "LIABILITY"
    REVENUE = "REVENUE"


class Status(StrEnum):
    """Whether an account is in use. A deleted account is gone from every list."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


CLASS_OF_TYPE: Mapping[str, AccountClass] = {
    "BANK": AccountClass.ASSET,
    "CURRENT": AccountClass.ASSET,
    "CURRLIAB": AccountClass.LIABILITY,
    "DEPRECIATN": AccountClass.EXPENSE,
    "DIRECTCOSTS": AccountClass.EXPENSE,
    "EQUITY": AccountClass.EQUITY,
    "EXPENSE": AccountClass.EXPENSE,
    "FIXED": AccountClass.ASSET,
    "INVENTORY": AccountClass.ASSET,
    "LIABILITY": AccountClass.LIABILITY,
    "NONCURRENT": AccountClass.ASSET,
    "OTHERINCOME": AccountClass.REVENUE,
    "OVERHEADS": AccountClass.EXPENSE,
    "PAYG": AccountClass.LIABILITY,
    "PREPAYMENT": AccountClass.ASSET,
    "REVENUE": AccountClass.REVENUE,
    "SALES": AccountClass.REVENUE,
    "TERMLIAB": AccountClass.LIABILITY,
}
"""Xero's account types and the class of each (Xero docs, Types: Account Types).

Reading tolerates types that are not here: Xero adds them without notice.
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
    """One field of an account: its name, where it applies, and how Xero takes it.

    `label` is what an accountant calls it. `on_create` and `on_update` say whether Xero
    takes it there. `max_length` is in characters (0: no limit known). `flag` fields are
    true or false; all others are text.
    """

    name: str
    label: str
    applies_to: AppliesTo = AppliesTo.ALL
    on_create: bool = True
    on_update: bool = True
    flag: bool = False
    max_length: int = 0
    choices: tuple[str, ...] = ()

    def applies(self, account_type: str) -> bool:
        """Tell whether the field belongs to accounts of this type."""
        match self.applies_to:
            case AppliesTo.BANK:
                return account_type == "BANK"
            case AppliesTo.NOT_BANK:
                return account_type != "BANK"
            case _:
                return True

    @property
    def empty(self) -> Value:
        """The value of the field when it is absent."""
        return False if self.flag else ""

    def comparable(self, value: Value | None) -> Value:
        """Give the form of a value in which two values are equal when Xero sees no difference.

        Absent, null and "" are one. A bank account number loses its punctuation, as
        Xero's answers do. Line ends are one kind, and blanks at the ends are none.
        """
        if value is None:
            return self.empty
        if isinstance(value, bool):
            return value
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
        "enable_payments_to_account", "payments to this account", AppliesTo.NOT_BANK, flag=True
    ),
    Field("show_in_expense_claims", "expense claims", AppliesTo.NOT_BANK, flag=True),
    Field("add_to_watchlist", "dashboard watchlist", on_create=False, flag=True),
    Field("bank_account_number", "bank account number", AppliesTo.BANK),
    Field(
        "bank_account_type", "bank account type", AppliesTo.BANK,
        on_update=False, choices=BANK_ACCOUNT_TYPES,
    ),
    Field("currency_code", "currency", AppliesTo.BANK, on_update=False),
)  # fmt: skip
"""The fields that a file can manage, in the order in which people read them.

Lengths and applicability: Xero docs, Accounts. The watchlist "works only with POST and
not PUT"; the bank account type "cannot be updated".
`status` is not here: it is never sent together with these.
"""

FIELD: Mapping[str, Field] = {f.name: f for f in FIELDS}


def display(value: Value, label: str = "", *, empty: str = "empty") -> str:
    """Return a field's value as people read it; `label` is the name of a tax rate."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{label} ({value})" if label and value else value or empty


def code_key(code: str) -> str:
    """Give the form in which two codes are the same code to Xero.

    Whether Xero folds case is not documented; taking `abc` and `ABC` for one code can
    refuse a plan that Xero would have taken, and never sends one that it refuses.
    """
    return code.strip().casefold()


def name_key(name: str) -> str:
    """Give the form in which two account names are the same name to Xero (see `code_key`)."""
    return " ".join(name.split()).casefold()


def bank_number_key(number: str) -> str:
    """Give a bank account number without its punctuation, as Xero returns it."""
    return str(FIELD["bank_account_number"].comparable(number))


def code_order(code: str) -> tuple[tuple[int, int, str], ...]:
    """Give a sort key that puts codes in the order of people: 90 before 200, B2 before B10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.split(r"([0-9]+)", code.casefold())
        if part
    ) or ((2, 0, ""),)


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a chart file; `line` and `column` count from 1, 0 is unknown."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the books hold it. Unknown types and statuses are kept as text."""

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
        """Give the value of one field of `FIELDS`."""
        value: Value = getattr(self, name)
        return value

    def values(self) -> dict[str, Value]:
        """Give every field of `FIELDS` with its value."""
        return {f.name: self.value(f.name) for f in FIELDS}

    @property
    def label(self) -> str:
        """The account as people point to it: code and name."""
        return f"{self.code} {self.name}".strip()


def class_of(account_type: str, fallback: str = "") -> str:
    """Give the class of an account type; `fallback` for types that Xero has added since."""
    known = CLASS_OF_TYPE.get(account_type)
    return str(known) if known else fallback


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax rate of the organisation: `tax_type` is Xero's code, `name` is what people see."""

    tax_type: str
    name: str
    status: str = Status.ACTIVE
    applies_to: frozenset[str] = frozenset()
    """The account classes it can be used with."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """The books: one Xero tenant."""

    tenant_id: str
    name: str
    short_code: str = ""
    country_code: str = ""
    base_currency: str = ""
    is_demo_company: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """The current chart: all accounts of one organisation, archived ones too."""

    organisation: Organisation
    accounts: tuple[Account, ...]
    tax_rates: tuple[TaxRate, ...] = ()


@dataclass(frozen=True, slots=True)
class DesiredAccount:
    """One account as the file wants it.

    `values` holds the managed fields only: a field that the file does not name is not
    there, one that it clears is "" (or False). `status` is ACTIVE unless the file says
    otherwise. `previously` are codes that the account had before.
    """

    values: Mapping[str, Value]
    status: str = Status.ACTIVE
    account_id: str = ""
    system_account: str = ""
    previously: tuple[str, ...] = ()
    protect: bool = False
    source: Source = Source()

    def text(self, name: str) -> str:
        """Give a text field's desired value, "" when it is not managed."""
        return str(self.values.get(name, ""))

    @property
    def code(self) -> str:
        """The desired code, "" when the file gives none."""
        return self.text("code")

    @property
    def name(self) -> str:
        """The desired name, "" when the file gives none."""
        return self.text("name")

    @property
    def label(self) -> str:
        """The account as people point to it."""
        spoken = f"{self.code} {self.name}".strip()
        return spoken or self.system_account or self.account_id or self.text("bank_account_number")


@dataclass(frozen=True, slots=True)
class OrganisationPin:
    """The only books that a file may change; each given part must match."""

    name: str = ""
    tenant_id: str = ""
    short_code: str = ""
    source: Source = Source()


class Unmanaged(StrEnum):
    """What to do with active accounts that the file leaves out."""

    KEEP = "keep"
    ARCHIVE = "archive"


class DeleteRefused(StrEnum):
    """What to do when Xero refuses to delete an account, as one with transactions."""

    FAIL = "fail"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Limits:
    """Safety limits of one apply.

    `archives` counts archives and deletes; `deletes` deletes alone (they are opt-in);
    `change_percent` is the share of active accounts that may be updated, archived or
    deleted, counted from 10 active accounts up.
    """

    archives: int = 5
    deletes: int = 0
    change_percent: int = 30


@dataclass(frozen=True, slots=True)
class DesiredChart:
    """A whole chart file, or what undoes a run.

    `partial` speaks of some accounts and of the others not at all: none of them is listed as
    unmanaged. `notes` say what nothing here can bring about, a sentence each.
    """

    file: str
    accounts: tuple[DesiredAccount, ...]
    organisation: OrganisationPin = OrganisationPin()
    unmanaged: Unmanaged = Unmanaged.KEEP
    delete_refused: DeleteRefused = DeleteRefused.FAIL
    limits: Limits = field(default_factory=Limits)
    partial: bool = False
    notes: tuple[str, ...] = ()
