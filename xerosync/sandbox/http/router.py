"""Turns any call into its answer: who may, within which limits, and who is to answer it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from xerosync.sandbox.accounting import accounts, organisation
from xerosync.sandbox.http.faults import Kind, instead, rate_limited, spoil
from xerosync.sandbox.http.idempotency import Memory
from xerosync.sandbox.http.messages import ACCOUNTING, Answer, forbidden, not_found, unauthorized
from xerosync.sandbox.identity import consent, oauth
from xerosync.sandbox.identity.tokens import App

if TYPE_CHECKING:
    from collections.abc import Callable

    from xerosync.sandbox.books.store import Store
    from xerosync.sandbox.http.faults import Fault, Faults
    from xerosync.sandbox.http.messages import Call
    from xerosync.sandbox.http.rate_limits import Meter, Refusal
    from xerosync.sandbox.identity.tokens import Access, Tokens

RESOURCES: dict[str, Callable[[Call, str, Store], Answer]] = {
    "accounts": accounts.answer,
    "organisation": organisation.organisation,
    "organisations": organisation.organisation,
    "taxrates": organisation.tax_rates,
}
IDEMPOTENT = frozenset({"PUT", "POST"})


def bearer(call: Call) -> str:
    """Return the access token that a call carries, or ``""``."""
    kind, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


class Api:
    """Everything the sandbox answers. Safe between threads."""

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        meter: Meter,
        faults: Faults,
        *,
        clock: Callable[[], float],
        delay: Callable[[float], None],
        latency: float,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._meter = meter
        self._faults = faults
        self._clock = clock
        self._delay = delay
        self._latency = latency
        self._memory = Memory(store.database, clock)

    def answer(self, call: Call) -> Answer:
        """Return the answer to a call, with whatever fault strikes it.

        A call counts as in flight until its answer is ready to be sent.
        """
        fault = self._faults.strike(call)
        if not call.is_accounting:
            return self._struck(call, fault)
        if refusal := self._meter.enter():
            return self._refused(refusal)
        try:
            return self._struck(call, fault)
        finally:
            self._meter.leave()

    def _struck(self, call: Call, fault: Fault | None) -> Answer:
        if self._latency:
            self._delay(self._latency)
        if fault is None:
            return self._route(call)
        if fault.kind is Kind.SLOW:
            self._delay(fault.seconds)
        if fault.kind is Kind.EXPIRE_TOKEN:
            self._tokens.expire(bearer(call))
        answer = instead(fault) or spoil(fault, self._route(call))
        return replace(answer, fault=fault.kind)

    def _refused(self, refusal: Refusal) -> Answer:
        answer = rate_limited(refusal.problem, refusal.retry_after)
        return replace(answer, headers={**answer.headers, **self._meter.headers()})

    def _route(self, call: Call) -> Answer:
        if call.is_accounting:
            return self._accounting(call)
        head, _, item = call.path.lower().strip("/").partition("/")
        match head, item:
            case "connect", "token":
                return oauth.token(call, self._tokens)
            case "connect", "revocation":
                return oauth.revocation(call, self._tokens)
            case "identity", "connect/authorize":
                return consent.answer(call, self._store, self._tokens)
            case "connections", _:
                return self._connections(call, item)
        return not_found()

    def _connections(self, call: Call, item: str) -> Answer:
        access = self._access(call)
        if isinstance(access, Answer):
            return access
        return oauth.connections(call, item, access, self._tokens, self._store)

    def _access(self, call: Call) -> Access | Answer:
        """Who is calling, or the 401 that says why nobody is."""
        access = self._tokens.access(bearer(call))
        if access is None:
            return unauthorized("AuthenticationUnsuccessful")
        if access.expires <= self._clock():
            moment = f"{datetime.fromtimestamp(access.expires, UTC):%m/%d/%Y %H:%M:%S}"
            return unauthorized(f"TokenExpired: token expired at {moment}")
        return access

    def _accounting(self, call: Call) -> Answer:
        access = self._access(call)
        if isinstance(access, Answer):
            return access
        if not self._is_connected(call, access):
            return forbidden()
        if refusal := self._meter.count():
            return self._refused(refusal)
        left = self._meter.headers()
        answer = self._resource(call, access)
        return replace(answer, headers={**answer.headers, **left})

    def _is_connected(self, call: Call, access: Access) -> bool:
        """Whether the tenant is named and connected; a custom connection need not name it."""
        tenant = call.headers.get("xero-tenant-id", "").strip().lower()
        if not tenant and access.app is not App.CUSTOM:
            return False
        if tenant and tenant != self._store.country.tenant_id:
            return False
        return self._tokens.connection(access.app) is not None

    def _resource(self, call: Call, access: Access) -> Answer:
        name, _, item = call.path[len(ACCOUNTING) + 1 :].strip("/").partition("/")
        respond = RESOURCES.get(name.lower())
        item = unquote(item)
        if respond is None or "/" in item:
            return not_found()
        enough = {oauth.WRITE, oauth.READ} if call.method == "GET" else {oauth.WRITE}
        if not enough & access.scopes:
            return unauthorized("AuthorizationUnsuccessful")
        if call.method == "GET":
            return respond(call, item, self._store)
        with self._store.database.write():
            if call.method not in IDEMPOTENT:
                return respond(call, item, self._store)
            answer = self._memory.recall(access.app, call)
            if answer is None:
                answer = respond(call, item, self._store)
                self._memory.remember(access.app, call, answer)
            return answer
