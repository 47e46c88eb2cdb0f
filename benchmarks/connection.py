"""Measure calls to Xero against the ideal time of its rate limits, and against Xero's SDK.

The sandbox answers each call in 100 or 200 ms. The last rows are the calls of a whole apply,
on a clock that jumps instead of waiting, with Xero's minutes beginning at several moments.
A client cannot know that moment without causing a 429, so the ideal is that of a client
that starts with a fresh minute.
"""

from __future__ import annotations

import math
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xero_python.accounting import Account, AccountingApi, AccountType
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token, TokenApi

from xerosync.apply.execute import execute_steps
from xerosync.apply.journal_writer import Provenance
from xerosync.chartfile.load import parse
from xerosync.history.journal import Journal
from xerosync.plan.build import build
from xerosync.plan.estimate import READS_AFTER, READS_BEFORE
from xerosync.sandbox import Limits, Sandbox
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.clock import Clock
from xerosync.xero.connect import Credentials, Hooks, connect
from xerosync.xero.ledger import XeroLedger
from xerosync.xero_limits import AT_ONCE, PER_MINUTE

GENEROUS = Limits(minute=100_000, day=1_000_000)
CREATES, LATENCY = 55, 0.1
MANY = 300
READ_LATENCY = 0.2


def measure() -> Iterator[tuple[str, ...]]:
    """Yield a row for each task: our time, the ideal, the ratio, the SDK's time, the 429s."""
    yield ("work", "xerosync", "ideal", "ratio", "SDK in a loop", "429s")
    ideal = CREATES / AT_ONCE * LATENCY
    ours, refused = _creates()
    yield _row(f"{CREATES} creates, 100 ms a call", ours, ideal, _sdk_creates(), refused)
    ours, refused = _reads()
    yield _row("reads of a plan, 200 ms a call", ours, READ_LATENCY, _sdk_reads(), refused)
    calls = READS_BEFORE + MANY + READS_AFTER
    ideal = 60.0 * (math.ceil(calls / PER_MINUTE) - 1)
    for offset in (0, 20, 40):
        ours, refused = _many(offset)
        yield _row(f"{MANY} creates, minute begins after {60 - offset} s", ours, ideal, 0, refused)


def _row(work: str, ours: float, ideal: float, sdk: float, refused: int) -> tuple[str, ...]:
    shown = f"{sdk:.2f} s ({sdk / ideal:.1f})" if sdk else "-"
    return (work, f"{ours:.2f} s", f"{ideal:.2f} s", f"{ours / ideal:.3f}", shown, str(refused))


def _creates() -> tuple[float, int]:
    """Return the seconds from the first write to the last answer, journal included."""
    with Sandbox(limits=GENEROUS, latency=LATENCY) as sandbox, _ledger(sandbox) as ledger:
        took = _apply(ledger, CREATES, time.perf_counter)
        return took, _refused(sandbox)


def _reads() -> tuple[float, int]:
    with Sandbox(limits=GENEROUS, latency=READ_LATENCY) as sandbox, _ledger(sandbox) as ledger:
        return _time(ledger.chart), _refused(sandbox)


def _many(offset: int) -> tuple[float, int]:
    """Apply within Xero's real limits, on a shared clock that jumps instead of waiting."""
    start = 1_800_000_000.0
    now, moving = [start], threading.Lock()

    def sleep(seconds: float) -> None:
        until = now[0] + seconds
        with moving:
            now[0] = max(now[0], until)

    limits = Limits(offset=float(60 - offset))
    clock = Clock(
        monotonic=lambda: now[0],
        now=lambda: datetime.fromtimestamp(now[0], UTC),
        sleep=sleep,
    )
    with Sandbox(limits=limits, clock=lambda: now[0]) as sandbox, _ledger(sandbox, clock) as ledger:
        ledger.organisation()
        _apply(ledger, MANY, time.perf_counter)
        ledger.chart()
        return now[0] - start, _refused(sandbox)


def _apply(ledger: XeroLedger, count: int, clock: Callable[[], float]) -> float:
    accounts = "".join(
        f'  - {{code: "X{number}", name: New {number}, type: EXPENSE}}\n' for number in range(count)
    )
    text = f"version: 1\norganisation: {{name: Demo Company (NZ)}}\naccounts:\n{accounts}"
    plan = build(ledger.chart(), parse(text, "accounts.yaml").chart)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "run.jsonl", lambda: datetime.now(UTC))
        journal.begin(plan, Provenance(""))
        began = clock()
        outcomes = list(execute_steps(plan, ledger, journal))
        took = clock() - began
        journal.close()
    assert len(outcomes) == count
    assert all(outcome.good for outcome in outcomes)
    return took


@contextmanager
def _ledger(sandbox: Sandbox, clock: Clock | None = None) -> Iterator[XeroLedger]:
    with connect(
        Credentials(client_id="sandbox", client_secret=Secret("sandbox")),
        Addresses(sandbox.url, sandbox.url, sandbox.url),
        read_only=False,
        hooks=Hooks(clock or Clock()),
    ) as ledger:
        yield ledger


def _refused(sandbox: Sandbox) -> int:
    return sum(request.status == 429 for request in sandbox.requests)


def _sdk_creates() -> float:
    with Sandbox(limits=GENEROUS, latency=LATENCY) as sandbox:
        api = _sdk(sandbox)

        def loop() -> None:
            for number in range(CREATES):
                account = Account(code=f"X{number}", name=f"New {number}", type=AccountType.EXPENSE)
                api.create_account(sandbox.tenant_id, account)

        return _time(loop)


def _sdk_reads() -> float:
    with Sandbox(limits=GENEROUS, latency=READ_LATENCY) as sandbox:
        api = _sdk(sandbox)

        def loop() -> None:
            api.get_organisations(sandbox.tenant_id)
            api.get_accounts(sandbox.tenant_id)
            api.get_tax_rates(sandbox.tenant_id)

        return _time(loop)


def _sdk(sandbox: Sandbox) -> AccountingApi:
    """Sign the official SDK in to the sandbox; only its addresses are changed."""
    TokenApi.client_credentials_token_url = f"{sandbox.url}/connect/token"
    kept: dict[str, Any] = {}
    credentials = OAuth2Token(client_id="sandbox", client_secret="sandbox")  # noqa: S106
    client = ApiClient(
        Configuration(oauth2_token=credentials),
        oauth2_token_getter=lambda: kept,
        oauth2_token_saver=kept.update,
    )
    credentials.get_client_credentials_access_token(client, app_store_billing=False)
    return AccountingApi(client, base_url=f"{sandbox.url}/api.xro/2.0")


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
