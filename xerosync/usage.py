"""What still uses an account in Xero: its balance, items, repeating invoices and contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

NOTHING = Decimal("0.00")


class UsageKind(StrEnum):
    """What is known of an account, or not; the values are the names in JSON."""

    BALANCE = "balance"
    ITEMS = "items"
    REPEATING_INVOICES = "repeating_invoices"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of an account in the base currency; credits are negative.

    `moved` is True if the report shows that the account moved since the year end; None if it
    does not tell.
    """

    amount: Decimal
    moved: bool | None = None


@dataclass(frozen=True, slots=True)
class RepeatingInvoice:
    """A repeating invoice or bill: the name of its contact, and the date of the next one.

    The name is personal data: only `--verbose` shows it.
    """

    contact: str = field(repr=False)
    next_date: date | None = None
    is_bill: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """What could not be read, and why; `scope` is the scope that the sign-in lacks, if any."""

    kind: UsageKind
    reason: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class AccountUsage:
    """What uses one account. None is unknown; an empty tuple is none.

    `items` are their codes, `contacts` the names of those that have the account as a default.
    """

    balance: Balance | None = None
    items: tuple[str, ...] | None = None
    repeating_invoices: tuple[RepeatingInvoice, ...] | None = None
    contacts: tuple[str, ...] | None = field(default=None, repr=False)

    @property
    def unknown(self) -> tuple[UsageKind, ...]:
        """What is not known of the account."""
        values = (self.balance, self.items, self.repeating_invoices, self.contacts)
        return tuple(kind for kind, value in zip(UsageKind, values, strict=True) if value is None)

    def to_json(self, *, names: bool = False) -> dict[str, Any]:
        """Return the usage as JSON; what is unknown is null. `names` adds those of contacts."""
        balance, invoices = self.balance, self.repeating_invoices
        following = self.next_invoice
        document: dict[str, Any] = {
            "balance": None if balance is None else str(balance.amount),
            "moved_since_year_end": None if balance is None else balance.moved,
            "items": None if self.items is None else list(self.items),
            "repeating_invoices": None if invoices is None else len(invoices),
            "next_repeating_invoice": following and following.isoformat(),
            "contacts": None if self.contacts is None else len(self.contacts),
            "unknown": [str(kind) for kind in self.unknown],
        }
        if names:
            document |= {
                "repeating_invoice_contacts": None
                if invoices is None
                else [one.contact for one in invoices],
                "contact_names": None if self.contacts is None else list(self.contacts),
            }
        return document

    @property
    def next_invoice(self) -> date | None:
        """The date of the next repeating invoice, None if there is none or it is unknown."""
        dates = (one.next_date for one in self.repeating_invoices or ())
        return min((one for one in dates if one), default=None)


@dataclass(frozen=True, slots=True)
class Usage:
    """What uses the accounts of one organisation, each by its id in lower case.

    A mapping is None if it could not be read, as `unknown` explains. An account that a mapping
    lacks has none, and a balance of zero.
    """

    as_at: date
    balances: Mapping[str, Balance] | None = None
    items: Mapping[str, tuple[str, ...]] | None = None
    repeating_invoices: Mapping[str, tuple[RepeatingInvoice, ...]] | None = None
    contacts: Mapping[str, tuple[str, ...]] | None = None
    unknown: tuple[Unknown, ...] = ()

    def of(self, account_id: str) -> AccountUsage:
        """Return what uses one account."""
        key = account_id.casefold()
        return AccountUsage(
            None if self.balances is None else self.balances.get(key, Balance(NOTHING)),
            None if self.items is None else self.items.get(key, ()),
            None if self.repeating_invoices is None else self.repeating_invoices.get(key, ()),
            None if self.contacts is None else self.contacts.get(key, ()),
        )
