"""What still uses an account, in the one sentence that plans show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from builders import ARCHIVED, account, chart, entry, wanted

from render.hostile import ATTACKS, assert_quiet
from xerosync.plan.build import build
from xerosync.render.account_usage import brief_usage, usage_read, usage_sentence
from xerosync.usage import (
    NOTHING,
    AccountUsage,
    Balance,
    ContactNames,
    RepeatingInvoices,
    Unknown,
    UsageKind,
    UsageRead,
)

NEXT = date(2026, 12, 1)
UNUSED = AccountUsage(Balance(NOTHING, moved=False), (), RepeatingInvoices(), 0)
USED = AccountUsage(
    Balance(Decimal("1204.50"), moved=True),
    ("TOOL", "NAIL"),
    RepeatingInvoices(1, 0, NEXT),
    12,
    ContactNames(("Totara Trust",), tuple(f"Contact {n}" for n in range(12))),
)


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (
            USED,
            (
                "Balance 1,204.50 debit (with transactions since the year end). Used by items TOOL,"
                " NAIL; 1 repeating invoice (next on 1 December 2026); default account of 12"
                " contacts."
            ),
        ),
        (UNUSED, "Balance 0.00; nothing known to use it."),
        (AccountUsage(Balance(Decimal("-31204000.07"))), "Balance 31,204,000.07 credit."),
        (
            AccountUsage(Balance(NOTHING, moved=True), ()),
            "Balance 0.00 (with transactions since the year end); no items use it.",
        ),
        (
            AccountUsage(Balance(Decimal("-0.01")), (), None, 1),
            "Balance 0.01 credit. Default account of 1 contact.",
        ),
        (AccountUsage(None, ("TOOL",)), "Used by item TOOL."),
        (AccountUsage(None, (), None, None), "No items use it."),
        (
            AccountUsage(Balance(NOTHING), (), None, 0),
            "Balance 0.00; no items or contacts use it.",
        ),
        (
            AccountUsage(None, None, RepeatingInvoices(3, 2, NEXT), 1),
            (
                "Used by 1 repeating invoice and 2 repeating bills (next on 1 December 2026);"
                " default account of 1 contact."
            ),
        ),
        (AccountUsage(None, None, RepeatingInvoices(2, 2)), "Used by 2 repeating bills."),
        (AccountUsage(), ""),
    ],
)
def test_a_sentence_says_the_balance_and_what_uses_the_account(
    usage: AccountUsage, said: str
) -> None:
    assert usage_sentence(usage) == said


def test_only_the_first_ten_of_many_items_are_named() -> None:
    items = tuple(f"I{n}" for n in range(1_012))
    assert usage_sentence(AccountUsage(None, items)) == (
        "Used by items I0, I1, I2, I3, I4, I5, I6, I7, I8, I9 and 1,002 more."
    )


def test_names_of_contacts_are_shown_on_request_only() -> None:
    assert "Totara" not in usage_sentence(USED)
    assert "Contact 1" not in usage_sentence(USED)
    named = usage_sentence(USED, names=True)
    assert "1 repeating invoice (next on 1 December 2026; Totara Trust)" in named
    assert "default account of 12 contacts (Contact 0, Contact 1, " in named
    assert named.endswith("Contact 9 and 2 more).")
    without = AccountUsage(USED.balance, USED.items, USED.repeating_invoices, USED.contacts)
    assert usage_sentence(without, names=True) == usage_sentence(USED)


def test_the_currency_stands_before_the_amount() -> None:
    assert usage_sentence(UNUSED, currency="NZD").startswith("Balance NZD 0.00;")
    credit = AccountUsage(Balance(Decimal("-7.50")))
    assert usage_sentence(credit, currency="NZD") == "Balance NZD 7.50 credit."


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (USED, "balance 1,204.50 debit, in use"), (UNUSED, ""), (AccountUsage(), ""),
        (AccountUsage(contacts=1), "in use"), (AccountUsage(items=("T",)), "in use"),
        (AccountUsage(repeating_invoices=RepeatingInvoices(1)), "in use"),
        (AccountUsage(Balance(Decimal("-2.00")), ()), "balance 2.00 credit"),
    ],
)  # fmt: skip
def test_a_brief_plan_shows_only_balances_and_uses(usage: AccountUsage, said: str) -> None:
    assert brief_usage(usage) == said


def read(*unknown: Unknown) -> str:
    (change,) = build(chart(account("461")), wanted(entry("461", status=ARCHIVED))).changes
    change = replace(change, usage=UNUSED)
    plan = replace(build(chart(), wanted()), usage=UsageRead(date(2026, 11, 26), unknown))
    assert usage_read(plan) == ""
    return usage_read(plan, [change])


def lacks(kind: UsageKind, scope: str) -> Unknown:
    hint = "Sign in with `xerosync auth login --profile acme --usage`."
    return Unknown(kind, f"the sign-in lacks the scope {scope}", scope, hint)


def test_usage_that_could_not_be_read_is_reported_in_one_line_with_its_reason() -> None:
    balances = lacks(UsageKind.BALANCE, "accounting.reports.trialbalance.read")
    contacts = lacks(UsageKind.CONTACTS, "accounting.contacts.read")
    down = [Unknown(kind, "Xero answered 500") for kind in (UsageKind.ITEMS, UsageKind.CONTACTS)]
    assert read() == "Balances are as at 26 November 2026."
    assert read(contacts) == (
        "Balances are as at 26 November 2026; contacts not known: the sign-in lacks"
        " `accounting.contacts.read` (sign in with `xerosync auth login --profile acme --usage`)."
    )
    assert read(balances, contacts, down[0]) == (
        "Balances and contacts not known: the sign-in lacks"
        " `accounting.reports.trialbalance.read` and `accounting.contacts.read` (sign in"
        " with `xerosync auth login --profile acme --usage`); items not known: Xero answered 500."
    )
    old = replace(contacts, hint="")
    assert read(old).endswith("lacks `accounting.contacts.read`.")
    assert read(*down).endswith("; items and contacts not known: Xero answered 500.")
    assert "\n" not in read(Unknown(UsageKind.ITEMS, "a\nb"))


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_name_does_nothing_in_a_terminal(attack: str) -> None:
    names = ContactNames((attack,), (attack,))
    usage = AccountUsage(Balance(NOTHING), (attack, "B"), RepeatingInvoices(1), 1, names)
    assert_quiet(usage_sentence(usage, currency=attack, names=True))
    assert_quiet(read(Unknown(UsageKind.ITEMS, attack), Unknown(UsageKind.CONTACTS, "", attack)))
