"""After a kill -9 at any call of a long apply, the next run converges without duplicates.

The client is a process of its own, forked from a server that has imported everything; it
is killed by the local Xero, at a write that is committed: before its answer is sent, or
after.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock

import pytest
from command_line import Xerosync

from end_to_end.conftest import GENEROUS, chart
from xerosync.cli.app import run
from xerosync.errors import ExitCode
from xerosync.history import runs
from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.messages import LogEntry

HEAD = "limits: {archives: 20, change_percent: 100}"
CHART = chart(
    # four creates, two calls each: the watchlist is a call of its own
    '"code": "231", name: Hire of Bikes, type: REVENUE, add_to_watchlist: true',
    '"code": "232", name: Hire of Boats, type: REVENUE, add_to_watchlist: true',
    '"code": "481", name: Staff Meals, type: EXPENSE, add_to_watchlist: true',
    '"code": "869", name: Vouchers, type: CURRLIAB, add_to_watchlist: true',
    # renames and other edits
    '"code": "200", name: Sales of Goods',
    '"code": "260", name: Other Income, description: "", show_in_expense_claims: true',
    '"code": "441", name: Legal Fees',
    '"code": "493", name: Travel within the Country',
    # a swap of two codes, the names staying
    '"code": "408", name: Consulting & Accounting, previously: ["412"]',
    '"code": "412", name: Cleaning, previously: ["408"]',
    # a circle of three codes, the names staying, and an edit with it
    '"code": "445", name: Office Expenses, previously: ["453"], tax_type: INPUT2',
    '"code": "449", name: "Light, Power, Heating", previously: ["445"]',
    '"code": "453", name: Motor Vehicle Expenses, previously: ["449"]',
    # a circle of two codes and names both, pinned: nothing but the ids tells them apart
    '"code": "416", name: Treats, account_id: ID-420',
    '"code": "420", name: Wear, account_id: ID-416',
    # a chain that ends on a free code
    '"code": "470", name: Rent, previously: ["469"]',
    '"code": "469", name: Repairs and Maintenance, previously: ["473"]',
    # a swap of two names
    '"code": "477", name: KiwiSaver Employer Contributions, account_id: ID-477',
    '"code": "478", name: Wages and Salaries, account_id: ID-478',
    # archives, one with an edit; restores, one with an edit
    '"code": "404", status: ARCHIVED',
    '"code": "425", name: Freight (until 2026), status: ARCHIVED',
    '"code": "433", status: ARCHIVED',
    '"code": "868", status: ARCHIVED',
    '"code": "205", name: Sales - Market Stall',
    '"code": "457", name: Messengers, account_id: ID-457',
    '"code": "715", name: Leased Copiers',
    # an account that stays archived, edited
    '"code": "486", name: Trade Magazines (old), account_id: ID-486, status: ARCHIVED',
    head=HEAD,
)
WRITES = 39
MOMENTS = ("before the answer", "after the answer")
KILLS = [
    *((nth, MOMENTS[0]) for nth in range(1, WRITES + 1)),
    *((nth, MOMENTS[1]) for nth in range(1, WRITES + 1, 3)),
]
"""Every write, before its answer. An answered write is as one before the next write's answer."""


def chart_for(sandbox: Sandbox) -> str:
    """Return the chart with `ID-477` replaced by the id of the account with the code 477."""
    ids = {account.code: account.account_id for account in sandbox.store.accounts()}
    return re.sub(r"ID-(\d+)", lambda found: ids[found[1]], CHART)


def facts(sandbox: Sandbox) -> Counter[tuple[object, ...]]:
    """Return the books without dates and without ids, which new accounts get at random."""
    return Counter(
        (a.code, a.name, a.type, a.status, a.tax_type, a.description, a.add_to_watchlist)
        for a in sandbox.store.accounts()
    )


def journals() -> list[runs.Run]:
    paths = sorted(Path(".xerosync/runs").glob("*.jsonl"))
    return [found for path in paths for found in runs.read(path)]


def client(directory: str, environment: dict[str, str]) -> None:
    """Run `apply --yes` in a forked process, with its output in files."""
    os.chdir(directory)
    os.environ.update(environment)
    for number, name in ((1, "killed.out"), (2, "killed.err")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    os._exit(run(["apply", "--yes"]))


CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["xerosync.cli.app", "xerosync.xero.connect", __name__])


class Killer:
    """Kills the client at its nth write, and waits for its end."""

    def __init__(self, nth: int, moment: str) -> None:
        self.nth = nth
        self.moment = moment
        self.seen = 0
        self.process: BaseProcess | None = None
        self._lock = Lock()

    def at(self, moment: str) -> Callable[[LogEntry], None]:
        def hook(request: LogEntry) -> None:
            if moment != self.moment or not request.is_write or self.process is None:
                return
            with self._lock:
                self.seen += 1
                strike = self.seen == self.nth
            if strike and self.process.pid:
                os.kill(self.process.pid, signal.SIGKILL)
                wait([self.process.sentinel], 10)

        return hook


def begin(directory: Path, url: str, killer: Killer | None = None) -> BaseProcess:
    """Start the client in a directory, against a local Xero."""
    environment = {
        "XEROSYNC_API_URL": url,
        "XEROSYNC_IDENTITY_URL": url,
        "XERO_CLIENT_ID": "sandbox",
        "XERO_CLIENT_SECRET": "sandbox",
    }
    process = CONTEXT.Process(target=client, args=(str(directory), environment))
    if killer:
        killer.process = process
    process.start()
    return process


def check_accounted(requests: Iterable[LogEntry]) -> None:
    """Check that a journal has every write that took effect, with its values."""
    sent = {call.key: call for found in journals() for call in found.calls}
    for request in requests:
        if request.is_write and request.status == 200:
            call = sent[request.headers["idempotency-key"]]
            account = json.loads(request.body)
            account = account.get("Accounts", [account])[0]
            assert call.account_id in (request.path.rpartition("/")[2], "")
            if "Name" in account:
                assert account["Name"] == call.values["name"]
            if "Code" in account:
                assert account["Code"] == call.values["code"]
            if "Status" in account:
                assert (
                    call.operation
                    == {"ARCHIVED": "archive", "ACTIVE": "restore"}[account["Status"]]
                )


@pytest.fixture(scope="session")
def finished(
    seeded: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[int, Counter[tuple[object, ...]]]:
    """Return the number of writes of an apply that nobody kills, and the books it leaves."""
    directory = tmp_path_factory.mktemp("finished")
    shutil.copy(seeded, directory / "books.db")
    with Sandbox(directory / "books.db", limits=GENEROUS) as books:
        (directory / "accounts.yaml").write_text(chart_for(books), encoding="utf-8")
        process = begin(directory, books.url)
        process.join(60)
        assert process.exitcode == 0, (directory / "killed.err").read_text()
        return sum(r.is_write for r in books.requests), facts(books)


def test_the_apply_has_as_many_writes_as_the_kills_expect(
    finished: tuple[int, Counter[tuple[object, ...]]],
) -> None:
    assert finished[0] == WRITES


@pytest.mark.parametrize(("nth", "moment"), KILLS)
def test_after_a_kill_at_any_write_the_next_run_converges(
    start: Callable[..., Sandbox],
    xerosync: Xerosync,
    finished: tuple[int, Counter[tuple[object, ...]]],
    nth: int,
    moment: str,
) -> None:
    killer = Killer(nth, moment)
    books = start(before_answer=killer.at(MOMENTS[0]), on_request=killer.at(MOMENTS[1]))
    Path("accounts.yaml").write_text(chart_for(books), encoding="utf-8")
    process = begin(Path.cwd(), books.url, killer)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, Path("killed.err").read_text()
    assert [found.ended_at for found in journals()] == [None]
    said = xerosync("apply", "--yes")
    if said.code == ExitCode.REFUSED:  # a call in flight at the kill took effect between two reads
        assert "Xero has changed since this plan" in said.err
        said = xerosync("apply", "--yes")
    assert said.code == 0, said.out + said.err
    assert facts(books) == finished[1], "as if nobody had killed it, and no account twice"
    check_accounted(books.requests)
    books.clear_log()
    assert xerosync("plan", "--detailed-exitcode").code == 0
