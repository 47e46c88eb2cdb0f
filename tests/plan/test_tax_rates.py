"""Tax rates as people write them, and Xero's codes for them."""

from __future__ import annotations

import pytest
from builders import RATES, account, chart, entry, new, wanted

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
