"""The client against the sandbox over real HTTP, with each fault that Xero is known for."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from xerosync.errors import (
    AccessDenied,
    DayLimitReached,
    LedgerError,
    OutcomeUnknown,
    RejectedToken,
    ScopeMissing,
    SignInError,
    Unavailable,
)
from xerosync.sandbox import Limits, Sandbox
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.clock import Clock
from xerosync.xero.connect import Credentials, Hooks, connect
from xerosync.xero.http.transport import Exchange, ReadOnlyViolation
from xerosync.xero.ledger import XeroLedger

SECRET = Secret("sandbox")
NEW = {"code": "777", "name": "Contract Work", "type": "REVENUE"}


def sandbox(*faults: str, limits: Limits | None = None) -> Sandbox:
    return Sandbox(faults=faults, limits=limits or Limits(minute=1000))


def books(
    server: Sandbox,
    *,
    read_only: bool = False,
    reported: list[Exchange] | None = None,
    secret: Secret = SECRET,
) -> XeroLedger:
    """Sign in, with a clock that jumps ahead instead of waiting."""
    naps: list[float] = []
    return connect(
        Credentials(client_id="sandbox", client_secret=secret),
        Addresses(server.url, server.url),
        read_only=read_only,
        hooks=Hooks(
            Clock(monotonic=lambda: time.monotonic() + sum(naps), sleep=naps.append),
            on_exchange=None if reported is None else reported.append,
            chance=lambda: 0.1,
        ),
    )


def accounting(server: Sandbox) -> Sequence[tuple[str, str]]:
    return [
        (asked.method, asked.path.rpartition("/")[2])
        for asked in server.requests
        if "/api.xro/" in asked.path
    ]


def test_reading_the_chart_takes_three_gets_and_nothing_else() -> None:
    with sandbox() as server, books(server, read_only=True) as ledger:
        chart = ledger.chart()
        assert chart.organisation.tenant_id == server.tenant_id
        assert len(chart.accounts) > 40
        assert [asked.path for asked in server.requests[:2]] == ["/connect/token", "/connections"]
        assert sorted(accounting(server)) == [
            ("GET", "Accounts"), ("GET", "Organisation"), ("GET", "TaxRates"),
        ]  # fmt: skip
        assert ledger.calls_left_today is not None


def test_the_chart_is_read_in_one_round_trip() -> None:
    """Each of the three answers waits until all three calls have arrived."""
    together = threading.Barrier(3, timeout=30)

    def meet(_request: object) -> None:
        together.wait()

    with (
        Sandbox(before_answer=meet) as server,
        books(server, read_only=True) as ledger,
    ):
        assert len(ledger.chart().accounts) > 40
        assert not together.broken


def test_read_only_cannot_write() -> None:
    with sandbox() as server, books(server, read_only=True) as ledger:
        with pytest.raises(ReadOnlyViolation):
            ledger.create(NEW, key="k")
        assert all(asked.method == "GET" for asked in server.requests if "api.xro" in asked.path)


def test_a_wrong_secret_is_refused_with_its_reason() -> None:
    with sandbox() as server, pytest.raises(SignInError, match="client id, or its secret"):
        books(server, secret=Secret("wrong"))


@pytest.mark.parametrize(
    "fault",
    ["500-before", "503", "503-html", "drop-before", "drop-after", "truncate", "expire-token",
     "429-minute", "429-concurrent"],
)  # fmt: skip
def test_a_read_survives_each_fault(fault: str) -> None:
    with sandbox(f"GET /Accounts#1={fault}") as server, books(server) as ledger:
        assert ledger.accounts()


@pytest.mark.parametrize(
    "fault",
    ["503", "503-html", "drop-before", "drop-after", "truncate", "expire-token", "429-minute",
     "429-concurrent"],
)  # fmt: skip
def test_a_create_is_retried_after_a_fault_and_done_once(fault: str) -> None:
    with sandbox(f"PUT /Accounts#1={fault}") as server, books(server) as ledger:
        written = ledger.create(NEW, key="k")
        found = [account for account in ledger.accounts() if account.code == "777"]
        assert [account.account_id for account in found] == [written.account.account_id]


@pytest.mark.parametrize("fault", ["500-before", "500-after"])
def test_a_create_with_a_500_succeeds_once_or_has_an_unknown_outcome(fault: str) -> None:
    with sandbox(f"PUT /Accounts#1={fault}") as server, books(server) as ledger:
        try:
            ledger.create(NEW, key="k")
            certain = True
        except OutcomeUnknown:
            certain = False
        found = [account for account in ledger.accounts() if account.code == "777"]
        assert len(found) == 1 if certain or fault == "500-after" else len(found) <= 1


@pytest.mark.parametrize("fault", ["drop-before", "500-before", "503"])
def test_a_delete_that_did_not_take_effect_is_repeated(fault: str) -> None:
    """A delete names its account by id, so a second one cannot delete another account."""
    with sandbox(f"DELETE /Accounts#1={fault}") as server, books(server) as ledger:
        account = ledger.create(NEW, key="k").account
        assert ledger.delete(account.account_id).account.status == "DELETED"
        assert accounting(server).count(("DELETE", account.account_id)) == 2


@pytest.mark.parametrize("fault", ["drop-after", "truncate", "500-after"])
def test_a_delete_that_is_refused_when_repeated_has_an_unknown_outcome(fault: str) -> None:
    """The first delete may have succeeded: only reading the chart settles it."""
    with sandbox(f"DELETE /Accounts#1={fault}") as server, books(server) as ledger:
        account = ledger.create(NEW, key="k").account
        with pytest.raises(OutcomeUnknown):
            ledger.delete(account.account_id)
        assert "777" not in {account.code for account in ledger.accounts()}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", RejectedToken),
        ("401-scope", ScopeMissing),
        ("403", AccessDenied),
        ("404", LedgerError),
        ("412", LedgerError),
        ("503", Unavailable),
        ("drop-after", Unavailable),
        ("429-day", DayLimitReached),
        ("429-minute:91", DayLimitReached),
    ],
)
def test_a_lasting_fault_is_reported(fault: str, error: type[Exception]) -> None:
    with sandbox(f"GET /Accounts={fault}") as server, books(server) as ledger:
        with pytest.raises(error) as caught:
            ledger.accounts()
        assert type(caught.value) is error or fault == "404"


def test_every_exchange_reports_its_correlation_id() -> None:
    reported: list[Exchange] = []
    with sandbox() as server, books(server, reported=reported) as ledger:
        ledger.accounts()
    assert reported[-1].correlation_id
    assert [one.path for one in reported[:2]] == ["/connect/token", "/connections"]


def test_five_threads_never_meet_the_limit_of_five_at_once() -> None:
    with (
        Sandbox(latency=0.02, limits=Limits(minute=1000)) as server,
        books(server) as ledger,
        ThreadPoolExecutor(20) as pool,
    ):
        list(pool.map(lambda _: ledger.organisation(), range(45)))
        assert {asked.status for asked in server.requests} == {200}


def test_the_61st_call_waits_for_the_next_minute() -> None:
    naps: list[float] = []
    now = [1_000_000.0]

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    with Sandbox(clock=lambda: now[0]) as server:
        clock = Clock(monotonic=lambda: now[0], sleep=sleep)
        with connect(
            Credentials(client_id="sandbox", client_secret=SECRET),
            Addresses(server.url, server.url),
            read_only=True,
            hooks=Hooks(clock),
        ) as ledger:
            for _ in range(61):
                ledger.accounts()
        assert {asked.status for asked in server.requests} == {200}
    assert sum(naps) == pytest.approx(60.1)
