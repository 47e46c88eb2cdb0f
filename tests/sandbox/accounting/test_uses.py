"""Items, repeating invoices and contacts: what uses an account, and what a change does to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.client import Client, Clock, messages, only
from xerosync.sandbox import Limits, Sandbox, SandboxError
from xerosync.sandbox.books.seed.chart import accounts
from xerosync.sandbox.books.seed.practice import clients
from xerosync.sandbox.books.seed.uses import Accounts, items

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCOPES = "accounting.settings accounting.contacts.read accounting.invoices.read"
NAMED = 12
"""The contacts of every organisation, one of them archived."""


@pytest.fixture
def reader(sandbox: Sandbox) -> Iterator[Client]:
    client = Client(sandbox, sandbox.access_token(SCOPES))
    with client.session:
        yield client


def listed(client: Client, path: str, **query: str) -> list[dict[str, Any]]:
    answer = client.call("GET", f"/{path}", params=query)
    assert answer.status_code == 200, answer.text
    elements: list[dict[str, Any]] = answer.json()[path.partition("/")[0]]
    return elements


def contacts(client: Client, **query: str) -> list[dict[str, Any]]:
    return listed(client, "Contacts", **{"page": "1"} | query)


def item(client: Client, code: str) -> dict[str, Any]:
    (found,) = listed(client, f"Items/{code}")
    return found


def repeating(client: Client, code: str) -> list[dict[str, Any]]:
    """Return the repeating invoices that use an account and are not deleted."""
    return [
        invoice
        for invoice in listed(client, "RepeatingInvoices")
        if invoice["Status"] != "DELETED"
        and code in {line.get("AccountCode") for line in invoice["LineItems"]}
    ]


def defaults(client: Client, code: str) -> set[str]:
    """Return the names of the contacts that have an account as default."""
    keys = ("SalesDefaultAccountCode", "PurchasesDefaultAccountCode")
    return {
        contact["Name"] for contact in contacts(client) if code in {contact.get(k) for k in keys}
    }


@pytest.mark.parametrize(
    ("path", "enough"),
    [
        ("/Items", {"accounting.settings", "accounting.settings.read"}),
        ("/Contacts", {"accounting.contacts", "accounting.contacts.read"}),
        (
            "/RepeatingInvoices",
            {"accounting.invoices", "accounting.invoices.read", "accounting.transactions",
             "accounting.transactions.read"},
        ),
        (
            "/Reports/TrialBalance",
            {"accounting.reports.trialbalance.read", "accounting.reports.read"},
        ),
    ],
)  # fmt: skip
def test_each_endpoint_needs_one_of_its_own_scopes(
    clock: Clock, path: str, enough: set[str]
) -> None:
    others = {
        "accounting.settings", "accounting.settings.read", "accounting.contacts.read",
        "accounting.invoices.read", "accounting.reports.trialbalance.read",
        "accounting.reports.balancesheet.read", "accounting.budgets.read",
    }  # fmt: skip
    with Sandbox(clock=clock, limits=Limits(minute=1000)) as sandbox:
        for scope in enough | others:
            client = Client(sandbox, sandbox.access_token(scope))
            with client.session:
                answer = client.call("GET", path)
                assert answer.status_code == (200 if scope in enough else 401), scope
                if scope not in enough:
                    assert answer.json()["Detail"] == "AuthorizationUnsuccessful"
                writes = client.call("PUT", path, json={}).status_code
                is_write = scope in enough and not scope.endswith(".read")
                is_report = scope in enough and "Reports" in path
                refused = 400 if path == "/Items" else 405
                assert writes == (refused if is_write or is_report else 401)


def test_items_name_accounts_of_sales_purchases_cost_of_sales_and_stock(reader: Client) -> None:
    tool, crate, paper = item(reader, "TOOL"), item(reader, "CRATE"), item(reader, "PAPER")

    assert tool["SalesDetails"]["AccountCode"] == "200"
    assert tool["PurchaseDetails"]["AccountCode"] == "453"
    assert crate["IsTrackedAsInventory"] is True
    assert crate["InventoryAssetAccountCode"] == "630"
    assert crate["PurchaseDetails"]["COGSAccountCode"] == "310"
    assert "AccountCode" not in crate["PurchaseDetails"]
    assert (paper["IsSold"], paper["SalesDetails"]) == (False, {})
    assert item(reader, tool["ItemID"]) == tool
    assert reader.call("GET", "/Items/NOPE").status_code == 404


def test_items_are_filtered_and_ordered(reader: Client) -> None:
    codes = [each["Code"] for each in listed(reader, "Items", where="IsSold==false")]
    backwards = [each["Code"] for each in listed(reader, "Items", order="Code DESC")]

    assert codes == ["PAPER"]
    assert backwards == sorted(backwards, reverse=True)
    since = {"If-Modified-Since": "2026-01-02T00:00:00"}
    assert reader.call("GET", "/Items", headers=since).json()["Items"] == []


def test_prices_have_two_decimals_unless_four_are_asked_for(reader: Client) -> None:
    def price(**query: str) -> float:
        found = next(each for each in listed(reader, "Items", **query) if each["Code"] == "FLYER")
        value: float = found["PurchaseDetails"]["UnitPrice"]
        return value

    assert (price(), price(unitdp="4")) == (0.12, 0.1234)


def test_a_repeating_invoice_says_to_whom_and_when(reader: Client) -> None:
    (rent,) = repeating(reader, "469")

    assert (rent["Type"], rent["Contact"]["Name"]) == ("ACCPAY", "Marlow Property Trust")
    assert rent["Schedule"]["NextScheduledDate"] == "/Date(1782864000000+0000)/", "1 July 2026"
    assert rent["LineItems"][0]["AccountID"] == reader.find("469")["AccountID"]
    assert "AccountCode" not in rent["LineItems"][1], "a line can be a text only"
    (landlord,) = listed(reader, f"Contacts/{rent['Contact']['ContactID']}")
    assert landlord["PurchasesDefaultAccountCode"] == "469"
    assert listed(reader, f"RepeatingInvoices/{rent['RepeatingInvoiceID']}") == [rent]


def test_the_next_date_of_december_is_in_january(reader: Client, clock: Clock) -> None:
    clock.now = 1_797_638_400.0  # 2026-12-19
    client = Client(reader.sandbox, reader.sandbox.access_token(SCOPES))
    with client.session:
        (rent,) = repeating(client, "469")
    assert rent["Schedule"]["NextScheduledDate"] == "/Date(1798761600000+0000)/", "1 January 2027"


def test_a_deleted_repeating_invoice_is_listed_and_locks_nothing(reader: Client) -> None:
    where = {"where": 'Status=="DELETED"'}
    (deleted,) = listed(reader, "RepeatingInvoices", **where)

    assert deleted["LineItems"][0]["AccountCode"] == "400"
    assert "NextScheduledDate" not in deleted["Schedule"]
    only(reader.update(reader.find("400")["AccountID"], Status="ARCHIVED"))


def test_a_lock_by_a_repeating_invoice_adds_the_invoice(reader: Client, sandbox: Sandbox) -> None:
    sandbox.store.lock("260", "repeating-invoice")
    (sale,) = repeating(reader, "260")
    refused = messages(reader.update(reader.find("260")["AccountID"], Status="ARCHIVED"))

    assert (sale["Type"], sale["Contact"]["Name"]) == ("ACCREC", "Cedar Clinic")
    assert refused == ["Cannot archive an account that is used by a repeating invoice"]
    sandbox.store.lock("260", "")
    assert repeating(reader, "260") == []


def test_every_repeating_invoice_has_ids_of_its_own(reader: Client, sandbox: Sandbox) -> None:
    """Also on the account that a deleted repeating invoice names."""
    sandbox.store.lock("400", "repeating-invoice")

    invoices = listed(reader, "RepeatingInvoices")
    lines = [line["LineItemID"] for invoice in invoices for line in invoice["LineItems"]]

    assert len(invoices) == len({one["RepeatingInvoiceID"] for one in invoices}) == 3
    assert len(lines) == len(set(lines))


def test_two_tracked_items_have_two_codes() -> None:
    """Also if the ids of their accounts begin with the same letters, as here of 092 and 860."""
    books = next(one for one in clients(40) if one.name == "Kereru Community Trust")
    locked = [replace(one, locked_by="inventory-item") for one in accounts(books)]

    codes = [one["Code"] for one in items(Accounts(books, locked))]

    assert len(codes) == len(set(codes))


def test_the_cost_account_of_a_tracked_item_is_locked_as_long_as_the_item_is_tracked(
    reader: Client, sandbox: Sandbox
) -> None:
    cost = reader.find("310")["AccountID"]

    refused = messages(reader.update(cost, Status="ARCHIVED"))

    assert refused == ["Cannot archive an account that is used by a tracked inventory item"]
    with pytest.raises(SandboxError, match="310 stays locked: a tracked inventory item"):
        sandbox.store.lock("310", "")
    sandbox.store.lock("630", "")
    assert not [each for each in listed(reader, "Items") if each["IsTrackedAsInventory"]]
    only(reader.update(cost, Status="ARCHIVED"))


def test_an_account_of_a_tracked_item_stays_locked_despite_a_second_lock(
    sandbox: Sandbox,
) -> None:
    sandbox.store.lock("310", "bank-rule")
    for _ in range(2):
        with pytest.raises(SandboxError, match="310 stays locked: a tracked inventory item"):
            sandbox.store.lock("310", "")
    (cost,) = sandbox.store.with_code("310")
    assert sandbox.store.lock_of(cost) == "bank-rule"

    sandbox.store.lock("630", "")
    sandbox.store.lock("310", "")
    (cost,) = sandbox.store.with_code("310")
    assert sandbox.store.lock_of(cost) == ""


def test_a_stock_account_without_a_code_is_left_out_of_its_item(
    reader: Client, sandbox: Sandbox
) -> None:
    sandbox.store.edit("630", code="")

    crate = item(reader, "CRATE")
    assert crate["IsTrackedAsInventory"] is True
    assert "InventoryAssetAccountCode" not in crate


def test_a_lock_by_a_tracked_item_adds_the_item(reader: Client, sandbox: Sandbox) -> None:
    sandbox.store.lock("300", "inventory-item")

    tracked = [each for each in listed(reader, "Items") if each["IsTrackedAsInventory"]]

    costs = {each["PurchaseDetails"]["COGSAccountCode"] for each in tracked}
    assert costs == {"300", "310"}
    assert {each["InventoryAssetAccountCode"] for each in tracked} == {"630"}


def test_a_new_code_shows_wherever_the_account_is_used(reader: Client) -> None:
    for code, new in (("200", "2000"), ("469", "4690"), ("461", "4610"), ("630", "6300")):
        only(reader.update(reader.find(code)["AccountID"], Code=new))

    assert item(reader, "TOOL")["SalesDetails"]["AccountCode"] == "2000"
    assert item(reader, "CRATE")["InventoryAssetAccountCode"] == "6300"
    assert repeating(reader, "4690")
    assert defaults(reader, "4610") == {"Northside Stationers", "Paper & Print Co"}
    assert defaults(reader, "461") == set()


def test_archiving_takes_an_account_out_of_defaults_and_restoring_does_not_put_it_back(
    reader: Client, clock: Clock
) -> None:
    account = reader.find("461")["AccountID"]
    assert defaults(reader, "461") == {"Northside Stationers", "Paper & Print Co"}
    clock.now += 60

    only(reader.update(account, Status="ARCHIVED"))
    assert defaults(reader, "461") == set()
    assert item(reader, "PAPER")["PurchaseDetails"]["AccountCode"] == "461"

    only(reader.update(account, Status="ACTIVE"))
    assert defaults(reader, "461") == set()
    since = {"If-Modified-Since": "2026-06-01T00:00:30"}
    answer = reader.call("GET", "/Contacts", headers=since).json()
    assert [each["Name"] for each in answer["Contacts"]] == [
        "Northside Stationers", "Paper & Print Co",
    ]  # fmt: skip


def test_contacts_come_in_pages_of_a_hundred_or_of_up_to_a_thousand(
    reader: Client, sandbox: Sandbox
) -> None:
    sandbox.books.set_contacts(5000)
    names: list[str] = []
    for number in range(1, 6):
        page = reader.call("GET", "/Contacts", params={"page": number, "pageSize": 1000}).json()
        assert page["pagination"] == {
            "page": number, "pageSize": 1000, "pageCount": 5, "itemCount": 4999,
        }  # fmt: skip
        names += [contact["Name"] for contact in page["Contacts"]]

    assert len(names) == len(set(names)) == 4999
    assert len(contacts(reader)) == 100
    assert len(contacts(reader, page="50")) == 99
    assert contacts(reader, page="51") == []
    assert len(listed(reader, "Contacts")) == 4999, "without a page, all"


@pytest.mark.parametrize(
    "query",
    [{"page": "0"}, {"page": "x"}, {"page": "-1"}, {"pageSize": "1001"}, {"pageSize": "1" * 99}],
)
def test_a_wrong_page_or_page_size_is_refused(reader: Client, query: dict[str, str]) -> None:
    answer = reader.call("GET", "/Contacts", params=query)

    assert answer.status_code == 400
    assert "must be a number from 1 to" in answer.json()["Message"]


def test_contacts_can_be_searched_and_can_include_archived_ones(reader: Client) -> None:
    (archived,) = contacts(reader, includeArchived="true", where='ContactStatus=="ARCHIVED"')
    (clinic,) = contacts(reader, searchTerm="NGAIRE")

    assert len(contacts(reader)) == NAMED - 1
    assert archived["Name"] == "Gull Island Ferries"
    assert clinic["SalesDefaultAccountCode"] == "200"
    assert contacts(reader, IDs=f"{clinic['ContactID']},{archived['ContactID']}") == [clinic]


def test_the_default_accounts_of_contacts_are_shown_in_pages_only(reader: Client) -> None:
    for query in ({}, {"summaryOnly": "true"}, {"page": "1", "summaryOnly": "true"}):
        for contact in listed(reader, "Contacts", **query):
            assert not {"SalesDefaultAccountCode", "PurchasesDefaultAccountCode"} & set(contact)


def test_items_invoices_and_contacts_are_served_in_xml(reader: Client) -> None:
    for path, inside in (
        ("/Items", "<Items><Item><ItemID>"),
        ("/RepeatingInvoices", "<NextScheduledDate>2026-07-01T00:00:00.000</NextScheduledDate>"),
        ("/Contacts?page=1", "<Contacts><Contact><ContactID>"),
    ):
        answer = reader.call("GET", path, headers={"Accept": "application/xml"})
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert inside in answer.text


@pytest.mark.parametrize("count", [11, 100_001])
def test_an_impossible_number_of_contacts_is_refused(sandbox: Sandbox, count: int) -> None:
    with pytest.raises(SandboxError, match=f"contacts of an organisation cannot be {count}"):
        sandbox.books.set_contacts(count)


def test_books_of_an_earlier_version_are_brought_up_to_date(tmp_path: Path) -> None:
    """They lack three tables. Accounts that were archived in them are no contact's default."""
    path = tmp_path / "books.db"
    with Sandbox(path) as sandbox:
        sandbox.store.edit("461", status="ARCHIVED")
        for table in ("postings", "taken_out", "items"):
            sandbox.store.database.execute(f"DROP TABLE {table}")
        sandbox.store.database.execute("PRAGMA user_version = 3")

    for _ in range(2):
        with Sandbox(path) as sandbox:
            client = Client(sandbox, sandbox.access_token(SCOPES))
            with client.session:
                assert defaults(client, "425") == {"Harbour Freight Lines"}
                sandbox.store.edit("461", status="ACTIVE")
                assert defaults(client, "461") == set()
                sandbox.store.set_balance("461", 1_00)


@pytest.mark.parametrize("number", ["many", "9" * 5000])
def test_a_damaged_number_of_contacts_is_reported(tmp_path: Path, number: str) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path) as sandbox:
        sandbox.store.database.execute("INSERT INTO meta VALUES ('contacts', ?)", [number])

    with pytest.raises(SandboxError, match="how many contacts"):
        Sandbox(path)


def test_items_and_contacts_of_a_client_use_only_accounts_of_its_chart(clock: Clock) -> None:
    with Sandbox(organisations=12, clock=clock) as sandbox:
        client = Client(sandbox, sandbox.access_token(SCOPES))
        with client.session:
            for store in sandbox.books.stores():
                client.session.headers["xero-tenant-id"] = store.tenant_id
                codes = {account.code for account in store.accounts()}
                used = {
                    code
                    for each in listed(client, "Items")
                    for name in ("SalesDetails", "PurchaseDetails")
                    for key, code in each[name].items()
                    if key.endswith("AccountCode")
                }
                for contact in contacts(client):
                    used |= {code for key, code in contact.items() if key.endswith("AccountCode")}
                assert used <= codes, store.organisation.name
