"""What still uses an account in many books: it is counted and summed, and makes no other group."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from builders import ARCHIVED, account, chart, entry, wanted
from render.test_published_schemas import NOW, PLAN, check, strict_root

from xerosync.model import Organisation
from xerosync.organisations.group import group
from xerosync.organisations.group_usage import Balances, GroupUsage, InBook, in_books
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.plan.saved import serialize
from xerosync.plan.usage import ReadNow
from xerosync.usage import (
    NOTHING,
    AccountUsage,
    Balance,
    RepeatingInvoices,
    Requirement,
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


def archiving(
    number: int, usage: Usage | None, currency: str = "NZD", requires: tuple[Requirement, ...] = ()
) -> Plan:
    """Return the plan of one organisation that archives 461 Printing."""
    books = replace(chart(account("461", "Printing")), organisation=_books(number, currency))
    retired = wanted(entry("461", "Printing", status=ARCHIVED))
    known = ReadNow(usage) if usage else None
    return build(books, replace(retired, archive_requires=requires), known)


def _books(number: int, currency: str) -> Organisation:
    return Organisation(f"tenant-{number}", f"Company {number}", "", "NZ", currency)


def test_debits_and_credits_of_different_books_do_not_cancel_out() -> None:
    found = of(("NZD", balance("1204.50")), ("NZD", balance("-1204.50")), ("NZD", UNUSED))
    assert found.balances == (Balances("NZD", 2, Decimal("1204.50"), Decimal("1204.50")),)
    assert found.with_balance == 2


def test_balances_are_summed_by_base_currency_with_the_most_frequent_first() -> None:
    found = of(
        ("AUD", balance("5.00")), ("NZD", balance("1.10")), ("NZD", balance("2.20")),
        ("GBP", UNUSED),
    )  # fmt: skip
    assert found.balances == (
        Balances("NZD", 2, Decimal("3.30"), NOTHING),
        Balances("AUD", 1, Decimal("5.00"), NOTHING),
    )
    assert found.with_balance == 3


def test_each_kind_of_use_is_counted_in_organisations() -> None:
    found = of(
        ("NZD", replace(UNUSED, items=("TOOL", "NAIL"), contacts=12)),
        ("NZD", replace(UNUSED, repeating_invoices=RepeatingInvoices(3))),
        ("NZD", replace(UNUSED, contacts=1)),
        ("NZD", UNUSED),
    )
    assert (found.items, found.repeating_invoices, found.contacts) == (1, 1, 2)
    assert found.used == 3
    assert (found.unknown, found.partly_known) == (ALL_KNOWN, 0)


def test_a_kind_of_usage_that_is_unknown_in_all_books_is_not_partly_known() -> None:
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


def test_usage_that_was_read_in_no_organisation_is_none() -> None:
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


REQUIRES = tuple(Requirement)
DAY = date(2026, 11, 24)


def blocking() -> list[Plan]:
    """Return plans of which two are blocked by a balance, one by an item, one as unknown."""
    usages = (
        Usage(DAY, {"id-461": Balance(Decimal("1204.50"))}, {}, {}, {}),
        Usage(DAY, {"id-461": Balance(Decimal("-7.00"))}, {"id-461": ("NAIL",)}, {}, {}),
        Usage(DAY, {}, {"id-461": ("TOOL",)}, {}, {}),
        Usage(DAY, {}, {}, {}, {}),
        Usage(DAY, None, {}, {}, {}, (Unknown(UsageKind.BALANCE, "Xero answered 500"),)),
    )
    return [archiving(number, usage, requires=REQUIRES) for number, usage in enumerate(usages)]


def test_blocks_that_differ_only_in_what_uses_the_account_are_one_group() -> None:
    """The one that cannot be checked is another group: it needs other steps."""
    unknown, used, allowed = group(blocking())
    assert (used.plans, unknown.plans, allowed.plans) == ((0, 1, 2), (4,), (3,))
    assert used.blocked
    assert used.blocked.reason == (
        "The file says `archive_requires: [zero_balance, unused]`, and this account …"
    )
    assert used.blocked.hint.startswith(
        "Bring its balance to zero and give the items another account in Xero, and plan again; or"
    )
    assert used.usage
    assert used.usage.balances == (Balances("NZD", 2, Decimal("1204.50"), Decimal("7.00")),)
    assert (used.usage.items, used.usage.used) == (2, 2)
    assert unknown.blocked
    assert "which cannot be checked: balance not known" in unknown.blocked.reason
    assert unknown.usage
    assert unknown.usage.unknown[UsageKind.BALANCE] == 1


def test_the_hint_of_a_group_has_the_steps_of_all_its_blocks() -> None:
    """No organisation alone needs all of the steps."""
    usages = (
        Usage(DAY, {"id-461": Balance(Decimal("1.00"))}, {}, {}, {}),
        Usage(DAY, {}, {"id-461": ("TOOL",)}, {}, {"id-461": ("Rata Roofing",)}),
    )
    plans = [archiving(n, usage, requires=REQUIRES) for n, usage in enumerate(usages)]
    (one,) = group(plans)
    assert one.blocked
    assert one.blocked.hint == (
        "Bring its balance to zero and give the item and contact another account in Xero, and"
        " plan again; or waive `archive_requires` in the account's entry, with the reason:"
        " `waive: {archive-requires: …}`."
    )


def test_the_hint_of_a_group_leaves_out_steps_that_no_file_requires() -> None:
    usages = (
        Usage(DAY, {"id-461": Balance(Decimal("1.00"))}, {"id-461": ("TOOL",)}, {}, {}),
        Usage(DAY, {"id-461": Balance(Decimal("2.00"))}, {}, {}, {"id-461": ("Rata Roofing",)}),
    )
    balanced = (Requirement.ZERO_BALANCE,)
    (one,) = group([archiving(n, usage, requires=balanced) for n, usage in enumerate(usages)])
    assert one.blocked
    assert one.blocked.hint.startswith("Bring its balance to zero in Xero, and plan again; or")


def test_blocks_that_cannot_be_checked_for_different_reasons_are_different_groups() -> None:
    usages = [
        Usage(DAY, None, {"id-461": ("TOOL",)}, {}, {}, (Unknown(UsageKind.BALANCE, why),))
        for why in ("Xero answered 500", "the sign-in lacks the scope a.b")
    ]
    balanced = (Requirement.ZERO_BALANCE,)
    found = group([archiving(n, usage, requires=balanced) for n, usage in enumerate(usages)])
    assert sorted(one.plans for one in found) == [(0,), (1,)]


def test_blocks_that_cannot_be_checked_are_one_group_whatever_else_is_known() -> None:
    unknown = (Unknown(UsageKind.BALANCE, "Xero answered 500"),)
    usages = [Usage(DAY, None, {"id-461": (item,)}, {}, {}, unknown) for item in ("TOOL", "NAIL")]
    balanced = (Requirement.ZERO_BALANCE,)
    (one,) = group([archiving(n, usage, requires=balanced) for n, usage in enumerate(usages)])
    assert one.blocked
    assert one.blocked.reason.endswith("balance not known (Xero answered 500).")
    assert one.usage
    assert one.usage.items == 2


def test_blocks_of_the_same_balance_keep_their_reason() -> None:
    usage = Usage(DAY, {"id-461": Balance(Decimal("7.00"))}, {}, {}, {})
    plans = [archiving(number, usage, requires=REQUIRES) for number in range(2)]
    (one,) = group(plans)
    assert one.blocked
    assert one.blocked.reason == plans[0].blocked[0].reason


def test_a_group_of_one_block_is_that_block() -> None:
    (plan, *_) = blocking()
    (one,) = group([plan])
    assert one.blocked == plan.blocked[0]
    assert "has a balance of NZD 1,204.50 debit" in plan.blocked[0].reason


def test_a_saved_block_keeps_what_uses_the_account() -> None:
    plans = blocking()
    text = serialize.document_text(plans, NOW)
    check(strict_root(PLAN), json.loads(text))
    again = serialize.loads(text)
    assert [one.blocked and one.blocked[0].usage for one in again] == [
        one.blocked and one.blocked[0].usage for one in plans
    ]
    assert again[0].blocked[0].usage == balance("1204.50")
    assert Review.of(again).to_json() == Review.of(plans).to_json()


def test_the_first_step_that_some_organisations_need_is_given_once() -> None:
    usages = (
        Usage(DAY, {"id-461": Balance(Decimal("1.00"))}, {}, {}, {}),
        Usage(DAY, {}, {}, {}, {"id-461": ("Rata Roofing",)}),
        None,
    )
    (one,) = group([archiving(number, usage) for number, usage in enumerate(usages)])
    assert one.change
    first, *others = one.change.warnings
    assert first == "First bring its balance to zero, and move whatever uses it to another account."
    assert len(others) == len(set(others)) == 2
    assert not [said for said in others if said.startswith("First ")]


def test_a_group_of_one_change_keeps_what_uses_the_account() -> None:
    plan = archiving(0, Usage(date(2026, 11, 24), {}, {}, {}, {}))
    (one,) = group([plan])
    assert one.change
    assert one.change.usage == plan.changes[0].usage == UNUSED
