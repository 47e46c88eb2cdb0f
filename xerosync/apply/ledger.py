"""The interface to the accounting system: what an apply needs of it.

`xero/ledger.py` implements it over HTTP; the tests have one in memory. The contract suite
runs against both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from xerosync.model import Account, Chart, Organisation, Value
from xerosync.usage import Usage, UsageKind


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a write: the whole account as it now is, and the call's correlation id."""

    account: Account
    correlation_id: str = ""


class Ledger(Protocol):
    """One organisation's books. Every method may raise a `XerosyncError`.

    A write whose answer is lost raises `OutcomeUnknown`. A write that Xero rejects raises
    `RejectedByXero` with all of Xero's messages. `key` is the idempotency key: a write that is
    repeated with the same key within six minutes takes effect once (Xero docs, Idempotency).
    """

    def organisation(self) -> Organisation:
        """Return the organisation, perhaps from a cache."""

    def chart(self) -> Chart:
        """Read the organisation, its accounts (archived ones too) and its tax rates."""

    def accounts(self, *, then: int = 0) -> tuple[Account, ...]:
        """Read only the accounts, archived ones too.

        Wait first until `then` further calls can follow at once, so that the rate limit does not
        delay the writes that rely on this reading.
        """

    def usage(
        self, accounts: Iterable[Account], kinds: Collection[UsageKind] = tuple(UsageKind)
    ) -> Usage:
        """Read what uses these accounts, up to today; `unknown` is what could not be read."""

    def create(self, values: Mapping[str, Value], *, key: str) -> Written:
        """Create one account with these values of the fields in `FIELDS`."""

    def update(self, account_id: str, values: Mapping[str, Value], *, key: str) -> Written:
        """Change only these fields of one account, never its status."""

    def set_status(self, account_id: str, status: str, *, key: str) -> Written:
        """Archive or restore one account."""

    def delete(self, account_id: str) -> Written:
        """Delete one account that nothing uses."""
