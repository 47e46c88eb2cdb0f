"""Turns the calls of a tenant into Xero's rate limits and their headers.

Windows are fixed, not rolling, and start at another second for each tenant
(developer.xero.com, "OAuth 2.0 API limits"); here at ``Limits.offset`` after the full
minute, and at midnight UTC for the day. Counts live as long as the process.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60
DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many calls a tenant has: a minute, at once, a day; and the app a minute."""

    minute: int = 60
    concurrent: int = 5
    day: int = 5000
    app_minute: int = 10_000
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call over a limit; ``retry_after`` is in seconds, ``None`` where Xero sends none."""

    problem: str
    retry_after: int | None


class Meter:
    """Counts the calls of one tenant. Safe between threads."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._in_flight = 0
        self._windows = {MINUTE: -1, DAY: -1}
        self._used = {MINUTE: 0, DAY: 0}

    def enter(self) -> Refusal | None:
        """Begin a call; a refused one must not ``leave``. Xero sends no Retry-After here."""
        with self._lock:
            if self._in_flight >= self._limits.concurrent:
                return Refusal("concurrent", None)
            self._in_flight += 1
            return None

    def leave(self) -> None:
        """End a call that was let in."""
        with self._lock:
            self._in_flight -= 1

    def count(self) -> Refusal | None:
        """Count a call of the tenant; one that is refused does not count."""
        with self._lock:
            self._turn()
            for problem, length, limit in (
                ("day", DAY, self._limits.day),
                ("minute", MINUTE, self._limits.minute),
            ):
                if self._used[length] >= limit:
                    return Refusal(problem, self._rest(length))
            for length in self._used:
                self._used[length] += 1
            return None

    def headers(self) -> dict[str, str]:
        """Say what is left, as Xero's headers say it."""
        with self._lock:
            self._turn()
            limits = self._limits
            left = {
                "X-DayLimit-Remaining": limits.day - self._used[DAY],
                "X-MinLimit-Remaining": limits.minute - self._used[MINUTE],
                "X-AppMinLimit-Remaining": limits.app_minute - self._used[MINUTE],
            }
        return {name: str(max(0, number)) for name, number in left.items()}

    def _start(self, length: int) -> float:
        return self._limits.offset if length == MINUTE else 0.0

    def _turn(self) -> None:
        for length in self._windows:
            window = math.floor((self._clock() - self._start(length)) / length)
            if window != self._windows[length]:
                self._windows[length] = window
                self._used[length] = 0

    def _rest(self, length: int) -> int:
        end = (self._windows[length] + 1) * length + self._start(length)
        return max(1, math.ceil(end - self._clock()))
