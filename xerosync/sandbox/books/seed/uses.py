"""Items, repeating invoices and contacts that use the accounts, as Xero's JSON.

They are built from the chart as it is now, so they always have the accounts' present codes. A
repeating invoice or tracked item that locks an account is among them. All names are invented.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from xerosync.sandbox.accounting.account import Account, AccountStatus
from xerosync.sandbox.books.seed.country import CREATED_MS, Organisation

ITEMS = """
TOOL|Tool Kit|Hand tools in a bag|200|129|453|84.5
PAPER|Copy Paper|A box of five reams|||461|38.75
HOUR|Hour of Work|Labour at the standard rate|200|95||
COURSE|Training Course|A day for up to six people|260|480|480|310
PARCEL|Parcel|Sent by courier within the country|260|12|425|8.4625
FLYER|Flyer|Printed and delivered, a piece||1|400|0.1234
STALL|Market Bag|Sold at the market stall|205|6.5|300|2.1
"""
"""Code, name, description, sales account, sales price, purchase account, purchase price."""
TRACKED = ("CRATE", "Storage Crate")
"""Code and name of the tracked item that every organisation starts with."""
INVENTORY, COST_OF_SALES, SALES, RENT = "630", "310", "200", "469"
"""The codes of these accounts in a new organisation."""

LANDLORD = "Marlow Property Trust"
CONTACTS = f"""
Northside Stationers|Ana Brodie|s||461
Paper & Print Co||s||461
Harbour Freight Lines|Ines Calder|s||425
Sunline Energy||s||445
{LANDLORD}|Piet Marlow|s||469
Wharf Street Cleaners|Hemi Rua|s||408
Bright Post Media|Jo Tamsin|s||400
Cedar Clinic|Dr Ngaire Holt|c|200|
Old Quay Hotel|Luis Arden|cs|200|420
Petra Lindqvist|Petra Lindqvist|c|260|
Tamati Rewi|Tamati Rewi|c||
Gull Island Ferries|Wen Okafor|sx||461
"""
"""Each contact's name, person, flags, default sales account and default purchase account.

Flags: c is a customer, s is a supplier, x is archived.
"""
NAMED = len(CONTACTS.strip().splitlines())
FURTHER = (
    ("Customer", "c", SALES, ""), ("Supplier", "s", "", "461"), ("Visitor", "", "", ""),
    ("Supplier", "s", "", "429"), ("Customer", "c", "260", ""),
)  # fmt: skip
"""Further contacts, in rotation: name (plus a number), flags, sales account, purchase account."""


class Accounts:
    """The accounts of an organisation, found by the codes that they started with."""

    def __init__(self, organisation: Organisation, accounts: Iterable[Account]) -> None:
        self.organisation = organisation
        self.all = tuple(each for each in accounts if each.status != AccountStatus.DELETED)
        self._by_id = {account.account_id: account for account in self.all}

    def code(self, standard: str) -> str:
        """Return the present code of the account that started with this code, or ``""``."""
        account = self.find(standard)
        return account.code if account else ""

    def find(self, standard: str) -> Account | None:
        """Return the account that started with the code ``standard``, or ``None``."""
        return self._by_id.get(self.organisation.id_of(standard)) if standard else None

    def locked_by(self, use: str) -> tuple[Account, ...]:
        """Return the accounts whose ``locked_by`` is ``use``."""
        return tuple(each for each in self.all if each.locked_by == use)

    def active(self, *types: str, standard: str) -> Account | None:
        """Return the account that started with the code ``standard``, if it is active.

        Otherwise return the first active account of these types, or ``None``.
        """
        found = [self.find(standard), *(each for each in self.all if each.type in types)]
        return next((each for each in found if each and each.status == AccountStatus.ACTIVE), None)


def _given(**fields: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _is(*, sold: bool, purchased: bool, tracked: bool) -> dict[str, bool]:
    return {"IsTrackedAsInventory": tracked, "IsSold": sold, "IsPurchased": purchased}


def items(accounts: Accounts) -> list[dict[str, Any]]:
    """Return the items, sorted by code."""
    lines = [line.split("|") for line in ITEMS.strip().splitlines()]
    found = [_item(accounts, line) for line in lines]
    found += [_tracked_item(accounts, each) for each in accounts.locked_by("inventory-item")]
    return sorted(found, key=lambda item: item["Code"])


def _item(accounts: Accounts, line: Sequence[str]) -> dict[str, Any]:
    code, name, description, sales, price, purchases, cost = line
    tax = accounts.organisation.country.tax
    sold = _given(
        UnitPrice=float(price or 0) or None,
        AccountCode=accounts.code(sales),
        TaxType=tax["out"] if price else "",
    )
    bought = _given(
        UnitPrice=float(cost or 0) or None,
        AccountCode=accounts.code(purchases),
        TaxType=tax["in"] if cost else "",
    )
    return {
        "ItemID": accounts.organisation.id_of(f"item/{code}"),
        "Code": code,
        "Description": description,
        "UpdatedDateUTC": f"/Date({CREATED_MS}+0000)/",
        "PurchaseDetails": bought,
        "SalesDetails": sold,
        "Name": name,
        **_is(sold=bool(price), purchased=bool(cost), tracked=False),
    }


def _tracked_item(accounts: Accounts, locked: Account) -> dict[str, Any]:
    """Return the item that locks an account.

    An INVENTORY account is the item's asset account, any other its cost of sales account.
    """
    tax = accounts.organisation.country.tax
    asset, cost = locked, accounts.active("DIRECTCOSTS", "EXPENSE", standard=COST_OF_SALES)
    if locked.type != "INVENTORY":
        asset, cost = accounts.active("INVENTORY", standard=INVENTORY) or locked, locked
    first = locked.account_id == accounts.organisation.id_of(INVENTORY)
    short = locked.account_id[:8].upper()
    code, name = TRACKED if first else (f"STOCK-{short}", f"Stock {short}")
    sales = accounts.active("SALES", "REVENUE", standard=SALES)
    return {
        "ItemID": accounts.organisation.id_of(f"item/{locked.account_id}"),
        "Code": code,
        "Description": f"{name}, kept in stock",
        "PurchaseDescription": f"{name}, by the pallet",
        "UpdatedDateUTC": f"/Date({CREATED_MS}+0000)/",
        "PurchaseDetails": _given(
            UnitPrice=21.4, COGSAccountCode=cost.code if cost else "", TaxType=tax["in"]
        ),
        "SalesDetails": _given(
            UnitPrice=39.9, AccountCode=sales.code if sales else "", TaxType=tax["out"]
        ),
        "Name": name,
        **_given(InventoryAssetAccountCode=asset.code),
        "TotalCostPool": 856.0,
        "QuantityOnHand": 40.0,
        **_is(sold=True, purchased=True, tracked=True),
    }


def repeating_invoices(accounts: Accounts, today: date) -> list[dict[str, Any]]:
    """Return the repeating invoices.

    There is one for each account that a repeating invoice locks, and a deleted repeating invoice
    for the account that started with the code 400.
    """
    locked = accounts.locked_by("repeating-invoice")
    found = [_repeating(accounts, each, today, "repeating") for each in locked]
    if old := accounts.find("400"):
        deleted = _repeating(accounts, old, today, "deleted")
        del deleted["Schedule"]["NextScheduledDate"]
        found.append(deleted | {"Status": "DELETED"})
    return found


def _repeating(accounts: Accounts, account: Account, today: date, ids: str) -> dict[str, Any]:
    """Return a repeating invoice for an account: a sales invoice for revenue, else a bill."""
    organisation = accounts.organisation
    is_sale = account.class_ == "REVENUE"
    name = "Cedar Clinic" if is_sale else "Bright Post Media"
    if account.account_id == organisation.id_of(RENT):
        name = LANDLORD
    # No cryptography here: the same account must have the same invoice.
    amount = random.Random(account.account_id).randint(80, 2400) * 1.0  # noqa: S311
    next_month = datetime(today.year + today.month // 12, today.month % 12 + 1, 1, tzinfo=UTC)
    part = f"{ids}/{account.account_id}"
    invoice_id = organisation.id_of(part)
    line = _given(
        Description=account.name,
        UnitAmount=amount,
        TaxType=account.tax_type,
        TaxAmount=0.0,
        LineAmount=amount,
        AccountCode=account.code,
        Tracking=[],
        Quantity=1.0,
        LineItemID=organisation.id_of(f"{part}/1"),
        AccountID=account.account_id,
    )
    note = {
        "Description": "As agreed in the contract",
        "Tracking": [],
        "LineItemID": organisation.id_of(f"{part}/2"),
    }
    return {
        "Schedule": {
            "Period": 1,
            "Unit": "MONTHLY",
            "DueDate": 20,
            "DueDateType": "OFFOLLOWINGMONTH",
            "StartDate": f"/Date({CREATED_MS}+0000)/",
            "NextScheduledDate": f"/Date({next_month.timestamp() * 1000:.0f}+0000)/",
        },
        "RepeatingInvoiceID": invoice_id,
        "Type": "ACCREC" if is_sale else "ACCPAY",
        **({"Reference": "[Month]"} if is_sale else {}),
        "HasAttachments": False,
        "ApprovedForSending": False,
        "SendCopy": False,
        "MarkAsSent": False,
        "IncludePDF": False,
        "ID": invoice_id,
        "Contact": {
            "ContactID": organisation.id_of(f"contact/{name}"),
            "Name": name,
            "Addresses": [],
            "Phones": [],
            "ContactGroups": [],
            "ContactPersons": [],
            "HasValidationErrors": False,
        },
        "Status": "AUTHORISED",
        "LineAmountTypes": "NoTax",
        "LineItems": [line, note],
        "SubTotal": amount,
        "TotalTax": 0.0,
        "Total": amount,
        "CurrencyCode": organisation.country.currency,
    }


def contacts(accounts: Accounts, count: int, taken_out: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return ``count`` contacts sorted by name, some of them with default accounts.

    ``taken_out`` has, by account id, the time when an account was first archived or deleted, in
    milliseconds since 1970. These accounts are not the default account of any contact.
    """
    lines = [line.split("|") for line in CONTACTS.strip().splitlines()]
    for number in range(NAMED, count):
        what, flags, sales, purchases = FURTHER[number % len(FURTHER)]
        lines.append([f"{what} {number + 1:05}", "", flags, sales, purchases])
    found = [_contact(accounts, taken_out, line) for line in lines]
    return sorted(found, key=lambda contact: contact["Name"])


def _contact(
    accounts: Accounts, taken_out: Mapping[str, int], line: Sequence[str]
) -> dict[str, Any]:
    name, person, flags, *standards = line
    updated, codes = CREATED_MS, []
    for standard in standards:
        account = accounts.find(standard)
        since = taken_out.get(account.account_id, 0) if account else 0
        updated = max(updated, since)
        codes.append(account.code if account and not since else "")
    first, _, last = person.rpartition(" ")
    slug = "".join(letter for letter in name.lower() if letter.isalnum())
    return _given(
        ContactID=accounts.organisation.id_of(f"contact/{name}"),
        ContactStatus="ARCHIVED" if "x" in flags else "ACTIVE",
        Name=name,
        FirstName=first,
        LastName=last,
        EmailAddress=f"accounts@{slug}.example",
        Addresses=[],
        Phones=[],
        UpdatedDateUTC=f"/Date({updated}+0000)/",
        ContactGroups=[],
        IsSupplier="s" in flags,
        IsCustomer="c" in flags,
        SalesDefaultAccountCode=codes[0],
        PurchasesDefaultAccountCode=codes[1],
        SalesDefaultLineAmountType="NONE",
        PurchasesDefaultLineAmountType="NONE",
        ContactPersons=[],
        HasAttachments=False,
        HasValidationErrors=False,
    )
