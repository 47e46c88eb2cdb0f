"""Xero's rate limits for each tenant and for the app, and the headers that report them.

Windows are fixed, not rolling, and start at a different second for each tenant
(developer.xero.com, "OAuth 2.0 API limits"). In the sandbox, the minutes of the app and of
the first organisation start ``Limits.offset`` seconds after the full minute, those of each
further organisation ``APART`` seconds after the one before, and all days at midnight UTC.
Counts are kept in memory.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

MINUTE = 60
DAY = 86_400
APART = 7
"""How many seconds later the minute of the next organisation starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many calls a tenant may make per minute, at once and per day, and the app per minute."""

    minute: int = 60
    concurrent: int = 5
    day: int = 5000
    app_minute: int = 10_000
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class LimitReached:
    """A call over a limit; ``retry_after`` is in seconds, ``None`` if Xero does not send it."""

    problem: str
    retry_after: int | None


@dataclass(slots=True)
class _Window:
    """Counts calls in fixed windows of ``length`` seconds that start at ``offset``."""

    length: int
    offset: float = 0.0
    number: int = -1
    used: int = 0

    def used_at(self, now: float) -> int:
        """Return how many calls were made in the current window."""
        number = math.floor((now - self.offset) / self.length)
        if number != self.number:
            self.number, self.used = number, 0
        return self.used

    def seconds_left(self, now: float) -> int:
        """Return how many whole seconds are left in the current window, at least 1."""
        return max(1, math.ceil((self.number + 1) * self.length + self.offset - now))


@dataclass(slots=True)
class _Tenant:
    """The calls of one tenant."""

    minute: _Window
    day: _Window = field(default_factory=lambda: _Window(DAY))
    in_flight: int = 0


class RateLimiter:
    """Counts the calls of each tenant, and of the app for all tenants. Thread-safe.

    A tenant is given as its organisation's number; 0 stands for all unknown tenants together.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._app = _Window(MINUTE, limits.offset)
        self._tenants: dict[int, _Tenant] = {}

    def enter(self, tenant: int) -> LimitReached | None:
        """Begin a call; if too many are in flight, return the limit and do not begin it.

        Only a call that was begun must ``leave``. Xero sends no Retry-After for this limit.
        """
        with self._lock:
            calls = self._of(tenant)
            if calls.in_flight >= self._limits.concurrent:
                return LimitReached("concurrent", None)
            calls.in_flight += 1
            return None

    def leave(self, tenant: int) -> None:
        """End a call that was begun."""
        with self._lock:
            self._of(tenant).in_flight -= 1

    def count(self, tenant: int) -> LimitReached | None:
        """Count a call of a tenant, or return the limit that it is over, and do not count it.

        The limits of the tenant are checked before that of the app; Xero's order is not known.
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
                    return LimitReached(problem, window.seconds_left(now))
            for _, window, _ in checks:
                window.used += 1
            return None

    def headers(self, tenant: int) -> dict[str, str]:
        """Return the headers that say how many calls remain."""
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
