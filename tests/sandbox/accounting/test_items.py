"""Items: tracked ones lock their accounts until they are deleted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.client import Client, messages, only
from xerosync.sandbox import Sandbox, SandboxError

if TYPE_CHECKING:
    import requests

STOCK = {"Code": "631", "Name": "Spare Stock", "Type": "INVENTORY"}
COSTS = {"Code": "311", "Name": "Spare Costs", "Type": "DIRECTCOSTS"}
TRACKED = {
    "Code": "SPARE",
    "Name": "Spare Part",
    "InventoryAssetAccountCode": "631",
    "PurchaseDetails": {"COGSAccountCode": "311", "UnitPrice": 4.25},
    "SalesDetails": {"AccountCode": "200"},
}


def item(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["Items"]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def accounts(client: Client) -> dict[str, str]:
    """Two accounts for an item, by code."""
    return {one["Code"]: only(client.create(**one))["AccountID"] for one in (STOCK, COSTS)}


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_a_tracked_item_locks_its_accounts_until_it_is_deleted(
    client: Client, accounts: dict[str, str], accept: str
) -> None:
    made = item(client.call("PUT", "/Items", json={"Items": [TRACKED]}))
    assert made["IsTrackedAsInventory"]
    assert (made["QuantityOnHand"], made["TotalCostPool"]) == (0.0, 0.0)
    by = "that is used by a tracked inventory item"
    for account in accounts.values():
        assert messages(client.update(account, Status="ARCHIVED")) == [
            f"Cannot archive an account {by}"
        ]
        assert messages(client.delete(account)) == [f"Cannot delete an account {by}"]

    deleted = client.call("DELETE", f"/Items/{made['ItemID']}", headers={"Accept": accept})
    assert (deleted.status_code, deleted.content) == (204, b"")

    assert client.call("GET", f"/Items/{made['ItemID']}").status_code == 404
    for account in accounts.values():
        assert only(client.delete(account))["Status"] == "DELETED"


def test_an_item_shows_the_present_codes_of_its_accounts(
    client: Client, accounts: dict[str, str]
) -> None:
    client.call("PUT", "/Items", json=TRACKED)
    client.update(accounts["631"], Code="639")

    shown = item(client.call("GET", "/Items/SPARE"))

    assert shown["InventoryAssetAccountCode"] == "639"
    assert shown["PurchaseDetails"] == {"COGSAccountCode": "311", "UnitPrice": 4.25}


def test_post_updates_an_existing_item_and_creates_a_new_one(client: Client) -> None:
    made = item(client.call("POST", "/Items", json={"Code": "PEN", "Name": "Pen"}))
    assert not made["IsTrackedAsInventory"]
    by_code = item(client.call("POST", "/Items", json={"Code": "PEN", "Name": "Blue Pen"}))
    path = f"/Items/{made['ItemID']}"
    by_id = item(client.call("POST", path, json={"Code": "PENS", "IsSold": False}))
    assert {made["ItemID"]} == {by_code["ItemID"], by_id["ItemID"]}
    assert (by_id["Code"], by_id["Name"], by_id["IsSold"]) == ("PENS", "Blue Pen", False)
    assert item(client.call("GET", path)) == by_id


def test_an_item_that_the_chart_implies_is_changed_and_deleted(client: Client) -> None:
    paper = item(client.call("GET", "/Items/PAPER"))
    path = f"/Items/{paper['ItemID']}"
    renamed = item(client.call("POST", path, json={"Name": "A4 Paper"}))
    assert renamed["PurchaseDetails"] == paper["PurchaseDetails"]
    assert client.call("DELETE", path).status_code == 204
    codes = [each["Code"] for each in client.call("GET", "/Items").json()["Items"]]
    assert "PAPER" not in codes
    assert "TOOL" in codes


def test_an_item_with_stock_is_not_deleted(client: Client) -> None:
    crate = item(client.call("GET", "/Items/CRATE"))
    refused = client.call("DELETE", f"/Items/{crate['ItemID']}")
    assert messages(refused) == ["The item has a quantity on hand"]


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Code": ""}, "Item Code is required"),
        ({"Code": "x" * 31}, "Item Code is too long. Maximum of 30 characters allowed"),
        ({"Code": "tool"}, "An item with the code 'tool' exists already"),
        (
            {"PurchaseDetails": {}},
            "A tracked item needs InventoryAssetAccountCode and COGSAccountCode",
        ),
        ({"InventoryAssetAccountCode": "404"}, "Account code '404' is not of the type INVENTORY"),
        (
            {"InventoryAssetAccountCode": "404", "SalesDetails": {"AccountCode": "404"}},
            "Account code '404' is not of the type INVENTORY",
        ),
        ({"InventoryAssetAccountCode": "999"}, "Account code '999' is not a valid code"),
        (
            {"InventoryAssetAccountCode": "999", "SalesDetails": {"AccountCode": "999"}},
            "Account code '999' is not a valid code",
        ),
        (
            {"PurchaseDetails": {"COGSAccountCode": "311", "AccountCode": "300"}},
            "PurchaseDetails of a tracked item cannot have AccountCode",
        ),
    ],
)
def test_an_item_that_breaks_a_rule_is_refused(
    client: Client, change: dict[str, Any], message: str
) -> None:
    refused = client.call("PUT", "/Items", json=TRACKED | change)
    assert messages(refused) == [message]
    assert refused.json()["Elements"][0]["ItemID"] == "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    "body",
    [
        {"Code": "A", "SalesDetails": {"UnitPrice": "much"}},
        {"Code": "A", "SalesDetails": {"UnitPrice": "nan"}},
        {"Code": "A", "SalesDetails": []},
        {"Code": "A", "IsSold": "perhaps"},
        {"Code": ["A"]},
        [],
    ],
)
def test_a_body_that_is_not_an_item_is_a_bad_request(client: Client, body: object) -> None:
    assert client.call("PUT", "/Items", json=body).status_code == 400


def test_an_item_can_be_sent_as_xml(client: Client) -> None:
    body = (
        "<Items><Item><Code>XML</Code><SalesDetails><UnitPrice>1.5</UnitPrice></SalesDetails>"
        "</Item></Items>"
    )
    headers = {"Content-Type": "text/xml"}
    made = item(client.call("PUT", "/Items", data=body, headers=headers))
    assert (made["Code"], made["SalesDetails"]) == ("XML", {"UnitPrice": 1.5})


def test_an_item_with_an_unknown_id_is_not_found(client: Client) -> None:
    unknown = "/Items/11111111-2222-3333-4444-555555555555"
    assert client.call("POST", unknown, json={"Name": "x"}).status_code == 404
    assert client.call("DELETE", unknown).status_code == 404
    assert client.call("DELETE", "/Items/PAPER").status_code == 404
    assert client.call("PUT", unknown, json={"Code": "x"}).status_code == 405


@pytest.mark.usefixtures("accounts")
def test_unlocking_says_to_delete_the_item(client: Client, sandbox: Sandbox) -> None:
    client.call("PUT", "/Items", json=TRACKED)
    with pytest.raises(SandboxError) as error:
        sandbox.store.lock("631", "")
    assert "DELETE /Items" in error.value.hint


def test_a_damaged_item_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Sandbox(path) as sandbox:
        sandbox.store.database.execute("INSERT INTO items VALUES (1, 'x', 'x', '{')")
    with pytest.raises(SandboxError, match="an item cannot be read"):
        Sandbox(path)
