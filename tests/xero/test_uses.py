"""Items, repeating invoices and contacts: which accounts they use, by id or by code."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from xero.reports import ACCOUNTS, contact, contact_pages, repeating
from xerosync.usage import RepeatingInvoice
from xerosync.xero import uses
from xerosync.xero.wire import Malformed

INDEX = uses.AccountIndex(ACCOUNTS)


def pages(*documents: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    read = (uses.contact_page(data, at, INDEX) for at, data in enumerate(documents, 1))
    return uses.contacts(read)


def test_an_item_uses_each_account_that_it_names_once() -> None:
    tool = {
        "Code": "TOOL", "InventoryAssetAccountCode": "630",
        "SalesDetails": {"UnitPrice": 2.5, "AccountCode": "461"},
        "PurchaseDetails": {"AccountCode": " 461 ", "COGSAccountCode": "800"},
    }  # fmt: skip
    plain: dict[str, Any] = {"Code": "PLAIN", "SalesDetails": {}, "PurchaseDetails": None}
    unknown = {"Code": "GONE", "SalesDetails": {"AccountCode": "999"}}
    assert uses.items({"Items": [tool, plain, unknown]}, INDEX) == {
        "a-1": ("TOOL",), "a-2": ("TOOL",), "a-4": ("TOOL",),
    }  # fmt: skip


def test_a_repeating_invoice_names_its_accounts_by_id_or_by_code() -> None:
    """The id wins: an archived account can have the code of an active one."""
    found = uses.repeating_invoices(
        {
            "RepeatingInvoices": [
                repeating("Acme", {"AccountCode": "461"}, {"AccountCode": "461"}),
                repeating("Bolt", {"AccountID": "A-3", "AccountCode": "800"}, Type="ACCPAY"),
                repeating("Gone", {"AccountCode": "461"}, Status="DELETED"),
                repeating("Text", {"Description": "Only words"}, Schedule={}),
            ]
        },
        INDEX,
    )
    assert found == {
        "a-1": (RepeatingInvoice("Acme", date(2026, 12, 1)),),
        "a-3": (RepeatingInvoice("Bolt", date(2026, 12, 1), is_bill=True),),
    }


def test_two_repeating_invoices_to_one_contact_are_two() -> None:
    same = repeating("Acme", {"AccountCode": "461"})
    assert len(uses.repeating_invoices({"RepeatingInvoices": [same, same]}, INDEX)["a-1"]) == 2


def test_a_contact_counts_once_for_an_account() -> None:
    both = {"SalesDefaultAccountCode": "461", "PurchasesDefaultAccountCode": "461"}
    listed = [contact(1, **both), contact(2, PurchasesDefaultAccountCode="630"), contact(3)]
    assert pages({"Contacts": listed}) == {"a-1": ("Contact 1",), "a-2": ("Contact 2",)}


def test_five_thousand_contacts_are_five_pages() -> None:
    documents = contact_pages(5000)
    assert len(documents) == 5
    assert len(pages(*documents)["a-1"]) == 50


@pytest.mark.parametrize(
    ("read", "document"),
    [
        (uses.items, {}),
        (uses.items, {"Items": [{}]}),
        (uses.items, {"Items": [{"Code": "A", "SalesDetails": []}]}),
        (uses.items, {"Items": [{"Code": "A", "SalesDetails": {"AccountCode": []}}]}),
        (uses.items, {"Items": [{"Code": "A", "InventoryAssetAccountCode": 6.3}]}),
        (uses.repeating_invoices, {"RepeatingInvoices": "none"}),
        (uses.repeating_invoices, {"RepeatingInvoices": [{"Status": "DRAFT"}]}),
        (uses.repeating_invoices, {"RepeatingInvoices": [repeating("A", {"AccountID": "\n"})]}),
        (uses.repeating_invoices, {"RepeatingInvoices": [repeating("A", Contact="A")]}),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(read: Any, document: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(document, INDEX)


@pytest.mark.parametrize(
    ("documents", "says"),
    [
        ([{}], "no list Contacts"),
        ([{"Contacts": [{"Name": "No id"}]}], "no ContactID"),
        ([{"Contacts": [contact(1), contact(1)]}], "it has one contact twice"),
        ([contact_pages(5, 2)[1]], "page 2 instead of page 1"),
        (contact_pages(5, 2)[:2], "4 contacts instead of 5"),
        ([{"Contacts": [], "pagination": []}], "pagination is not an object"),
        ([{"Contacts": [], "pagination": {"page": "one"}}], "not a count"),
        ([{"Contacts": [], "pagination": {"page": 1}}], "no pageCount"),
    ],
)
def test_incomplete_or_malformed_pages_of_contacts_are_refused(
    documents: list[dict[str, Any]], says: str
) -> None:
    with pytest.raises(Malformed, match=says):
        pages(*documents)
