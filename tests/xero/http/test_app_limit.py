"""The limit of an app over all its organisations, beside that of each organisation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Lock

import pytest

from xero.scripted import API, FixedTokens, Script, Time, reply
from xerosync.errors import DayLimitReached, Interrupted
from xerosync.xero.http.client import ApiCall, XeroClient
from xerosync.xero.http.limit_headers import LimitHeaders
from xerosync.xero.http.rate_limit import RateLimit, SlidingWindow, app_rate_limit
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero_limits import APP_AT_ONCE

READ = ApiCall("GET", f"{API}/Accounts")


def clients(
    script: Script, time: Time, *, count: int = 2, per_minute: int = 10_000
) -> list[XeroClient]:
    """Return the clients of some organisations of one app."""
    window = SlidingWindow(per_minute, APP_AT_ONCE)
    app = RateLimit(time.clock, window=window, whose="by this app")
    return [
        XeroClient(
            script,
            FixedTokens(),
            RateLimit(time.clock),
            clock=time.clock,
            backoff=Backoff(lambda: 0.0),
            tenant_id=f"tenant-{number}",
            app_limit=app,
        )
        for number in range(count)
    ]


def test_a_429_of_the_app_delays_every_organisation() -> None:
    time = Time()
    refused = reply(429, {}, x_rate_limit_problem="appminute", retry_after="30")
    script = Script(refused, loop=reply(200, {}))
    one, other = clients(script, time)
    one.call(READ)
    assert time.slept == pytest.approx([30.0])
    other.call(READ)
    assert time.slept == pytest.approx([30.0])
    assert len(script.requests) == 3


def test_a_429_of_the_app_delays_calls_that_begin_later() -> None:
    """A client that starts while the app has to wait, waits too."""
    time = Time()
    app = app_rate_limit(time.clock)
    app.obey(LimitHeaders(retry_after=20.0, problem="appminute").of_app())
    script = Script(loop=reply(200, {}))
    client = XeroClient(
        script, FixedTokens(), RateLimit(time.clock), clock=time.clock,
        backoff=Backoff(lambda: 0.0), tenant_id="t", app_limit=app,
    )  # fmt: skip
    client.call(READ)
    assert sum(time.slept) == pytest.approx(20.0)


def test_a_request_to_stop_ends_the_wait_of_one_client_for_the_limit_of_the_app() -> None:
    time, stop = Time(), Event()
    app = app_rate_limit(time.clock)
    client = XeroClient(
        Script(loop=reply(200, {})), FixedTokens(), RateLimit(time.clock),
        clock=replace(time.clock, stop=stop), backoff=Backoff(lambda: 0.0), app_limit=app,
    )  # fmt: skip
    app.obey(LimitHeaders(retry_after=20.0, problem="appminute").of_app())
    stop.set()
    with pytest.raises(Interrupted):
        client.call(READ)
    assert time.slept == []


def test_the_limits_of_an_answer_are_split_between_organisation_and_app() -> None:
    day = LimitHeaders(40, 0, retry_after=9000.0, problem="day", app_minute_left=900)
    assert day.of_organisation() == day
    assert day.of_app() == LimitHeaders(900)
    app = LimitHeaders(40, 700, retry_after=20.0, problem="appminute", app_minute_left=0)
    assert app.of_organisation() == LimitHeaders(40, 700, app_minute_left=0)
    assert app.of_app() == LimitHeaders(0, retry_after=20.0, problem="appminute")


def test_a_429_of_one_organisation_delays_no_other() -> None:
    time = Time()
    refused = reply(429, {}, x_rate_limit_problem="minute", retry_after="50")
    slept_before_other: list[float] = []

    def answer(request: Request) -> Reply:
        if request.headers["Xero-Tenant-Id"] == "tenant-1":
            slept_before_other.extend(time.slept)
            return reply(200, {})
        return reply(200, {}) if other_called else refused

    other_called: list[object] = []
    one, other = clients(Script(loop=answer), time)
    wait = one.rate_limit.wait

    def wait_while_the_other_calls(seconds: float) -> None:
        other_called.append(other.call(READ))
        wait(seconds)

    one.rate_limit.wait = wait_while_the_other_calls  # type: ignore[method-assign]
    one.call(READ)
    assert slept_before_other == []
    assert sum(time.slept) == pytest.approx(50.0)


def test_the_apps_calls_wait_if_other_programs_have_used_its_minute() -> None:
    time = Time()
    script = Script(loop=reply(200, {}, x_appminlimit_remaining="0", x_minlimit_remaining="55"))
    one, other = clients(script, time)
    one.call(READ)
    assert time.slept == []
    other.call(READ)
    assert sum(time.slept) == pytest.approx(60.1, abs=1)


def test_more_calls_than_the_apps_minute_allows_wait_for_the_next_one() -> None:
    time = Time()
    script = Script(loop=reply(200, {}))
    many = clients(script, time, count=5, per_minute=20)
    for client in many:
        for _ in range(6):
            client.call(READ)
    assert len(script.requests) == 30
    assert 60 <= sum(time.slept) < 62


def test_an_app_makes_64_calls_at_once_and_an_organisation_5() -> None:
    lock, release = Lock(), Event()
    now = {"all": 0, "one": 0}
    most = {"all": 0, "one": 0}

    def answer(request: Request) -> Reply:
        ours = ("all", "one") if request.headers["Xero-Tenant-Id"] == "tenant-0" else ("all",)
        with lock:
            for name in ours:
                now[name] += 1
                most[name] = max(most[name], now[name])
            if now["all"] == APP_AT_ONCE:
                release.set()
        release.wait(5)
        with lock:
            for name in ours:
                now[name] -= 1
        return reply(200, {})

    many = clients(Script(loop=answer), Time(), count=20)
    with ThreadPoolExecutor(100) as pool:
        for _ in pool.map(lambda client: client.call(READ), [c for c in many for _ in range(5)]):
            pass
    assert most == {"all": APP_AT_ONCE, "one": 5}


def test_a_long_wait_for_the_app_stops_the_run() -> None:
    refused = reply(429, {}, x_rate_limit_problem="appminute", retry_after="4000")
    one, _ = clients(Script(loop=refused), Time())
    with pytest.raises(DayLimitReached, match=r"no more calls by this app until 2\d November"):
        one.call(READ)
