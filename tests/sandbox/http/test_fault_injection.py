"""Faults on demand: at a chosen call, before or after the write, or at random."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import pytest
import requests

from sandbox.client import Client, Clock, only
from xerosync.sandbox import FaultKind, Limits, LogEntry, Sandbox, SandboxError
from xerosync.sandbox.http.faults import ONLY_AT, RANDOM, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW = {"Code": "601", "Name": "Spare", "Type": "EXPENSE"}


class Broken:
    """A sandbox with faults, and its client."""

    def __init__(self, *faults: str, **options: Any) -> None:
        self.waited: list[float] = []
        self.sandbox = Sandbox(
            faults=faults,
            clock=Clock(),
            delay=self.waited.append,
            limits=Limits(minute=10_000),
            **options,
        )
        self.client = Client(self.sandbox)

    def __enter__(self) -> Self:
        self.sandbox.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.session.close()
        self.sandbox.close()

    def create(self) -> requests.Response | None:
        """Create an account; return the response, or ``None`` if the connection broke."""
        try:
            return self.client.create(**NEW)
        except requests.RequestException:
            return None

    def written(self) -> bool:
        return self.sandbox.store.by_code("601") is not None


@pytest.mark.parametrize(
    ("kind", "status", "written"),
    [
        ("429-minute", 429, False),
        ("429-day", 429, False),
        ("429-concurrent", 429, False),
        ("500-before", 500, False),
        ("500-after", 500, True),
        ("503", 503, False),
        ("503-html", 503, False),
        ("drop-before", None, False),
        ("drop-after", None, True),
        ("truncate", None, True),
        ("slow", 200, True),
        ("expire-token", 401, False),
        ("401", 401, False),
        ("401-scope", 401, False),
        ("403", 403, False),
        ("404", 404, False),
        ("412", 412, False),
        ("400-header", 400, False),
    ],
)
def test_each_kind_of_fault_does_what_its_name_says(
    kind: str, status: int | None, *, written: bool
) -> None:
    with Broken(f"PUT /Accounts#1={kind}") as broken:
        answer = broken.create()

        assert (None if answer is None else answer.status_code) == status
        assert broken.written() is written
        assert broken.sandbox.requests[-1].fault == kind
        assert broken.client.call("GET", "/Accounts").status_code == (
            401 if kind == "expire-token" else 200
        )


def test_every_kind_is_tested() -> None:
    """The kinds for connections are tested in test_custom_connections."""
    (mark,) = test_each_kind_of_fault_does_what_its_name_says.pytestmark  # type: ignore[attr-defined]
    assert {kind for kind, *_ in mark.args[1]} == set(FaultKind) - set(ONLY_AT)


def test_a_fault_hits_the_call_with_its_number() -> None:
    with Broken("PUT /Accounts#2=503", "GET /accounts#*=403") as broken:
        statuses = [
            broken.client.create(Code=f"60{number}", Name=f"{number}", Type="EXPENSE").status_code
            for number in range(3)
        ]
        assert statuses == [200, 503, 200]
        assert broken.client.call("GET", "/Accounts").status_code == 403
        assert broken.client.call("GET", "/Accounts").status_code == 403
        assert broken.client.call("GET", "/TaxRates").status_code == 200


def test_a_fault_that_is_given_twice_counts_each_call_once() -> None:
    with Broken("GET /Accounts#2=503", "GET /Accounts#2=503") as broken:
        statuses = [broken.client.call("GET", "/Accounts").status_code for _ in range(3)]
        assert statuses == [200, 503, 200]


def test_a_path_of_a_fault_covers_its_subpaths_and_can_be_of_another_service() -> None:
    with Broken("POST /Accounts#1=500-before", "* /connect/token#1=503") as broken:
        sales = broken.sandbox.store.by_code("200")
        assert sales is not None
        assert broken.client.update(sales.account_id, Name="x").status_code == 500
        assert only(broken.client.update(sales.account_id, Name="x"))
        url = f"{broken.sandbox.url}/connect/token"
        assert requests.post(url, timeout=10).status_code == 503
        assert requests.post(url, timeout=10).status_code == 400


def test_each_kind_of_429_has_its_headers() -> None:
    specs = ("GET /Accounts#1=429-minute:7", "GET /Accounts#2=429-day", "* *#3=429-concurrent")
    with Broken(*specs) as broken:
        answers = [broken.client.call("GET", "/Accounts") for _ in range(3)]

    headers = [
        (answer.headers["X-Rate-Limit-Problem"], answer.headers.get("Retry-After"))
        for answer in answers
    ]
    assert headers == [("minute", "7"), ("day", "14400"), ("concurrent", None)]


@pytest.mark.parametrize(("kind", "limit"), [("429-minute", "minute"), ("429-day", "day")])
def test_a_fraction_of_a_second_to_wait_is_rounded_up(kind: str, limit: str) -> None:
    """Rounded down, it would allow a call too early."""
    with Broken(f"GET /Accounts#1={kind}:0.4", f"GET /Accounts#2={kind}:1.2") as broken:
        answers = [broken.client.call("GET", "/Accounts").headers for _ in range(2)]

    assert [answer["X-Rate-Limit-Problem"] for answer in answers] == [limit, limit]
    assert [answer["Retry-After"] for answer in answers] == ["1", "2"]


def test_a_503_is_text_or_a_web_page() -> None:
    with Broken("* *#1=503", "* *#2=503-html") as broken:
        text, page = (broken.client.call("GET", "/Accounts") for _ in range(2))

    assert text.headers["Content-Type"].startswith("text/plain")
    assert "offline for maintenance" in text.text
    assert page.headers["Content-Type"].startswith("text/html")


def test_slow_and_latency_delay_a_call() -> None:
    with Broken("GET /Accounts#1=slow:2.5", latency=0.2) as broken:
        broken.client.accounts()
        broken.client.accounts()

    assert broken.waited == [0.2, 2.5, 0.2]


def test_a_response_lost_after_the_write_is_repeated_for_its_key() -> None:
    with Broken("PUT /Accounts#1=drop-after") as broken:
        broken.client.session.headers["Idempotency-Key"] = "abc"
        assert broken.create() is None
        answer = broken.create()
        assert answer is not None
        assert only(answer)["Code"] == "601"


@pytest.mark.parametrize(
    "spec",
    ["", "PUT", "PUT /Accounts", "PUT /Accounts=", "PUT /Accounts#0=503", "PUT /Accounts=teapot",
     "/Accounts=503", "PUT Accounts=503", "PUT /Accounts=503:5", "PUT /Accounts#x=503",
     f"PUT /Accounts#{'9' * 5000}=503", f"PUT /Accounts=429-minute:{'9' * 400}"],
)  # fmt: skip
def test_a_bad_fault_is_refused_with_the_list_of_kinds(spec: str) -> None:
    with pytest.raises(SandboxError) as caught:
        Sandbox(faults=[spec])
    assert "drop-after" in caught.value.hint


def test_a_fault_is_parsed() -> None:
    fault = parse(" put /Accounts/*#3=slow:0.5 ")

    assert (fault.method, fault.path, fault.nth) == ("PUT", "/Accounts/*", 3)
    assert (fault.kind, fault.seconds) == (FaultKind.SLOW, 0.5)
    assert parse("* *=503").nth == 0


def story(seed: int) -> Iterator[tuple[int, str]]:
    with Broken(fault_rate=0.3, fault_seed=seed) as broken:
        for number in range(40):
            token = broken.sandbox.access_token()
            broken.client.session.headers["Authorization"] = f"Bearer {token}"
            code = f"X{number}"
            try:
                broken.client.create(Code=code, Name=code, Type="EXPENSE")
            except requests.RequestException:
                continue
        yield from ((request.status, request.fault) for request in broken.sandbox.requests)


def test_random_faults_are_reproducible_with_a_seed() -> None:
    first = list(story(1))

    assert list(story(1)) == first
    assert list(story(2)) != first
    struck = [fault for _, fault in first if fault]
    assert 5 <= len(struck) <= 20
    assert set(struck) <= set(RANDOM)


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_a_fault_rate_is_between_0_and_1(rate: float) -> None:
    with pytest.raises(SandboxError):
        Sandbox(fault_rate=rate)


@pytest.mark.parametrize("seconds", [-0.1, math.inf, math.nan])
def test_a_latency_is_a_finite_number_of_seconds(seconds: float) -> None:
    with pytest.raises(SandboxError, match="is not a latency"):
        Sandbox(latency=seconds)


def test_the_hooks_run_before_and_after_the_response() -> None:
    seen: list[tuple[str, str, bool]] = []

    def before(request: LogEntry) -> None:
        seen.append(("before", request.method, broken.written()))

    def after(request: LogEntry) -> None:
        seen.append(("after", request.method, broken.written()))

    with Broken(before_answer=before, on_request=after) as broken:
        broken.create()
        requests.post(f"{broken.sandbox.url}/connect/token", timeout=10)

    assert seen == [("before", "PUT", True), ("after", "PUT", True)]
