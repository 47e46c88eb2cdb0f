"""Read from Xero's JSON which items, repeating invoices and contacts use which accounts.

Xero's JSON names an account by its id or by its code. As in `wire.py`, a value of the wrong type
(except for dates) is `Malformed`: an unreadable value must not make an account look unused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from xerosync.model import Account, Status, code_key
from xerosync.usage import RepeatingInvoice
from xerosync.xero.wire import Json, JsonEntry, Malformed, entries, read_date

ITEMS = "Items"
REPEATING_INVOICES = "RepeatingInvoices"
CONTACTS = "Contacts"
PAGE_SIZE = 1000
"""The most contacts that Xero returns in one page."""

_LARGEST_COUNT = 10_000_000
_User = TypeVar("_User")


class AccountIndex:
    """Finds the accounts of a chart by code, and their classes by id.

    An archived account keeps its code. If an active account has it too, the code means that one.
    """

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._codes: dict[str, str] = {}
        self.classes: dict[str, str] = {}
        """The class of each account by its id in lower case."""
        for account in sorted(accounts, key=lambda one: one.status == Status.ACTIVE):
            key = account.account_id.casefold()
            self.classes[key] = account.account_class
            if account.code:
                self._codes[code_key(account.code)] = key

    def by_code(self, code: str) -> Iterator[str]:
        """Yield the id, in lower case, of the account with this code, if there is one."""
        if code and (found := self._codes.get(code_key(code))):
            yield found


def items(data: Json, accounts: AccountIndex) -> dict[str, tuple[str, ...]]:
    """Return the codes of each account's items, by its id in lower case. Raises `Malformed`."""
    found: list[tuple[str, str]] = []
    for entry in entries(data, "Items"):
        codes = [entry.text("InventoryAssetAccountCode")]
        for name in ("SalesDetails", "PurchaseDetails"):
            details = _part(entry, name)
            codes += [details.text("AccountCode"), details.text("COGSAccountCode")]
        item = entry.required("Code")
        found += [(account, item) for code in codes for account in accounts.by_code(code)]
    return _grouped(found)


def repeating_invoices(
    data: Json, accounts: AccountIndex
) -> dict[str, tuple[RepeatingInvoice, ...]]:
    """Return, by account id in lower case, the repeating invoices that use the account.

    Deleted invoices do not count. Raises `Malformed`.
    """
    found: list[tuple[str, RepeatingInvoice]] = []
    for entry in entries(data, "RepeatingInvoices"):
        if entry.text("Status") == Status.DELETED:
            continue
        next_date = read_date(_part(entry, "Schedule").fields.get("NextScheduledDate"))
        invoice = RepeatingInvoice(
            _part(entry, "Contact").text("Name"),
            next_date.date() if next_date else None,
            is_bill=entry.text("Type") == "ACCPAY",
        )
        lines = tuple(entries(entry.fields, "LineItems"))
        used = {account for line in lines for account in _of_line(line, accounts)}
        found += [(account, invoice) for account in sorted(used)]
    return _grouped(found, distinct=False)


def _of_line(line: JsonEntry, accounts: AccountIndex) -> Iterator[str]:
    if line.text("AccountID"):
        yield line.id("AccountID").casefold()
    else:
        yield from accounts.by_code(line.text("AccountCode"))


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One page of contacts. `found` has the id, the name and the default accounts of each contact.

    `pages` and `contacts` count all pages and all contacts, None if the answer does not say.
    """

    found: tuple[tuple[str, str, tuple[str, ...]], ...]
    pages: int | None
    contacts: int | None


def contact_page(data: Json, number: int, accounts: AccountIndex) -> ContactPage:
    """Read one page of contacts. Raises `Malformed`, also if Xero sent a different page."""
    found = []
    for entry in entries(data, "Contacts"):
        codes = (entry.text(f"{use}DefaultAccountCode") for use in ("Sales", "Purchases"))
        used = dict.fromkeys(account for code in codes for account in accounts.by_code(code))
        found.append((entry.id("ContactID").casefold(), entry.text("Name"), tuple(used)))
    pages = data.get("pagination")
    if pages is None:
        return ContactPage(tuple(found), None, None)
    if not isinstance(pages, dict):
        raise Malformed("pagination is not an object")
    counts = JsonEntry(pages, "pagination")
    if _count(counts, "page") != number:
        raise Malformed(f"it is page {_count(counts, 'page')} instead of page {number}")
    return ContactPage(tuple(found), _count(counts, "pageCount"), _count(counts, "itemCount"))


def contacts(pages: Iterable[ContactPage]) -> dict[str, tuple[str, ...]]:
    """Return, by account id, the names of the contacts that use the account as a default.

    The ids are in lower case. Raises `Malformed` if the pages have a contact twice, or not as many
    contacts as Xero counts: contacts may have been added while the pages were read.
    """
    seen: set[str] = set()
    found: list[tuple[str, str]] = []
    count: int | None = None
    for page in pages:
        for contact_id, name, used in page.found:
            if contact_id in seen:
                raise Malformed("it has one contact twice")
            seen.add(contact_id)
            found += [(account, name) for account in used]
        count = page.contacts
    if count is not None and count != len(seen):
        raise Malformed(f"its pages have {len(seen):,} contacts instead of {count:,}")
    return _grouped(found, distinct=False)


def _part(entry: JsonEntry, name: str) -> JsonEntry:
    """Return an object in an entry; an empty one if it is absent."""
    value = entry.fields.get(name)
    if value is None:
        return JsonEntry({}, entry.place)
    if isinstance(value, dict):
        return JsonEntry(value, f"{name} of {entry.place}")
    raise Malformed(f"{name} of {entry.place} is not an object")


def _count(entry: JsonEntry, name: str) -> int:
    text = entry.required(name)
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_COUNT)):
        return int(text)
    raise Malformed(f"{name} of {entry.place} is not a count")


def _grouped(
    found: Iterable[tuple[str, _User]], *, distinct: bool = True
) -> dict[str, tuple[_User, ...]]:
    users: dict[str, list[_User]] = defaultdict(list)
    for account, user in found:
        if not (distinct and user in users[account]):
            users[account].append(user)
    return {account: tuple(several) for account, several in users.items()}
