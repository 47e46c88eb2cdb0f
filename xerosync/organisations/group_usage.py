"""What still uses an account: in how many books, and the sums of its balances there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from xerosync.usage import NOTHING, AccountUsage, UsageKind


class InBook(NamedTuple):
    """One of the books: the index of its plan, its base currency, and what uses the account there.

    `usage` is None if it was not read.
    """

    plan: int
    currency: str
    usage: AccountUsage | None


@dataclass(frozen=True, slots=True)
class Balances:
    """The balances other than zero in the organisations with the same base currency.

    Debits and credits are summed separately: those of different books do not cancel out.
    """

    currency: str
    organisations: int
    debits: Decimal
    credits: Decimal


@dataclass(frozen=True, slots=True)
class GroupUsage:
    """What uses an account in many organisations. All counts are of organisations.

    `used` counts those in which an item, a repeating invoice or a contact uses the account.
    `partly_known` counts those for which some kind of usage, such as contacts, is unknown, although
    it is known for another organisation. `balances` has an entry for each base currency with a
    balance other than zero. The currency with the most organisations comes first.
    """

    balances: tuple[Balances, ...]
    used: int
    items: int
    repeating_invoices: int
    contacts: int
    unknown: Mapping[UsageKind, int]
    partly_known: int

    @property
    def with_balance(self) -> int:
        """The number of organisations in which the account has a balance other than zero."""
        return sum(one.organisations for one in self.balances)

    def to_json(self) -> dict[str, Any]:
        """Return the usage as JSON."""
        return {
            "with_balance": self.with_balance,
            "balances": [
                {
                    "currency": one.currency,
                    "organisations": one.organisations,
                    "debits": str(one.debits),
                    "credits": str(one.credits),
                }
                for one in self.balances
            ],
            "used": self.used,
            "items": self.items,
            "repeating_invoices": self.repeating_invoices,
            "contacts": self.contacts,
            "unknown": {str(kind): self.unknown[kind] for kind in UsageKind},
            "partly_known": self.partly_known,
        }


def in_books(found: Iterable[InBook]) -> GroupUsage | None:
    """Return what uses the account in these books, None if no book's usage was read."""
    books = tuple(found)
    if not any(one.usage for one in books):
        return None
    known = [(one.plan, one.usage) for one in books if one.usage]
    unknown = {
        kind: {b.plan for b in books if b.usage is None or kind in b.usage.unknown}
        for kind in UsageKind
    }
    everywhere = {one.plan for one in books}
    return GroupUsage(
        _balances(books),
        _count(plan for plan, usage in known if usage.used),
        _count(plan for plan, usage in known if usage.items),
        _count(plan for plan, usage in known if (one := usage.repeating_invoices) and one.count),
        _count(plan for plan, usage in known if usage.contacts),
        {kind: len(plans) for kind, plans in unknown.items()},
        len(set().union(*(plans for plans in unknown.values() if plans != everywhere))),
    )


def _balances(books: Iterable[InBook]) -> tuple[Balances, ...]:
    found: dict[str, list[tuple[int, Decimal]]] = {}
    for plan, currency, usage in books:
        if usage and usage.balance and usage.balance.amount:
            found.setdefault(currency, []).append((plan, usage.balance.amount))
    totals = (
        Balances(
            currency,
            _count(plan for plan, _ in amounts),
            sum((amount for _, amount in amounts if amount > 0), NOTHING),
            sum((-amount for _, amount in amounts if amount < 0), NOTHING),
        )
        for currency, amounts in found.items()
    )
    return tuple(sorted(totals, key=lambda one: (-one.organisations, one.currency)))


def _count(plans: Iterable[int]) -> int:
    return len(set(plans))
