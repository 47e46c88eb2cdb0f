"""The tracked inventory item that locks a throw-away account."""

from __future__ import annotations

from xerosync.doctor.demo.demo_books import DemoBooks
from xerosync.doctor.demo.made import Made
from xerosync.doctor.demo.made_accounts import is_guid
from xerosync.doctor.demo.port import Json, NotAllowed, NotAsked, RawAnswer, first, text
from xerosync.doctor.demo.throw_away import is_throw_away


class Item:
    """Creates the item of a run, and finds and deletes the items that any run left."""

    def __init__(self, books: DemoBooks) -> None:
        self._books = books

    def create(self, stock: Json, cost: Json) -> None:
        """Create an item whose stock and cost of sales are these throw-away accounts.

        Raises `NotAsked` if Xero refuses the item or does not answer.
        """
        books = self._books
        books.path_of(stock), books.path_of(cost)
        code, name = books.names.new()
        made = Made(code, name)
        books.made.begin_item(made)
        body = {
            "Code": code,
            "Name": name,
            "IsTrackedAsInventory": True,
            "InventoryAssetAccountCode": text(stock, "Code"),
            "PurchaseDetails": {"UnitPrice": 1, "COGSAccountCode": text(cost, "Code")},
        }
        try:
            answer = books.write("PUT", "/Items", {"Items": [body]})
        except NotAllowed:
            books.made.forget(made)
            raise
        if not answer.done:
            books.made.forget(made)
            raise NotAsked(f"Xero did not create the item that the question needs: {answer.why}")
        made.id = text(first(answer.data, "Items"), "ItemID")
        books.made.save()

    def left(self) -> list[Json]:
        """Return the items that any run has left in Xero. Raises like `DemoBooks.read_list`."""
        return [
            one
            for one in self._books.read_list("/Items", "Items")
            if text(one, "Code")
            and is_guid(text(one, "ItemID"))
            and is_throw_away(text(one, "Code"), text(one, "Name"))
        ]

    def delete(self, item: Json) -> RawAnswer:
        """Ask Xero to delete an item, and return its answer. Raises like `DemoBooks.write`."""
        return self._books.write("DELETE", f"/Items/{text(item, 'ItemID')}")
