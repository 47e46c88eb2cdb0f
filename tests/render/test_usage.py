"""What uses an account, as text and as JSON that matches its published schema."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from render.test_published_schemas import check, load
from xerosync.model import Account, Organisation
from xerosync.render.usage import UsageReport, balance_text
from xerosync.usage import Balance, RepeatingInvoice, Unknown, Usage, UsageKind

BOOKS = Organisation("t-1", "Kauri Ltd", base_currency="NZD")
PRINTING = Account("a-1", "461", "Printing", "EXPENSE", account_class="EXPENSE")
OLD = Account("a-2", "462", "Old Printing", "EXPENSE", "ARCHIVED", account_class="EXPENSE")
HOSTILE = Account("a-1", "461", "\x1b[31m::error::\u202e", "EXPENSE")
NAMES = ("Kauri Joinery", "Rata Roofing")
USED = Usage(
    date(2026, 11, 26),
    {"a-1": Balance(Decimal("1204.50"), moved=True)},
    {"a-1": tuple(f"ITEM-{n}" for n in range(12))},
    {
        "a-1": (
            RepeatingInvoice("Totara Trust", date(2026, 12, 15)),
            RepeatingInvoice("", date(2026, 12, 1), is_bill=True),
        )
    },
    {"a-1": NAMES},
)
REASON = "the sign-in lacks the scope accounting.contacts.read"
NOT_KNOWN = Usage(
    date(2026, 11, 26), None, {}, {}, None,
    (
        Unknown(UsageKind.BALANCE, "the columns of the report are \x1b[31mnot known"),
        Unknown(UsageKind.CONTACTS, REASON, "accounting.contacts.read"),
    ),
)  # fmt: skip
SCHEMA = load("usage.schema.json")


def test_text_in_a_pipe_has_a_line_for_each_fact() -> None:
    assert UsageReport(BOOKS, (PRINTING, OLD), USED).as_text(None) == (
        "Kauri Ltd, as at 26 November 2026\n"
        "\n"
        "461 Printing (EXPENSE)\n"
        "  Balance             NZD 1,204.50 debit; with transactions since the year end\n"
        "  Items               ITEM-0, ITEM-1, ITEM-2, ITEM-3, ITEM-4, ITEM-5, ITEM-6, ITEM-7,"
        " ITEM-8, ITEM-9 and 2 more\n"
        "  Repeating invoices  1 repeating invoice and 1 repeating bill (next on 1 December 2026)\n"
        "  Contacts            2 have it as a default\n"
        "\n"
        "462 Old Printing (EXPENSE, archived)\n"
        "  Balance             none\n"
        "  Items               none\n"
        "  Repeating invoices  none\n"
        "  Contacts            none\n"
    )


def test_names_and_all_items_are_shown_on_request_only() -> None:
    brief = UsageReport(BOOKS, (PRINTING,), USED).as_text(None)
    whole = UsageReport(BOOKS, (PRINTING,), USED, names=True).as_text(None)
    assert not any(name in brief for name in (*NAMES, "Totara", "ITEM-11"))
    assert "2 have it as a default: Kauri Joinery, Rata Roofing" in whole
    assert "1 December 2026; Totara Trust, (no name))" in whole
    assert "ITEM-11" in whole


@pytest.mark.parametrize("width", [40, 80, 120])
def test_text_fits_the_screen_with_each_value_under_its_first_line(width: int) -> None:
    text = UsageReport(BOOKS, (PRINTING,), USED, names=True).as_text(width)
    lines = text.splitlines()
    assert all(len(line) <= width for line in lines)
    values = [line for line in lines if line.startswith(" " * 3)]
    assert all(line.startswith(" " * 22) for line in values)
    flat = " ".join(text.split())
    assert "ITEM-10, ITEM-11" in flat


def test_unknown_usage_is_reported_with_its_reason() -> None:
    text = UsageReport(BOOKS, (PRINTING,), NOT_KNOWN).as_text(None)
    assert "  Balance             not known\n" in text
    assert "  Items               none\n" in text
    assert text.endswith(
        "\n\nBalances not known: the columns of the report are \\x1b[31mnot known.\n"
        f"Contacts not known: {REASON}.\n"
    )


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0.00", "none"), ("1204.50", "NZD 1,204.50 debit"),
        ("-31204000.07", "NZD 31,204,000.07 credit"),
    ],
)  # fmt: skip
def test_a_balance_is_shown_as_debit_or_credit(amount: str, shown: str) -> None:
    assert balance_text(Balance(Decimal(amount)), "NZD") == shown


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("usage", [USED, NOT_KNOWN])
def test_json_matches_the_published_schema(usage: Usage, names: bool) -> None:
    text = UsageReport(BOOKS, (PRINTING, HOSTILE), usage, names=names).as_json()
    check(SCHEMA, json.loads(text))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert ("Kauri Joinery" in text) is (names and usage is USED)


def test_json_distinguishes_unknown_from_none() -> None:
    document = json.loads(UsageReport(BOOKS, (PRINTING,), NOT_KNOWN).as_json())
    assert document["accounts"][0]["usage"] == {
        "balance": None, "moved_since_year_end": None, "items": [], "repeating_invoices": 0,
        "repeating_bills": 0, "next_repeating_invoice": None, "contacts": None,
        "unknown": ["balance", "contacts"],
    }  # fmt: skip
    named = UsageReport(BOOKS, (PRINTING,), NOT_KNOWN, names=True).as_json()
    assert json.loads(named)["accounts"][0]["usage"]["contact_names"] is None
    assert document["unknown"][1]["scope"] == "accounting.contacts.read"


def test_a_hostile_name_does_nothing_in_a_terminal() -> None:
    text = UsageReport(HOSTILE_BOOKS, (HOSTILE,), USED, names=True).as_text(80)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "::error" not in text


HOSTILE_BOOKS = Organisation("t-1", "\x1b]0;title\x07\nKauri", base_currency="NZD")
