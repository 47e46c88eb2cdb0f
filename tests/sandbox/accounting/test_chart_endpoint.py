"""GET /Accounts: which accounts it lists, their JSON, filters and order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sandbox.client import NOON, only

if TYPE_CHECKING:
    from sandbox.client import Client, Clock
    from xerosync.sandbox import Sandbox


def test_the_envelope_and_its_dates_have_the_format_of_xero(client: Client) -> None:
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
        ('Code>="960" AND Code<"970"', {"960"}),
        ('"960"<=Code', {"960", "970"}),
        ('Code>"960" OR Code<="090"', {"970", "090"}),
        ('AddToWatchlist AND Class=="REVENUE"', {"200"}),
        ('Name.Contains("Sales")==false AND class=="REVENUE"', {"260", "270"}),
        ('SystemAccount!=null AND Type=="EXPENSE"', {"497", "498", "499"}),
        ('ReportingCodeName=="Sale of goods" AND HasAttachments==false', {"200"}),
        ("Code==Name", set()),
    ],
)
def test_the_where_parameter_filters_accounts(
    client: Client, where: str, codes: set[str | None]
) -> None:
    assert {account.get("Code") for account in client.accounts(where=where)} == codes


@pytest.mark.parametrize(
    "where",
    [
        "UpdatedDateUTC>=DateTime(2026,06,01)",
        "UpdatedDateUTC == DateTime(2026, 6, 1, 0, 0, 0)",
        "UpdatedDateUTC>DateTime(2026,05,31,23,59,59) AND UpdatedDateUTC<DateTime(2026,6,2)",
    ],
)
def test_where_compares_dates_in_utc(client: Client, sandbox: Sandbox, where: str) -> None:
    sandbox.store.edit("200", name="Turnover")

    assert [account["Name"] for account in client.accounts(where=where)] == ["Turnover"]
    assert client.accounts(where=where.replace("20", "21", 1)) == []


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
        {"where": "Code==200"},
        {"where": 'AddToWatchlist=="true"'},
        {"where": "AddToWatchlist>false"},
        {"where": "Code>null"},
        {"where": 'AccountID=="11111111-1111-1111-1111-111111111111"'},
        {"where": 'AccountID==Guid("200")'},
        {"where": 'UpdatedDateUTC>"2026-01-01"'},
        {"where": "UpdatedDateUTC>DateTime(2026)"},
        {"where": "UpdatedDateUTC>DateTime(2026,13,1)"},
        {"where": "UpdatedDateUTC>DateTime(0,0,0)"},
        {"where": "UpdatedDateUTC>DateTime(2026,1,true)"},
        {"where": "UpdatedDateUTC>DateTime(" + "9" * 5000 + ",1,1)"},
        {"where": 'UpdatedDateUTC.Contains("2026")'},
        {"where": "Code" + ".Contains(Code)" * 600},
        {"where": "--1==1"},
        {"where": "Code is null"},
        {"where": "Code-1==null"},
        {"where": "ValidationErrors==null"},
        {"where": "not Code==null"},
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


def test_a_message_names_the_types_that_cannot_be_compared(client: Client) -> None:
    """XeroAPI/Xero-NetStandard#597 shows Xero's own message."""
    answer = client.call("GET", "/Accounts", params={"where": 'UpdatedDateUTC > "2024-01-01"'})

    expected = "Operator '>' incompatible with operand types 'DateTime' and 'String'"
    assert answer.json()["Message"] == expected


def test_order_sorts_by_a_date_and_by_a_flag(client: Client, sandbox: Sandbox) -> None:
    sandbox.store.edit("400", name="Promotion")

    assert client.accounts(order="UpdatedDateUTC DESC")[0]["Name"] == "Promotion"
    assert client.accounts(order="UpdatedDateUTC ASC")[-1]["Name"] == "Promotion"
    flags = [each["AddToWatchlist"] for each in client.accounts(order="AddToWatchlist DESC, Code")]
    assert flags == sorted(flags, reverse=True)
    codes = [each.get("Code") for each in client.accounts(order="Code")]
    assert codes[0] is None, "what has no value comes first"


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


@pytest.mark.parametrize(
    "since", ["yesterday", "Mon, 01 Jan 2026 00:00:00 +99999999999999", f"2026-01-{'9' * 5000}"]
)
def test_an_unreadable_if_modified_since_is_ignored(client: Client, since: str) -> None:
    answer = client.call("GET", "/Accounts", headers={"If-Modified-Since": since})

    assert len(answer.json()["Accounts"]) > 60


def test_a_write_changes_the_updated_date(client: Client, clock: Clock) -> None:
    before = client.find("200")
    clock.now += 5

    after = only(client.update(before["AccountID"], Name="Turnover"))

    assert before["UpdatedDateUTC"] < after["UpdatedDateUTC"]
    assert after["UpdatedDateUTC"] == f"/Date({int(NOON + 5) * 1000}+0000)/"
