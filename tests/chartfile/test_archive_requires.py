"""`archive_requires` in a chart file: united with the standards, and waived with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync.chartfile.format.canonical import canonical
from xerosync.chartfile.load import load, load_merged, parse
from xerosync.errors import ChartError
from xerosync.render.merged import as_text
from xerosync.usage import Requirement

WAIVED = 'waive: {archive-requires: "Until the   liquidation ends"}'
STANDARD = """\
version: 1
standard: {name: Rimu}
archive_requires: [zero_balance]
accounts:
  - {code: "404", name: Bank Charges, type: EXPENSE, status: ARCHIVED}
  - {code: "461", name: Printing, type: EXPENSE, status: ARCHIVED}
"""
OVERLAY = f"""\
version: 1
extends: standard.yaml
organisation: {{name: Kauri Ltd}}
archive_requires: [unused]
overrides:
  - {{standard: "461", {WAIVED}}}
"""
ALONE = f"""\
version: 1
organisation: {{name: Kauri Ltd}}
archive_requires: [unused, zero_balance]
accounts:
  - {{code: "461", name: Printing, status: ARCHIVED, {WAIVED}}}
"""


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("standard.yaml").write_text(STANDARD, encoding="utf-8")
    Path("kauri.yaml").write_text(OVERLAY, encoding="utf-8")
    return "kauri.yaml"


def test_a_file_that_stands_alone_can_require_and_waive() -> None:
    loaded = parse(ALONE, "a.yaml")
    assert loaded.chart.archive_requires == (Requirement.ZERO_BALANCE, Requirement.UNUSED)
    assert loaded.chart.accounts[0].archive_waiver == "Until the liquidation ends"
    assert not loaded.warnings


def test_the_requirements_of_standards_and_the_file_are_united(overlay: str) -> None:
    loaded = load(overlay)
    assert loaded.chart.archive_requires == (Requirement.ZERO_BALANCE, Requirement.UNUSED)
    waived = {one.code: one.archive_waiver for one in loaded.chart.accounts}
    assert waived == {"404": "", "461": "Until the liquidation ends"}
    assert not loaded.warnings


def test_the_merged_chart_says_where_each_requirement_stands(overlay: str) -> None:
    shown = as_text(load_merged(overlay)).replace("  ", "")
    assert "archive_requires.zero_balancerequiredstandard.yaml:3" in shown.replace(" ", "")
    assert "archive_requires.unusedrequiredkauri.yaml:4" in shown.replace(" ", "")


def test_an_account_that_is_not_overridable_cannot_waive(overlay: str) -> None:
    """Neither an overlay nor another standard can waive the requirements for it."""
    fixed = STANDARD.replace("name: Printing", "name: Printing, overridable: false")
    Path("standard.yaml").write_text(fixed, encoding="utf-8")
    with pytest.raises(ChartError) as caught:
        load(overlay)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.file, problem.line) == ("not-overridable", overlay, 6)

    other = STANDARD.replace("Rimu", "Rata").replace("name: Printing", f"name: Printing, {WAIVED}")
    Path("other.yaml").write_text(other, encoding="utf-8")
    both = OVERLAY.replace("standard.yaml", "[standard.yaml, other.yaml]").partition("overrides")[0]
    Path(overlay).write_text(both, encoding="utf-8")
    with pytest.raises(ChartError) as caught:
        load(overlay)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.file) == ("not-overridable", "other.yaml")
    assert "adds to it: `waive`" in problem.message


def test_an_overlay_cannot_remove_a_requirement(overlay: str) -> None:
    text = OVERLAY.replace("archive_requires: [unused]", "archive_requires: []")
    Path(overlay).write_text(text, encoding="utf-8")
    assert load(overlay).chart.archive_requires == (Requirement.ZERO_BALANCE,)


@pytest.mark.parametrize(
    "text",
    [
        ALONE.replace("archive_requires: [unused, zero_balance]\n", ""),
        ALONE.replace("status: ARCHIVED, ", ""),
    ],
    ids=["nothing asked for", "not archived"],
)
def test_a_waiver_without_effect_is_reported(text: str) -> None:
    (problem,) = parse(text, "a.yaml").warnings
    assert problem.rule == "unused-waiver"


def test_fmt_leaves_the_requirements_as_they_are() -> None:
    assert "archive_requires: [unused, zero_balance]" in canonical(ALONE.encode(), "a.yaml")
