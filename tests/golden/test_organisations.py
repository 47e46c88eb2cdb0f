"""One folder a situation of many organisations: their files, their books, and what is planned.

`books/` has the accounts that each client has in Xero, and `usage/` what still uses them.
`GOLDEN=write` writes what the plans are now; look at the difference before it is committed.
"""

from __future__ import annotations

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from rich.console import Console
from usage_files import usage_from

from xerosync.chartfile.format.canonical import canonical
from xerosync.chartfile.load import load, load_all
from xerosync.cli.options import PlanFormat
from xerosync.cli.report import PlanReport
from xerosync.cli.terminal import Terminal
from xerosync.desired import DesiredChart
from xerosync.model import Account, Chart, Organisation, TaxRate, class_of
from xerosync.organisations.run import run_each
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.plan.saved.serialize import digest_of, loads
from xerosync.plan.usage import ReadNow
from xerosync.render.plan.terminal_view import ViewOptions

HERE = Path(__file__).parent / "organisations"
CASES = sorted(path.parent for path in HERE.glob("*/books"))
WRITE = os.environ.get("GOLDEN") == "write"
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANY = frozenset({"ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE"})
RATES = {
    "NZ": ("OUTPUT2", "15% GST on Income", "INPUT2", "15% GST on Expenses", "NONE", "No GST"),
    "AU": ("OUTPUT", "GST on Income", "INPUT", "GST on Expenses", "BASEXCLUDED", "BAS Excluded"),
}


def current(chart: DesiredChart) -> Chart:
    """Return the books of a client: those in the file with the same name."""
    pin, client = chart.organisation, Path(chart.file).stem
    rates = RATES[pin.country]
    accounts = json.loads(Path("books", f"{client}.json").read_text("utf-8"))
    return Chart(
        Organisation(client, pin.name, f"!{client}", pin.country, f"{pin.country}D"),
        tuple(
            Account(
                id_of(client, one["code"]),
                **one,
                account_class=class_of(one["type"]),
            )
            for one in accounts
        ),
        tuple(
            TaxRate(code, name, applies_to=ANY)
            for code, name in zip(rates[::2], rates[1::2], strict=True)
        ),
    )


def id_of(client: str, code: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{client}/{code}"))


def planned(chart: DesiredChart) -> Plan:
    """Return the plan of a client, with what uses its accounts if there is a file of that."""
    client, known = Path(chart.file).stem, None
    path = Path("usage", f"{client}.json")
    if path.exists():
        found = usage_from(json.loads(path.read_text("utf-8")), partial(id_of, client))
        known = ReadNow(found, names=True)
    return build(current(chart), chart, known)


def report_of(case: Path, monkeypatch: pytest.MonkeyPatch) -> PlanReport:
    """Plan every client as `xerosync plan clients` does."""
    monkeypatch.chdir(case)
    files = sorted(str(path) for path in Path("clients").glob("*.yaml"))
    charts = [one.chart for one in load_all(files)]
    with ThreadPoolExecutor(1) as executor:
        plans, failed = run_each(charts, planned, executor, done="planned")
    return PlanReport(plans, AT, failed)


def as_text(report: PlanReport) -> str:
    """Return what a terminal of 80 columns shows: the review, then each plan."""
    out = io.StringIO()
    console = Console(file=out, width=80, markup=False, emoji=False, highlight=False)
    terminal = Terminal(console, Console(file=io.StringIO()))
    view = ViewOptions(verbose=not report.single)
    report.show(terminal, PlanFormat.TEXT, view, brief=False)
    return out.getvalue()


def as_json(report: PlanReport) -> str:
    document = json.loads(report.text(PlanFormat.JSON)) | {"xerosync_version": "0"}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def compare(path: Path, found: str) -> None:
    if WRITE:
        path.write_text(found, encoding="utf-8")
    assert path.exists(), f"{path} is missing: run with GOLDEN=write"
    assert found == path.read_text(encoding="utf-8")


def test_there_are_twelve_situations() -> None:
    assert len(CASES) == 12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_planned_in_each_situation_is_unchanged(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_of(case, monkeypatch)
    compare(case / "plan.txt", as_text(report))
    compare(case / "plan.json", as_json(report))
    if Path("usage").exists():
        compare(case / "plan.md", report.text(PlanFormat.MARKDOWN))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_saved_plans_read_back_are_the_same(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = report_of(case, monkeypatch).plans
    again = loads((case / "plan.json").read_text("utf-8"))
    assert digest_of(again) == digest_of(found)
    assert [plan.steps for plan in again] == [plan.steps for plan in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_files_are_valid_and_formatted(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    for path in (*Path("standard").rglob("*.yaml"), *Path("clients").glob("*.yaml")):
        assert not load(str(path)).warnings
        assert canonical(path.read_bytes(), str(path)) == path.read_text("utf-8")
