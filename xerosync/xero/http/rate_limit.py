"""Limit the calls a minute and the calls in progress, for an organisation or for an app.

Xero counts calls in fixed minutes and does not say when they begin (Xero docs, API limits).
A sliding window is safe wherever they begin: each call counts from its start until a minute after
its answer, and at no time do more calls count than Xero allows. Other programs may call Xero too,
so the number of calls left is read from the headers of its answers.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Condition

from xerosync.errors import DayLimitReached
from xerosync.text import day_and_time
from xerosync.xero.clock import Clock
from xerosync.xero.http.limit_headers import LimitHeaders
from xerosync.xero_limits import APP_AT_ONCE, APP_PER_MINUTE, AT_ONCE, PER_MINUTE

_WINDOW = 60.1
"""A minute, and a margin because clocks run at slightly different speeds."""
_POLL = 0.25
"""Seconds between checks of `stop` while waiting for another call to end."""
_WORTH_REPORTING = 1.0
_SHORTEST = 0.001
_LONGEST_DAY = 2 * 86_400.0
"""The longest wait that a message states. Xero's day ends sooner, so a longer wait is a mistake."""


class TooLate(Exception):
    """A call could not begin before the moment that its caller set."""


@dataclass(slots=True)
class CallSlot:
    """One call in progress. When it began, `left` calls were left this minute, `day_left` today.

    `minute` is the number of the minute in which the call began. The caller sets `limits` from
    the answer's headers.
    """

    minute: int
    left: int | None
    day_left: int | None
    limits: LimitHeaders = field(default_factory=LimitHeaders)


class SlidingWindow:
    """Counts the calls of the last minute. `RateLimit` does the locking and waiting.

    All times are seconds of one monotonic clock. `day_left` is the number of calls that
    Xero still allows today; None until an answer has said so.
    """

    def __init__(self, per_minute: int = PER_MINUTE, at_once: int = AT_ONCE) -> None:
        self.day_left: int | None = None
        self._per_minute = per_minute
        self._at_once = at_once
        self._in_flight = 0
        self._ends: deque[float] = deque()
        self._blocked_until = -math.inf
        self._minute = 0
        self._minute_ends = math.inf
        self._left: int | None = None

    def delay(self, now: float) -> float:
        """Return the seconds until the next call may begin; inf if another call must end first."""
        if now >= self._minute_ends:
            self._begin_minute(1, math.inf)
        while self._ends and self._ends[0] <= now:
            self._ends.popleft()
        if now < self._blocked_until:
            return self._blocked_until - now
        left = (self._at_once, self.day_left or math.inf, self._left or math.inf)
        if self._in_flight >= min(left):
            return math.inf
        if len(self._ends) + self._in_flight < self._per_minute:
            return 0.0
        if self._in_flight:
            return math.inf
        self._begin_minute(1, self._minute_ends)
        return self._ends[0] - now

    def delay_for(self, calls: int, now: float) -> float:
        """Return the seconds until the limit per minute allows this many more calls."""
        while self._ends and self._ends[0] <= now:
            self._ends.popleft()
        until = max(now, self._blocked_until)
        wanting = len(self._ends) + self._in_flight + calls - self._per_minute
        if wanting > 0 and self._ends:
            until = max(until, self._ends[min(wanting, len(self._ends)) - 1])
        return until - now

    def start(self) -> CallSlot:
        """Begin a call. Only valid when `delay` returned 0."""
        self._in_flight += 1
        return CallSlot(self._minute, self._left, self.day_left)

    def finish(self, slot: CallSlot, now: float) -> None:
        """End a call, and update the counts from its answer's headers."""
        self._in_flight -= 1
        self._ends.append(now + _WINDOW)
        day, left = slot.limits.day_left, slot.limits.minute_left
        if day is not None:
            is_new_day = slot.day_left is not None and day >= slot.day_left
            self.day_left = day if is_new_day else _lower(day, self.day_left)
        if slot.minute != self._minute:
            return
        if left is None:
            self._left = None
        elif slot.left is not None and left >= slot.left:
            self._begin_minute(left, now + _WINDOW)
        else:
            self._left = _lower(left, self._left)
            self._minute_ends = min(self._minute_ends, now + _WINDOW)
        if left == 0:
            if slot.limits.retry_after is not None:
                self._minute_ends = now + min(slot.limits.retry_after, _WINDOW)
            self._blocked_until = self._minute_ends

    def block(self, until: float) -> None:
        """Delay every call until a moment."""
        self._blocked_until = max(self._blocked_until, until)

    def _begin_minute(self, left: int, ends: float) -> None:
        """Note that Xero has begun a minute, with this many calls left (1 if that is not known)."""
        self._minute += 1
        self._left = left
        self._minute_ends = ends


def _lower(left: int, known: int | None) -> int:
    """Return the lower of two counts: answers may not arrive in the order that Xero counted."""
    return left if known is None else min(left, known)


class RateLimit:
    """The rate limit of one organisation or one app, for any number of threads.

    `on_wait` receives the seconds of a wait of a second or more, but only if it ends more than a
    second after every earlier such wait ends: if threads wait until the same moment, only one wait
    is reported. `whose` completes the sentence "Xero allows no more calls …". `calls` is the number
    of slots given so far.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        window: SlidingWindow | None = None,
        on_wait: Callable[[float], None] | None = None,
        whose: str = "to this organisation",
    ) -> None:
        self.calls = 0
        self._whose = whose
        self._clock = clock
        self._window = window or SlidingWindow()
        self._on_wait = on_wait
        self._changed = Condition()
        self._reported_until = -math.inf

    @property
    def day_left(self) -> int | None:
        """The number of calls that Xero still allows today; None until an answer says it."""
        return self._window.day_left

    @contextmanager
    def slot(self, before: float = math.inf, clock: Clock | None = None) -> Iterator[CallSlot]:
        """Wait until a call may begin; the call ends with the block, and counts for a minute more.

        The `stop` of `clock` ends the wait, with `Interrupted`. Raises `DayLimitReached` if Xero
        allows no more calls today. Raises `TooLate` as soon as it is clear that the call cannot
        begin before `before`.
        """
        slot = self._enter(before, clock or self._clock)
        try:
            yield slot
        finally:
            with self._changed:
                self._window.finish(slot, self._clock.monotonic())
                self._changed.notify_all()

    def obey(self, limits: LimitHeaders) -> None:
        """Delay all calls as `Retry-After` asks. Raises `DayLimitReached` if `is_too_long`."""
        if limits.is_too_long:
            raise self._day_limit(limits.retry_after)
        if limits.retry_after is not None:
            with self._changed:
                self._window.block(self._clock.monotonic() + limits.retry_after)

    def wait(self, seconds: float) -> None:
        """Wait without a slot, and report a wait of a second or more. Raises `Interrupted`."""
        self._report(seconds)
        self._clock.wait(seconds)

    def wait_for(self, calls: int) -> None:
        """Wait until the limit per minute allows this many more calls. Raises `Interrupted`."""
        while True:
            with self._changed:
                delay = self._window.delay_for(calls, self._clock.monotonic())
            if delay < _SHORTEST:
                return
            self.wait(delay)

    def _enter(self, before: float, clock: Clock) -> CallSlot:
        while True:
            with self._changed:
                if self._window.day_left == 0:
                    raise self._day_limit(None)
                now = clock.monotonic()
                delay = self._window.delay(now)
                if now + (0.0 if math.isinf(delay) else delay) >= before:
                    raise TooLate
                if delay == 0.0:
                    self.calls += 1
                    return self._window.start()
                if math.isinf(delay):
                    clock.check()
                    self._changed.wait(_POLL)
                    continue
            self._report(delay)
            clock.wait(delay)

    def _report(self, seconds: float) -> None:
        self._clock.check()
        if seconds < _WORTH_REPORTING or self._on_wait is None:
            return
        until = self._clock.monotonic() + seconds
        with self._changed:
            is_new = until > self._reported_until + _WORTH_REPORTING
            self._reported_until = max(self._reported_until, until)
        if is_new:
            self._on_wait(seconds)

    def _day_limit(self, seconds: float | None) -> DayLimitReached:
        if seconds is None or seconds > _LONGEST_DAY:
            return DayLimitReached(
                f"Xero allows no more calls {self._whose} today.",
                "The limit is 1,000 calls a day on Xero's Starter tier and 5,000 on the others."
                " Wait until tomorrow, or find out which other program calls Xero so often.",
            )
        until = day_and_time(self._clock.now() + timedelta(seconds=seconds), None)
        return DayLimitReached(
            f"Xero allows no more calls {self._whose} until {until}.",
            f"Wait until {until}.",
        )


def app_rate_limit(
    clock: Clock, on_wait: Callable[[float], None] | None = None, *, processes: int = 1
) -> RateLimit:
    """Return one app's rate limit; each of several processes gets an equal share of it."""
    per_minute, at_once = (max(1, limit // processes) for limit in (APP_PER_MINUTE, APP_AT_ONCE))
    window = SlidingWindow(per_minute, at_once)
    return RateLimit(clock, window=window, on_wait=on_wait, whose="by this app")
