"""Threads that want to call → turns, at most 5 at once and 60 a minute (see `budget.py`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Condition

from xerosync.errors import DayLimitReached
from xerosync.xero.clock import Clock
from xerosync.xero.http.allowance import SILENT, Allowance
from xerosync.xero.http.budget import Budget, Ticket

_POLL = 0.25
"""Seconds between looks at `stop` while waiting for another call to end."""

_WORTH_TELLING = 1.0


@dataclass(slots=True)
class Turn:
    """The right to make one call; the caller leaves here what the answer said of the limits."""

    allowance: Allowance = SILENT


class Pace:
    """The pace of all calls to one tenant; one for each, shared by all threads.

    `on_wait` is told the seconds of each wait of a second or more, once for all threads
    that wait for the same moment.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        budget: Budget | None = None,
        on_wait: Callable[[float], None] | None = None,
    ) -> None:
        self._clock = clock
        self._budget = budget or Budget()
        self._on_wait = on_wait
        self._changed = Condition()
        self._told_until = -math.inf

    @property
    def day_left(self) -> int | None:
        """The calls that Xero still allows today; None before the first answer."""
        return self._budget.day_left

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait for a turn, and hold it while the call is made.

        Raises `DayLimitReached` when Xero allows no more calls today, `Interrupted` when
        asked to stop while waiting.
        """
        ticket = self._enter()
        turn = Turn()
        try:
            yield turn
        finally:
            with self._changed:
                self._budget.finish(ticket, self._clock.monotonic(), turn.allowance)
                self._changed.notify_all()

    def obey(self, allowance: Allowance, *, limit: bool) -> None:
        """Let nothing begin for as long as an answer asks; `limit`: it was a 429.

        Raises `DayLimitReached` when that is longer than a run should wait.
        """
        if allowance.is_too_long:
            raise self._day_limit(allowance.retry_after)
        if allowance.retry_after is None:
            return
        whole = limit and "concurrent" not in allowance.problem
        with self._changed:
            now = self._clock.monotonic()
            self._budget.hold(now, allowance.retry_after, whole_window=whole)

    def wait(self, seconds: float) -> None:
        """Wait outside any turn, telling of it where it is worth telling."""
        self._tell(seconds)
        self._clock.wait(seconds)

    def _enter(self) -> Ticket:
        while True:
            with self._changed:
                if self._budget.day_left == 0:
                    raise self._day_limit(None)
                delay = self._budget.delay(self._clock.monotonic())
                if delay == 0.0:
                    return self._budget.start()
                if math.isinf(delay):
                    self._clock.check()
                    self._changed.wait(_POLL)
                    continue
            self.wait(delay)

    def _tell(self, seconds: float) -> None:
        if seconds < _WORTH_TELLING or self._on_wait is None:
            return
        until = self._clock.monotonic() + seconds
        with self._changed:
            news = until > self._told_until + _WORTH_TELLING
            self._told_until = max(self._told_until, until)
        if news:
            self._on_wait(seconds)

    def _day_limit(self, seconds: float | None) -> DayLimitReached:
        if seconds is None:
            return DayLimitReached(
                "Xero allows no more calls to this organisation today.",
                "Xero counts them a day (1,000 on its Starter tier, 5,000 above); run again"
                " tomorrow, or ask which other program calls Xero so often.",
            )
        back = (self._clock.now() + timedelta(seconds=seconds)).astimezone()
        return DayLimitReached(
            "Xero allows no more calls to this organisation for now:"
            f" it asks to wait until {back:%Y-%m-%d %H:%M %Z}.",
            "Run the same command again then; an apply goes on from what is done.",
        )
