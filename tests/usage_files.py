"""What still uses the accounts of a plan in tests, also read from a `usage.json`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from xerosync.usage import Balance, RepeatingInvoice, Unknown, Usage, UsageKind
from xerosync.xero.auth.sign_in import LOGIN
from xerosync.xero.usage import LACKING


def usage_from(data: dict[str, Any], id_of: Callable[[str], str] = str) -> Usage:
    """Return the usage; what is null was not readable, and `unknown` says why.

    `id_of` returns the id of an account for its key.
    """
    balances, items, invoices, contacts = (
        None if data[kind] is None else {id_of(key): value for key, value in data[kind].items()}
        for kind in UsageKind
    )
    return Usage(
        date.fromisoformat(data["as_at"]),
        balances
        and {one: Balance(Decimal(amount), moved) for one, (amount, moved) in balances.items()},
        items and {one: tuple(codes) for one, codes in items.items()},
        invoices
        and {
            one: tuple(
                RepeatingInvoice(name, date.fromisoformat(day), is_bill=bill)
                for name, day, bill in several
            )
            for one, several in invoices.items()
        },
        contacts and {one: tuple(names) for one, names in contacts.items()},
        tuple(
            Unknown(UsageKind(kind), reason, scope, LACKING.format(LOGIN) if scope else "")
            for kind, reason, scope in data.get("unknown", ())
        ),
    )
