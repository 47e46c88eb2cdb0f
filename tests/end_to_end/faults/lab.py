"""Run a command against one fault, and check what it reports and that the next run converges.

Shared by the tests of this folder and by `docs/make_faults.py`, which writes the table.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from xerosync.cli.app import run
from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.rate_limits import Limits
from xerosync.xero.clock import Clock

CHART = """version: 1
organisation: {name: "Demo Company (NZ)"}
limits: {deletes: 1, archives: 5}
accounts:
  - {code: "210", name: Hire, type: REVENUE, add_to_watchlist: true}
  - {code: "211", name: Repair Work, type: REVENUE, tax_type: OUTPUT2}
  - {code: "481", name: Workshops, type: EXPENSE}
  - {code: "482", name: Books, type: EXPENSE, description: For courses}
  - {code: "483", name: Conferences, type: OVERHEADS}
  - {code: "420", name: Freight & Courier, previously: ["425"]}
  - {code: "425", name: Entertainment, previously: ["420"]}
  - {code: "401", name: Marketing, previously: ["400"]}
  - {code: "400", name: Bank Charges, previously: ["404"]}
  - {code: "205", description: Takings of the stalls}
  - {code: "457", name: Fax & Telex}
  - {code: "200", name: Sales of Goods, description: What customers pay}
  - {code: "412", description: null}
  - {code: "445", name: "Light, Power and Heating"}
  - {code: "868", status: ARCHIVED}
  - {code: "850", status: ARCHIVED}
  - {code: "488", status: DELETED}
"""
"""Every kind of step, 20 in all: creates, a watchlist, a swap, a chain, restores
with and without an edit, updates, a field cleared, archives, and a delete."""

STEPS = 20
GENEROUS = Limits(minute=100_000, day=1_000_000)
CONVERGED, SAYS_SO = 0, frozenset({1, 4, 5, 6})

KINDS = (
    "429-minute", "429-concurrent", "429-day", "500-before", "500-after", "503", "503-html",
    "drop-before", "drop-after", "truncate", "slow", "expire-token", "401", "401-scope", "403",
    "404", "412",
)  # fmt: skip

PLAN_CALLS = (
    "POST /connect/token#1", "GET /connections#1", "GET /Organisation#1", "GET /Accounts#1",
    "GET /TaxRates#1", "GET /Reports/TrialBalance#1", "GET /Items#1", "GET /RepeatingInvoices#1",
    "GET /Contacts#1",
)  # fmt: skip
READS_OF_APPLY = (
    *PLAN_CALLS, "GET /Accounts#2", "GET /Accounts#3", "GET /Accounts#4", "GET /Accounts#5",
    "GET /Accounts#6", "GET /TaxRates#2",
)  # fmt: skip
WRITES_OF_APPLY = (
    *(f"PUT /Accounts#{n}" for n in range(1, 6)),
    *(f"POST /Accounts#{n}" for n in range(1, 15)),
    "DELETE /Accounts#1",
)


@dataclass(frozen=True)
class Run:
    """One run of a command: its exit code, its output, and how many steps its journal has done."""

    code: int
    said: str
    done: int


@dataclass(frozen=True)
class Trial:
    """The runs against one set of books, and the books at the end, without ids."""

    runs: tuple[Run, ...]
    books: frozenset[tuple[object, ...]]
    struck: int
    refused: int = field(default=0)

    @property
    def codes(self) -> tuple[int, ...]:
        return tuple(run.code for run in self.runs)


@contextlib.contextmanager
def lab(chart: str = CHART) -> Iterator[Path]:
    """Work in a temporary folder with a chart and seeded books, signed in to the sandbox."""
    before = os.getcwd()  # noqa: PTH109 (to go back to)
    with tempfile.TemporaryDirectory() as name, mock.patch.dict(os.environ):
        for variable in [v for v in os.environ if v.startswith(("XERO", "CI", "FORCE_COLOR"))]:
            del os.environ[variable]
        folder = Path(name)
        with Sandbox(folder / "seeded.db") as sandbox:
            sandbox.store.insert(code="488", name="Trade Fairs")  # nothing uses it
        (folder / "accounts.yaml").write_text(chart, encoding="utf-8")
        os.environ |= {"XERO_CLIENT_ID": "sandbox", "XERO_CLIENT_SECRET": "sandbox"}
        os.environ["COLUMNS"] = "200"
        os.chdir(folder)
        try:
            with mock.patch("xerosync.xero.auth.store.state_folder", return_value=folder / "state"):
                yield folder
        finally:
            os.chdir(before)


def attempt(
    folder: Path,
    command: Sequence[str],
    *,
    faults: Sequence[str] = (),
    rate: float = 0.0,
    seed: int = 0,
    broken: int = 1,
) -> Trial:
    """Run a command against faults until it exits with 0, then once without them if it did not.

    `broken` is the number of runs, at most, that meet faults. Nothing waits for real.
    """
    shutil.copy(folder / "seeded.db", folder / "books.db")
    shutil.rmtree(folder / ".xerosync", ignore_errors=True)
    ended: list[Run] = []
    struck = refused = 0
    for number in range(broken + 1):
        quiet = number == broken
        with Sandbox(
            folder / "books.db",
            faults=() if quiet else faults,
            fault_rate=0.0 if quiet else rate,
            fault_seed=seed * 10 + number,
            limits=GENEROUS,
            delay=lambda _: None,
        ) as sandbox:
            ended.append(run_at(sandbox.url, folder, command))
            struck += sum(bool(request.fault) for request in sandbox.requests)
            refused += sum(
                request.status == 429 and not request.fault for request in sandbox.requests
            )
            books = frozenset(
                (a.code, a.name, a.type, a.status, a.description, a.tax_type, a.add_to_watchlist)
                for a in sandbox.store.accounts()
            )
            count = len(sandbox.store.accounts())
        assert len(books) == count, "two accounts that are the same"
        if ended[-1].code == CONVERGED:
            break
    return Trial(tuple(ended), books, struck, refused)


def run_at(url: str, folder: Path, command: Sequence[str]) -> Run:
    """Run a command against a sandbox. Nothing waits for real."""
    for name in ("API", "IDENTITY", "LOGIN"):
        os.environ[f"XEROSYNC_{name}_URL"] = url
    before = set(folder.glob(".xerosync/runs/*.jsonl"))
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch("xerosync.cli.session.new_clock", _hurrying_clock),
        mock.patch("os.fsync", return_value=None),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = int(run(command))
    done = sum(_done(path) for path in set(folder.glob(".xerosync/runs/*.jsonl")) - before)
    return Run(code, out.getvalue() + err.getvalue(), done)


def _hurrying_clock(stop: threading.Event) -> Clock:
    """Return a clock that jumps ahead instead of waiting."""
    naps: list[float] = []
    return Clock(
        monotonic=lambda: time.monotonic() + sum(naps),
        sleep=naps.append,
        stop=stop,
    )


def _done(journal: Path) -> int:
    """Count the steps that took effect by the journal; the last line of a step counts."""
    results: dict[int, str] = {}
    for line in journal.read_text("utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "ended":
            results[event["step"]] = event["result"]
    return sum(result in {"done", "fell back"} for result in results.values())


def verdict(trial: Trial, whole: Trial) -> str:
    """Return how a trial ended, in the words of the table, and check that nothing is wrong."""
    first = trial.runs[0]
    assert first.code in {CONVERGED} | SAYS_SO, (trial.codes, first.said)
    assert trial.codes[-1] == CONVERGED, (trial.codes, trial.runs[-1].said)
    assert trial.books == whole.books, "the books are not as they should be"
    assert sum(run.done for run in trial.runs) == sum(run.done for run in whole.runs), (
        "a step that was done is said not to be, or the other way round",
        [(run.code, run.done) for run in trial.runs],
        first.said,
    )
    if first.code == CONVERGED:
        return "0"
    assert "Error: " in first.said
    return f"{first.code}, then 0"
