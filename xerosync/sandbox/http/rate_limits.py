"""Xero's rate limits for each tenant and for the app, and the headers that report them.

Calls are counted in memory, in fixed windows, not rolling ones. A minute starts at a different
second for each tenant (developer.xero.com, "OAuth 2.0 API limits"), a day at midnight UTC.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from xerosync.sandbox.http.messages import Response, rate_limited

MINUTE = 60
DAY = 86_400
APART = 7
"""Each organisation's minute starts this many seconds after the previous organisation's minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most calls per minute, at once and per day for each tenant.

    ``app_minute`` is the most calls per minute for all tenants together. The minutes of the app
    and of the first organisation start ``offset`` seconds after a full minute.
    """

    minute: int = 60
    concurrent: int = 5
    day: int = 5000
    app_minute: int = 10_000
    offset: float = 0.0


@dataclass(slots=True)
class _Window:
    """Counts calls in fixed windows of ``length`` seconds. A window starts at ``offset``."""

    length: int
    offset: float = 0.0
    number: int = -1
    used: int = 0

    def used_at(self, now: float) -> int:
        number = math.floor((now - self.offset) / self.length)
        if number != self.number:
            self.number, self.used = number, 0
        return self.used

    def seconds_left(self, now: float) -> int:
        return max(1, math.ceil((self.number + 1) * self.length + self.offset - now))


@dataclass(slots=True)
class _Tenant:
    minute: _Window
    day: _Window = field(default_factory=lambda: _Window(DAY))
    in_flight: int = 0


class RateLimiter:
    """Counts calls for each tenant, and in total as if one app made all calls. Thread-safe.

    ``tenant`` is the number of an organisation; 0 stands for all unknown tenants.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._app = _Window(MINUTE, limits.offset)
        self._tenants: dict[int, _Tenant] = {}

    def enter(self, tenant: int) -> Response | None:
        """Begin a call and return ``None``, or return a 429 if too many calls are in flight.

        Call ``leave`` at the end of each call begun. Xero sends no Retry-After for this limit.
        """
        with self._lock:
            calls = self._of(tenant)
            if calls.in_flight >= self._limits.concurrent:
                return rate_limited("concurrent", None)
            calls.in_flight += 1
            return None

    def leave(self, tenant: int) -> None:
        """End a call that was begun."""
        with self._lock:
            self._of(tenant).in_flight -= 1

    def count(self, tenant: int) -> Response | None:
        """Count a call to a tenant and return ``None``, or return a 429 if it exceeds a limit.

        A refused call is not counted. The app's limit is checked last; Xero's order is unknown.
        """
        with self._lock:
            now, limits, calls = self._clock(), self._limits, self._of(tenant)
            checks = (
                ("day", calls.day, limits.day),
                ("minute", calls.minute, limits.minute),
                ("appminute", self._app, limits.app_minute),
            )
            for problem, window, most in checks:
                if window.used_at(now) >= most:
                    return rate_limited(problem, window.seconds_left(now))
            for _, window, _ in checks:
                window.used += 1
            return None

    def headers(self, tenant: int) -> dict[str, str]:
        """Return the headers that say how many calls remain for a tenant and for the app."""
        with self._lock:
            now, limits, calls = self._clock(), self._limits, self._of(tenant)
            left = {
                "X-DayLimit-Remaining": limits.day - calls.day.used_at(now),
                "X-MinLimit-Remaining": limits.minute - calls.minute.used_at(now),
                "X-AppMinLimit-Remaining": limits.app_minute - self._app.used_at(now),
            }
        return {name: str(max(0, number)) for name, number in left.items()}

    def _of(self, tenant: int) -> _Tenant:
        if tenant not in self._tenants:
            offset = (self._limits.offset + APART * max(0, tenant - 1)) % MINUTE
            self._tenants[tenant] = _Tenant(_Window(MINUTE, offset))
        return self._tenants[tenant]
