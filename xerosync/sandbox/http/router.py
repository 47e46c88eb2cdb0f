"""Routing: check a request's token, tenant, scope and limits, and pass it to its endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from xerosync.sandbox.accounting import accounts, items, read_only, trial_balance
from xerosync.sandbox.accounting.assumptions import Assumptions
from xerosync.sandbox.books.organisations import Books
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.http import xml_format
from xerosync.sandbox.http.faults import Fault, FaultKind, Faults, damage, replacement
from xerosync.sandbox.http.idempotency import IdempotencyKeys
from xerosync.sandbox.http.messages import (
    ACCOUNTING,
    BadRequest,
    Request,
    Response,
    bad_request,
    forbidden,
    not_found,
    unauthorized,
)
from xerosync.sandbox.http.rate_limits import RateLimiter
from xerosync.sandbox.identity import consent, oauth, openid, scopes
from xerosync.sandbox.identity.oauth import CustomConnection
from xerosync.sandbox.identity.tokens import Access, Tokens

RESOURCES: dict[str, Callable[[Request, str, Store], Response]] = {
    "contacts": read_only.CONTACTS.respond,
    "items": items.respond,
    "repeatinginvoices": read_only.REPEATING_INVOICES.respond,
    "reports": trial_balance.respond,
    "accounts": accounts.respond,
    "currencies": read_only.CURRENCIES.respond,
    "organisation": read_only.ORGANISATIONS.respond,
    "organisations": read_only.ORGANISATIONS.respond,
    "taxrates": read_only.TAX_RATES.respond,
    "trackingcategories": read_only.TRACKING_CATEGORIES.respond,
    "users": read_only.USERS.respond,
}
READ_SCOPES = {
    "contacts": scopes.CONTACTS,
    "repeatinginvoices": scopes.INVOICES,
    "reports": scopes.TRIAL_BALANCE,
}
"""The scopes that allow reading a resource; any one of them is enough.

All other resources need a scope for settings.
"""
IDEMPOTENT = frozenset({"PUT", "POST"})
CONNECTION_FAULTS: dict[FaultKind, dict[str, Any]] = {
    FaultKind.SCOPE_REFUSED: {"takes_scope": False},
    FaultKind.NO_CLAIM: {"names_tenant": False},
}
"""The faults that change the custom connection for one request, and the changed fields."""


def bearer(request: Request) -> str:
    """Return the access token of a request, ``""`` if it has none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """Responds to requests. Thread-safe."""

    books: Books
    tokens: Tokens
    keys: IdempotencyKeys
    connection: CustomConnection
    issuer: str
    limiter: RateLimiter
    assumed: Assumptions
    faults: Faults
    clock: Callable[[], float]
    delay: Callable[[float], None]
    latency: float

    def respond(self, request: Request) -> Response:
        """Return the response to a request; a fault may change the response.

        An accounting request counts as in flight until its response is ready to be sent.
        """
        store = self._named(request) if request.is_accounting else None
        fault = self.faults.next_for(request, store.organisation if store else None)
        if not request.is_accounting:
            return self._with_fault(request, None, fault)
        number = store.number if store else 0
        if refusal := self.limiter.enter(number):
            return replace(refusal, headers={**refusal.headers, **self.limiter.headers(number)})
        try:
            return self._with_fault(request, store, fault)
        finally:
            self.limiter.leave(number)

    def _named(self, request: Request) -> Store | None:
        """Return the books of the tenant that a request names, or ``None`` for an unknown tenant.

        Without a tenant, return the only organisation's books, or ``None`` if there are several.
        """
        tenant = request.headers.get("xero-tenant-id", "").strip()
        return self.books.store(tenant) if tenant else self.books.only()

    def _with_fault(self, request: Request, store: Store | None, fault: Fault | None) -> Response:
        if self.latency:
            self.delay(self.latency)
        if fault is None:
            return self._route(request, store, self.connection)
        if fault.kind is FaultKind.SLOW:
            self.delay(fault.seconds)
        if fault.kind is FaultKind.EXPIRE_TOKEN:
            self.tokens.expire(bearer(request))
        connection = replace(self.connection, **CONNECTION_FAULTS.get(fault.kind, {}))
        response = replacement(fault) or damage(fault, self._route(request, store, connection))
        return replace(response, fault=fault.kind)

    def _route(
        self, request: Request, store: Store | None, connection: CustomConnection
    ) -> Response:
        if request.is_accounting:
            return self._accounting(request, store)
        return self._identity(request, connection)

    def _identity(self, request: Request, connection: CustomConnection) -> Response:
        head, _, item = request.path.lower().strip("/").partition("/")
        match head, item:
            case "connect", "token":
                numbers = [store.number for store in self.books.stores()]
                return oauth.token(request, self.tokens, connection, numbers)
            case "connect", "revocation":
                return oauth.revocation(request, self.tokens)
            case "identity", "connect/authorize":
                names = [store.organisation.name for store in self.books.stores()]
                return consent.respond(request, names, self.tokens)
            case ".well-known", _:
                return openid.respond(request, item, self.issuer)
            case "connections", _:
                return self._connections(request, item)
        return not_found()

    def _connections(self, request: Request, item: str) -> Response:
        access = self._access(request)
        if isinstance(access, Response):
            return access
        stores = {
            store.number: store
            for store in self.books.stores()
            if not self.faults.disconnects(store.organisation)
        }
        unlisted = access.is_custom and self.assumed.connections_listed == "not_listed"
        return oauth.connections(request, item, access, self.tokens, {} if unlisted else stores)

    def _access(self, request: Request) -> Access | Response:
        access = self.tokens.access(bearer(request))
        if access is None:
            return unauthorized("AuthenticationUnsuccessful")
        if access.expires <= self.clock():
            moment = f"{datetime.fromtimestamp(access.expires, UTC):%m/%d/%Y %H:%M:%S}"
            return unauthorized(f"TokenExpired: token expired at {moment}")
        return access

    def _accounting(self, request: Request, store: Store | None) -> Response:
        access = self._access(request)
        if isinstance(access, Response):
            return access
        if store is None or not self._is_connected(request, store, access):
            return forbidden()
        refusal = self.limiter.count(store.number)
        remaining = self.limiter.headers(store.number)
        response = refusal or self._authorized(request, store, access)
        return replace(response, headers={**response.headers, **remaining})

    def _is_connected(self, request: Request, store: Store, access: Access) -> bool:
        """Whether a request may use these books. Only a custom connection may omit the tenant."""
        if not request.headers.get("xero-tenant-id", "").strip() and not access.is_custom:
            return False
        if self.faults.disconnects(store.organisation):
            return False
        return self.tokens.is_connected(access.app, store.number)

    def _authorized(self, request: Request, store: Store, access: Access) -> Response:
        """Return the response to a request, or a 401 if the token lacks the scope.

        A write and its idempotency key are stored in one transaction.
        """
        name, _, item = request.path[len(ACCOUNTING) + 1 :].strip("/").partition("/")
        name, item = name.lower(), unquote(item)
        if name not in RESOURCES or "/" in item:
            return not_found()
        enough = READ_SCOPES.get(name, scopes.SETTINGS)
        if request.method != "GET":
            writing = frozenset(scope for scope in enough if not scope.endswith(".read"))
            enough = writing or enough
        if not enough & access.scopes:
            return unauthorized("AuthorizationUnsuccessful")
        if request.method == "GET":
            return self._resource(name, request, item, store)
        with store.database.write():
            if request.method not in IDEMPOTENT:
                return self._resource(name, request, item, store)
            response = self.keys.recall(access.app, request)
            if response is None:
                response = self._resource(name, request, item, store)
                self.keys.remember(access.app, request, response)
            return response

    def _resource(self, name: str, request: Request, item: str, store: Store) -> Response:
        try:
            response = RESOURCES[name](request, item, store)
        except BadRequest as error:
            response = bad_request(error)
        return xml_format.converted(response) if xml_format.is_wanted(request) else response
