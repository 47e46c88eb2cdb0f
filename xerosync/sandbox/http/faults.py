"""Turns ``"PUT /Accounts#3=drop-after"`` into a fault at the third such call.

A fault is METHOD PATH#N=KIND. METHOD may be ``*``. PATH is without ``/api.xro/2.0``; it
also stands for what is below it, and may hold ``*``. ``#N`` is the Nth such call,
``#*`` or nothing is every one. KIND is one of ``Kind``; slow and 429 take seconds, as in
``slow:2.5`` and ``429-minute:10``.

Faults also strike at random: at a rate, from a seed. Which call is struck depends on the
seed, the call and how often the same call came before, so that threads which overtake
each other make no difference.
"""

from __future__ import annotations

import hashlib
import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from xerosync.sandbox.errors import SandboxError
from xerosync.sandbox.http.messages import (
    ACCOUNTING,
    HTML,
    Answer,
    Delivery,
    forbidden,
    json_answer,
    not_found,
    text_answer,
    unauthorized,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xerosync.sandbox.http.messages import Call


class Kind(StrEnum):
    """What goes wrong. ``before`` and ``after`` are seen from the write."""

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


SECONDS = {Kind.SLOW: 1.0, Kind.MINUTE: 1.0, Kind.DAY: 14_400.0}
"""The seconds of a kind that takes some, where none are given."""
RANDOM = (
    Kind.MINUTE,
    Kind.CONCURRENT,
    Kind.ERROR_BEFORE,
    Kind.ERROR_AFTER,
    Kind.OFFLINE,
    Kind.OFFLINE_HTML,
    Kind.DROP_BEFORE,
    Kind.DROP_AFTER,
    Kind.TRUNCATE,
    Kind.SLOW,
    Kind.EXPIRE_TOKEN,
)
"""What strikes at random: the kinds that pass by themselves, so that a client can go on."""
RANDOM_SLOW = 0.05
ACCOUNTING_ONLY = frozenset({Kind.MINUTE, Kind.CONCURRENT, Kind.EXPIRE_TOKEN})
SPEC = re.compile(
    r"(?P<method>\*|[A-Za-z]+)\s+(?P<path>\*|/[^#=\s]*)(?:#(?P<nth>\*|[1-9]\d*))?"
    r"=(?P<kind>[a-z0-9-]+)(?::(?P<seconds>\d+(?:\.\d+)?))?"
)
OFFLINE = "The Xero API is currently offline for maintenance"
OFFLINE_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>\n"
    b"<body><h1>Service Unavailable</h1></body></html>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: at which calls, what, and for a kind that takes some, how many seconds.

    ``nth`` counts from 1; 0 is every call.
    """

    method: str
    path: str
    nth: int
    kind: Kind
    seconds: float = 0.0

    def matches(self, call: Call) -> bool:
        """Whether the fault is meant for such a call, whichever time it comes."""
        if self.method not in {"*", call.method}:
            return False
        path = call.path.lower().removeprefix(ACCOUNTING).rstrip("/")
        wanted = self.path.lower().rstrip("/")
        return fnmatchcase(path, wanted) or fnmatchcase(path, f"{wanted}/*")


def parse(spec: str) -> Fault:
    """Return the fault that a text describes; one that describes none is a ``SandboxError``."""
    match = SPEC.fullmatch(spec.strip())
    hint = "Write METHOD PATH#N=KIND, as in 'PUT /Accounts#3=drop-after'. Kinds: " + ", ".join(Kind)
    if match is None or match["kind"] not in set(Kind):
        raise SandboxError(f"{spec!r} is not a fault.", hint)
    kind = Kind(match["kind"])
    if match["seconds"] and kind not in SECONDS:
        raise SandboxError(f"{spec!r} is not a fault: {kind} takes no seconds.", hint)
    nth = match["nth"] or "*"
    return Fault(
        method=match["method"].upper(),
        path=match["path"],
        nth=0 if nth == "*" else int(nth),
        kind=kind,
        seconds=float(match["seconds"] or SECONDS.get(kind, 0)),
    )


class Faults:
    """The faults of a sandbox, counting calls as they come. Safe between threads."""

    def __init__(
        self, specs: Sequence[str] = (), rate: float = 0.0, seed: int | None = None
    ) -> None:
        if not 0 <= rate <= 1:
            raise SandboxError(
                f"The fault rate {rate} is no share.", "Give a number from 0 to 1, as 0.2."
            )
        self._faults = [parse(spec) for spec in specs]
        self._rate = rate
        self._seed = random.SystemRandom().getrandbits(32) if seed is None else seed
        self._seen: Counter[Fault] = Counter()
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def strike(self, call: Call) -> Fault | None:
        """Return the fault for a call that has just come, or ``None``. The first that fits wins."""
        struck: Fault | None = None
        with self._lock:
            for fault in self._faults:
                if fault.matches(call):
                    self._seen[fault] += 1
                    if struck is None and fault.nth in {0, self._seen[fault]}:
                        struck = fault
            if struck is None and self._rate:
                struck = self._chance(call)
        return struck

    def _chance(self, call: Call) -> Fault | None:
        body = hashlib.sha256(call.body).hexdigest() if call.is_accounting else ""
        same = f"{call.method} {call.path}?{call.query} {body}"
        self._calls[same] += 1
        # Seeded by a text and not for secrecy: the same run must come again.
        chance = random.Random(f"{self._seed} {same} {self._calls[same]}")  # noqa: S311
        if chance.random() >= self._rate:
            return None
        kinds = [kind for kind in RANDOM if call.is_accounting or kind not in ACCOUNTING_ONLY]
        kind = chance.choice(kinds)
        seconds = RANDOM_SLOW if kind is Kind.SLOW else SECONDS.get(kind, 0)
        return Fault(method=call.method, path=call.path, nth=0, kind=kind, seconds=seconds)


def instead(fault: Fault) -> Answer | None:
    """Return the answer that a fault gives instead of the call; ``None`` where the call is made."""
    answers: dict[Kind, Callable[[], Answer]] = {
        Kind.MINUTE: lambda: rate_limited("minute", round(fault.seconds)),
        Kind.DAY: lambda: rate_limited("day", round(fault.seconds)),
        Kind.CONCURRENT: lambda: rate_limited("concurrent", None),
        Kind.ERROR_BEFORE: server_error,
        Kind.OFFLINE: lambda: text_answer(503, OFFLINE),
        Kind.OFFLINE_HTML: lambda: Answer(status=503, content_type=HTML, body=OFFLINE_PAGE),
        Kind.DROP_BEFORE: lambda: Answer(status=0, delivery=Delivery.NOTHING),
        Kind.UNAUTHORIZED: lambda: unauthorized("AuthenticationUnsuccessful"),
        Kind.NO_SCOPE: lambda: unauthorized("AuthorizationUnsuccessful"),
        Kind.FORBIDDEN: forbidden,
        Kind.NOT_FOUND: not_found,
        Kind.PRECONDITION: lambda: text_answer(412, "Precondition failed"),
    }
    return answers[fault.kind]() if fault.kind in answers else None


def spoil(fault: Fault, answer: Answer) -> Answer:
    """Say what a fault makes of the answer to a call that was made."""
    match fault.kind:
        case Kind.ERROR_AFTER:
            return server_error()
        case Kind.DROP_AFTER:
            return replace(answer, delivery=Delivery.NOTHING)
        case Kind.TRUNCATE:
            return replace(answer, delivery=Delivery.TRUNCATED)
        case _:
            return answer


def server_error() -> Answer:
    """Return a 500 answer, as for an unhandled exception at Xero."""
    return json_answer(
        {"ErrorNumber": 0, "Type": "Exception", "Message": "An error occurred in Xero."}, 500
    )


def rate_limited(limit: str, retry_after: int | None) -> Answer:
    """Return a 429 answer; Retry-After in seconds for the minute and the day alone.

    Which limit it was is in X-Rate-Limit-Problem; that ``concurrent`` is its value for
    too many calls at once is told by a third party (XeroAPI/xero-node#634 asks).
    """
    headers = {"X-Rate-Limit-Problem": limit}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return replace(text_answer(429, "Rate limit exceeded"), headers=headers)
