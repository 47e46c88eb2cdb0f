"""The items that requests have created, changed or deleted.

All other items are generated from the chart (``seed.uses``). A stored item refers to
accounts by id, so that it always shows their present codes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from xerosync.sandbox.accounting.account import key
from xerosync.sandbox.books.database import Database

Item = dict[str, Any]
"""An item as Xero's JSON."""

ASSET, COST, ACCOUNT = "InventoryAssetAccountCode", "COGSAccountCode", "AccountCode"
DETAILS = ("SalesDetails", "PurchaseDetails")
DELETED = ""
"""The stored body of a deleted item. It also hides the generated item with the same id."""


class StoredItems:
    """The stored items of one organisation. ``number`` is the number of the organisation."""

    def __init__(self, database: Database, number: int) -> None:
        self._database = database
        self._number = number

    def beside(self, implied: Iterable[Item], code_of: Callable[[str], str]) -> list[Item]:
        """Return the generated items (``implied``) and the stored items, sorted by code.

        A stored item replaces the generated item with the same id. ``code_of`` takes the id of
        an account and returns its present code, or ``""`` if there is no such account.
        """
        stored = self._stored()
        found = [item for item in implied if item["ItemID"] not in stored]
        found += [_mapped(item, code_of) for item in stored.values() if item]
        return sorted(found, key=lambda item: (item["Code"], item["ItemID"]))

    def put(self, item: Item, id_of: Callable[[str], str]) -> None:
        """Store an item. ``id_of`` takes the code of an account and returns its id."""
        body = json.dumps(_mapped(item, id_of), ensure_ascii=False)
        self._write(item["ItemID"], item["Code"], body)

    def delete(self, item_id: str) -> None:
        """Delete an item, stored or generated."""
        self._write(item_id, "", DELETED)

    def locked(self) -> frozenset[str]:
        """Return the ids of the accounts locked by stored items that are tracked as inventory."""
        return frozenset(
            used
            for item in self._stored().values()
            if item and item["IsTrackedAsInventory"]
            for used in (item.get(ASSET, ""), item["PurchaseDetails"].get(COST, ""))
            if used
        )

    def _write(self, item_id: str, code: str, body: str) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)",
            [self._number, item_id, key(code), body],
        )

    def _stored(self) -> dict[str, Item | None]:
        """Return the stored items by id, with ``None`` for a deleted item."""
        query = "SELECT item_id, body FROM items WHERE organisation = ?"
        try:
            return {
                row["item_id"]: json.loads(row["body"]) if row["body"] else None
                for row in self._database.rows(query, [self._number])
            }
        except ValueError as error:
            raise self._database.damaged("an item cannot be read") from error


def _mapped(item: Item, replace: Callable[[str], str]) -> Item:
    """Apply ``replace`` to an item's accounts. If it returns ``""``, the account is left out."""
    mapped = dict(item)
    for name in DETAILS:
        mapped[name] = _replaced(item.get(name, {}), (ACCOUNT, COST), replace)
    return _replaced(mapped, (ASSET,), replace)


def _replaced(values: Item, names: Iterable[str], replace: Callable[[str], str]) -> Item:
    found = {name: replace(values[name]) for name in names if name in values}
    kept = {name: value for name, value in values.items() if name not in found}
    return kept | {name: value for name, value in found.items() if value}
