"""`show --merged` prints a whole chart with the place of each value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync

CHART = """\
version: 1
standard: {name: Rimu practice chart}
limits: {archives: 3}
initial: [description]
accounts:
  - code: "404"
    name: Bank Charges
    type: EXPENSE
    description: Fees of banks
    previously: ["402"]
  - {code: "449", name: Motor Vehicle Expenses, type: EXPENSE}
  - {code: "615", name: Consignment Stock, type: CURRENT, optional: true}
"""
ACME = """\
version: 1
extends: chart.yaml
organisation: {name: Acme, country: NZ}
tags: [retail]
overrides:
  - {standard: "404", name: Merchant Fees, reason: So the covenant says}
  - {standard: "449", omit: true, reason: No vehicles}
accounts:
  - {code: "905", name: Grants, type: REVENUE}
"""
SHOWN = """\
Acme, from acme.yaml, extends Rimu practice chart
  name             Acme    acme.yaml:3
  country          NZ      acme.yaml:3
  tag              retail  acme.yaml:4
  limits.archives  3       chart.yaml:3

404 Merchant Fees
  code         404            chart.yaml:6
  name         Merchant Fees  acme.yaml:6
  type         EXPENSE        chart.yaml:8
  description  Fees of banks  chart.yaml:9 (only when it is created)
  previously   402            chart.yaml:10
  reason for name: So the covenant says  acme.yaml:6

615 Consignment Stock
  code      615                chart.yaml:12
  name      Consignment Stock  chart.yaml:12
  type      CURRENT            chart.yaml:12
  optional  yes                chart.yaml:12 (only where the organisation has it)

905 Grants
  code  905      acme.yaml:9
  name  Grants   acme.yaml:9
  type  REVENUE  acme.yaml:9

Omitted
  449 Motor Vehicle Expenses  acme.yaml:7: No vehicles
"""


@pytest.fixture
def xerosync(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Xerosync:
    """Run in a folder with a standard and an overlay."""
    monkeypatch.chdir(tmp_path)
    Path("chart.yaml").write_text(CHART, encoding="utf-8")
    Path("acme.yaml").write_text(ACME, encoding="utf-8")
    return Xerosync(capsys, monkeypatch)


def test_each_value_has_its_line(xerosync: Xerosync) -> None:
    done = xerosync("show", "--merged", "acme.yaml")
    assert (done.code, done.out) == (0, SHOWN)


def test_json_shows_each_value_with_its_line(xerosync: Xerosync) -> None:
    told = json.loads(xerosync("show", "--merged", "acme.yaml", "--format", "json").out)
    assert told["standard"] == "Rimu practice chart"
    first = told["accounts"][0]["fields"]
    assert first["name"] == {
        "value": "Merchant Fees",
        "source": {"file": "acme.yaml", "line": 6, "column": 29},
        "managed": True,
    }
    assert first["description"]["managed"] is False
    assert [one["own"] for one in told["accounts"]] == [False, False, True]
    (omitted,) = told["omitted"]
    assert (omitted["code"], omitted["reasons"]) == ("449", ["No vehicles"])


def test_a_standard_and_a_plain_chart_can_be_shown(xerosync: Xerosync) -> None:
    shown = xerosync("show", "--merged", "chart.yaml").out
    assert shown.startswith("Rimu practice chart, from chart.yaml\n")
    Path("plain.yaml").write_text(
        ACME.replace("extends: chart.yaml\n", "").split("overrides")[0] + "accounts: []\n", "utf-8"
    )
    assert "tag      retail  plain.yaml:3" in xerosync("show", "--merged", "plain.yaml").out


def test_an_invalid_chart_is_reported(xerosync: Xerosync) -> None:
    Path("acme.yaml").write_text(ACME.replace("reason: No", "note: No"), encoding="utf-8")
    done = xerosync("show", "--merged", "acme.yaml")
    assert done.code == 3
    assert "override-without-reason" in done.err


@pytest.mark.parametrize(
    "option", [("--format", "html"), ("--brief",), ("--only", "404"), ("--verbose",)]
)
def test_an_option_that_is_only_for_plans_is_refused(
    xerosync: Xerosync, option: tuple[str, ...]
) -> None:
    assert xerosync("show", "--merged", "acme.yaml", *option).code == 64


def test_each_reason_is_shown_with_what_it_is_for(xerosync: Xerosync) -> None:
    """Two layers may override one account, each with a reason of its own."""
    Path("chart.yaml").write_text(CHART, encoding="utf-8")
    Path("layer.yaml").write_text(
        "version: 1\nstandard: {name: Layer}\nextends: chart.yaml\n"
        'overrides:\n  - {standard: "404", type: OVERHEADS, reason: So the layer says}\n',
        encoding="utf-8",
    )
    Path("acme.yaml").write_text(ACME.replace("chart.yaml", "layer.yaml"), encoding="utf-8")
    said = xerosync("show", "--merged", "acme.yaml").out
    assert "  reason for name: So the covenant says  acme.yaml:6\n" in said
    assert "  reason for type: So the layer says  layer.yaml:5\n" in said
    found = json.loads(xerosync("show", "--merged", "acme.yaml", "--format", "json").out)
    account = next(one for one in found["accounts"] if one["code"] == "404")
    assert [(one["fields"], one["source"]["file"]) for one in account["overrides"]] == [
        (["name"], "acme.yaml"),
        (["type"], "layer.yaml"),
    ]


@pytest.mark.parametrize("file", ["acme.yaml", "chart.yaml"])
def test_a_chart_file_without_merged_says_how_to_see_it(xerosync: Xerosync, file: str) -> None:
    Path("chart.yaml").write_text(CHART, encoding="utf-8")
    Path("acme.yaml").write_text(ACME, encoding="utf-8")
    said = xerosync("show", file)
    assert said.code == 64
    assert f"{file} is a chart file" in said.err
    assert f"run `xerosync show --merged {file}`" in said.err
