"""What still uses an account in Xero: its balance, items, repeating invoices and contacts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from xerosync.errors import UsageError
from xerosync.model import Account, code_key
from xerosync.suggestions import nearest
from xerosync.text import series

NOTHING = Decimal("0.00")
_AMOUNT = re.compile(r"-?[0-9]{1,30}\.[0-9]{2}")


class UsageKind(StrEnum):
    """What is read about an account: its balance, and what uses it. The values appear in JSON."""

    BALANCE = "balance"
    ITEMS = "items"
    REPEATING_INVOICES = "repeating_invoices"
    CONTACTS = "contacts"


class Requirement(StrEnum):
    """What `archive_requires` in the chart file can require. The values are those in the file."""

    ZERO_BALANCE = "zero_balance"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of an account in the base currency; credits are negative.

    `moved` is True if the account is known to have had transactions since the year end, else None.
    """

    amount: Decimal
    moved: bool | None = None


@dataclass(frozen=True, slots=True)
class RepeatingInvoice:
    """A repeating invoice or bill. `next_date` is when Xero makes the next one.

    The name of the contact is personal data: only `--verbose` shows it.
    """

    contact: str = field(repr=False)
    next_date: date | None = None
    is_bill: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """A kind of usage that could not be read, and the reason.

    `scope` is the scope that the sign-in lacks, "" if it lacks none. `hint` is what to do, or "".
    """

    kind: UsageKind
    reason: str
    scope: str = ""
    hint: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the kind, the reason, the scope and any hint as JSON."""
        found = {"kind": str(self.kind), "reason": self.reason, "scope": self.scope}
        return found | ({"hint": self.hint} if self.hint else {})

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return the value that `to_json` made into this document."""
        return cls(
            UsageKind(document["kind"]),
            document["reason"],
            document["scope"],
            document.get("hint", ""),
        )


@dataclass(frozen=True, slots=True)
class RepeatingInvoices:
    """How many repeating invoices and bills use an account.

    `count` counts both, `bills` only the bills. `next_date` is the earliest next date of all
    these invoices and bills, None if no date is known.
    """

    count: int = 0
    bills: int = 0
    next_date: date | None = None


@dataclass(frozen=True, slots=True)
class ContactNames:
    """The names of the contacts behind the counts of an `AccountUsage`.

    They are personal data: only `--verbose` shows them.
    """

    repeating_invoices: tuple[str, ...] | None = field(default=None, repr=False)
    contacts: tuple[str, ...] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class AccountUsage:
    """What uses one account. A field is None if unknown.

    `items` are the codes of items, `contacts` is the number of contacts that have the account as
    a default. `names` is None unless the names were asked for.
    """

    balance: Balance | None = None
    items: tuple[str, ...] | None = None
    repeating_invoices: RepeatingInvoices | None = None
    contacts: int | None = None
    names: ContactNames | None = field(default=None, repr=False, compare=False)

    @property
    def unknown(self) -> tuple[UsageKind, ...]:
        """The kinds of usage that are unknown."""
        values = (self.balance, self.items, self.repeating_invoices, self.contacts)
        return tuple(kind for kind, value in zip(UsageKind, values, strict=True) if value is None)

    @property
    def used(self) -> bool:
        """Whether an item, a repeating invoice or a contact is known to use the account."""
        invoices = self.repeating_invoices
        return bool(self.items or self.contacts or (invoices and invoices.count))

    def to_json(self, *, names: bool = False) -> dict[str, Any]:
        """Return the usage as JSON, null for what is unknown. `names` adds the contacts' names."""
        balance, invoices = self.balance, self.repeating_invoices
        following = invoices and invoices.next_date
        document: dict[str, Any] = {
            "balance": None if balance is None else str(balance.amount),
            "moved_since_year_end": None if balance is None else balance.moved,
            "items": None if self.items is None else list(self.items),
            "repeating_invoices": None if invoices is None else invoices.count,
            "repeating_bills": None if invoices is None else invoices.bills,
            "next_repeating_invoice": following and following.isoformat(),
            "contacts": self.contacts,
            "unknown": [str(kind) for kind in self.unknown],
        }
        if names:
            shown = self.names or ContactNames()
            document |= {
                "repeating_invoice_contacts": _list(shown.repeating_invoices),
                "contact_names": _list(shown.contacts),
            }
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return the usage that `to_json` wrote, without names.

        Raises `KeyError`, `TypeError` or `ValueError` if it cannot be read.
        """
        amount, items, count = (
            document[name] for name in ("balance", "items", "repeating_invoices")
        )
        following = document["next_repeating_invoice"]
        return cls(
            balance=None
            if amount is None
            else Balance(_amount(amount), document["moved_since_year_end"]),
            items=None if items is None else tuple(items),
            repeating_invoices=None
            if count is None
            else RepeatingInvoices(
                _count(count),
                _count(document["repeating_bills"]),
                date.fromisoformat(following) if following else None,
            ),
            contacts=None if document["contacts"] is None else _count(document["contacts"]),
        )


def amount_text(amount: Decimal, currency: str = "") -> str:
    """Return an amount as a debit or a credit: NZD 1,204.50 credit. Zero is neither."""
    side = f" {'debit' if amount > 0 else 'credit'}" if amount else ""
    return f"{currency} {abs(amount):,.2f}{side}".strip()


def _list(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _count(number: int) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(number)
    return number


@dataclass(frozen=True, slots=True)
class Usage:
    """What uses the accounts of one organisation. The keys are account ids in lower case.

    A mapping is None if it was not read. If reading failed, `unknown` has the reason. An account
    that is missing from a mapping has a balance of zero, or is not used. `calls` is the number of
    calls that were made, without their retries.
    """

    as_at: date
    balances: Mapping[str, Balance] | None = None
    items: Mapping[str, tuple[str, ...]] | None = None
    repeating_invoices: Mapping[str, tuple[RepeatingInvoice, ...]] | None = None
    contacts: Mapping[str, tuple[str, ...]] | None = None
    unknown: tuple[Unknown, ...] = ()
    calls: int = 0

    def of(self, account_id: str, *, names: bool = False) -> AccountUsage:
        """Return what uses one account. `names` adds the names of contacts."""
        key = account_id.casefold()
        invoices = None if self.repeating_invoices is None else self.repeating_invoices.get(key, ())
        contacts = None if self.contacts is None else self.contacts.get(key, ())
        return AccountUsage(
            None if self.balances is None else self.balances.get(key, Balance(NOTHING)),
            None if self.items is None else self.items.get(key, ()),
            None if invoices is None else _together(invoices),
            None if contacts is None else len(contacts),
            ContactNames(
                None if invoices is None else tuple(one.contact for one in invoices), contacts
            )
            if names
            else None,
        )


def _together(invoices: Sequence[RepeatingInvoice]) -> RepeatingInvoices:
    dates = (one.next_date for one in invoices)
    return RepeatingInvoices(
        len(invoices),
        sum(one.is_bill for one in invoices),
        min((one for one in dates if one), default=None),
    )


@dataclass(frozen=True, slots=True)
class UsageRead:
    """How the usage of a plan's accounts was read: as at which date, and what is unknown.

    `calls` is the number of calls that were made, without their retries.
    """

    as_at: date
    unknown: tuple[Unknown, ...] = ()
    calls: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the date, the unknown kinds and the number of calls as JSON."""
        return {
            "as_at": self.as_at.isoformat(),
            "unknown": [one.to_json() for one in self.unknown],
            "calls": self.calls,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return the value that `to_json` made into this document.

        Raises `KeyError`, `TypeError` or `ValueError` if the document is not valid.
        """
        return cls(
            date.fromisoformat(document["as_at"]),
            tuple(map(Unknown.from_json, document["unknown"])),
            _count(document["calls"]),
        )


def accounts_with(codes: Sequence[str], accounts: Sequence[Account]) -> tuple[Account, ...]:
    """Return the accounts with these codes, each once. Raises `UsageError` for an unknown code."""
    found: dict[str, Account] = {}
    missing = []
    for code in codes:
        here = [one for one in accounts if one.code and code_key(one.code) == code_key(code)]
        found |= {one.account_id: one for one in here}
        if not here:
            missing.append(code or '""')
    if missing:
        raise UsageError(
            f"Xero has no account with the code {series(missing, 'or')}.",
            _did_you_mean(missing, accounts),
        )
    return tuple(found.values())


def _did_you_mean(missing: Sequence[str], accounts: Sequence[Account]) -> str:
    by_word = {word: one for one in accounts if one.code for word in (one.code, one.name)}
    near = dict.fromkeys(
        by_word[word].label for code in missing if (word := nearest(code, by_word))
    )
    if near:
        return f"Did you mean {', '.join(near)}?"
    return "Look the account up in Xero, under Accounting, Chart of accounts."
