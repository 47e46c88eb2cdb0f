"""What still uses an account in many books: counted and summed, never a reason for another row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from builders import ARCHIVED, account, chart, entry, wanted
from render.test_published_schemas import PLAN, check
from usage_files import used

from xerosync.model import Organisation
from xerosync.organisations.group import group
from xerosync.organisations.group_usage import Balances, GroupUsage, InBook, in_books
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.usage import (
    NOTHING,
    AccountUsage,
    Balance,
    RepeatingInvoices,
    Unknown,
    Usage,
    UsageKind,
)

UNUSED = AccountUsage(Balance(NOTHING), (), RepeatingInvoices(), 0)
ALL_KNOWN = dict.fromkeys(UsageKind, 0)


def balance(amount: str) -> AccountUsage:
    return replace(UNUSED, balance=Balance(Decimal(amount)))


def of(*usages: tuple[str, AccountUsage | None]) -> GroupUsage:
    found = in_books(InBook(n, currency, usage) for n, (currency, usage) in enumerate(usages))
    assert found
    return found


def archiving(number: int, usage: Usage | None, currency: str = "NZD") -> Plan:
    books = replace(chart(account("461", "Printing")), organisation=_books(number, currency))
    plan = build(books, wanted(entry("461", "Printing", status=ARCHIVED)))
    return used(plan, usage) if usage else plan


def _books(number: int, currency: str) -> Organisation:
    return Organisation(f"tenant-{number}", f"Company {number}", "", "NZ", currency)


def test_debits_and_credits_of_different_books_do_not_cancel_out() -> None:
    found = of(("NZD", balance("1204.50")), ("NZD", balance("-1204.50")), ("NZD", UNUSED))
    assert found.balances == (Balances("NZD", 2, Decimal("1204.50"), Decimal("1204.50")),)
    assert found.with_balance == 2


def test_each_base_currency_is_summed_by_itself_the_most_frequent_first() -> None:
    found = of(
        ("AUD", balance("5.00")), ("NZD", balance("1.10")), ("NZD", balance("2.20")),
        ("GBP", UNUSED),
    )  # fmt: skip
    assert found.balances == (
        Balances("NZD", 2, Decimal("3.30"), NOTHING),
        Balances("AUD", 1, Decimal("5.00"), NOTHING),
    )
    assert found.with_balance == 3


def test_each_kind_of_user_is_counted_in_organisations() -> None:
    found = of(
        ("NZD", replace(UNUSED, items=("TOOL", "NAIL"), contacts=12)),
        ("NZD", replace(UNUSED, repeating_invoices=RepeatingInvoices(3))),
        ("NZD", replace(UNUSED, contacts=1)),
        ("NZD", UNUSED),
    )
    assert (found.items, found.repeating_invoices, found.contacts) == (1, 1, 2)
    assert found.used == 3
    assert (found.unknown, found.partly_known) == (ALL_KNOWN, 0)


def test_what_is_unknown_in_all_is_not_partly_known() -> None:
    """An organisation whose usage was not read at all knows less than the others."""
    lacking = replace(balance("1.00"), contacts=None)
    found = of(("NZD", lacking), ("NZD", lacking), ("NZD", None))
    assert found.unknown == {
        UsageKind.BALANCE: 1, UsageKind.ITEMS: 1, UsageKind.REPEATING_INVOICES: 1,
        UsageKind.CONTACTS: 3,
    }  # fmt: skip
    assert found.partly_known == 1
    assert of(("NZD", lacking), ("NZD", lacking)).partly_known == 0


def test_two_accounts_of_one_organisation_count_once() -> None:
    found = in_books([InBook(7, "NZD", balance("1.00")), InBook(7, "NZD", balance("2.00"))])
    assert found
    assert found.balances == (Balances("NZD", 1, Decimal("3.00"), NOTHING),)


def test_what_was_read_in_no_organisation_is_not_counted() -> None:
    assert in_books([InBook(0, "NZD", None), InBook(1, "AUD", None)]) is None
    assert [one.usage for one in group([archiving(0, None), archiving(1, None)])] == [None]


def test_books_that_differ_only_in_what_uses_the_account_are_one_group() -> None:
    day = date(2026, 11, 24)
    unread = tuple(Unknown(kind, "Xero answered 500") for kind in UsageKind)
    usages = (
        None,
        Usage(day, {"id-461": Balance(Decimal("-7.00"))}, {"id-461": ("TOOL",)}, {}, {}),
        Usage(day, {}, {}, {}, {"id-461": ("Rata Roofing",)}),
        Usage(day, unknown=unread),
    )
    plans = [archiving(number, usage) for number, usage in enumerate(usages)]
    review = Review.of(plans)
    (one,) = review.groups
    assert one.plans == (0, 1, 2, 3)
    assert one.change
    assert one.change.usage is None
    (found,) = review.to_json()["groups"]
    assert found["usage"] == {
        "with_balance": 1,
        "balances": [{"currency": "NZD", "organisations": 1, "debits": "0.00", "credits": "7.00"}],
        "used": 2,
        "items": 1,
        "repeating_invoices": 0,
        "contacts": 1,
        "unknown": {"balance": 2, "items": 2, "repeating_invoices": 2, "contacts": 2},
        "partly_known": 2,
    }
    check({**PLAN["$defs"]["group_usage"], "$defs": PLAN["$defs"]}, found["usage"])
    assert "usage" not in Review.of(plans[:1]).to_json()["groups"][0]


def test_the_change_of_one_organisation_keeps_what_uses_its_account() -> None:
    plan = archiving(0, Usage(date(2026, 11, 24), {}, {}, {}, {}))
    (one,) = group([plan])
    assert one.change
    assert one.change.usage == plan.changes[0].usage == UNUSED
