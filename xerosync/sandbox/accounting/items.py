"""The Items endpoint: ``read_only`` reads items, and this module writes them.

PUT creates, POST creates or updates, DELETE deletes. An item with an inventory asset account
and a cost of sales account is tracked, and locks both accounts (Xero's OpenAPI description;
help.xero.com, locked accounts). The wording of all messages is ours.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any
from uuid import uuid4

from xerosync.sandbox.accounting.account import AccountStatus
from xerosync.sandbox.accounting.read_only import ITEMS
from xerosync.sandbox.accounting.request_body import BodyError, first_element, flag, text
from xerosync.sandbox.accounting.where import GUID
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.books.stored_items import ACCOUNT, ASSET, COST, DETAILS, Item
from xerosync.sandbox.http.messages import (
    Request,
    Response,
    envelope,
    method_not_allowed,
    not_found,
    validation_exception,
)

MAX_CODE, MAX_NAME, MAX_DESCRIPTION = 30, 50, 4000
TEXTS = {
    "Code": MAX_CODE,
    "Name": MAX_NAME,
    "Description": MAX_DESCRIPTION,
    "PurchaseDescription": MAX_DESCRIPTION,
}
"""The text fields of an item, with their maximum lengths (Xero's OpenAPI description)."""
FLAGS = ("IsSold", "IsPurchased")
ID = "ItemID"


def respond(request: Request, item: str, store: Store) -> Response:
    """Respond to a request for all items, or for one by its id or code. DELETE takes only ids."""
    match request.method, bool(item):
        case "GET", _:
            return ITEMS.respond(request, item, store)
        case ("PUT", False) | ("POST", _):
            return _write(request, item, store)
        case "DELETE", True:
            return _delete(item, store)
    return method_not_allowed(*(("GET", "POST", "DELETE") if item else ("GET", "PUT", "POST")))


def _write(request: Request, item: str, store: Store) -> Response:
    """Create the first item in the body, or update the one that the path or the body names."""
    sent = first_element(request, "Items")
    given = {name: value for name, value in sent.items() if value is not None}
    current = None
    if request.method == "POST":
        wanted = item or text(ID, given.get(ID, "")) or text("Code", given.get("Code", ""))
        current = _find(wanted, store)
        if current is None and (item or ID in given):
            return not_found()
    written, problems = _written(current, given, store)
    if problems:
        return validation_exception(given, problems, ID)
    store.put_item(written)
    return envelope("Items", [written], store.now_ms())


def _delete(item: str, store: Store) -> Response:
    current = _find(item, store) if GUID.fullmatch(item) else None
    if current is None:
        return not_found()
    if current.get("QuantityOnHand"):
        return validation_exception(current, ["The item has a quantity on hand"], ID)
    store.delete_item(current[ID])
    return Response(status=204)


def _find(wanted: str, store: Store) -> Item | None:
    names = (ID, "Code")
    found = (i for i in store.items() if wanted.lower() in {i[name].lower() for name in names})
    return next(found, None) if wanted else None


def _written(current: Item | None, given: dict[str, Any], store: Store) -> tuple[Item, list[str]]:
    """Return the new or changed item, and a message for each rule that the item breaks."""
    item: Item = dict(current or {ID: str(uuid4())})
    item |= {name: text(name, given[name]) for name in TEXTS if name in given}
    for name in FLAGS:
        item[name] = flag(name, given.get(name, item.get(name, True)))
    for name in DETAILS:
        item[name] = dict(item.get(name, {})) | _details(name, given.get(name, {}))
    if ASSET in given:
        item[ASSET] = text(ASSET, given[ASSET])
    if not item["IsSold"]:
        item["SalesDetails"] = {}
        item.pop("Description", None)
    if not item["IsPurchased"]:
        item["PurchaseDetails"] = {}
        item.pop("PurchaseDescription", None)
    tracked = bool(item.get(ASSET) and item["PurchaseDetails"].get(COST))
    item["IsTrackedAsInventory"] = tracked
    if tracked:
        item = {"TotalCostPool": 0.0, "QuantityOnHand": 0.0} | item
    item["UpdatedDateUTC"] = f"/Date({store.now_ms()}+0000)/"
    return item, _problems(item, store, tracked=tracked)


def _details(name: str, sent: object) -> dict[str, Any]:
    """Return the price, accounts and tax type sent in SalesDetails or PurchaseDetails."""
    if not isinstance(sent, dict):
        raise BodyError(f"The value of {name} is not an object.")
    details: dict[str, Any] = {
        each: text(each, sent[each]) for each in (ACCOUNT, COST, "TaxType") if sent.get(each)
    }
    if sent.get("UnitPrice") is not None:
        details["UnitPrice"] = _price(sent["UnitPrice"])
    return details


def _price(value: object) -> float:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            if math.isfinite(price := float(value)):
                return price
    raise BodyError("The value of UnitPrice is not a number.")


def _problems(item: Item, store: Store, *, tracked: bool) -> list[str]:
    """Return a message for each rule that an item breaks."""
    problems = [] if item.get("Code") else ["Item Code is required"]
    problems += [
        f"Item {name} is too long. Maximum of {most} characters allowed"
        for name, most in TEXTS.items()
        if len(item.get(name, "")) > most
    ]
    rival = _find(item.get("Code", ""), store)
    if rival and rival[ID] != item[ID]:
        problems.append(f"An item with the code '{item['Code']}' exists already")
    purchases = item["PurchaseDetails"]
    if not tracked and (item.get(ASSET) or purchases.get(COST)):
        problems.append(f"A tracked item needs {ASSET} and {COST}")
    if tracked and purchases.get(ACCOUNT):
        problems.append(f"PurchaseDetails of a tracked item cannot have {ACCOUNT}")
    wanted = [
        (item.get(ASSET, ""), "INVENTORY"),
        (purchases.get(COST, ""), "EXPENSE"),
        (purchases.get(ACCOUNT, ""), ""),
        (item["SalesDetails"].get(ACCOUNT, ""), ""),
    ]
    for code, kind in wanted:
        account = store.by_code(code)
        if code and (account is None or account.status != AccountStatus.ACTIVE):
            problems.append(f"Account code '{code}' is not a valid code")
        elif account and kind not in {"", account.type, account.class_}:
            problems.append(f"Account code '{code}' is not of the type {kind}")
    return list(dict.fromkeys(problems))
