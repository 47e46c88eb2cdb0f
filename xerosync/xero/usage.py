"""Read what still uses an organisation's accounts: four reads at once, only by GET.

What cannot be read is said to be unknown, with the reason, and never fails the caller: a
sign-in may lack a scope, and a report may be in another language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import date
from typing import TypeVar

from xerosync.errors import AccessDenied, LedgerError
from xerosync.model import Account
from xerosync.usage import Unknown, Usage, UsageKind
from xerosync.xero import trial_balance, uses
from xerosync.xero.auth.scopes import USAGE_SCOPES
from xerosync.xero.http.client import READ_SCOPE, ApiCall, XeroClient
from xerosync.xero.http.responses import ScopeMissing
from xerosync.xero.wire import Json, Malformed

MOST_PAGES = 50
"""How many pages of contacts are read at most, each a call."""

_Read = TypeVar("_Read")


def read_usage(
    client: XeroClient,
    root: str,
    accounts: Iterable[Account],
    as_at: date,
    reads: Executor | None = None,
) -> Usage:
    """Return what uses the accounts, their balances as at a day.

    `root` is the address of the accounting API, `reads` the threads to read with. Raises
    `SignInError` if Xero does not accept the sign-in at all, and `Interrupted`.
    """
    pool = reads or ThreadPoolExecutor(len(UsageKind), "xero-usage")
    try:
        return _Reader(client, root, uses.AccountIndex(accounts)).read(as_at, pool)
    finally:
        if pool is not reads:
            pool.shutdown(wait=False, cancel_futures=True)


class _Reader:
    """The reads about one organisation."""

    def __init__(self, client: XeroClient, root: str, accounts: uses.AccountIndex) -> None:
        self._client = client
        self._root = root
        self._accounts = accounts

    def read(self, as_at: date, pool: Executor) -> Usage:
        """Read everything at once."""
        report = f"{trial_balance.TRIAL_BALANCE}?date={as_at:%Y-%m-%d}"
        accounts = self._accounts
        balances = pool.submit(
            self._list,
            UsageKind.BALANCE,
            report,
            lambda data: trial_balance.balances(data, accounts.classes),
        )
        items = pool.submit(
            self._list, UsageKind.ITEMS, uses.ITEMS, lambda data: uses.items(data, accounts)
        )
        invoices = pool.submit(
            self._list,
            UsageKind.REPEATING_INVOICES,
            uses.REPEATING_INVOICES,
            lambda data: uses.repeating_invoices(data, accounts),
        )
        contacts = pool.submit(self._contacts)
        unknown: list[Unknown] = []
        return Usage(
            as_at,
            _known(balances, unknown),
            _known(items, unknown),
            _known(invoices, unknown),
            _known(contacts, unknown),
            tuple(unknown),
        )

    def _list(self, kind: UsageKind, path: str, read: Callable[[Json], _Read]) -> _Read | Unknown:
        return _or_unknown(kind, lambda: read(self._get(kind, path)))

    def _contacts(self) -> Mapping[str, tuple[str, ...]] | Unknown:
        return _or_unknown(UsageKind.CONTACTS, lambda: uses.contacts(self._pages()))

    def _pages(self) -> Iterator[uses.ContactPage]:
        """Read the pages of contacts until the last, or until one is empty."""
        for number in range(1, MOST_PAGES + 1):
            path = f"{uses.CONTACTS}?page={number}&pageSize={uses.PAGE_SIZE}"
            data = self._get(UsageKind.CONTACTS, path, paged=True)
            page = uses.contact_page(data, number, self._accounts)
            yield page
            if number >= page.pages if page.pages is not None else not page.found:
                return
        raise Malformed(f"it has more than {MOST_PAGES} pages")

    def _get(self, kind: UsageKind, path: str, *, paged: bool = False) -> Json:
        scope = USAGE_SCOPES.get(kind, READ_SCOPE)
        call = ApiCall("GET", f"{self._root}/{path}", scope=scope, paged=paged)
        return self._client.call(call).data


def _or_unknown(kind: UsageKind, read: Callable[[], _Read]) -> _Read | Unknown:
    """Return what was read, or why it could not be."""
    try:
        return read()
    except ScopeMissing:
        scope = USAGE_SCOPES.get(kind, READ_SCOPE)
        return Unknown(kind, f"the sign-in lacks the scope {scope}", scope)
    except Malformed as error:
        return Unknown(kind, f"Xero's answer could not be read: {error}")
    except (AccessDenied, LedgerError) as error:
        return Unknown(kind, error.message.rstrip("."))


def _known(read: Future[_Read | Unknown], unknown: list[Unknown]) -> _Read | None:
    found = read.result()
    if isinstance(found, Unknown):
        unknown.append(found)
        return None
    return found
