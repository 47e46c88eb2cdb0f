"""Tax rates as people write them, and Xero's codes for them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from builders import EVERY_CLASS, RATES, account, chart, entry, new, wanted

from xerosync.model import TaxRate
from xerosync.plan.build import build
from xerosync.plan.tax_rates import TaxRates, resolve


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("OUTPUT2", "OUTPUT2"),
        ("output2", "OUTPUT2"),
        ("15% GST on Income", "OUTPUT2"),
        ("15%  gst on INCOME ", "OUTPUT2"),
        ("Nonsense", "Nonsense"),
        ("", ""),
    ],
)
def test_a_rate_is_found_by_code_and_by_name(written: str, code: str) -> None:
    assert TaxRates(RATES).code_for(written) == code


def test_a_code_comes_before_a_name() -> None:
    rates = TaxRates([TaxRate("A", "B"), TaxRate("B", "C")])
    assert rates.code_for("B") == "B"


def test_of_two_rates_with_one_name_the_active_one_is_used() -> None:
    rates = TaxRates([TaxRate("A", "GST", status="DELETED"), TaxRate("B", "GST")])
    assert rates.code_for("GST") == "B"


def test_a_name_shared_by_two_active_rates_stays_as_written() -> None:
    rates = TaxRates([TaxRate("A", "GST"), TaxRate("B", "GST")])
    assert rates.code_for("GST") == "GST"


def test_only_active_rates_of_the_class_are_usable() -> None:
    usable = TaxRates(RATES).usable_for("REVENUE")
    assert [rate.tax_type for rate in usable] == ["OUTPUT2", "NONE"]


def test_a_rate_by_name_in_the_file_equals_its_code_in_xero() -> None:
    current = chart(account("1", "X", tax_type="INPUT2"))
    assert build(current, wanted(entry("1", tax_type="15% GST on Expenses"))).empty


def test_a_create_sends_the_code_of_a_rate_given_by_name() -> None:
    (step,) = build(chart(), wanted(new("1", tax_type="no gst"))).steps
    assert step.values["tax_type"] == "NONE"


def test_entries_without_a_rate_are_unchanged() -> None:
    desired = wanted(entry("1"), entry("2", tax_type=""))
    assert resolve(desired, TaxRates(RATES)) == desired


SINGAPORE = (
    TaxRate("INPUTY23", "2023 Purchases", applies_to=EVERY_CLASS, percent=Decimal(8)),
    TaxRate("INPUTY24", "Purchases", applies_to=EVERY_CLASS, percent=Decimal(9)),
    TaxRate("BLINPUT2", "Disallowed", applies_to=EVERY_CLASS, percent=Decimal(7)),
    TaxRate("BLINPUT3", "Disallowed", applies_to=EVERY_CLASS, percent=Decimal(7)),
    TaxRate("TAX001", "City Tax", applies_to=EVERY_CLASS, percent=Decimal("8.250")),
    TaxRate("TAX002", "City Tax", applies_to=EVERY_CLASS, percent=Decimal("8.5")),
)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Purchases (9%)", "INPUTY24"),
        ("Purchases (9.0 %)", "INPUTY24"),
        ("Purchases (8%)", "Purchases (8%)"),
        ("City Tax (8.25%)", "TAX001"),
        ("city tax (8,5%)", "TAX002"),
        ("City Tax", "City Tax"),
    ],
)
def test_the_percent_of_a_label_chooses_the_rate(written: str, code: str) -> None:
    assert TaxRates(SINGAPORE).code_for(written) == code


def test_a_label_fits_a_rate_whose_percent_xero_does_not_say() -> None:
    assert TaxRates([TaxRate("A", "GST")]).code_for("GST (15%)") == "A"


def test_a_label_of_another_percent_is_blocked_and_says_the_percent() -> None:
    current = replace(chart(account("1", "X", tax_type="INPUTY23")), tax_rates=SINGAPORE)
    plan = build(current, wanted(entry("1", tax_type="Purchases (8%)")))
    assert not plan.changes
    (blocked,) = plan.blocked
    assert blocked.rule == "tax-rate-unknown"
    assert blocked.reason == (
        "The organisation has no tax rate Purchases (8%): the rate of that name is at 9%."
    )
    assert "Rates at 8%: INPUTY23 (2023 Purchases)." in blocked.hint


def test_a_rate_at_the_percent_that_does_not_apply_to_the_account_is_not_offered() -> None:
    sales = replace(SINGAPORE[0], applies_to=frozenset({"REVENUE"}))
    current = replace(chart(account("1", "X")), tax_rates=(sales, *SINGAPORE[1:]))
    (blocked,) = build(current, wanted(entry("1", tax_type="Purchases (8%)"))).blocked
    assert blocked.rule == "tax-rate-unknown"
    assert "INPUTY23" not in blocked.hint
    assert blocked.hint.startswith("Rates that apply to EXPENSE accounts: INPUTY24 (Purchases)")


def test_a_shared_label_blocks_only_where_something_would_change() -> None:
    kept, other = (account(code, code, tax_type=rate) for code, rate in
                   (("1", "BLINPUT3"), ("2", "INPUTY24")))  # fmt: skip
    current = replace(chart(kept, other), tax_rates=SINGAPORE)
    label = "Disallowed (7%)"
    plan = build(current, wanted(entry("1", tax_type=label), entry("2", tax_type=label)))
    assert not plan.changes
    assert [(b.code, b.rule) for b in plan.blocked] == [("2", "tax-rate-ambiguous")]


def test_rates_that_share_a_name_are_offered_and_shown_with_their_percent() -> None:
    current = replace(chart(account("1", "X", tax_type="TAX001")), tax_rates=SINGAPORE)
    (blocked,) = build(replace(current, accounts=()), wanted(new("1", tax_type="City Tax"))).blocked
    assert blocked.hint == "Write the code: one of TAX001 (8.25%), TAX002 (8.5%)."
    (change,) = build(current, wanted(entry("1", tax_type="TAX002"))).changes
    (field,) = change.fields
    assert (field.before_label, field.after_label) == ("City Tax (8.25%)", "City Tax (8.5%)")
