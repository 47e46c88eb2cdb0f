"""GET /Accounts: which accounts it lists, their JSON, filters and order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .client import NOON, only

if TYPE_CHECKING:
    from xerosync.sandbox import Sandbox

    from .client import Client, Clock


def test_the_envelope_and_its_dates_are_xeros(client: Client) -> None:
    body = client.call("GET", "/Accounts").json()

    assert list(body) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Accounts"]
    assert body["Status"] == "OK"
    assert body["DateTimeUTC"] == f"/Date({int(NOON) * 1000})/"
    for account in body["Accounts"]:
        assert re.fullmatch(r"/Date\(\d+\+0000\)/", account["UpdatedDateUTC"])


def test_the_whole_chart_is_listed_by_code_with_archived_accounts(client: Client) -> None:
    accounts = client.accounts()

    assert len(accounts) > 60
    codes = [account.get("Code", "") for account in accounts]
    assert codes == sorted(codes)
    assert {account["Status"] for account in accounts} == {"ACTIVE", "ARCHIVED"}


def test_json_keys_are_missing_where_xero_leaves_them_out(client: Client) -> None:
    sales, purchases, bank = (client.find(code) for code in ("200", "300", "090"))

    assert list(sales) == [
        "AccountID",
        "Code",
        "Name",
        "Status",
        "Type",
        "TaxType",
        "Description",
        "Class",
        "SystemAccount",
        "EnablePaymentsToAccount",
        "ShowInExpenseClaims",
        "BankAccountType",
        "ReportingCode",
        "ReportingCodeName",
        "HasAttachments",
        "UpdatedDateUTC",
        "AddToWatchlist",
    ]
    assert sales["SystemAccount"] == ""
    assert "SystemAccount" not in purchases
    assert bank.keys() - sales.keys() == {"BankAccountNumber", "CurrencyCode"}
    assert sales.keys() - bank.keys() == {"Description", "SystemAccount"}


def test_a_bank_account_may_have_no_code(client: Client) -> None:
    (account,) = [each for each in client.accounts() if "Code" not in each]

    assert account["Type"] == "BANK"


def test_one_account_is_returned_as_a_list_of_one(client: Client) -> None:
    sales = client.find("200")

    assert only(client.call("GET", f"/Accounts/{sales['AccountID']}")) == sales
    assert only(client.call("GET", f"/Accounts/{sales['AccountID'].upper()}")) == sales


@pytest.mark.parametrize("item", ["200", "00000000-0000-0000-0000-000000000000", "a/b"])
def test_an_account_is_found_only_by_its_guid(client: Client, item: str) -> None:
    answer = client.call("GET", f"/Accounts/{item}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text == "The resource you're looking for cannot be found"


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        ('Code=="200"', {"200"}),
        ('Type=="BANK" AND Status=="ACTIVE" AND Code!="090"', {"091", "092", None}),
        ('type == "BANK" && code != "091" && BankAccountType<>"CREDITCARD"', {"090", None}),
        ('Code="200" OR Code="260" AND Status=="ARCHIVED"', {"200"}),
        ('(Code=="200" || Code=="260") and Status=="ACTIVE"', {"200", "260"}),
        ('SystemAccount=="GST"', {"820"}),
        ('Name.StartsWith("Accounts")', {"610", "800"}),
        ('Name.Contains("Currency")', {"498", "499"}),
        ('Code==null AND Type=="BANK"', {None}),
        ('AddToWatchlist==true AND Class=="REVENUE"', {"200"}),
        ('class=="REVENUE"', {"200", "205", "260", "270"}),
        ('Status=="active"', set()),
    ],
)
def test_where_filters(client: Client, where: str, codes: set[str | None]) -> None:
    assert {account.get("Code") for account in client.accounts(where=where)} == codes


def test_where_finds_an_account_by_its_guid(client: Client) -> None:
    sales = client.find("200")

    assert client.accounts(where=f'AccountID==Guid("{sales["AccountID"]}")') == [sales]


@pytest.mark.parametrize(
    "query",
    [
        {"where": 'Colour=="red"'},
        {"where": "Status=='ACTIVE'"},
        {"where": 'Status=="ACTIVE'},
        {"where": "Status=="},
        {"where": 'Status=="ACTIVE" AND'},
        {"where": 'Status=="ACT" "IVE"'},
        {"where": 'Status=="ACTIVE"==true'},
        {"where": "Code"},
        {"where": "Code==Name"},
        {"where": "not Code==null"},
        {"where": 'Status>"ACTIVE"'},
        {"where": "(" * 100_000},
        {"where": "Name.Frobnicate()"},
        {"order": "Colour"},
        {"order": "Name SIDEWAYS"},
    ],
)
def test_a_bad_query_is_a_query_parse_exception(client: Client, query: dict[str, str]) -> None:
    query = {name: value[:10_000] for name, value in query.items()}
    answer = client.call("GET", "/Accounts", params=query)

    assert answer.status_code == 400
    assert answer.json()["ErrorNumber"] == 16
    assert answer.json()["Type"] == "QueryParseException"


def test_order_sorts_by_several_fields(client: Client) -> None:
    accounts = client.accounts(order="Type DESC, Name")

    keys = [(each["Type"], each["Name"]) for each in accounts]
    assert keys == sorted(
        sorted(keys, key=lambda key: key[1]), key=lambda key: key[0], reverse=True
    )


@pytest.mark.parametrize(
    "since",
    [
        "2026-06-01T00:00:00",
        "2026-06-01T00:00:00Z",
        "2026-06-01T12:00:00.0000000+12:00",
        "Mon, 01 Jun 2026 00:00:00 GMT",
    ],
)
def test_if_modified_since_is_utc_and_inclusive(
    client: Client, sandbox: Sandbox, since: str
) -> None:
    assert (
        client.call("GET", "/Accounts", headers={"If-Modified-Since": since}).json()["Accounts"]
        == []
    )
    sandbox.store.edit("200", name="Turnover")

    answer = client.call("GET", "/Accounts", headers={"If-Modified-Since": since})

    assert [account["Name"] for account in answer.json()["Accounts"]] == ["Turnover"]


def test_an_unreadable_if_modified_since_is_ignored(client: Client) -> None:
    answer = client.call("GET", "/Accounts", headers={"If-Modified-Since": "yesterday"})

    assert len(answer.json()["Accounts"]) > 60


def test_a_write_changes_the_updated_date(client: Client, clock: Clock) -> None:
    before = client.find("200")
    clock.now += 5

    after = only(client.update(before["AccountID"], Name="Turnover"))

    assert before["UpdatedDateUTC"] < after["UpdatedDateUTC"]
    assert after["UpdatedDateUTC"] == f"/Date({int(NOON + 5) * 1000}+0000)/"


def test_organisation_and_tax_rates_are_served(client: Client, sandbox: Sandbox) -> None:
    (organisation,) = client.call("GET", "/Organisation").json()["Organisations"]
    assert client.call("GET", "/Organisations").status_code == 200
    assert organisation["OrganisationID"] == sandbox.tenant_id
    assert organisation["Name"] == "Demo Company (NZ)"
    assert organisation["BaseCurrency"] == "NZD"
    assert organisation["IsDemoCompany"] is True

    rates = client.call("GET", "/TaxRates").json()["TaxRates"]
    assert {rate["TaxType"] for rate in rates} >= {"OUTPUT2", "INPUT2", "NONE"}
    (rate,) = client.call("GET", "/TaxRates/output2").json()["TaxRates"]
    assert rate["Name"] == "15% GST on Income"
    assert rate["EffectiveRate"] == 15.0
    assert rate["CanApplyToRevenue"] is True
    assert rate["CanApplyToExpenses"] is False
    assert client.call("GET", "/TaxRates/NOPE").status_code == 404
    chosen = client.call("GET", "/TaxRates", params={"where": 'ReportTaxType=="NONE"'}).json()
    assert [rate["TaxType"] for rate in chosen["TaxRates"]] == ["NONE"]
