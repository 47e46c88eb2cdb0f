"""The books of a demo company, in which only throw-away accounts and items are written.

The one exception is a system account that is renamed and renamed back. Before every write, Xero has
said in the last seconds that this is a demo company. The record then already names the account or
item to be made, or the account to be changed. An item to be deleted has a throw-away code and name.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from threading import Event, RLock
from typing import Any

from xerosync.doctor.demo.made import Made, RecordFile, Renamed
from xerosync.doctor.demo.made_accounts import MadeAccounts, is_guid
from xerosync.doctor.demo.port import (
    CustomConnectionPort,
    Json,
    NotAsked,
    RawAnswer,
    Unanswered,
    Xero,
    id_of,
    listed,
    required,
    text,
)
from xerosync.doctor.demo.throw_away import ThrowAwayNames
from xerosync.errors import DayLimitReached, Interrupted, LedgerError, NoDemoCompany, Unavailable
from xerosync.model import Organisation
from xerosync.xero_limits import AT_ONCE

MOST_CALLS = 150
"""The most calls of one run, clean-up included."""
FOR_CLEAN_UP = 10
"""How many of `MOST_CALLS` are kept for the clean-up, besides one for each throw-away account."""
LOOK_EVERY = 10.0
"""Seconds after which Xero is asked again, before a write, whether this is a demo company."""


class OutOfCalls(Unanswered):
    """The run may make no more calls."""


class DemoBooks:
    """One run in the books of a demo company.

    Several threads may check the organisation, count calls and use `made`. Only one thread may
    make new names (`names`, `draft`) and use the shared accounts.

    `accounts` and `tax_rates` are Xero's lists as they were at the start. `cleaning` is whether
    the run is cleaning up; if so, it may make all calls that are left. `refused` is why nothing
    may be written any more. `on_call` receives the number of calls so far. `observed` returns
    how many calls were really sent, including the ledger's repeats.

    Raises `NoDemoCompany` unless `organisation` is a demo company. Methods that call Xero may also
    raise `DayLimitReached`, `SignInError` or `Interrupted`.
    """

    def __init__(
        self,
        xero: Xero,
        file: RecordFile,
        organisation: Organisation,
        *,
        monotonic: Callable[[], float],
        stop: Event,
    ) -> None:
        self.organisation = organisation
        self.made = MadeAccounts(file)
        self.names = ThrowAwayNames("")
        self.accounts: list[Json] = []
        self.tax_rates: list[Json] = []
        self.calls = 1
        self.cleaning = False
        self.stop = stop
        self._port = xero.port
        self._port.before_repeat(self.before_ledger_write)
        self._custom = xero.custom
        self._monotonic = monotonic
        self._looked = monotonic()
        self.on_call: Callable[[int], None] = lambda _: None
        self.observed: Callable[[], int] = lambda: 0
        self._shared: dict[str, Json] = {}
        self._lock = RLock()
        self.refused: NoDemoCompany | None = None
        self.require_demo(organisation)

    @property
    def started(self) -> bool:
        """Whether the run has chosen the names of its accounts."""
        return bool(self.names.run)

    def begin(self, run: str, accounts: list[Json], tax_rates: list[Json]) -> None:
        """Begin a run. Names of its throw-away accounts contain `run`: four hexadecimal digits."""
        self.names, self.accounts, self.tax_rates = ThrowAwayNames(run), accounts, tax_rates
        self.made.not_ours = set(map(id_of, accounts))

    # Calls

    def read(self, path: str, headers: Json | None = None) -> RawAnswer:
        """Send a GET. Raises `NotAsked` if Xero does not answer, or does not allow it."""
        return self._send("GET", path, None, headers)

    def read_list(self, path: str, name: str) -> list[Json]:
        """Read a whole list.

        Raises `NotAsked` if it cannot be read, or if a list of accounts or tax rates is empty.
        """
        answer = self.read(path)
        found = listed(answer.data, name)
        if not answer.done or not isinstance(answer.data.get(name), list):
            raise NotAsked(f"{name} could not be read ({answer.status}).")
        if not found and name in ("Accounts", "TaxRates"):
            raise NotAsked(f"Xero's list of {name} is empty, but every organisation has some.")
        return list(found)

    def write(
        self, method: str, path: str, body: Json | None = None, *, key: str = ""
    ) -> RawAnswer:
        """Check the organisation, then send a write. Raises like `before_write` and `read`."""
        return self._send(method, path, body, {"Idempotency-Key": key} if key else None)

    def count(self, calls: int = 1) -> None:
        """Count calls that are about to be made.

        Raises `OutOfCalls` if the run may not make them, `Interrupted` after a request to stop.
        """
        with self._lock:
            if self.stop.is_set():
                raise Interrupted("Stopped.", "Run again: what is left over is cleaned up first.")
            self.calls = max(self.calls, self.observed())
            kept = 0 if self.cleaning else FOR_CLEAN_UP + len(self.made.record.accounts)
            made = max(self.calls, self._port.calls_made)
            if made + calls > MOST_CALLS - kept:
                rest = ", and keeps the others for the clean-up" if kept else ""
                raise OutOfCalls(f"The run has made {made} of at most {MOST_CALLS} calls{rest}.")
            self.calls = made + calls
        self.on_call(self.calls)

    def before_write(self) -> None:
        """Ask Xero whether this is a demo company, unless Xero confirmed that in the last seconds.

        So that no write waits after its check, first wait until the rate limit allows the check,
        the write, and the calls that other threads are about to begin. If this is no demo company,
        raises `NoDemoCompany`, now and before any later write; `NotAsked` without an answer.
        """
        with self._lock:
            if self.refused:
                raise self.refused
            self._port.wait_for(AT_ONCE + 1)
            if self._monotonic() - self._looked < LOOK_EVERY:
                return
            self.require_demo(self.read("/Organisation").organisation)
            self._looked = self._monotonic()

    def before_ledger_write(self) -> None:
        """Check as `before_write` does, but raise `Unavailable`, as ledgers do, not `NotAsked`."""
        try:
            self.before_write()
        except NotAsked as refusal:
            raise Unavailable(str(refusal)) from refusal

    def require_demo(self, found: Organisation) -> None:
        """Raise `NoDemoCompany` unless this is the demo company of this run."""
        expected = self.organisation.tenant_id
        if found.is_demo_company and found.tenant_id and found.tenant_id == expected:
            return
        more = " more" if self.calls > 1 else ""
        name = found.name or "this organisation"
        if found.is_demo_company:
            message = f"Xero's id of {name} {'has changed' if found.tenant_id else 'is not valid'}."
            hint = "The questions write only to the organisation with which they began: run again."
        else:
            message = f"Xero does not say that {name} is a demo company."
            hint = (
                "The questions write to the books, and only a demo company's may be written to:"
                " sign in to one, or choose it with --organisation."
            )
        self.refused = NoDemoCompany(message, f"{hint} Nothing{more} was written.")
        raise self.refused

    def _send(self, method: str, path: str, body: Json | None, headers: Json | None) -> RawAnswer:
        """Send a call; repeat it once if a rate limit is exceeded: Xero did not process it then."""
        for _ in range(2):
            if method != "GET":
                self.before_write()
            self.count()
            try:
                answer = self._port.send(method, path, body, headers)
            except DayLimitReached:
                raise
            except LedgerError as error:
                raise Unanswered(error.message) from error
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                break
        return required(answer)

    def custom_connection(self) -> CustomConnectionPort:
        """Return the calls about a custom connection. Raises `NotAsked` for other sign-ins."""
        if self._custom is None:
            raise NotAsked("Only a custom connection can ask this, and this sign-in is not one.")
        return self._custom

    # Throw-away accounts

    def fresh(self, kind: str = "EXPENSE", **values: Any) -> Json:  # noqa: ANN401 JSON
        """Create a throw-away account. Raises `NotAsked` if Xero refuses it."""
        answer = self.create(self.draft(kind, **values))
        if not answer.done or not self.made.is_ours(answer.account):
            raise NotAsked(f"Xero did not create the account that the question needs: {answer.why}")
        return answer.account

    def draft(self, kind: str = "EXPENSE", **values: Any) -> dict[str, Any]:  # noqa: ANN401 JSON
        """Return the fields of a throw-away account with the next code and name."""
        code, name = self.names.new()
        return {"Code": code, "Name": name, "Type": kind, **values}

    def create(self, values: Json, *, key: str = "", method: str = "PUT") -> RawAnswer:
        """Record a throw-away account, ask Xero to create it, and return the answer."""
        made = Made(text(values, "Code"), text(values, "Name"))
        self.made.begin(made)
        answer = self.write(method, "/Accounts", {"Accounts": [values]}, key=key)
        if answer.done:
            self.made.note(answer.account)
        elif not made.id:
            self.made.forget(made)
        return answer

    def update(self, account: Json, **values: Any) -> RawAnswer:  # noqa: ANN401 JSON
        """Send an update of a throw-away account."""
        answer = self.write("POST", self.path_of(account), {"Accounts": [values]})
        if answer.done and "Name" in values:
            self.made.note(answer.account)
        return answer

    def delete(self, account: Json) -> RawAnswer:
        """Send a delete of a throw-away account."""
        path = self.path_of(account)
        self.made.deleting(id_of(account))
        answer = self.write("DELETE", path)
        if answer.done:
            self.made.deleted(id_of(account))
        return answer

    def get(self, account: Json) -> Json:
        """Read a throw-away account again. Raises `NotAsked` if it cannot be read."""
        answer = self.read(self.path_of(account))
        if not answer.done or not answer.account:
            raise NotAsked(f"The account could not be read again ({answer.status}).")
        return answer.account

    def path_of(self, account: Json) -> str:
        """Return the path of a throw-away account. Raises `NotAsked` for any other."""
        if not self.made.is_ours(account):
            raise NotAsked("Only throw-away accounts may be written to.")
        return f"/Accounts/{text(account, 'AccountID')}"

    def shared(self, role: str, make: Callable[[], Json]) -> Json:
        """Return the account that several questions share, made when it is first needed."""
        if role not in self._shared:
            self._shared[role] = make()
        return self._shared[role]

    def keep(self, role: str, account: Json | None) -> None:
        """Replace a shared account; with None, the next question makes a new one."""
        self._shared.pop(role, None)
        if account:
            self._shared[role] = account

    # The system account

    def rename_system(self, system: Renamed, name: str) -> RawAnswer:
        """Rename a system account to `name`: a temporary name, or its own name again.

        The account is first recorded with its own name. It leaves the record when it has that name
        again, or if Xero refuses the temporary name. Raises `NotAsked` if it has no valid id.
        """
        if not is_guid(system.id):
            raise NotAsked("Xero did not say which account it is.")
        self.made.rename(system)
        answer = self.write("POST", f"/Accounts/{system.id}", {"Accounts": [{"Name": name}]})
        if answer.done == (name == system.name):
            self.made.rename(None)
        return answer
