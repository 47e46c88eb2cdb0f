"""Xero's rate limits for one tenant, and the headers that report them.

Windows are fixed, not rolling, and start at a different second for each tenant
(developer.xero.com, "OAuth 2.0 API limits"). Here the minute starts ``Limits.offset``
seconds after the full minute, and the day at midnight UTC. Counts are kept in memory.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

MINUTE = 60
DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many calls a tenant may make: per minute, at once, per day; and the app per minute."""

    minute: int = 60
    concurrent: int = 5
    day: int = 5000
    app_minute: int = 10_000
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class LimitReached:
    """A call over a limit; ``retry_after`` is in seconds, ``None`` where Xero sends none."""

    problem: str
    retry_after: int | None


class RateLimiter:
    """Counts the calls of one tenant. Thread-safe."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._in_flight = 0
        self._windows = {DAY: -1, MINUTE: -1}
        self._used = {DAY: 0, MINUTE: 0}

    def enter(self) -> LimitReached | None:
        """Begin a call, or refuse it; never ``leave`` a refused one. Xero sends no Retry-After."""
        with self._lock:
            if self._in_flight >= self._limits.concurrent:
                return LimitReached("concurrent", None)
            self._in_flight += 1
            return None

    def leave(self) -> None:
        """End a call that was begun."""
        with self._lock:
            self._in_flight -= 1

    def count(self) -> LimitReached | None:
        """Count a call of the tenant, or refuse it; a refused call does not count."""
        with self._lock:
            self._start_windows()
            if self._used[DAY] >= self._limits.day:
                return LimitReached("day", self._seconds_left(DAY))
            if self._used[MINUTE] >= self._limits.minute:
                return LimitReached("minute", self._seconds_left(MINUTE))
            for length in self._used:
                self._used[length] += 1
            return None

    def headers(self) -> dict[str, str]:
        """Return Xero's headers for the calls that remain."""
        with self._lock:
            self._start_windows()
            limits = self._limits
            left = {
                "X-DayLimit-Remaining": limits.day - self._used[DAY],
                "X-MinLimit-Remaining": limits.minute - self._used[MINUTE],
                "X-AppMinLimit-Remaining": limits.app_minute - self._used[MINUTE],
            }
        return {name: str(max(0, number)) for name, number in left.items()}

    def _start_windows(self) -> None:
        """Reset the count of each window that has ended."""
        for length in self._windows:
            window = math.floor((self._clock() - self._offset(length)) / length)
            if window != self._windows[length]:
                self._windows[length] = window
                self._used[length] = 0

    def _offset(self, length: int) -> float:
        return self._limits.offset if length == MINUTE else 0.0

    def _seconds_left(self, length: int) -> int:
        end = (self._windows[length] + 1) * length + self._offset(length)
        return max(1, math.ceil(end - self._clock()))
