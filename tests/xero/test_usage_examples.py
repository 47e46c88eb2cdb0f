"""The examples in Xero's own description of its API are read, each to the last account."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from xerosync.model import Account
from xerosync.usage import RepeatingInvoice
from xerosync.xero import uses
from xerosync.xero.trial_balance import balances

DESCRIPTION = Path(__file__).parent.parent / "contract" / "openapi" / "usage.json"
SALES = "02439bca-5fdc-4b62-b281-0bdf9f16fd5b"
INDEX = uses.AccountIndex([Account(SALES, "200", "Sales", "REVENUE", account_class="REVENUE")])


def example(path: str) -> dict[str, Any]:
    paths = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
    operation = next(value for name, value in paths.items() if name.endswith(path))["get"]
    found: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["example"]
    return found


def test_the_example_of_a_trial_balance_is_read() -> None:
    found = balances(example("/Reports/TrialBalance"), INDEX.classes)
    assert len(found) == 19
    assert found[SALES].amount == Decimal("-1020.22")
    assert found[SALES].moved
    assert sum(one.amount for one in found.values()) == 0


def test_the_example_of_items_is_read() -> None:
    assert uses.items(example("/Items"), INDEX) == {SALES: ("123",)}


def test_the_example_of_repeating_invoices_is_read() -> None:
    assert uses.repeating_invoices(example("/RepeatingInvoices"), INDEX) == {
        SALES: (RepeatingInvoice("Liam Gallagher", date(2019, 4, 15)),)
    }


def test_the_example_of_contacts_is_read() -> None:
    page = uses.contact_page(example("/Contacts"), 1, INDEX)
    assert (page.pages, page.contacts, len(page.found)) == (1, 2, 2)
    assert uses.contacts([page]) == {}
