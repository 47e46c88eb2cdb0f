"""The interface for single calls to Xero: one call, one answer, even if it is an error.

`xero/raw_calls.py` implements it over HTTP. Xero's JSON is kept: it may be what is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

from xerosync.apply.ledger import Ledger
from xerosync.model import Organisation

Json = Mapping[str, Any]


class NotAsked(Exception):
    """A question could not be asked, or was not answered; the text is the reason."""


class Unanswered(NotAsked):
    """Xero did not answer the call, or failed."""


class NotAllowed(NotAsked):
    """The sign-in may not make the call, so Xero certainly did not act on it."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer: its status, its JSON, and the messages of an error or a failed validation."""

    status: int
    data: Json = field(default_factory=dict)
    texts: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the call succeeded; Xero may report a failed validation with 200."""
        return 200 <= self.status < 300 and not self.texts  # noqa: PLR2004 the statuses of success

    @property
    def why(self) -> str:
        """Why the call failed: its messages, or its status if it has none."""
        return " ".join(self.texts) or f"status {self.status}"

    @property
    def account(self) -> Json:
        """The first account of the answer, empty if there is none."""
        return first(self.data, "Accounts")

    @property
    def organisation(self) -> Organisation:
        """The organisation. Only `IsDemoCompany: true` makes it a demo company."""
        found = first(self.data, "Organisations")
        is_demo = self.done and found.get("IsDemoCompany") is True
        keys = ("OrganisationID", "Name", "ShortCode", "CountryCode")
        tenant_id, name, short_code, country = (text(found, key) for key in keys)
        return Organisation(tenant_id, name, short_code, country, is_demo_company=is_demo)


class Port(Protocol):
    """Calls to one organisation, within Xero's limits."""

    @property
    def calls_left_today(self) -> int | None:
        """The number of calls that Xero still allows today; None until an answer says it."""

    @property
    def calls_made(self) -> int:
        """The number of calls so far: single calls, the ledger's, and reads of the connections."""

    def wait_for(self, calls: int) -> None:
        """Wait until the limit per minute allows this many more calls. Raises `Interrupted`."""

    def before_repeat(self, check: Callable[[], None]) -> None:
        """Set a check to call before the ledger repeats a write. An error stops the repeat."""

    def send(
        self, method: str, path: str, body: Json | None = None, headers: Json | None = None
    ) -> RawAnswer:
        """Send one call to the accounting API; `path` starts with a slash.

        Raises `LedgerError` (no answer, no calls left), `SignInError`, `UsageError`, `Interrupted`.
        """


class CustomConnectionPort(Protocol):
    """What can only be asked of a custom connection, an app that signs in without a person."""

    def connections(self) -> RawAnswer:
        """Read the organisations that are connected; `Connections` in the answer is their list."""

    def token_with_scope(self) -> RawAnswer:
        """Request a token with a scope, and return the answer without the token."""


@dataclass(frozen=True, slots=True)
class Xero:
    """The three ways to call Xero: single calls, a ledger, and calls about a custom connection.

    `custom` is None unless the sign-in is a custom connection.
    """

    port: Port
    ledger: Ledger
    custom: CustomConnectionPort | None = None


def listed(data: object, name: str) -> Sequence[Json]:
    """Return the objects in the list `name` of an answer, [] if there is no such list."""
    found = data.get(name) if isinstance(data, Mapping) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def first(data: object, name: str) -> Json:
    """Return the first object in the list `name` of an answer, {} if there is none."""
    found = listed(data, name)
    return found[0] if found else {}


def text(element: Json, key: str) -> str:
    """Return the text under a key of an object, "" if there is no text."""
    value = element.get(key)
    return value if isinstance(value, str) else ""


def id_of(account: Json) -> str:
    """Return the id of an account in lower case: Xero's ids are not case-sensitive."""
    return text(account, "AccountID").lower()


def required(answer: RawAnswer) -> RawAnswer:
    """Return the answer. Raises `NotAllowed` if it refuses the sign-in, else like `answered`."""
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        refused = "Xero does not allow this sign-in to make the call"
        raise NotAllowed(f"{refused} ({answer.status}){_said(answer)}")
    return answered(answer)


def answered(answer: RawAnswer) -> RawAnswer:
    """Return the answer, even if it refuses the call.

    Raises `Unanswered` if Xero failed, timed out or limited the call, or something else answered.
    """
    said = _said(answer)
    match answer.status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            raise Unanswered("Xero's rate limit was exceeded.")
        case HTTPStatus.REQUEST_TIMEOUT:
            raise Unanswered(f"Xero timed out ({answer.status}){said}")
        case HTTPStatus.NOT_MODIFIED | HTTPStatus.NOT_IMPLEMENTED:
            return answer
        case status if status // 100 == 3:  # noqa: PLR2004 the redirects
            raise Unanswered(f"Something other than Xero answered with a redirect ({status}).")
        case HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            raise Unanswered(f"Something other than Xero answered ({answer.status}).")
        case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unanswered(f"Xero failed ({answer.status}){said}")
    return answer


def _said(answer: RawAnswer) -> str:
    return f": {' '.join(answer.texts)}" if answer.texts else "."
