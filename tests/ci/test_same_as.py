"""`apply PLAN.json --same-as FILE`: the merged file must ask for what the plan does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync
from end_to_end.conftest import chart, writes

from xerosync.plan.saved.digest import digest
from xerosync.sandbox import Sandbox

CHART = chart('"code": "200", name: Sales of Goods, tax_type: 15% GST on Income')


@pytest.fixture
def saved(books: Sandbox, xerosync: Xerosync) -> Sandbox:
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")
    assert xerosync("plan", "--out", "plan.json").code == 0
    return books


def test_a_plan_of_the_same_file_is_applied(saved: Sandbox, xerosync: Xerosync) -> None:
    text = Path("accounts.yaml").read_text(encoding="utf-8")
    Path("accounts.yaml").write_text(f"# moved by a comment\n{text}", encoding="utf-8")
    assert xerosync("apply", "plan.json", "--same-as", "accounts.yaml").code == 0


@pytest.mark.parametrize(
    "text",
    [
        CHART.replace("Goods", "Bads"),
        chart('"code": "433", status: ARCHIVED'),
        CHART.replace("tax_type:", "description: What we sell, tax_type:"),
    ],
)
def test_a_plan_is_refused_if_another_merge_changed_the_file(
    saved: Sandbox, xerosync: Xerosync, text: str
) -> None:
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    said = xerosync("apply", "plan.json", "--same-as", "accounts.yaml")
    assert said.code == 5
    assert "accounts.yaml does not ask for what this plan does" in " ".join(said.err.split())
    assert writes(saved) == []


def test_other_changes_that_the_file_asks_for_are_reported_and_not_applied(
    saved: Sandbox, xerosync: Xerosync
) -> None:
    Path("accounts.yaml").write_text(CHART + '  - {"code": "433", status: ARCHIVED}\n', "utf-8")
    said = xerosync("apply", "plan.json", "--same-as", "accounts.yaml")
    assert said.code == 0
    assert "also asks for 1 change that this plan does not make: 433 Insurance." in said.err
    assert "Checked: Xero is as planned." in said.err
    assert len(writes(saved)) == 1
    assert "0 to create, 0 to update, 0 to restore, 1 to archive" in xerosync("plan").out


def test_the_limits_are_those_of_the_file_not_of_the_plan(
    saved: Sandbox, xerosync: Xerosync
) -> None:
    """Anybody who can write a plan can write its digest and its limits."""
    codes = ("404", "408", "412", "416", "420", "425", "429")
    text = chart(*(f'"code": "{code}", status: ARCHIVED' for code in codes))
    Path("accounts.yaml").write_text(text, encoding="utf-8")
    assert xerosync("plan", "--out", "plan.json").code == 0
    document = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    document["plans"][0]["desired"]["limits"]["archives"] = 100
    document["digest"] = digest(document["plans"])
    Path("plan.json").write_text(json.dumps(document), encoding="utf-8")
    said = xerosync("apply", "plan.json", "--same-as", "accounts.yaml")
    assert said.code == 5
    assert "--allow archives=7" in said.err


@pytest.mark.parametrize("options", [("--yes",), ("plan.json", "--same-as", "accounts.yaml")])
def test_same_as_needs_as_many_files_as_the_plan_has(
    saved: Sandbox, xerosync: Xerosync, options: tuple[str, ...]
) -> None:
    assert xerosync("apply", *options, "--same-as", "accounts.yaml").code == 64
