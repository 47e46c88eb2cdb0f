"""The report of `xerosync usage`, as text and JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xerosync import __version__
from xerosync.model import Account, Organisation, Status
from xerosync.text import counted, day, first_few, json_text, visible
from xerosync.usage import (
    AccountUsage,
    Balance,
    ContactNames,
    RepeatingInvoices,
    Usage,
    UsageKind,
    amount_text,
)

FORMAT_VERSION = "1.0"
_SHOWN = 10
"""How many items the text names. It counts further items, unless the report has `names`."""

WORDS = {
    UsageKind.BALANCE: "Balance",
    UsageKind.ITEMS: "Items",
    UsageKind.REPEATING_INVOICES: "Repeating invoices",
    UsageKind.CONTACTS: "Contacts",
}
"""The label of each kind of usage, in the order of the report."""

PLURALS = WORDS | {UsageKind.BALANCE: "Balances"}
_INDENT = 2 + max(map(len, WORDS.values())) + 2


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What uses the given accounts of an organisation.

    If `names`, the report also names contacts, and its text names every item.
    """

    organisation: Organisation
    accounts: tuple[Account, ...]
    usage: Usage
    names: bool = False

    def as_json(self) -> str:
        """Return the report as JSON; a new minor `format_version` only adds keys."""
        return json_text(
            {
                "format_version": FORMAT_VERSION,
                "xerosync_version": __version__,
                "organisation": {
                    "tenant_id": self.organisation.tenant_id,
                    "name": self.organisation.name,
                },
                "as_at": self.usage.as_at.isoformat(),
                "currency": self.organisation.base_currency,
                "accounts": [
                    {
                        "code": account.code,
                        "name": account.name,
                        "account_id": account.account_id,
                        "type": account.type,
                        "status": account.status,
                        "usage": self.usage.of(account.account_id, names=self.names).to_json(
                            names=self.names
                        ),
                    }
                    for account in self.accounts
                ],
                "unknown": [one.to_json() for one in self.usage.unknown],
            }
        )

    def as_text(self, width: int | None) -> str:
        """Return the report as text, wrapped at a width. With None, no line is wrapped."""
        lines = [f"{self.organisation.name}, as at {day(self.usage.as_at)}"]
        for account in self.accounts:
            archived = ", archived" if account.status == Status.ARCHIVED else ""
            lines += ["", f"{account.label} ({account.type}{archived})"]
            lines += self._rows(self.usage.of(account.account_id, names=self.names))
        unknown = [f"{PLURALS[u.kind]} not known: {u.reason}." for u in self.usage.unknown]
        lines += ["", *unknown] if unknown else []
        shown = [part for line in lines for part in _wrapped(visible(line), width)]
        return "\n".join(shown) + "\n"

    def _rows(self, usage: AccountUsage) -> Iterator[str]:
        currency = self.organisation.base_currency
        names = usage.names or ContactNames()
        items = first_few(usage.items or (), len(usage.items or ()) if self.names else _SHOWN)
        values = (
            None if usage.balance is None else balance_text(usage.balance, currency),
            None if usage.items is None else items or "none",
            None
            if usage.repeating_invoices is None
            else invoices_text(usage.repeating_invoices, _named(names.repeating_invoices)),
            None if usage.contacts is None else _contacts(usage.contacts, _named(names.contacts)),
        )
        for label, value in zip(WORDS.values(), values, strict=True):
            yield f"  {label:<{_INDENT - 2}}{'not known' if value is None else value}"


def balance_text(balance: Balance, currency: str = "") -> str:
    """Return a balance in words, such as "NZD 5.00 debit; with transactions since the year end"."""
    shown = amount_text(balance.amount, currency) if balance.amount else "none"
    return f"{shown}; with transactions since the year end" if balance.moved else shown


def invoices_text(invoices: RepeatingInvoices, contacts: str = "") -> str:
    """Return how many repeating invoices and bills there are, the next date and the contacts."""
    if not invoices.count:
        return "none"
    numbers = (invoices.count - invoices.bills, invoices.bills)
    kinds = zip(numbers, ("repeating invoice", "repeating bill"), strict=True)
    count = " and ".join(counted(number, kind) for number, kind in kinds if number)
    following = f"next on {day(invoices.next_date)}" if invoices.next_date else ""
    more = "; ".join(filter(None, (following, contacts)))
    return f"{count} ({more})" if more else count


def _contacts(contacts: int, names: str) -> str:
    if not contacts:
        return "none"
    count = f"{contacts:,} {'has' if contacts == 1 else 'have'} it as a default"
    return f"{count}: {names}" if names else count


def _named(contacts: Iterable[str] | None) -> str:
    return ", ".join(dict.fromkeys(name or "(no name)" for name in contacts or ()))


def _wrapped(line: str, width: int | None) -> list[str]:
    """Return a line wrapped at a width. Further lines of a row start below its value."""
    if width is None or len(line) <= width:
        return [line]
    indent = " " * _INDENT if line.startswith("  ") else ""
    return textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False)
