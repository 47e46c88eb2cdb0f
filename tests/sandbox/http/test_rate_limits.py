"""Rate limits: fixed windows, their headers, and concurrent calls."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sandbox.client import NOON, Client, Clock
from xerosync.sandbox import Limits, Sandbox


def test_the_headers_count_down_and_the_window_is_fixed() -> None:
    clock = Clock(NOON + 45)
    with Sandbox(limits=Limits(minute=3, day=100), clock=clock) as sandbox:
        client = Client(sandbox)
        with client.session:
            left = [client.call("GET", "/Accounts").headers for _ in range(3)]
            assert [header["X-MinLimit-Remaining"] for header in left] == ["2", "1", "0"]
            assert [header["X-DayLimit-Remaining"] for header in left] == ["99", "98", "97"]
            assert left[0]["X-AppMinLimit-Remaining"] == "9999"

            refused = client.call("GET", "/Accounts")
            assert refused.status_code == 429
            assert refused.headers["X-Rate-Limit-Problem"] == "minute"
            assert refused.headers["Retry-After"] == "15"
            assert refused.headers["X-MinLimit-Remaining"] == "0"
            assert refused.headers["X-DayLimit-Remaining"] == "97"

            clock.now = NOON + 59.9
            assert client.call("GET", "/Accounts").headers["Retry-After"] == "1"
            clock.now = NOON + 60
            assert client.call("GET", "/Accounts").headers["X-MinLimit-Remaining"] == "2"


def test_the_minute_may_start_at_another_second() -> None:
    clock = Clock(NOON + 9)
    with Sandbox(limits=Limits(minute=1, offset=10), clock=clock) as sandbox:
        client = Client(sandbox)
        with client.session:
            assert client.call("GET", "/Accounts").status_code == 200
            assert client.call("GET", "/Accounts").headers["Retry-After"] == "1"
            clock.now += 1
            assert client.call("GET", "/Accounts").status_code == 200


def test_the_day_limit_holds_until_midnight() -> None:
    clock = Clock(NOON + 86_400 - 7200)
    with Sandbox(limits=Limits(day=1), clock=clock) as sandbox:
        client = Client(sandbox)
        with client.session:
            client.accounts()
            refused = client.call("GET", "/Accounts")
            assert refused.headers["X-Rate-Limit-Problem"] == "day"
            assert refused.headers["Retry-After"] == "7200"
            clock.now = NOON + 86_400
            client.session.headers["Authorization"] = f"Bearer {sandbox.access_token()}"
            assert client.accounts()


def test_unauthorized_calls_and_connections_do_not_count() -> None:
    with Sandbox(limits=Limits(minute=1), clock=Clock()) as sandbox:
        client = Client(sandbox)
        with client.session:
            client.session.get(f"{sandbox.url}/connections", timeout=10)
            client.session.headers["Authorization"] = "Bearer nonsense"
            assert client.call("GET", "/Accounts").status_code == 401
            client.session.headers["Authorization"] = f"Bearer {sandbox.access_token()}"
            assert client.accounts()


def test_a_sixth_call_at_once_is_refused_without_retry_after() -> None:
    inside = threading.Semaphore(0)
    gate = threading.Event()

    def wait(_seconds: float) -> None:
        inside.release()
        gate.wait(10)

    with Sandbox(latency=1, delay=wait, clock=Clock()) as sandbox:
        clients = [Client(sandbox) for _ in range(6)]
        with ThreadPoolExecutor(5) as pool:
            calls = [pool.submit(client.call, "GET", "/Accounts") for client in clients[:5]]
            for _ in calls:
                assert inside.acquire(timeout=10)
            refused = clients[5].call("GET", "/Accounts")
            gate.set()
            assert [call.result().status_code for call in calls] == [200] * 5
        for client in clients:
            client.session.close()
    assert refused.status_code == 429
    assert refused.headers["X-Rate-Limit-Problem"] == "concurrent"
    assert "Retry-After" not in refused.headers


def test_five_threads_never_exceed_the_concurrent_limit() -> None:
    with Sandbox(limits=Limits(minute=10_000)) as sandbox:

        def work(_: int) -> set[int]:
            client = Client(sandbox)
            with client.session:
                return {client.call("GET", "/Organisation").status_code for _ in range(50)}

        with ThreadPoolExecutor(5) as pool:
            assert list(pool.map(work, range(5))) == [{200}] * 5
