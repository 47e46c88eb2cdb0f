"""Faults on demand: ``"PUT /Accounts#3=drop-after"`` drops the response to the third such request.

A fault is written as METHOD PATH#N@ORGANISATION=KIND:

- METHOD may be ``*``, for any method.
- PATH is without ``/api.xro/2.0`` and may contain ``*``. It also matches the paths below it.
- #N means the Nth such request. ``#*``, or no number, means every such request.
- @ORGANISATION limits the fault to an organisation, by name or tenant id. It may be left out.
- KIND is a ``FaultKind``. ``slow``, ``429-minute`` and ``429-day`` may have seconds: ``slow:2.5``.

Faults can also be random, with a rate and a seed. With the same seed, the same requests are hit,
in whatever order threads send them.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from http import HTTPStatus

from xerosync.sandbox.books.seed import Organisation
from xerosync.sandbox.errors import WrongOption
from xerosync.sandbox.http.messages import (
    ACCOUNTING,
    HTML,
    Delivery,
    Request,
    Response,
    forbidden,
    json_response,
    no_header,
    not_found,
    rate_limited,
    text_response,
    unauthorized,
)


class FaultKind(StrEnum):
    """What goes wrong. ``before`` and ``after`` mean before and after the request is processed."""

    MINUTE = "429-minute"
    DAY = "429-day"
    CONCURRENT = "429-concurrent"
    ERROR_BEFORE = "500-before"
    ERROR_AFTER = "500-after"
    OFFLINE = "503"
    OFFLINE_HTML = "503-html"
    DROP_BEFORE = "drop-before"
    DROP_AFTER = "drop-after"
    TRUNCATE = "truncate"
    SLOW = "slow"
    EXPIRE_TOKEN = "expire-token"  # noqa: S105 - a kind of fault
    UNAUTHORIZED = "401"
    NO_SCOPE = "401-scope"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    PRECONDITION = "412"
    NO_HEADER = "400-header"
    NO_CONNECTION = "empty"
    LISTED_TWICE = "twice"
    SCOPE_REFUSED = "scope-refused"
    NO_CLAIM = "no-claim"
    NOT_CONNECTED = "not-connected"


SECONDS = {FaultKind.SLOW: 1.0, FaultKind.MINUTE: 1.0, FaultKind.DAY: 14_400.0}
"""The kinds that may have a number of seconds, and its default."""
LASTING = frozenset({
    FaultKind.DAY, FaultKind.UNAUTHORIZED, FaultKind.NO_SCOPE, FaultKind.FORBIDDEN,
    FaultKind.NOT_FOUND, FaultKind.PRECONDITION, FaultKind.NO_HEADER, FaultKind.NO_CONNECTION,
    FaultKind.LISTED_TWICE, FaultKind.SCOPE_REFUSED, FaultKind.NO_CLAIM,
    FaultKind.NOT_CONNECTED,
})  # fmt: skip
"""The kinds that last: sending the request again does not help. They never occur at random."""
RANDOM = tuple(kind for kind in FaultKind if kind not in LASTING)
RANDOM_SLOW = 0.05
ACCOUNTING_ONLY = frozenset({FaultKind.MINUTE, FaultKind.CONCURRENT, FaultKind.EXPIRE_TOKEN})
ONLY_AT = {
    FaultKind.NO_CONNECTION: "/connections",
    FaultKind.LISTED_TWICE: "/connections",
    FaultKind.SCOPE_REFUSED: "/connect/token",
    FaultKind.NO_CLAIM: "/connect/token",
    FaultKind.NOT_CONNECTED: "/connections",
}
"""The kinds that are allowed only for one path, and that path.

``empty`` lists no connection. ``twice`` lists each connection twice. ``not-connected`` leaves an
organisation out of the list, and refuses all calls to the organisation. Two kinds are for custom
connections: ``scope-refused`` refuses a token request that names a scope, and ``no-claim`` issues
a token that does not name its organisation.
"""
SPEC = re.compile(
    r"(?P<method>\*|[A-Za-z]+)\s+(?P<path>\*|/[^#@=\s]*)(?:#(?P<nth>\*|[1-9]\d{0,8}))?"
    r"(?:@(?P<organisation>[^=]+))?=(?P<kind>[a-z0-9-]+)(?::(?P<seconds>\d{1,9}(?:\.\d{1,9})?))?"
)
OFFLINE = "The Xero API is currently offline for maintenance"
OFFLINE_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>\n"
    b"<body><h1>Service Unavailable</h1></body></html>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: which requests it hits, and what goes wrong.

    ``nth`` counts from 1; 0 means every request. ``organisation`` is a name or tenant id;
    ``""`` means any organisation. ``seconds`` is 0 if the kind has no seconds.
    """

    method: str
    path: str
    nth: int
    kind: FaultKind
    seconds: float = 0.0
    organisation: str = ""

    def matches(self, request: Request, organisation: Organisation | None = None) -> bool:
        """Whether the fault fits a request; ``nth`` is not checked.

        False for each fault of the kind ``not-connected``, which `Faults.disconnects` handles.
        """
        if self.kind is FaultKind.NOT_CONNECTED or self.method not in {"*", request.method}:
            return False
        if self.organisation and not (organisation and self.is_for(organisation)):
            return False
        path = request.path.lower().removeprefix(ACCOUNTING).rstrip("/")
        wanted = self.path.lower().rstrip("/")
        return fnmatchcase(path, wanted) or fnmatchcase(path, f"{wanted}/*")

    def is_for(self, organisation: Organisation) -> bool:
        """Whether the fault names this organisation."""
        return self.organisation.casefold() in {
            organisation.name.casefold(),
            organisation.tenant_id,
        }


def parse(spec: str) -> Fault:
    """Return the fault that ``spec`` describes; raise ``WrongOption`` if it is invalid."""
    match = SPEC.fullmatch(spec.strip())
    hint = (
        "Write METHOD PATH#N=KIND, as in 'PUT /Accounts#3=drop-after', or"
        f" METHOD PATH#N@ORGANISATION=KIND. Kinds: {', '.join(FaultKind)}"
    )
    if match is None:
        raise WrongOption(f"{spec!r} is not a fault.", hint)
    if match["kind"] not in set(FaultKind):
        raise WrongOption(f"{spec!r} is not a fault: {match['kind']} is not a kind.", hint)
    kind = FaultKind(match["kind"])
    if match["seconds"] and kind not in SECONDS:
        raise WrongOption(f"{spec!r} is not a fault: {kind} takes no seconds.", hint)
    if match["path"].lower() != ONLY_AT.get(kind, match["path"].lower()):
        raise WrongOption(f"{spec!r} is not a fault: {kind} is only for {ONLY_AT[kind]}.", hint)
    nth, organisation = match["nth"] or "*", (match["organisation"] or "").strip()
    if kind is FaultKind.NOT_CONNECTED and not (organisation and nth == "*"):
        raise WrongOption(
            f"{spec!r} is not a fault: {kind} needs an organisation and takes no number.",
            f"Write 'GET {ONLY_AT[kind]}@ORGANISATION={kind}'.",
        )
    return Fault(
        method=match["method"].upper(),
        path=match["path"],
        nth=0 if nth == "*" else int(nth),
        kind=kind,
        seconds=float(match["seconds"] or SECONDS.get(kind, 0)),
        organisation=organisation,
    )


class Faults:
    """The faults of a sandbox. Thread-safe. A wrong fault or rate raises ``WrongOption``."""

    def __init__(
        self, specs: Sequence[str] = (), rate: float = 0.0, seed: int | None = None
    ) -> None:
        if not 0 <= rate <= 1:
            raise WrongOption(
                f"{rate} is not a fault rate.", "Use a number from 0 to 1, for example 0.2."
            )
        # Without duplicates: a duplicate would count each request again.
        self._faults = tuple(dict.fromkeys(map(parse, specs)))
        self._rate = rate
        self._seed = random.SystemRandom().getrandbits(32) if seed is None else seed
        self._seen: Counter[Fault] = Counter()
        self._repeats: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def organisations(self) -> tuple[str, ...]:
        """The names or tenant ids of the organisations to which faults are limited."""
        return tuple(fault.organisation for fault in self._faults if fault.organisation)

    def disconnects(self, organisation: Organisation) -> bool:
        """Whether a fault disconnects apps from an organisation."""
        return any(
            fault.kind is FaultKind.NOT_CONNECTED and fault.is_for(organisation)
            for fault in self._faults
        )

    def next_for(self, request: Request, organisation: Organisation | None) -> Fault | None:
        """Count a new request, and return the fault that hits the request, or ``None``.

        The first listed fault is preferred. If no listed fault hits, a random fault may.
        """
        found: Fault | None = None
        with self._lock:
            for fault in self._faults:
                if fault.matches(request, organisation):
                    self._seen[fault] += 1
                    if found is None and fault.nth in {0, self._seen[fault]}:
                        found = fault
            if found is None and self._rate:
                found = self._at_random(request, organisation)
        return found

    def _at_random(self, request: Request, organisation: Organisation | None) -> Fault | None:
        body = hashlib.sha256(request.body).hexdigest() if request.is_accounting else ""
        tenant = f" {organisation.tenant_id}" if organisation and not organisation.is_demo else ""
        same = f"{request.method} {request.path}?{request.query} {body}{tenant}"
        self._repeats[same] += 1
        # No cryptography here: the same seed must give the same faults.
        chance = random.Random(f"{self._seed} {same} {self._repeats[same]}")  # noqa: S311
        if chance.random() >= self._rate:
            return None
        kinds = [kind for kind in RANDOM if request.is_accounting or kind not in ACCOUNTING_ONLY]
        kind = chance.choice(kinds)
        seconds = RANDOM_SLOW if kind is FaultKind.SLOW else SECONDS.get(kind, 0)
        return Fault(method=request.method, path=request.path, nth=0, kind=kind, seconds=seconds)


def replacement(fault: Fault) -> Response | None:
    """Return the response to send instead of processing the request, ``None`` to process it."""
    responses: dict[FaultKind, Callable[[], Response]] = {
        FaultKind.MINUTE: lambda: rate_limited("minute", math.ceil(fault.seconds)),
        FaultKind.DAY: lambda: rate_limited("day", math.ceil(fault.seconds)),
        FaultKind.CONCURRENT: lambda: rate_limited("concurrent", None),
        FaultKind.ERROR_BEFORE: server_error,
        FaultKind.OFFLINE: lambda: text_response(503, OFFLINE),
        FaultKind.OFFLINE_HTML: lambda: Response(status=503, content_type=HTML, body=OFFLINE_PAGE),
        FaultKind.DROP_BEFORE: lambda: Response(status=0, delivery=Delivery.NOTHING),
        FaultKind.UNAUTHORIZED: lambda: unauthorized("AuthenticationUnsuccessful"),
        FaultKind.NO_SCOPE: lambda: unauthorized("AuthorizationUnsuccessful"),
        FaultKind.FORBIDDEN: forbidden,
        FaultKind.NOT_FOUND: not_found,
        FaultKind.PRECONDITION: lambda: text_response(412, "Precondition failed"),
        FaultKind.NO_HEADER: no_header,
        FaultKind.NO_CONNECTION: lambda: json_response([]),
    }
    return responses[fault.kind]() if fault.kind in responses else None


def damage(fault: Fault, response: Response) -> Response:
    """Return the response to a finished call as the fault changes it. Many kinds change nothing."""
    match fault.kind:
        case FaultKind.ERROR_AFTER:
            return server_error()
        case FaultKind.DROP_AFTER:
            return replace(response, delivery=Delivery.NOTHING)
        case FaultKind.TRUNCATE:
            return replace(response, delivery=Delivery.TRUNCATED)
        case FaultKind.LISTED_TWICE if response.status == HTTPStatus.OK:
            return replace(response, body=json.dumps(2 * json.loads(response.body)).encode())
    return response


def server_error() -> Response:
    """Return a 500 response, as for an unhandled exception at Xero."""
    return json_response(
        {"ErrorNumber": 0, "Type": "Exception", "Message": "An error occurred in Xero."}, 500
    )
