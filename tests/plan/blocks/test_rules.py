"""Xero's rules: a change that breaks one is blocked, with a way out; others pass."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount
from xerosync.model import Account
from xerosync.plan.build import build
from xerosync.plan.plan import Blocked

SALES = account("200", "Sales", type="REVENUE", tax_type="OUTPUT2")
BANK = account("090", "Bank", type="BANK", bank_account_type="BANK")
GST = account("820", "GST", type="CURRLIAB", system_account="GST")


@dataclass(frozen=True)
class Case:
    """One entry against one account (or none): blocked by just these rules."""

    promise: str
    current: Account | None
    desired: DesiredAccount
    rules: tuple[str, ...] = ()
    says: str = ""


def bank(**fields: object) -> DesiredAccount:
    return new("091", "Card", **{"type": "BANK", "bank_account_number": "1", **fields})


CASES = (
    Case("a new account needs a code", None, entry(None, "X", type="EXPENSE"), ("missing-field",),
         "code"),
    Case("a new account needs a name", None, entry("1", type="EXPENSE"), ("missing-field",),
         "name"),
    Case("a new account needs a type", None, entry("1", "X"), ("missing-field",), "type"),
    Case("a new account needs all of them", None, entry(None, "X"),
         ("missing-field", "missing-field")),
    Case("a new bank account needs its number", None, entry("1", "X", type="BANK"),
         ("missing-field",), "A new bank account needs a bank account number."),
    Case("a new bank account needs no code", None,
         entry(None, "X", type="BANK", bank_account_number="1")),
    Case("code, name and type are enough", None, new("1")),
    Case("a name cannot be cleared", SALES, entry("200", ""), ("missing-field",), "name"),
    Case("a type cannot be cleared", SALES, entry("200", type=""), ("missing-field",), "type"),
    Case("a code cannot be cleared", SALES, entry("", account_id="id-200"), ("missing-field",),
         "code"),
    Case("a tax rate cannot be cleared", SALES, entry("200", tax_type=""), ("never-empty",),
         "OUTPUT2"),
    Case("a report code cannot be cleared", account("1", "X", reporting_code="R"),
         entry("1", reporting_code=""), ("never-empty",), "remove the line"),
    Case("a new account is not without them either", None,
         new("1", tax_type="", reporting_code=""), ("never-empty", "never-empty")),
    Case("nor is a new bank account", None, bank(tax_type=""), ("never-empty",)),
    Case("nor is it without a kind and a currency", None,
         bank(bank_account_type="", currency_code=""), ("never-empty", "never-empty")),
    Case("a number of punctuation alone is none", BANK, entry("090", bank_account_number="---"),
         ("missing-field",)),
    Case("for a new bank account neither", None, bank(bank_account_number="- -"),
         ("missing-field",)),
    Case("a new bank account has no tax", None, bank(tax_type="INPUT2"), ("bank-field-fixed",),
         "INPUT2"),
    Case("what is no tax passes", None, bank(tax_type="NONE")),
    Case("what is empty in Xero may be empty in the file", account("1", "X", tax_type=""),
         entry("1", tax_type="", reporting_code="")),
    Case("a bank account's code can be cleared", BANK, entry("", account_id="id-090")),
    Case("a bank account's number cannot be cleared", BANK,
         entry("090", bank_account_number=""), ("missing-field",),
         "A bank account must have a bank account number."),
    Case("what a delete leaves unsaid is not missing", SALES, entry("200", status=DELETED)),
    Case("10 characters of code fit", None, new("1234567890")),
    Case("11 characters of code do not", None, new("12345678901"), ("code-too-long",), "11"),
    Case("150 characters of name fit", None, new("1", "n" * 150)),
    Case("151 characters of name do not", None, new("1", "n" * 151), ("name-too-long",), "150"),
    Case("4000 characters of description fit", None, new("1", description="d" * 4000)),
    Case("4001 characters of description do not", None, new("1", description="d" * 4001),
         ("description-too-long",)),
    Case("a code that is too long and in Xero already stays",
         account("12345678901", "X"), entry("12345678901", "Y")),
    Case("a type that nobody knows is not sent", None, new("1", type="REVENEU"),
         ("unknown-type",), "REVENUE"),
    Case("a type that is like no other has a way out, too", None, new("1", type="QQ"),
         ("unknown-type",), "Choose another type"),
    Case("a type that Xero added since stays", account("1", "X", type="SCORP"),
         entry("1", "Y", type="SCORP")),
    Case("an account of unknown status is left alone", account("1", "X", status="PENDING"),
         entry("1", "Y"), ("unknown-status",), "PENDING"),
    Case("a bank account takes no description", BANK, entry("090", description="d"),
         ("field-not-for-type",), "description"),
    Case("no other account takes a bank account number", SALES,
         entry("200", bank_account_number="1"), ("field-not-for-type",)),
    Case("without a type, no other field is blamed", None,
         entry("1", "X", bank_account_number="1"), ("missing-field",), "Add `type:`"),
    Case("what does not apply may be said to be empty", BANK, entry("090", description="")),
    Case("a flag that does not apply may be said to be off", BANK,
         entry("090", show_in_expense_claims=False)),
    Case("a system account keeps its type", GST, entry("820", type="CURRENT"),
         ("system-account-type",), "CURRLIAB"),
    Case("a system account is not archived", GST, entry("820", status=ARCHIVED),
         ("system-account-archive",), "GST"),
    Case("a system account is not deleted", GST, entry("820", status=DELETED),
         ("system-account-archive",)),
    Case("a system account is renamed and renumbered", GST,
         entry("821", "Tax", system_account="GST")),
    Case("an archived system account is not edited: it could not be archived again",
         account("820", "GST", type="CURRLIAB", system_account="GST", status=ARCHIVED),
         entry("820", "Tax", system_account="GST", status=ARCHIVED),
         ("system-account-archive",), "an edit would restore it"),
    Case("an archived system account is restored",
         account("820", "GST", type="CURRLIAB", system_account="GST", status=ARCHIVED),
         entry("820", "Tax", system_account="GST")),
    Case("no account becomes a bank account", SALES,
         entry("200", type="BANK", bank_account_number="1"), ("retype-bank", "tax-rate-class")),
    Case("a bank account becomes no other", BANK, entry("090", type="CURRENT"), ("retype-bank",)),
    Case("no account becomes inventory", account("1", "X"), entry("1", type="INVENTORY"),
         ("retype-inventory",)),
    Case("inventory may become something else", account("1", "X", type="INVENTORY"),
         entry("1", type="CURRENT")),
    Case("other types change", account("1", "X"), entry("1", type="OVERHEADS")),
    Case("no PayPal account is made", None, bank(bank_account_type="PAYPAL"), ("paypal",)),
    Case("credit cards are made", None, bank(bank_account_type="CREDITCARD")),
    Case("a bank account becomes no PayPal account", BANK,
         entry("090", bank_account_type="PAYPAL"), ("bank-field-fixed",)),
    Case("a bank account keeps its type", BANK, entry("090", bank_account_type="CREDITCARD"),
         ("bank-field-fixed",), "bank account type"),
    Case("a bank account keeps its currency", BANK, entry("090", currency_code="USD"),
         ("bank-field-fixed",), "currency"),
    Case("a bank account keeps its tax", BANK, entry("090", tax_type="INPUT2"),
         ("bank-field-fixed",), "tax rate"),
    Case("a bank account is renamed", BANK, entry("090", "Main", bank_account_number="77")),
    Case("what is the same is not a change", BANK,
         entry("090", currency_code="NZD", bank_account_type="BANK", tax_type="NONE")),
    Case("a protected account is not archived", SALES,
         entry("200", status=ARCHIVED, protect=True), ("protected",), "archived"),
    Case("a protected account is not deleted", SALES, entry("200", status=DELETED, protect=True),
         ("protected",), "deleted"),
    Case("a protected account is not retyped", SALES,
         entry("200", type="SALES", protect=True), ("protected",), "type"),
    Case("a protected account is renamed", SALES, entry("200", "Takings", protect=True)),
    Case("a protected account is created", None, new("1", protect=True)),
    Case("a protected account is restored", account("1", "X", status=ARCHIVED),
         entry("1", protect=True)),
    Case("a tax rate of the organisation is taken", None, new("1", tax_type="INPUT2")),
    Case("a tax rate is taken by its name", None, new("1", tax_type="15% gst on expenses")),
    Case("a tax rate that is not there is not", None, new("1", tax_type="INPUT3"),
         ("tax-rate-unknown",), "INPUT2"),
    Case("without a type, no tax rate is said to apply", None, entry("1", "X", tax_type="INPUT3"),
         ("missing-field", "tax-rate-unknown"), "Add `type:`: which rates apply depends on it."),
    Case("an archived tax rate is not", None, new("1", tax_type="TAX001"),
         ("tax-rate-inactive",), "archived"),
    Case("a tax rate for another class is not", None, new("1", tax_type="OUTPUT2"),
         ("tax-rate-class",), "INPUT2"),
    Case("a retype that leaves the tax rate behind is not", SALES, entry("200", type="EXPENSE"),
         ("tax-rate-class",), "keeps it"),
    Case("a retype with a tax rate that fits is", SALES,
         entry("200", type="EXPENSE", tax_type="INPUT2")),
    Case("a tax rate is not asked of an account to be deleted", SALES,
         entry("200", status=DELETED, tax_type="NOPE")),
    Case("a tax rate is left alone that the file does not change",
         account("1", "X", tax_type="TAX001"), entry("1", "Y")),
    Case("an id that is not in Xero is not made up for", None, new("1", account_id="id-gone"),
         ("unknown-account-id",), "id-gone"),
    Case("a role that no account has is not either", None,
         entry(None, "X", system_account="CREDITORS"), ("unknown-system-account",), "CREDITORS"),
)  # fmt: skip


def blocked(case: Case) -> tuple[Blocked, ...]:
    current = (case.current,) if case.current else ()
    return build(chart(*current), wanted(case.desired)).blocked


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.promise)
def test_changes_that_xero_refuses_are_blocked_and_others_pass(case: Case) -> None:
    found = blocked(case)
    assert sorted(block.rule for block in found) == sorted(case.rules)
    assert case.says in " ".join(f"{block.reason} {block.hint}" for block in found)
    for block in found:
        assert block.reason
        assert block.reason[-1] == "."
        assert block.source.line == 10


def test_every_rule_has_a_case_that_breaks_it() -> None:
    every = {
        "missing-field", "code-too-long", "name-too-long", "description-too-long", "unknown-type",
        "unknown-status", "field-not-for-type", "system-account-type", "system-account-archive",
        "retype-bank", "retype-inventory", "paypal", "bank-field-fixed", "protected",
        "tax-rate-unknown", "tax-rate-inactive", "tax-rate-class", "unknown-account-id",
        "unknown-system-account", "never-empty",
    }  # fmt: skip
    assert {rule for case in CASES for rule in case.rules} == every


def test_two_tax_rates_with_one_name_are_ambiguous() -> None:
    rates = [
        *chart().tax_rates,
        *(type(chart().tax_rates[0])(f"TAX00{n}", "Custom") for n in (5, 6)),
    ]
    plan = build(chart(rates=rates), wanted(new("1", tax_type="custom")))
    (block,) = plan.blocked
    assert block.rule == "tax-rate-ambiguous"
    assert "TAX005, TAX006" in block.hint


def test_every_rule_that_a_change_breaks_is_reported() -> None:
    worst = new("12345678901", "n" * 151, type="BANK", description="d", bank_account_type="PAYPAL")
    found = {block.rule for block in build(chart(), wanted(worst)).blocked}
    assert found == {
        "code-too-long", "name-too-long", "missing-field", "field-not-for-type", "paypal",
    }  # fmt: skip


def test_tax_rates_are_not_checked_if_the_chart_has_none() -> None:
    plan = build(chart(rates=()), wanted(new("1", tax_type="WHATEVER")))
    assert not plan.blocked


def test_a_blocked_change_blocks_no_other() -> None:
    plan = build(chart(SALES, GST), wanted(entry("200", "X"), entry("820", type="CURRENT")))
    assert [change.code for change in plan.changes] == ["200"]
    assert plan.summary["blocked"] == 1


def test_a_pin_that_finds_its_account_passes() -> None:
    plan = build(chart(SALES), wanted(entry("200", "X", account_id="id-200")))
    assert [change.code for change in plan.changes] == ["200"]
    assert not plan.blocked


def test_a_change_that_breaks_two_rules_is_one_change() -> None:
    plan = build(chart(SALES), wanted(entry(None, None, type="EXPENSE")))
    assert {one.rule for one in plan.blocked} == {"missing-field"}
    assert len(plan.blocked) == 2
    assert plan.summary["blocked"] == plan.left == 1
