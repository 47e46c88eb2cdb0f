"""An overlay against a local Xero: planned, applied, proved, and told of what left the standard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Xerosync

from end_to_end.conftest import writes
from xerosync.sandbox import Sandbox

CHART = """\
version: 1
standard: {name: Rimu practice chart}
tax_types:
  sales: {NZ: OUTPUT2, AU: OUTPUT}
  no_tax: {NZ: NONE, AU: BASEXCLUDED}
initial: [description]
accounts:
  - {code: "200", name: Sales of Goods, type: REVENUE, tax_type: sales}
  - {code: "404", name: Bank Fees, type: EXPENSE, tax_type: no_tax}
  - {code: "433", name: Beehives, type: EXPENSE, tax_type: no_tax}
  - {code: "615", name: Consignment Stock, type: CURRENT, optional: true}
  - {code: "616", name: Honey in Transit, type: CURRENT, optional: true}
  - {code: "9451", name: Hive Repairs, type: EXPENSE, tax_type: no_tax, description: First words}
"""
OVERLAY = """\
version: 1
extends: standard/chart.yaml
organisation: {name: Demo Company (NZ), country: NZ}
overrides:
  - {standard: "404", name: Bank Charges and Fees, reason: Named so in the covenant}
take: ["615"]
accounts:
  - {code: "9905", name: Grant Income, type: REVENUE, tax_type: sales}
"""


@pytest.fixture
def standard(project: Path) -> Path:
    path = project / "standard/chart.yaml"
    path.parent.mkdir()
    path.write_text(CHART, encoding="utf-8")
    (project / "acme.yaml").write_text(OVERLAY, encoding="utf-8")
    return path


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_an_overlay_is_applied_and_a_second_plan_finds_nothing(
    standard: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    said = xerosync("plan", "acme.yaml", "--format", "json")
    (plan,) = json.loads(said.out)["plans"]
    assert {(c["action"], c["code"], c["source"]["file"]) for c in plan["changes"]} == {
        ("create", "615", "standard/chart.yaml"),
        ("create", "9451", "standard/chart.yaml"),
        ("create", "9905", "acme.yaml"),
        ("update", "200", "standard/chart.yaml"),
        ("update", "404", "acme.yaml"),
    }
    (blocked,) = plan["blocked"]
    assert (blocked["code"], blocked["rule"]) == ("433", "another-account")
    assert 'in acme.yaml, under overrides: `- {standard: "433", …}`' in blocked["hint"]

    edit(Path("acme.yaml"), "take:", '  - {standard: "433", omit: true, reason: No bees}\ntake:')
    done = xerosync("apply", "acme.yaml", "--yes")
    assert (done.code, "Checked: Xero is as planned." in done.err) == (0, True)
    made = books.store.by_code("9451")
    assert made is not None
    assert made.description == "First words"
    assert books.store.by_code("616") is None

    edit(standard, "First words", "Other words")
    books.clear_log()
    assert "No changes." in xerosync("apply", "acme.yaml", "--yes").out
    assert not writes(books)

    edit(standard, '  - {code: "9451"', "#")
    left = xerosync("plan", "acme.yaml").out
    assert "9451 Hive Repairs was in the standard at the last apply" in " ".join(left.split())


def test_differences_are_pulled_into_the_overlay_and_the_next_plan_is_empty(
    standard: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    path = Path("acme.yaml")
    checked = xerosync("pull", "acme.yaml", "--check")
    assert (checked.code, path.read_text("utf-8")) == (2, OVERLAY)
    pulled = xerosync("pull", "acme.yaml")
    assert pulled.code == 0
    assert "overrides without a reason" in pulled.err
    assert "Next: xerosync validate -f acme.yaml" in pulled.err
    assert not writes(books)
    asked = xerosync("validate", "acme.yaml")
    assert asked.code == 3
    assert asked.out.count("override-without-reason") == path.read_text("utf-8").count('""')
    assert xerosync("plan", "acme.yaml").code == 3
    text = path.read_text("utf-8").replace('reason: ""', "reason: So it is here")
    path.write_text(text, encoding="utf-8")
    assert "No changes." in xerosync("plan", "acme.yaml").out
    assert "acme.yaml is up to date" in xerosync("pull", "acme.yaml").err
    assert path.read_text("utf-8") == text
    assert standard.read_text("utf-8") == CHART


def test_a_folder_is_pulled_without_its_standards_and_one_failure_stops_no_other(
    standard: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    assert standard.exists()
    other = OVERLAY.replace("Demo Company (NZ)", "Nobody Ltd").replace("standard/", "../standard/")
    Path("clients").mkdir()
    Path("clients/a.yaml").write_text(other, encoding="utf-8")
    mine = OVERLAY.replace("standard/", "../standard/")
    Path("clients/b.yaml").write_text(mine, encoding="utf-8")
    said = xerosync("pull", "standard", "clients")
    assert said.code == 6
    assert "clients/b.yaml: updated" in said.err
    assert "clients/a.yaml" in said.err
    assert Path("clients/a.yaml").read_text("utf-8") == other
    assert not writes(books)


def test_books_of_another_country_are_not_touched(
    standard: Path, books: Sandbox, xerosync: Xerosync
) -> None:
    assert standard.exists()
    edit(Path("acme.yaml"), "country: NZ", "country: AU")
    said = xerosync("apply", "acme.yaml", "--yes")
    assert said.code == 5
    assert "country AU in the file, NZ in Xero" in " ".join(said.err.split())
    assert not writes(books)
