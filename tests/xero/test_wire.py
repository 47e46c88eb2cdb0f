"""Xero's JSON: anything can be read, and only the given fields are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from xerosync.model import FIELDS, Account, TaxRate
from xerosync.xero import wire

ORDINARY = {
    "AccountID": "a-1", "Code": "200", "Name": "Sales", "Status": "ACTIVE", "Type": "REVENUE",
    "TaxType": "OUTPUT2", "Class": "REVENUE", "SystemAccount": "", "BankAccountType": "",
    "Description": "Income", "EnablePaymentsToAccount": False, "ShowInExpenseClaims": False,
    "ReportingCode": "REV.TRA.GOO", "ReportingCodeName": "Sale of goods",
    "UpdatedDateUTC": "/Date(1776704054343+0000)/", "AddToWatchlist": True,
}  # fmt: skip


LEAST: dict[str, object] = {"AccountID": "a", "Name": "A", "Type": "REVENUE", "Status": "ACTIVE"}
"""What every account of Xero has."""


def read(element: Mapping[str, object]) -> Account:
    """Read one account that has at least what every account has."""
    return wire.accounts({"Accounts": [{**LEAST, **element}]})[0]


def test_an_ordinary_account_is_read() -> None:
    assert read(ORDINARY) == Account(
        account_id="a-1", code="200", name="Sales", type="REVENUE", status="ACTIVE",
        tax_type="OUTPUT2", description="Income", reporting_code="REV.TRA.GOO",
        add_to_watchlist=True, account_class="REVENUE",
        updated_at=datetime(2026, 4, 20, 16, 54, 14, 343000, UTC),
    )  # fmt: skip


def test_absent_null_and_empty_are_the_same() -> None:
    assert read({}) == read(dict.fromkeys(ORDINARY) | LEAST)
    assert read({}) == read(dict.fromkeys(ORDINARY, "") | LEAST)


def test_unknown_values_are_kept() -> None:
    account = read({"Type": "SUPERANNUATION", "Status": "PENDING", "SystemAccount": "NEW", "X": {}})
    assert (account.type, account.status, account.system_account) == (
        "SUPERANNUATION", "PENDING", "NEW",
    )  # fmt: skip
    assert account.account_class == ""


def test_a_missing_class_is_derived_from_the_type() -> None:
    assert read({"Type": "BANK"}).account_class == "ASSET"


def test_long_codes_of_old_organisations_and_numbers_are_read() -> None:
    assert read({"Code": "12345678901234"}).code == "12345678901234"
    assert read({"Code": 200}).code == "200"


@pytest.mark.parametrize(
    ("value", "is_set"),
    [(True, True), ("true", True), ("TRUE ", True), (1, True), (False, False), ("false", False),
     (None, False), ("", False), (0, False)],
)  # fmt: skip
def test_flags_are_read_in_several_forms(value: object, is_set: bool) -> None:
    assert read({"AddToWatchlist": value}).add_to_watchlist is is_set


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("/Date(0)/", datetime(1970, 1, 1, tzinfo=UTC)),
        ("/Date(-1000+0000)/", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("/Date(1222732800000+1300)/", datetime(2008, 9, 30, tzinfo=UTC)),
        ("2009-05-14T01:44:26", datetime(2009, 5, 14, 1, 44, 26, tzinfo=UTC)),
        ("/Date(9999999999999999)/", None), ("/Date()/", None), ("soon", None), (3, None),
    ],
)  # fmt: skip
def test_dates_are_read_and_invalid_ones_are_none(text: object, when: datetime | None) -> None:
    assert read({"UpdatedDateUTC": text}).updated_at == when


def test_a_tax_rate_has_the_classes_that_it_applies_to() -> None:
    data = {
        "TaxRates": [
            {"Name": "15%", "TaxType": "OUTPUT2", "Status": "ACTIVE", "CanApplyToRevenue": True,
             "CanApplyToAssets": "true", "CanApplyToEquity": False}
        ]
    }  # fmt: skip
    assert wire.tax_rates(data) == (
        TaxRate("OUTPUT2", "15%", "ACTIVE", frozenset({"REVENUE", "ASSET"})),
    )


@pytest.mark.parametrize(
    ("given", "percent"),
    [
        ({"DisplayTaxRate": 8.25}, Decimal("8.25")),
        ({"DisplayTaxRate": "8.2500", "EffectiveRate": 9}, Decimal("8.25")),
        ({"EffectiveRate": 0}, Decimal(0)),
        ({"DisplayTaxRate": "1e999999999"}, None),
        ({"DisplayTaxRate": None, "EffectiveRate": [9]}, None),
    ],
)
def test_a_tax_rate_has_the_percent_that_xero_displays(
    given: dict[str, object], percent: Decimal | None
) -> None:
    (rate,) = wire.tax_rates(
        {"TaxRates": [{"Name": "GST", "TaxType": "A", "Status": "ACTIVE"} | given]}
    )
    assert rate.percent == percent


def test_an_empty_list_of_tax_rates_is_refused() -> None:
    """Every organisation has tax rates; without them no tax rate of a file would be checked."""
    with pytest.raises(wire.Malformed, match="TaxRates is empty"):
        wire.tax_rates({"TaxRates": []})


def test_the_organisation_is_read() -> None:
    data = {"Organisations": [{"Name": "Demo", "ShortCode": "!1", "IsDemoCompany": True,
                               "CountryCode": "NZ", "BaseCurrency": "NZD",
                               "OrganisationID": "o"}]}  # fmt: skip
    organisation = wire.organisation(data)
    assert (organisation.tenant_id, organisation.name, organisation.is_demo_company) == (
        "o", "Demo", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "data", [{}, {"Accounts": None}, {"Accounts": {}}, {"Accounts": [ORDINARY, 3]}]
)
def test_an_answer_without_its_list_is_malformed(data: wire.Json) -> None:
    with pytest.raises(wire.Malformed):
        wire.accounts(data)


@pytest.mark.parametrize("listed", [[], [{"Name": "Demo"}]])
def test_an_organisation_without_its_id_is_malformed(listed: list[object]) -> None:
    with pytest.raises(wire.Malformed):
        wire.organisation({"Organisations": listed})


def test_only_the_given_fields_are_written() -> None:
    assert wire.fields_body({"name": "Sales", "description": "", "add_to_watchlist": False}) == {
        "Accounts": [{"Name": "Sales", "Description": "", "AddToWatchlist": False}]
    }
    assert wire.status_body("ARCHIVED") == {"Accounts": [{"Status": "ARCHIVED"}]}


def test_every_field_can_be_written_and_read_back() -> None:
    values = {field.name: True if field.flag else f"x-{field.name}" for field in FIELDS}
    written: Any = wire.fields_body(values)
    assert read(written["Accounts"][0]).values() == values
