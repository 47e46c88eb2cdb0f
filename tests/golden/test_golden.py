"""One folder a case: a file, the books, and the plan as text (80 columns) and as JSON.

`usage.json` says what still uses the accounts of the books.

`GOLDEN=write` writes what the plans are now; look at the difference before it is committed.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from usage_files import usage_from

import xerosync
from xerosync.chartfile.load import load
from xerosync.chartfile.problems import describe
from xerosync.cli.terminal import Terminal
from xerosync.errors import ChartError, XerosyncError
from xerosync.model import Chart, Organisation, TaxRate
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.plan.saved.serialize import account_from_json, digest_of, loads, to_document
from xerosync.plan.usage import ReadNow
from xerosync.render.plan.markdown import plan_as_markdown
from xerosync.text import json_text

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/accounts.yaml"))
PLANS = [case for case in CASES if (case / "plan.json").exists()]
WRITE = os.environ.get("GOLDEN") == "write"
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


READER_SAYS_IT_FIRST = {"code-too-long", "name-too-long", "unknown-type"}
"""Rules that no file can break, since reading it fails first; they guard other plans."""


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def current(case: Path) -> Chart:
    """Return the chart of a case: the organisation is the same in all."""
    shared = read_json(HERE / "organisation.json")
    return Chart(
        Organisation(**shared["organisation"]),
        tuple(account_from_json(data) for data in read_json(case / "current.json")),
        tuple(
            TaxRate(**{**rate, "applies_to": frozenset(rate["applies_to"])})
            for rate in shared["tax_rates"]
        ),
    )


def planned(case: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.chdir(case)
    path = case / "usage.json"
    known = ReadNow(usage_from(read_json(path)), names=True) if path.exists() else None
    return build(current(case), load("accounts.yaml").chart, known)


def as_text(plan: Plan) -> str:
    """Return the plan as a terminal of 80 columns without colours shows it."""
    out = io.StringIO()
    console = Console(file=out, width=80, markup=False, emoji=False, highlight=False)
    Terminal(console, Console(file=io.StringIO())).show(plan)
    return out.getvalue()


def as_json(plan: Plan) -> str:
    document = to_document([plan], AT)
    assert document["xerosync_version"] == xerosync.__version__
    return json_text({**document, "xerosync_version": "0"})


def failure(error: XerosyncError) -> str:
    """Return the error as stderr shows it."""
    said = [describe(problem) for problem in getattr(error, "problems", ())]
    return "\n\n".join([*said, f"Error: {error.message}", *filter(None, [error.hint])]) + "\n"


def compare(path: Path, found: str) -> None:
    if WRITE:
        path.write_text(found, encoding="utf-8")
    assert path.exists(), f"{path} is missing: run with GOLDEN=write"
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_plan_of_each_case_is_unchanged(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        plan = planned(case, monkeypatch)
    except XerosyncError as error:
        compare(case / "error.txt", failure(error))
        return
    compare(case / "plan.txt", as_text(plan))
    compare(case / "plan.json", as_json(plan))
    if plan.usage:
        compare(case / "plan.md", plan_as_markdown(plan))
    assert all(len(line) <= 80 for line in as_text(plan).splitlines()[:-2])


@pytest.mark.parametrize("case", PLANS, ids=lambda case: case.name)
def test_a_plan_read_back_is_the_same_plan(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(case, monkeypatch)
    (again,) = loads(as_json(plan))
    assert digest_of([again]) == digest_of([plan])
    assert again.steps == plan.steps
    assert as_text(again) == as_text(plan)


def rule_ids() -> set[str]:
    """Return every rule id in the source of the planner."""
    package = Path(xerosync.__file__).parent / "plan"
    found = {"code-held", "name-held", *READER_SAYS_IT_FIRST}
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if re.fullmatch(r"[a-z]+(-[a-z]+)+", node.value) else set()
    return found


def test_every_rule_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: set[str] = set()
    for case in CASES:
        try:
            shown |= {blocked.rule for blocked in planned(case, monkeypatch).blocked}
        except ChartError as error:
            shown |= {problem.rule for problem in error.problems}
        except XerosyncError:
            continue
    assert rule_ids() - shown == READER_SAYS_IT_FIRST


def test_every_action_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    summaries = [read_json(path)["plans"][0]["summary"] for path in HERE.glob("*/plan.json")]
    for name in ("create", "update", "restore", "archive", "delete", "unchanged", "unmanaged"):
        assert any(summary[name] for summary in summaries), name
