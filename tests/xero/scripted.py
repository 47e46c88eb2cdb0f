"""Test doubles: a script instead of the network, and a clock that only moves in sleeps."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Lock

from xerosync.network.no_reply import NoReply
from xerosync.xero.clock import Clock
from xerosync.xero.http.access_tokens import TokenSource
from xerosync.xero.http.client import XeroClient
from xerosync.xero.http.rate_limit import RateLimit
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Reply, Request

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
API = "https://api.xero.com/api.xro/2.0"


@dataclass
class Time:
    """A clock that only moves during sleeps; `slept` records them."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)
    stop: Event = field(default_factory=Event)
    stop_after: int = -1
    """Sets `stop` at this sleep, counted from 0."""

    def sleep(self, seconds: float) -> None:
        if len(self.slept) == self.stop_after:
            self.stop.set()
        self.slept.append(seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(
            monotonic=lambda: self.seconds,
            now=lambda: START + timedelta(seconds=self.seconds - 1000),
            sleep=self.sleep,
            stop=self.stop,
        )


@dataclass
class FixedTokens:
    """Tokens t1, t2, …: a new one for each renewal."""

    renewals: int = 0

    def access_token(self, ends: float = math.inf) -> str:
        return f"t{self.renewals + 1}"

    def renew(self, stale: str, ends: float = math.inf) -> str:
        self.renewals += 1
        return f"t{self.renewals + 1}"


Step = Reply | NoReply | Callable[[Request], Reply]


class Script:
    """Answers requests from a list of steps, and records the requests."""

    def __init__(self, *steps: Step, loop: Step | None = None) -> None:
        self.steps = list(steps)
        self.loop = loop
        self.requests: list[Request] = []
        self.closed = False
        self._lock = Lock()

    def send(self, request: Request) -> Reply | NoReply:
        with self._lock:
            self.requests.append(request)
            step = self.steps.pop(0) if self.steps else self.loop
        assert step is not None, f"not in the script: {request.method} {request.url}"
        if isinstance(step, Reply | NoReply):
            return step
        try:
            return step(request)
        except NoReply as no_reply:
            return no_reply

    def close(self) -> None:
        self.closed = True


def reply(status: int, body: object = "", **headers: str) -> Reply:
    """Make a reply. A body other than text becomes JSON; underscores in header names, dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str):
        return Reply(status, {"content-type": "text/plain"} | named, body)
    return Reply(status, {"content-type": "application/json"} | named, json.dumps(body))


def lost(*, untouched: bool = False) -> NoReply:
    return NoReply("The connection was lost.", untouched=untouched)


def client_for(
    script: Script,
    time: Time | None = None,
    *,
    tokens: TokenSource | None = None,
    on_wait: Callable[[float], None] | None = None,
    chance: float = 0.5,
) -> XeroClient:
    """Make a client over a script."""
    clock = (time or Time()).clock
    return XeroClient(
        script,
        tokens or FixedTokens(),
        RateLimit(clock, on_wait=on_wait),
        clock=clock,
        backoff=Backoff(lambda: chance),
        tenant_id="tenant",
    )
