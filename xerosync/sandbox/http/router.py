"""Routing: who may make a request, within which limits, and what responds to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from xerosync.sandbox.accounting import accounts, read_only
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.http import xml_format
from xerosync.sandbox.http.faults import Fault, FaultKind, Faults, damage, rate_limited, replacement
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
from xerosync.sandbox.http.rate_limits import LimitReached, RateLimiter
from xerosync.sandbox.identity import consent, oauth, openid
from xerosync.sandbox.identity.oauth import CustomConnection
from xerosync.sandbox.identity.scopes import READ, WRITE
from xerosync.sandbox.identity.tokens import Access, AppType, Tokens

RESOURCES: dict[str, Callable[[Request, str, Store], Response]] = {
    "accounts": accounts.respond,
    "currencies": read_only.CURRENCIES.respond,
    "organisation": read_only.ORGANISATIONS.respond,
    "organisations": read_only.ORGANISATIONS.respond,
    "taxrates": read_only.TAX_RATES.respond,
    "trackingcategories": read_only.TRACKING_CATEGORIES.respond,
    "users": read_only.USERS.respond,
}
IDEMPOTENT = frozenset({"PUT", "POST"})
CONNECTION_FAULTS: dict[FaultKind, dict[str, Any]] = {
    FaultKind.SCOPE_REFUSED: {"takes_scope": False},
    FaultKind.NO_CLAIM: {"names_tenant": False},
}
"""What each of these faults changes in the custom connection, for one request."""


def bearer(request: Request) -> str:
    """Return the access token of a request, or ``""``."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    """Responds to every request of the sandbox. Thread-safe."""

    store: Store
    tokens: Tokens
    keys: IdempotencyKeys
    connection: CustomConnection
    issuer: str
    limiter: RateLimiter
    faults: Faults
    clock: Callable[[], float]
    delay: Callable[[float], None]
    latency: float

    def respond(self, request: Request) -> Response:
        """Return the response to a request, with the fault that hits it, if any.

        An accounting request counts as in flight until its response is ready to be sent.
        """
        fault = self.faults.next_for(request)
        if not request.is_accounting:
            return self._with_fault(request, fault)
        if limit := self.limiter.enter():
            return self._rate_limited(limit)
        try:
            return self._with_fault(request, fault)
        finally:
            self.limiter.leave()

    def _with_fault(self, request: Request, fault: Fault | None) -> Response:
        if self.latency:
            self.delay(self.latency)
        if fault is None:
            return self._route(request, self.connection)
        if fault.kind is FaultKind.SLOW:
            self.delay(fault.seconds)
        if fault.kind is FaultKind.EXPIRE_TOKEN:
            self.tokens.expire(bearer(request))
        connection = replace(self.connection, **CONNECTION_FAULTS.get(fault.kind, {}))
        response = replacement(fault) or damage(fault, self._route(request, connection))
        return replace(response, fault=fault.kind)

    def _rate_limited(self, limit: LimitReached) -> Response:
        response = rate_limited(limit.problem, limit.retry_after)
        return replace(response, headers={**response.headers, **self.limiter.headers()})

    def _route(self, request: Request, connection: CustomConnection) -> Response:
        if request.is_accounting:
            return self._accounting(request)
        return self._identity(request, connection)

    def _identity(self, request: Request, connection: CustomConnection) -> Response:
        head, _, item = request.path.lower().strip("/").partition("/")
        match head, item:
            case "connect", "token":
                return oauth.token(request, self.tokens, connection)
            case "connect", "revocation":
                return oauth.revocation(request, self.tokens)
            case "identity", "connect/authorize":
                return consent.respond(request, self.store, self.tokens)
            case ".well-known", _:
                return openid.respond(request, item, self.issuer)
            case "connections", _:
                return self._connections(request, item)
        return not_found()

    def _connections(self, request: Request, item: str) -> Response:
        access = self._access(request)
        if isinstance(access, Response):
            return access
        return oauth.connections(request, item, access, self.tokens, self.store)

    def _access(self, request: Request) -> Access | Response:
        """Return what the access token allows, or a 401 that says why it allows nothing."""
        access = self.tokens.access(bearer(request))
        if access is None:
            return unauthorized("AuthenticationUnsuccessful")
        if access.expires <= self.clock():
            moment = f"{datetime.fromtimestamp(access.expires, UTC):%m/%d/%Y %H:%M:%S}"
            return unauthorized(f"TokenExpired: token expired at {moment}")
        return access

    def _accounting(self, request: Request) -> Response:
        access = self._access(request)
        if isinstance(access, Response):
            return access
        if not self._is_connected(request, access):
            return forbidden()
        if limit := self.limiter.count():
            return self._rate_limited(limit)
        remaining = self.limiter.headers()
        response = self._authorized(request, access)
        return replace(response, headers={**response.headers, **remaining})

    def _is_connected(self, request: Request, access: Access) -> bool:
        """Whether the request names a connected tenant; a custom connection need not name it."""
        tenant = request.headers.get("xero-tenant-id", "").strip().lower()
        if not tenant and access.app is not AppType.CUSTOM:
            return False
        if tenant and tenant != self.store.country.tenant_id:
            return False
        return self.tokens.connection(access.app) is not None

    def _authorized(self, request: Request, access: Access) -> Response:
        """Check the scopes, and make each write a transaction that happens once for its key."""
        name, _, item = request.path[len(ACCOUNTING) + 1 :].strip("/").partition("/")
        name, item = name.lower(), unquote(item)
        if name not in RESOURCES or "/" in item:
            return not_found()
        enough = {WRITE, READ} if request.method == "GET" else {WRITE}
        if not enough & access.scopes:
            return unauthorized("AuthorizationUnsuccessful")
        if request.method == "GET":
            return self._resource(name, request, item)
        with self.store.database.write():
            if request.method not in IDEMPOTENT:
                return self._resource(name, request, item)
            response = self.keys.recall(access.app, request)
            if response is None:
                response = self._resource(name, request, item)
                self.keys.remember(access.app, request, response)
            return response

    def _resource(self, name: str, request: Request, item: str) -> Response:
        """Return what a resource responds, in the format that the request wants."""
        try:
            response = RESOURCES[name](request, item, self.store)
        except BadRequest as error:
            response = bad_request(error)
        return xml_format.converted(response) if xml_format.is_wanted(request) else response
