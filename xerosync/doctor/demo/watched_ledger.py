"""The ledger with which the main job (pull, plan, apply, roll back) works in a demo company.

It reads everything, and writes only to throw-away accounts. Each call is counted. Before each write
and each further attempt, Xero must have said that this is the demo company (see `DemoBooks`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from xerosync.apply.ledger import Ledger, Written
from xerosync.doctor.demo.demo_books import DemoBooks
from xerosync.doctor.demo.made import Made
from xerosync.doctor.demo.port import NotAsked
from xerosync.doctor.demo.throw_away import is_throw_away
from xerosync.errors import RejectedByXero, Unavailable
from xerosync.model import Account, Chart, Organisation, Value
from xerosync.usage import Usage, UsageKind

_READS = 2
"""A chart takes this many calls to read; the first time, one more reads the organisation."""

_NOT_OURS = "Only throw-away accounts may be written to."


@dataclass(slots=True)
class WatchedLedger:
    """A `Ledger` that checks each write and counts its calls in `books` with the run's other calls.

    Raises `Unavailable` for a call or a write that the run may not make.
    """

    ledger: Ledger
    books: DemoBooks
    _knows_organisation: bool = False

    def organisation(self) -> Organisation:
        """Return which organisation this is."""
        return self.ledger.organisation()

    def chart(self) -> Chart:
        """Read the organisation, its accounts and its tax rates."""
        self._count(_READS if self._knows_organisation else _READS + 1)
        self._knows_organisation = True
        return self.ledger.chart()

    def accounts(self, *, then: int = 0) -> tuple[Account, ...]:
        """Read only the accounts."""
        self._count()
        return self.ledger.accounts(then=then)

    def usage(
        self, accounts: Iterable[Account], kinds: Collection[UsageKind] = tuple(UsageKind)
    ) -> Usage:
        """Read what still uses these accounts."""
        self._count(len(kinds))
        return self.ledger.usage(accounts, kinds)

    def create(self, values: Mapping[str, Value], *, key: str) -> Written:
        """Note a throw-away account in the clean-up record, then create it in Xero."""
        made = Made(str(values.get("code", "")), str(values.get("name", "")))
        self._check(made.code, made.name)
        self.books.made.begin(made)
        self._begin()
        try:
            written = self.ledger.create(values, key=key)
        except RejectedByXero:
            self.books.made.forget(made)
            raise
        self.books.made.note(_json(written.account))
        return written

    def update(self, account_id: str, values: Mapping[str, Value], *, key: str) -> Written:
        """Change fields of one throw-away account; a new name must be a throw-away one, too."""
        if "name" in values:
            self._check(str(values.get("code", "")), str(values["name"]))
        self._begin(account_id)
        written = self.ledger.update(account_id, values, key=key)
        self.books.made.note(_json(written.account))
        return written

    def set_status(self, account_id: str, status: str, *, key: str) -> Written:
        """Archive or restore one throw-away account."""
        self._begin(account_id)
        return self.ledger.set_status(account_id, status, key=key)

    def delete(self, account_id: str) -> Written:
        """Delete one throw-away account."""
        self._begin(account_id)
        self.books.made.deleting(account_id)
        written = self.ledger.delete(account_id)
        self.books.made.deleted(account_id)
        return written

    def _begin(self, account_id: str = "") -> None:
        """Make the checks before a write, and count it. Raises `Unavailable` if it is refused."""
        if account_id and not self.books.made.is_ours({"AccountID": account_id}):
            raise Unavailable(_NOT_OURS)
        self.books.before_ledger_write()
        self._count()

    def _count(self, calls: int = 1) -> None:
        try:
            self.books.count(calls)
        except NotAsked as refusal:
            raise Unavailable(str(refusal)) from refusal

    def _check(self, code: str, name: str) -> None:
        if not is_throw_away(code, name):
            raise Unavailable(_NOT_OURS)


def _json(account: Account) -> dict[str, str]:
    return {"AccountID": account.account_id, "Code": account.code, "Name": account.name}
