"""Currencies, organisation, tax rates, tracking categories and users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.client import Client
from xerosync.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

PATHS = {
    "Currencies": "Currencies",
    "Organisation": "Organisations",
    "Organisations": "Organisations",
    "TaxRates": "TaxRates",
    "TrackingCategories": "TrackingCategories",
    "Users": "Users",
}


@pytest.fixture
def america() -> Iterator[Client]:
    with Sandbox(country="US") as sandbox:
        client = Client(sandbox)
        with client.session:
            yield client


def listed(client: Client, path: str, **query: str) -> list[dict[str, Any]]:
    answer = client.call("GET", f"/{path}", params=query)
    assert answer.status_code == 200, answer.text
    elements: list[dict[str, Any]] = answer.json()[PATHS[path.partition("/")[0]]]
    return elements


@pytest.mark.parametrize(("path", "name"), PATHS.items())
def test_a_collection_is_read_with_the_read_scope_and_never_written(
    sandbox: Sandbox, path: str, name: str
) -> None:
    client = Client(sandbox, sandbox.access_token("accounting.settings.read"))
    with client.session:
        assert client.call("GET", f"/{path}").json()[name]
    writer = Client(sandbox)
    with writer.session:
        answer = writer.call("PUT", f"/{path}", json={})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "where", "field", "values"),
    [
        ("Currencies", 'Code=="NZD"', "Description", ["New Zealand Dollar"]),
        ("Currencies", 'Code>="NZD"', "Code", ["NZD", "USD"]),
        ("Organisation", "IsDemoCompany==true AND FinancialYearEndMonth<=3", "Version", ["NZ"]),
        ("Organisation", "CreatedDateUTC<DateTime(2026,1,1)", "Version", []),
        ("TaxRates", 'ReportTaxType=="NONE"', "TaxType", ["NONE"]),
        ("TaxRates", "EffectiveRate>=15.0 && CanApplyToRevenue==true", "TaxType", ["OUTPUT2"]),
        ("TaxRates", "EffectiveRate<0.5 AND EffectiveRate>-1", "TaxType",
         ["GSTONIMPORTS", "NONE", "ZERORATED"]),
        ("TrackingCategories", 'Name.StartsWith("Reg")', "Name", ["Region"]),
        ("Users", "IsSubscriber==true", "FirstName", ["Kim"]),
        ("Users", "UpdatedDateUTC>=DateTime(2026,01,01)", "FirstName", ["Aroha", "Kim", "Sam"]),
        ("Users", "UpdatedDateUTC>DateTime(2026,01,01)", "FirstName", []),
    ],
)  # fmt: skip
def test_where_filters_on_any_field(
    client: Client, path: str, where: str, field: str, values: list[str]
) -> None:
    assert [each[field] for each in listed(client, path, where=where, order=field)] == values


@pytest.mark.parametrize("path", PATHS)
def test_a_field_of_another_element_is_a_query_parse_exception(client: Client, path: str) -> None:
    for query in ({"where": 'BankAccountNumber=="1"'}, {"order": "BankAccountNumber"}):
        answer = client.call("GET", f"/{path}", params=query)

        assert answer.status_code == 400
        assert answer.json()["Type"] == "QueryParseException"


def test_every_scalar_field_can_order(client: Client) -> None:
    for path in (*PATHS, "Accounts"):
        elements = client.call("GET", f"/{path}").json()[PATHS.get(path, path)]
        fields = {n for e in elements for n, v in e.items() if not isinstance(v, dict | list)}
        for field in fields:
            answer = client.call("GET", f"/{path}", params={"order": f"{field} DESC"})
            assert answer.status_code == 200, f"{path} {field}: {answer.text}"


def test_a_rate_a_user_and_a_category_are_read_by_their_key(client: Client) -> None:
    (rate,) = listed(client, "TaxRates/output2")
    assert (rate["Name"], rate["EffectiveRate"]) == ("15% GST on Income", 15.0)
    assert (rate["CanApplyToRevenue"], rate["CanApplyToExpenses"]) == (True, False)
    kim = next(user for user in listed(client, "Users") if user["FirstName"] == "Kim")
    assert listed(client, f"Users/{kim['UserID']}") == [kim]
    (region,) = listed(client, "TrackingCategories")
    assert listed(client, f"TrackingCategories/{region['TrackingCategoryID']}") == [region]
    assert region["Options"][0]["Name"] == "Eastside"


@pytest.mark.parametrize("path", ["TaxRates/NOPE", "Users/kim", "Currencies/NZD", "Organisation/1"])
def test_another_key_is_not_found(client: Client, path: str) -> None:
    assert client.call("GET", f"/{path}").status_code == 404


def test_users_can_be_filtered_by_if_modified_since(client: Client) -> None:
    for since, users in (("2026-01-01T00:00:00", 3), ("2026-01-02T00:00:00", 0)):
        answer = client.call("GET", "/Users", headers={"If-Modified-Since": since})
        assert len(answer.json()["Users"]) == users


def test_the_organisation_is_the_demo_company(client: Client, sandbox: Sandbox) -> None:
    (organisation,) = listed(client, "Organisation")

    assert organisation["OrganisationID"] == sandbox.tenant_id
    assert organisation["Name"] == "Demo Company (NZ)"
    assert organisation["BaseCurrency"] == "NZD"
    assert organisation["IsDemoCompany"] is True


def test_rates_of_sales_and_purchases_apply_to_every_class_in_the_us(america: Client) -> None:
    created = america.create(Code="731", Name="Signage", Type="EXPENSE", TaxType="OUTPUT")

    assert created.status_code == 200, created.text
    for rate in listed(america, "TaxRates"):
        if rate["TaxType"] in {"OUTPUT", "INPUT", "TAX001"}:
            assert all(value for name, value in rate.items() if name.startswith("CanApplyTo"))


def test_with_one_currency_the_accounts_of_exchange_differences_are_archived(
    america: Client, client: Client
) -> None:
    assert [each["Code"] for each in listed(america, "Currencies")] == ["USD"]
    assert len(listed(client, "Currencies")) > 1
    for code, role in (
        ("497", "BANKCURRENCYGAIN"),
        ("498", "UNREALISEDCURRENCYGAIN"),
        ("499", "REALISEDCURRENCYGAIN"),
    ):
        archived, active = america.find(code), client.find(code)
        assert (archived["Status"], archived["SystemAccount"]) == ("ARCHIVED", role)
        assert (active["Status"], active["SystemAccount"]) == ("ACTIVE", role)
