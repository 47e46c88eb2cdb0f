"""The `Ledger` of an organisation in Xero. One call writes one account: its status or its fields.

A create is a PUT to `Accounts`. An update is a POST to the account's own address with only the
fields that change (Xero docs, Accounts). Accounts are not written as a list: Xero would process the
first and silently ignore the others. The answer to a write must be about the right account.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self, TypeVar
from urllib.parse import quote

from xerosync.apply.ledger import Written
from xerosync.desired import OrganisationPin
from xerosync.errors import (
    AccessDenied,
    LedgerError,
    OutcomeUnknown,
    RejectedByXero,
    Unavailable,
    WrongOrganisation,
)
from xerosync.model import Account, Chart, Organisation, Status, TaxRate, Value, code_key, name_key
from xerosync.usage import Usage, UsageKind
from xerosync.xero import wire
from xerosync.xero.auth.sign_in import LOGIN
from xerosync.xero.http.client import ApiCall, XeroClient
from xerosync.xero.http.responses import plain, validation_messages
from xerosync.xero.local_date import today
from xerosync.xero.usage import EVERYTHING, read_usage

_Read = TypeVar("_Read")


@contextmanager
def naming(wanted: OrganisationPin | None) -> Iterator[None]:
    """Begin an error's message with the file, and with the organisation if the message lacks it."""
    try:
        yield
    except (AccessDenied, LedgerError) as error:
        books, file = (wanted.label, wanted.source.file) if wanted else ("", "")
        if error.message.startswith(f"{books} is ") or f"the organisation {books}" in error.message:
            books = ""
        if place := f"{file} ({books})" if file and books else file or books:
            error.place, error.message = place, f"{place}: {error.message}"
        raise


class XeroLedger:
    """The books of one organisation in Xero. Safe to use from several threads.

    Close the ledger, or use it in a `with`. `root` is the address of the accounting API. If a read
    fails, the error names the file and the organisation of `wanted` (see `naming`). `reads` is an
    executor for the reads of several ledgers; without it, a ledger has threads of its own. A
    `known` organisation is not read. `login` is the command that signs in.
    """

    def __init__(
        self,
        client: XeroClient,
        root: str,
        wanted: OrganisationPin | None = None,
        reads: Executor | None = None,
        known: Organisation | None = None,
        *,
        login: str = LOGIN,
    ) -> None:
        self._client = client
        self._reads = reads
        self._organisation = known
        self._root = root
        self._wanted = wanted
        self._login = login

    @property
    def tenant_id(self) -> str:
        """The tenant id that each call names, "" if none."""
        return self._client.tenant_id

    @property
    def calls_left_today(self) -> int | None:
        """The number of calls that Xero still allows today; None until an answer says it."""
        return self._client.rate_limit.day_left

    def close(self) -> None:
        """Close the connections, which all ledgers of a `Gateway` share."""
        self._client.sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def organisation(self) -> Organisation:
        """Return the organisation, read once. Raises `WrongOrganisation` if another one answers."""
        if self._organisation is None:
            found = self._read(wire.ORGANISATION, wire.organisation)
            if self.tenant_id.casefold() not in {"", found.tenant_id.casefold()}:
                raise WrongOrganisation(
                    f"Xero was asked for the organisation {plain(self.tenant_id)}, and answered for"
                    f" {plain(found.name)} ({plain(found.tenant_id)}).",
                    "Nothing was compared and nothing was sent. Compare `tenant_id` in the file,"
                    " and XERO_TENANT_ID, with what `xerosync auth status` shows.",
                )
            self._organisation = found
        return self._organisation

    def accounts(self, *, then: int = 0) -> tuple[Account, ...]:
        """Read the active and the archived accounts.

        Unless `then` is 0, first wait until the limit per minute allows this call and `then` more.
        """
        if then:
            self._client.rate_limit.wait_for(1 + then)
        found = self._read(wire.ACCOUNTS, wire.accounts)
        return tuple(account for account in found if account.status != Status.DELETED)

    def chart(self) -> Chart:
        """Read the accounts, the tax rates and the organisation at the same time.

        The calling thread reads the organisation, and what no other thread has begun to read:
        shared threads may all be busy with other organisations. Ctrl-C does not wait for answers.
        """
        pool = self._reads or ThreadPoolExecutor(2, "xero-read")
        accounts = pool.submit(self.accounts)
        tax_rates = pool.submit(self._tax_rates)
        try:
            return Chart(
                self.organisation(),
                self.accounts() if accounts.cancel() else accounts.result(),
                self._tax_rates() if tax_rates.cancel() else tax_rates.result(),
            )
        finally:
            accounts.cancel()
            tax_rates.cancel()
            if pool is not self._reads:
                pool.shutdown(wait=False)

    def usage(
        self, accounts: Iterable[Account], kinds: Collection[UsageKind] = EVERYTHING
    ) -> Usage:
        """Read what still uses the accounts.

        The balances include today in the organisation's time zone. What cannot be read is unknown.
        """
        with naming(self._wanted):
            zone = self._organisation.timezone if self._organisation else ""
            day = today(zone, self._client.now())
            return read_usage(
                self._client, self._root, accounts, day, kinds, reads=self._reads, login=self._login
            )

    def create(self, values: Mapping[str, Value], *, key: str) -> Written:
        """Create one account. `values` are its fields, by their names in `FIELDS`."""
        written = self._write("PUT", wire.ACCOUNTS, wire.fields_body(values), key)
        code, name = str(values.get("code", "")), str(values.get("name", ""))
        account = written.account
        if not (
            code_key(account.code) == code_key(code or account.code)
            and name_key(account.name) == name_key(name or account.name)
        ):
            raise _another(account, f"{code} {name}".strip(), written.correlation_id)
        return written

    def update(self, account_id: str, values: Mapping[str, Value], *, key: str) -> Written:
        """Change only these fields of one account, never its status."""
        return self._write_one("POST", account_id, wire.fields_body(values), key)

    def set_status(self, account_id: str, status: str, *, key: str) -> Written:
        """Archive or restore one account."""
        written = self._write_one("POST", account_id, wire.status_body(status), key)
        if written.account.status != status:
            raise _unknown(
                f"Xero answered with the status {written.account.status or 'none'} instead of"
                f" {status}.",
                written.correlation_id,
            )
        return written

    def delete(self, account_id: str) -> Written:
        """Delete one unused account."""
        return self._write_one("DELETE", account_id, None, "")

    def _tax_rates(self) -> tuple[TaxRate, ...]:
        return self._read(wire.TAX_RATES, wire.tax_rates)

    def _read(self, path: str, read: Callable[[wire.Json], _Read]) -> _Read:
        with naming(self._wanted):
            answer = self._client.call(ApiCall("GET", f"{self._root}/{path}"))
            try:
                return read(answer.data)
            except wire.Malformed as error:
                raise Unavailable(
                    f"Xero's answer to {path} could not be read: {error}.",
                    "If it happens again, please report it.",
                    correlation_id=answer.correlation_id,
                ) from error

    def _write_one(self, method: str, account_id: str, body: wire.Json | None, key: str) -> Written:
        """Write to one account's own address, and check that the answer is about it."""
        path = f"{wire.ACCOUNTS}/{quote(account_id, safe='')}"
        written = self._write(method, path, body, key)
        if written.account.account_id.casefold() != account_id.casefold():
            raise _another(written.account, account_id, written.correlation_id)
        return written

    def _write(self, method: str, path: str, body: wire.Json | None, key: str) -> Written:
        answer = self._client.call(ApiCall(method, f"{self._root}/{path}", body, key))
        refused = tuple(dict.fromkeys(validation_messages(answer.data.get("Accounts"))))
        if refused:
            raise RejectedByXero(refused, correlation_id=answer.correlation_id)
        try:
            return Written(wire.accounts(answer.data)[0], answer.correlation_id)
        except wire.Malformed as error:
            raise _unknown(
                "Xero reported success, but its answer does not contain the account.",
                answer.correlation_id,
            ) from error


def _another(account: Account, meant: str, correlation_id: str) -> OutcomeUnknown:
    return _unknown(
        f"Xero returned another account ({account.label or 'without a name'}) instead of {meant}.",
        correlation_id,
    )


def _unknown(message: str, correlation_id: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        message, "Look at the account in Xero to see its state.", correlation_id=correlation_id
    )
