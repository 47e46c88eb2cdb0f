"""Read what still uses an organisation's accounts, with GETs only.

A `UsageKind` that cannot be read is no error for the caller: the result has an `Unknown` with the
reason. A sign-in may lack a scope, Xero may reject its token for these reads alone, or a report may
be in another language. A call is not made if the access token is known to lack the call's scope.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from xerosync.errors import AccessDenied, LedgerError, RejectedToken, ScopeMissing
from xerosync.model import Account
from xerosync.usage import Unknown, Usage, UsageKind
from xerosync.xero import trial_balance, uses
from xerosync.xero.auth.scopes import USAGE_SCOPES, allows
from xerosync.xero.auth.sign_in import LOGIN
from xerosync.xero.http.client import READ_SCOPE, ApiCall, XeroClient
from xerosync.xero.wire import Json, Malformed

EVERYTHING = tuple(UsageKind)
MOST_PAGES = 50
"""The most pages of contacts that are read, one call for each page. If there are more pages, it
is unknown which accounts contacts use."""
SECONDS = 60.0
"""The longest that a call for usage may take, with its repeats."""
LACKING = (
    "Sign in with `{} --usage`; for a custom connection, tick the scopes at"
    " https://developer.xero.com/app/manage."
)
"""What to do if the sign-in lacks a scope. In braces: the command that signs in."""
DENIED = f"Check whether the user's role may see this. If so, a scope may be lacking. {LACKING}"
"""What to do if Xero allows reading the chart but refuses a read of usage."""
UNREADABLE = "Run again; if Xero's answer still cannot be read, please report it."

_TOO_MANY = f"there are more than {MOST_PAGES * uses.PAGE_SIZE:,}, and xerosync reads no more"

_Read = TypeVar("_Read")


def read_usage(
    client: XeroClient,
    root: str,
    accounts: Iterable[Account],
    day: date,
    kinds: Collection[UsageKind] = EVERYTHING,
    *,
    reads: Executor | None = None,
    login: str = LOGIN,
) -> Usage:
    """Return what uses the accounts, with balances as at the end of `day`.

    `root` is the address of the accounting API, and `kinds` is what to read. `reads` is an executor
    for the reads, and `login` is the command that signs in. Raises like `TokenSource`.
    """
    pool = reads or ThreadPoolExecutor(len(EVERYTHING), "xero-usage")
    try:
        index = uses.AccountIndex(accounts)
        return _Reader(client, client.granted_scopes(), root, index, day, pool, login).read(kinds)
    finally:
        if pool is not reads:
            pool.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True)
class _Reader:
    client: XeroClient
    granted: tuple[str, ...]
    root: str
    accounts: uses.AccountIndex
    day: date
    pool: Executor
    login: str
    calls: int = 0
    lock: Lock = field(default_factory=Lock)

    def read(self, kinds: Collection[UsageKind]) -> Usage:
        readers: Mapping[UsageKind, Callable[[], Any]] = {
            UsageKind.BALANCE: lambda: trial_balance.balances(
                self._get(UsageKind.BALANCE, f"{trial_balance.TRIAL_BALANCE}?date={self.day}"),
                self.accounts.classes,
            ),
            UsageKind.ITEMS: lambda: uses.items(
                self._get(UsageKind.ITEMS, uses.ITEMS), self.accounts
            ),
            UsageKind.REPEATING_INVOICES: lambda: uses.repeating_invoices(
                self._get(UsageKind.REPEATING_INVOICES, uses.REPEATING_INVOICES), self.accounts
            ),
            UsageKind.CONTACTS: lambda: uses.contacts(self._pages()),
        }
        asked = tuple(kinds)
        found_of = self._at_once([partial(self._found, kind, readers[kind]) for kind in asked])
        answers: dict[UsageKind, Any] = dict(zip(asked, found_of, strict=True))
        unknown = {kind: one for kind, one in answers.items() if isinstance(one, Unknown)}
        balances, items, invoices, contacts = (
            None if kind in unknown else answers.get(kind) for kind in readers
        )
        why = tuple(unknown[kind] for kind in readers if kind in unknown)
        return Usage(self.day, balances, items, invoices, contacts, why, self.calls)

    def _pages(self) -> Iterator[uses.ContactPage]:
        """Yield the pages of contacts.

        If the first page says how many pages there are, the others are read at the same time.
        If not, one page after another is read until one is empty.
        """
        page = self._page(1)
        yield page
        if page.pages is not None:
            if page.pages > MOST_PAGES:
                raise LedgerError(_TOO_MANY)
            yield from self._at_once([partial(self._page, n) for n in range(2, page.pages + 1)])
            return
        for number in range(2, MOST_PAGES + 1):
            if not page.found:
                return
            page = self._page(number)
            yield page
        if page.found:
            raise LedgerError(_TOO_MANY)

    def _page(self, number: int) -> uses.ContactPage:
        path = f"{uses.CONTACTS}?page={number}&pageSize={uses.PAGE_SIZE}"
        data = self._get(UsageKind.CONTACTS, path, paged=True)
        return uses.contact_page(data, number, self.accounts)

    def _at_once(self, reads: Sequence[Callable[[], _Read]]) -> list[_Read]:
        """Make these reads at the same time, and return their results in order.

        The calling thread makes the reads that no thread of `pool` has begun: all of those threads
        may be busy with other organisations, or be waiting for pages of contacts.
        """
        futures = [self.pool.submit(one) for one in reads]
        here: dict[int, _Read] = {}
        try:
            for at in reversed(range(len(reads))):
                if futures[at].cancel():
                    here[at] = reads[at]()
            return [
                here[at] if at in here else future.result() for at, future in enumerate(futures)
            ]
        finally:
            for future in futures:
                future.cancel()

    def _get(self, kind: UsageKind, path: str, *, paged: bool = False) -> Json:
        if not allows(self.granted, kind):
            raise ScopeMissing("The access token does not have the scope.")
        with self.lock:
            self.calls += 1
        scope = USAGE_SCOPES.get(kind, READ_SCOPE)
        call = ApiCall("GET", f"{self.root}/{path}", scope=scope, paged=paged, seconds=SECONDS)
        return self.client.call(call).data

    def _found(self, kind: UsageKind, read: Callable[[], _Read]) -> _Read | Unknown:
        """Return the result of a read, or `Unknown` if Xero refuses it or the call fails."""
        try:
            return read()
        except ScopeMissing:
            scope, hint = USAGE_SCOPES.get(kind, READ_SCOPE), LACKING.format(self.login)
            return Unknown(kind, f"the sign-in lacks the scope {scope}", scope, hint)
        except Malformed as error:
            return Unknown(kind, f"Xero's answer could not be read: {error}", hint=UNREADABLE)
        except RejectedToken as error:
            return Unknown(kind, error.message.rstrip("."), hint=DENIED.format(self.login))
        except (AccessDenied, LedgerError) as error:
            if isinstance(error, AccessDenied) and error.said:
                reason = f"Xero refused the call ({error.said})"
                return Unknown(kind, reason, hint=DENIED.format(self.login))
            return Unknown(kind, error.message.rstrip("."), hint=error.hint)
