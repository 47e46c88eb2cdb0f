"""The rate limit never causes a 429, wherever Xero's minutes begin, and wastes no time."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xero.scripted import Time
from xerosync.errors import Interrupted
from xerosync.xero.clock import Clock
from xerosync.xero.http.limit_headers import LimitHeaders
from xerosync.xero.http.rate_limit import CallSlot, RateLimit, SlidingWindow

LIMIT = 60


@dataclass
class FixedMinutes:
    """Xero as documented: fixed minutes with an unknown start."""

    phase: float
    used: int = 0
    window: int = -1
    refused: int = 0

    def window_at(self, now: float) -> int:
        return math.floor((now - self.phase) / 60)

    def call(self, now: float) -> int | None:
        """Count a call; the number left, or None for a 429."""
        if (window := self.window_at(now)) != self.window:
            self.window, self.used = window, 0
        if self.used >= LIMIT:
            self.refused += 1
            return None
        self.used += 1
        return LIMIT - self.used

    def rest(self, now: float) -> float:
        """Return the seconds until the next minute."""
        return (math.floor((now - self.phase) / 60) + 1) * 60 + self.phase - now


@dataclass
class MinutesFromFirstCall(FixedMinutes):
    """Xero as it might be: a minute begins with the first call after the last minute."""

    began: float = -math.inf

    def rest(self, now: float) -> float:
        return max(0.0, self.began + 60 - now)

    def window_at(self, now: float) -> int:
        if now >= self.began + 60:
            self.began = now
            return self.window + 1
        return self.window


@dataclass
class Run:
    """Calls to a simulated Xero, as five busy threads would make them."""

    server: FixedMinutes
    calls: int
    latency: tuple[float, float]
    seed: int = 0
    others_every: float = 0.0
    tells: bool = True
    now: float = 0.0
    at_once: int = 0
    most_at_once: int = 0
    retried: int = 0
    events: list[tuple[float, int, str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 (a simulation)
        self.number = itertools.count()

    def push(self, when: float, kind: str, what: object = None) -> None:
        heapq.heappush(self.events, (when, next(self.number), kind, what))

    def lag(self) -> float:
        return self.random.uniform(*self.latency) / 2

    def go(self) -> float:
        window, waiting, flying = SlidingWindow(), self.calls, 0
        if self.others_every:
            self.push(self.random.uniform(0, self.others_every), "other")
        while waiting or flying:
            while waiting and window.delay(self.now) == 0.0:
                slot = window.start()
                waiting, flying = waiting - 1, flying + 1
                self.most_at_once = max(self.most_at_once, flying)
                self.push(self.now + self.lag(), "count", slot)
            if waiting and not math.isinf(delay := window.delay(self.now)):
                self.push(self.now + delay, "look")
            self.now, _, kind, what = heapq.heappop(self.events)
            match kind, what:
                case "count", CallSlot():
                    left = self.server.call(self.now)
                    self.push(self.now + self.lag(), "reply", (what, left))
                case "reply", (CallSlot() as slot, (int() | None) as left):
                    flying -= 1
                    if left is None:
                        waiting += 1
                        self.retried += 1
                        rest = self.server.rest(self.now)
                        slot.limits = LimitHeaders(minute_left=0, retry_after=rest)
                        window.finish(slot, self.now)
                    else:
                        slot.limits = LimitHeaders(left if self.tells else None)
                        window.finish(slot, self.now)
                case "other", _:
                    if (left := self.server.call(self.now)) is None:
                        self.server.refused -= 1
                    self.push(self.now + self.others_every, "other")
                case _:
                    pass
        return self.now


servers = st.one_of(
    st.builds(FixedMinutes, st.floats(0, 59.999)), st.builds(MinutesFromFirstCall, st.just(0.0))
)
latencies = st.tuples(st.floats(0.001, 0.2), st.floats(0.2, 3.0))


@settings(max_examples=150, deadline=None)
@given(servers, st.integers(1, 320), latencies, st.integers(0, 9999), st.booleans())
def test_without_other_programs_there_is_no_429(
    server: FixedMinutes, calls: int, latency: tuple[float, float], seed: int, tells: bool
) -> None:
    run = Run(server, calls, latency, seed, tells=tells)
    run.go()
    assert server.refused == 0
    assert run.most_at_once <= 5


@settings(max_examples=60, deadline=None)
@given(servers, st.floats(0.05, 0.3), st.integers(0, 9999))
def test_300_creates_take_as_long_as_the_limits_allow(
    server: FixedMinutes, latency: float, seed: int
) -> None:
    """60 a minute from the first call: 4 minutes for 300, plus 3 % at most."""
    ideal = 4 * 60 + 12 * latency
    assert Run(server, 300, (latency, latency), seed).go() <= 1.03 * ideal


@pytest.mark.parametrize("calls", [55, 58, 60])
def test_60_calls_need_no_wait(calls: int) -> None:
    took = Run(FixedMinutes(30.0), calls, (0.1, 0.1)).go()
    assert took <= 1.15 * math.ceil(calls / 5) * 0.1


@settings(max_examples=60, deadline=None)
@given(servers, st.floats(2.0, 20.0), st.integers(0, 9999))
def test_beside_another_program_a_429_is_rare_and_the_work_ends(
    server: FixedMinutes, others_every: float, seed: int
) -> None:
    run = Run(server, 200, (0.1, 0.3), seed, others_every=others_every)
    took = run.go()
    assert run.retried <= 5
    assert took <= 60 * (200 / (LIMIT - 60 / others_every) + 2)


def finished(window: SlidingWindow, now: float, limits: LimitHeaders) -> None:
    """Make a call that takes no time."""
    slot = window.start()
    slot.limits = limits
    window.finish(slot, now)


def test_a_minute_used_up_by_others_is_waited_out() -> None:
    window = SlidingWindow()
    finished(window, 10.0, LimitHeaders(minute_left=0))
    assert window.delay(10.0) == pytest.approx(60.1)
    assert window.delay(70.2) == 0.0


def test_a_new_minute_that_others_used_up_is_waited_out() -> None:
    """A count that did not fall proves that a new minute has begun."""
    window = SlidingWindow()
    for left in range(59, 9, -1):
        finished(window, 0.0, LimitHeaders(left))
    finished(window, 30.0, LimitHeaders(20))
    finished(window, 31.0, LimitHeaders(0))
    assert window.delay(31.0) == pytest.approx(59.1)


def test_the_wait_of_a_429_is_obeyed() -> None:
    window = SlidingWindow()
    finished(window, 1.0, LimitHeaders())
    window.block(18.0)
    assert window.delay(1.0) == 17.0
    assert window.delay(18.0) == 0.0


def test_at_most_five_calls_run_at_once() -> None:
    window = SlidingWindow()
    slots = [window.start() for _ in range(5)]
    assert math.isinf(window.delay(0.0))
    slots[2].limits = LimitHeaders(59)
    window.finish(slots[2], 0.5)
    assert window.delay(0.5) == 0.0


def test_an_app_may_make_10_000_calls_a_minute() -> None:
    window = SlidingWindow(per_minute=10_000, at_once=160)
    for _ in range(10_000):
        assert window.delay(0.0) == 0.0
        finished(window, 0.0, LimitHeaders())
    assert window.delay(0.0) == pytest.approx(60.1)


def test_a_call_just_before_a_known_minute_ends_does_not_delay_the_next_minute() -> None:
    """A call that Xero does not count, such as /connections, makes our minute end too soon."""
    window = SlidingWindow(per_minute=3)
    finished(window, 0.0, LimitHeaders())
    for left in (2, 1):
        finished(window, 0.3, LimitHeaders(left))
    assert window.delay(0.4) == pytest.approx(59.7)
    finished(window, 60.2, LimitHeaders(0))
    assert window.delay(60.2) == pytest.approx(0.2)


def test_the_last_calls_of_the_day_are_not_overdrawn() -> None:
    window = SlidingWindow()
    finished(window, 0.0, LimitHeaders(59, day_left=1))
    last = window.start()
    assert math.isinf(window.delay(0.1))
    last.limits = LimitHeaders(58, day_left=0)
    window.finish(last, 0.2)
    assert window.day_left == 0


def test_the_day_count_rises_at_midnight_but_not_for_a_late_answer() -> None:
    window = SlidingWindow()
    finished(window, 0.0, LimitHeaders(day_left=2))
    late, early = window.start(), window.start()
    for slot, reported in [(early, 0), (late, 1)]:
        slot.limits = LimitHeaders(day_left=reported)
        window.finish(slot, 0.0)
        assert window.day_left == 0
    finished(window, 0.0, LimitHeaders(day_left=4999))
    assert window.day_left == 4999


@pytest.mark.parametrize(("before", "waits"), [(0, 0), (54, 0), (55, 1), (58, 1), (60, 1)])
def test_calls_that_belong_together_are_not_parted_by_the_limit_of_a_minute(
    before: int, waits: int
) -> None:
    """A reading, and the five writes that rely on it: all wait before it, and none after."""
    time = Time()
    limit = RateLimit(time.clock)

    def call() -> None:
        with limit.slot() as slot:
            time.seconds += 0.1
            slot.limits = LimitHeaders()

    for _ in range(before):
        call()
    limit.wait_for(6)
    assert len(time.slept) == waits
    for _ in range(6):
        call()
    assert len(time.slept) == waits


def test_a_wait_for_calls_obeys_retry_after() -> None:
    time = Time()
    limit = RateLimit(time.clock)
    limit.obey(LimitHeaders(retry_after=17))
    limit.wait_for(1)
    assert time.slept == [17]


def test_a_wait_is_not_reported_once_the_run_is_stopped() -> None:
    reported, clock = list[float](), Clock()
    limit = RateLimit(clock, on_wait=reported.append)
    clock.stop.set()
    with pytest.raises(Interrupted):
        limit.wait(4.0)
    assert reported == []
