"""Calls begun and answers' headers → when the next call may begin, without any 429 of ours.

Xero counts 60 calls a tenant in fixed minutes whose phase nobody tells (Xero docs, API
limits). What is certain, whatever the phase: the minute in which a call was counted is
over 60 seconds after its answer came; and a remaining count that rises means that a new
minute has begun. Other programs may use the same tenant: only the headers tell.
Pure: no lock, no clock, no waiting. `pace.py` adds those.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from xerosync.xero.http.allowance import Allowance

MINUTE = 60.0
MARGIN = 0.1
"""Seconds added to a window, for clocks that run at slightly different speeds."""

PER_MINUTE = 60
AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Ticket:
    """One call in flight: the window it began in, and what was known then."""

    window: int
    left_at_start: int | None
    day_left_at_start: int | None
    finished_at_start: int


class Budget:
    """The calls that are left in the window that Xero is counting now.

    `day_left` is what Xero said last of the day; None until it has said so.
    All times are seconds of one monotonic clock.
    """

    def __init__(self, per_minute: int = PER_MINUTE, at_once: int = AT_ONCE) -> None:
        self.day_left: int | None = None
        self.in_flight = 0
        self._per_minute = per_minute
        self._at_once = at_once
        self._finished = 0
        self._hold_until = -math.inf
        self._untold: deque[tuple[float, int]] = deque()
        self._window = 0
        self._open(started=0)

    def _open(self, *, started: int, lowest: int | None = None, ends: float | None = None) -> None:
        """Begin counting a window in which at most `started` calls of ours are counted."""
        self._window += 1
        self._started = started
        self._lowest = lowest
        self._ends = ends
        self._others: int | None = None
        self._others_seen = 0
        self._untold_here = 0

    def delay(self, now: float) -> float:
        """Give the seconds until the next call may begin: 0 is now, inf is when one ends.

        The caller asks again after the wait: more may be known by then.
        """
        if self._ends is not None and now >= self._ends:
            self._open(started=self.in_flight)
        while self._untold and self._untold[0][0] + MINUTE + MARGIN <= now:
            self._untold.popleft()
        if now < self._hold_until:
            return self._hold_until - now
        if self.in_flight >= self._at_once:
            return math.inf
        if self.day_left is not None and 0 < self.day_left <= self.in_flight:
            return math.inf
        if self._left() > 0:
            return 0.0
        if self.in_flight:
            return math.inf
        times = [self._ends] if self._ends is not None else []
        if self._untold:
            times.append(self._untold[0][0] + MINUTE + MARGIN)
        return max(0.0, min(times, default=now + MINUTE) - now)

    def start(self) -> Ticket:
        """Begin a call; only after `delay` gave 0."""
        self.in_flight += 1
        self._started += 1
        return Ticket(self._window, self._lowest, self.day_left, self._finished)

    def finish(self, ticket: Ticket, now: float, allowance: Allowance) -> None:
        """End a call, and learn from its answer."""
        self.in_flight -= 1
        self._learn_day(ticket, allowance.day_left)
        left = allowance.minute_left
        if left is None:
            self._untold.append((now, self._window))
            self._untold_here += 1
        elif ticket.window == self._window:
            if ticket.left_at_start is not None and left >= ticket.left_at_start:
                self._roll(ticket, left, now)
            else:
                self._learn(left)
        if self._ends is None and ticket.window == self._window:
            self._ends = now + MINUTE + MARGIN
        self._finished += 1

    def hold(self, now: float, seconds: float, *, whole_window: bool) -> None:
        """Obey a 429: nothing begins for so long. `whole_window`: the minute is used up."""
        self._hold_until = max(self._hold_until, now + seconds)
        if whole_window:
            self._lowest = 0
            self._others = None
            self._ends = now + seconds

    def _roll(self, ticket: Ticket, left: int, now: float) -> None:
        """Begin the window that a call was the first to tell of.

        Calls that ended while it was on its way may be counted in either window.
        """
        between = self._finished - ticket.finished_at_start
        self._open(
            started=self.in_flight + 1 + between,
            lowest=max(0, left - between),
            ends=now + MINUTE + MARGIN,
        )

    def _learn(self, left: int) -> None:
        if self._lowest is None or left < self._lowest:
            self._lowest = left
            self._untold_here = 0
        used_by_others = self._per_minute - self._lowest - self._started
        self._others_seen = max(self._others_seen, used_by_others)
        if not self.in_flight and not self._untold_here:
            self._others = max(0, used_by_others)

    def _learn_day(self, ticket: Ticket, left: int | None) -> None:
        if left is None:
            return
        before = ticket.day_left_at_start
        if self.day_left is None or left < self.day_left or (before is not None and left >= before):
            self.day_left = left

    def _left(self) -> int:
        """Give how many calls may begin, at worst.

        While nobody else calls, our own count is exact. Otherwise each call in flight may
        or may not be in the lowest remaining count seen: it is taken as not.
        """
        earlier = sum(1 for _, window in self._untold if window != self._window)
        own = self._per_minute - self._started - earlier
        if self._lowest is None:
            return own
        if self._others is not None and self._others_seen <= self._others:
            return own - self._others
        return min(own, self._lowest - self.in_flight - self._untold_here - earlier)
