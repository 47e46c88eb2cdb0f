"""`xerosync compare`: from files, from a whole sign-in, and from CSV exports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Xerosync
from jsonschema import Draft202012Validator
from render.test_published_schemas import load, validator

from cli.many.conftest import practice
from cli.many.practice import Practice, tenant, write_client
from xerosync.chartfile.csv.read import load_csv

__all__ = ["practice"]

Begin = Callable[..., Practice]
SCHEMA = load("compare.schema.json")
STANDARD = """\
version: 1
standard: {name: Shared chart}
accounts:
  - {code: "400", name: Rent, type: EXPENSE, tax_type: NONE}
  - {code: "401", name: Bank Charges, type: EXPENSE, tax_type: NONE}
  - {code: "403", name: Freight, type: EXPENSE, tax_type: NONE}
"""
OVERRIDES = """\
overrides:
  - {standard: "401", name: Bank Fees, reason: The covenant names it so}
  - {standard: "403", omit: true, reason: They send nothing}
accounts:
  - {code: "402", name: Cleaning, type: EXPENSE}
"""


@pytest.fixture
def standard(project: Path) -> Path:
    path = project / "chart.yaml"
    path.write_text(STANDARD, encoding="utf-8")
    return path


def overlay(number: int, more: str = "accounts: []\n") -> None:
    text = (
        "version: 1\nextends: ../chart.yaml\n"
        f'organisation: {{name: "Client {number}", tenant_id: "{tenant(number)}"}}\n{more}'
    )
    Path("clients").mkdir(exist_ok=True)
    Path(f"clients/{number}.yaml").write_text(text, encoding="utf-8")


def test_files_are_compared_with_the_standard_that_they_extend(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(3)
    overlay(1)
    overlay(2)
    overlay(3, OVERRIDES)
    said = xerosync("compare", "-f", "clients")
    assert (said.code, said.err) == (0, "")
    assert "Client 1: 1 same, 1 named differently, 1 missing, 1 extra" in said.out
    assert "Client 3: 1 same, 1 extra; 2 overrides" in said.out
    table = said.out.partition("Accounts that differ most")[2]
    assert "2 named differently; name “Bank Fees”" in " ".join(table.split())
    assert "consolidate by name" in " ".join(table.split())
    last = said.out.splitlines()[-1]
    assert last == "3 organisations compared, 3 of them with 7 differences in all."


def test_with_detailed_exitcode_a_difference_exits_with_2(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(1)
    overlay(1)
    assert xerosync("compare", "clients").code == 0
    assert xerosync("compare", "clients", "--detailed-exitcode").code == 2
    standard.write_text(
        "version: 1\nstandard: {name: S}\naccounts:\n"
        '  - {code: "400", name: Rent, type: EXPENSE}\n'
        '  - {code: "401", name: Bank Fees, type: EXPENSE}\n'
        '  - {code: "402", name: Cleaning, type: EXPENSE}\n'
    )
    said = xerosync("compare", "clients", "--detailed-exitcode")
    assert said.code == 0
    assert "none differs" in said.out


def test_organisations_that_are_the_same_share_a_line(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(60)
    standard.write_text(
        "version: 1\nstandard: {name: S}\naccounts:\n"
        '  - {code: "400", name: Rent, type: EXPENSE}\n'
        '  - {code: "401", name: Bank Fees, type: EXPENSE}\n'
        '  - {code: "402", name: Cleaning, type: EXPENSE}\n'
    )
    for number in range(1, 61):
        overlay(number)
    said = xerosync("compare", "clients")
    assert "60 organisations: no differences" in said.out
    assert len(said.out.splitlines()) < 5


def test_many_organisations_that_differ_are_all_counted_but_not_all_listed(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(60)
    said = xerosync("compare", "--all", "--standard", "chart.yaml")
    assert "10 more organisations: --csv-file and --html-file list them all." in said.out
    assert "60 organisations compared, 60 of them with 180 differences in all." in said.out


def test_a_whole_sign_in_needs_no_files(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    served = practice(5)
    said = xerosync("compare", "--all", "--standard", "chart.yaml", "--format", "json")
    made = json.loads(said.out)
    assert [one["tenant_id"] for one in made["organisations"]] == [tenant(n) for n in range(1, 6)]
    assert {one["file"] for one in made["organisations"]} == {""}
    assert served.calls["token"] == served.calls["connections"] == 1
    assert served.calls["Accounts"] == 5
    without = xerosync("compare", "--all")
    assert without.code == 64
    assert without.err.startswith(
        "Error: There is no standard to compare with: no chart file is read"
    )
    assert served.calls["Accounts"] == 5, "refused before any chart is read"


def test_an_organisation_that_fails_does_not_stop_the_others(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(4, faults={2: "403"})
    said = xerosync("compare", "--all", "--standard", "chart.yaml", "--format", "json")
    assert said.code == 6
    made = json.loads(said.out)
    assert [one["organisation"] for one in made["failed"]] == ["Client 2"]
    assert len(made["organisations"]) == 3
    assert "1 of 4 organisations failed" in said.err
    assert "Client 2:" in said.err
    text = xerosync("compare", "--all", "--standard", "chart.yaml")
    assert "1 not compared" in text.out
    assert "Client 2" in text.out


def test_an_invalid_file_does_not_stop_the_others(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(3)
    for number in (1, 2, 3):
        overlay(number, "account: []\n" if number == 2 else "accounts: []\n")
    said = xerosync("compare", "-f", "clients", "--html-file", "grid.html")
    assert said.code == 6
    assert "clients/2.yaml:4:1: error[unknown-field]" in said.err
    assert "Skipped, because invalid: clients/2.yaml" in said.err
    assert "2 organisations compared" in said.out
    assert "1 not compared" in said.out
    page = Path("grid.html").read_text(encoding="utf-8")
    assert "Client 3" in page
    assert "clients/2.yaml" in page
    said = xerosync("compare", "-f", "clients/2.yaml", "--html-file", "none.html")
    assert (said.code, said.out) == (3, "")
    assert not Path("none.html").exists()


def test_a_country_that_the_standard_does_not_know_is_a_failure(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(1)
    declared = "standard: {name: S}\ntax_types:\n  none: {AU: BASEXCLUDED}\n"
    text = STANDARD.replace("standard: {name: Shared chart}\n", declared)
    standard.write_text(text.replace("NONE", "none"))
    said = xerosync("compare", "--all", "--standard", "chart.yaml")
    assert said.code == 3
    assert "tax-type-not-for-country" in said.err
    assert "NZ" in said.err


def test_json_matches_its_schema_and_has_every_cell(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    practice(3, faults={3: "500"})
    overlay(1)
    overlay(2, OVERRIDES)
    overlay(3)
    made = json.loads(xerosync("compare", "clients", "--format", "json").out)
    errors = [f"{e.json_path}: {e.message}" for e in validator(SCHEMA).iter_errors(made)]
    assert not errors, errors[:3]
    cells = {row["code"]: row["cells"] for row in made["accounts"]}
    assert {code: cell[tenant(1)]["state"] for code, cell in cells.items()} == {
        "400": "same", "401": "name", "403": "missing", "402": "extra",
    }  # fmt: skip
    theirs = cells["401"][tenant(2)]
    assert (theirs["state"], theirs["reasons"]) == ("override", ["The covenant names it so"])
    assert theirs["source"]["file"] == "clients/2.yaml"
    assert theirs["wanted"]["name"] == "Bank Charges"
    assert cells["402"][tenant(2)]["own"] is True


def test_csv_has_a_row_for_each_cell_that_is_not_the_same(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(2)
    overlay(1)
    overlay(2, OVERRIDES)
    rows = list(csv.DictReader(io.StringIO(xerosync("compare", "clients", "--format", "csv").out)))
    assert [(row["Organisation"], row["State"]) for row in rows] == [
        ("Client 1", "name"), ("Client 1", "missing"), ("Client 1", "extra"),
        ("Client 2", "override"), ("Client 2", "override"), ("Client 2", "extra"),
    ]  # fmt: skip
    assert (rows[0]["Account"], rows[0]["Found name"]) == ("Bank Charges", "Bank Fees")
    assert rows[3]["Reason"] == "The covenant names it so"


def test_every_format_can_be_written_beside_the_text(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(1)
    overlay(1)
    said = xerosync(
        "compare", "clients", "--json-file", "o.json", "--csv-file", "o.csv", "--html-file",
        "o.html", "--xlsx-file", "o.xlsx",
    )  # fmt: skip
    assert said.code == 0
    assert "Client 1" in said.out
    assert json.loads(Path("o.json").read_text())["against"] == "Shared chart"
    assert Path("o.csv").read_text().startswith("Organisation,")
    assert "<!doctype html>" in Path("o.html").read_text().lower()
    assert Path("o.xlsx").read_bytes().startswith(b"PK")


def test_without_the_extra_a_workbook_is_refused_before_anything_is_read(
    practice: Begin, standard: Path, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = practice(1)
    monkeypatch.setattr("xerosync.cli.commands.compare.find_spec", lambda _: None)
    said = xerosync("compare", "--all", "--standard", "chart.yaml", "--xlsx-file", "o.xlsx")
    assert said.code == 64
    assert "the extra [xlsx], as its README.md" in said.err
    assert not served.calls


def test_one_account_can_be_compared_in_all_books(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(3)
    overlay(1)
    overlay(2)
    overlay(3, OVERRIDES)
    said = xerosync("compare", "clients", "--account", "401")
    words = " ".join(said.out.split())
    assert "401 Bank Charges" in words
    assert "Client 1, Client 2" in words
    assert "Reason: The covenant names it so." in words
    assert "Freight" not in words
    said = xerosync("compare", "clients", "--account", "40l")
    assert said.code == 64
    assert "Did you mean" in said.err


def test_charts_can_be_compared_with_one_organisation(practice: Begin, xerosync: Xerosync) -> None:
    practice(3)
    said = xerosync("compare", "--all", "--against", "client 2", "--detailed-exitcode")
    assert said.code == 0
    assert "Compared with Client 2" in said.out
    assert "! Here, “the standard” means Client 2." in said.out
    assert "2 organisations compared, none differs." in said.out
    said = xerosync("compare", "--all", "--against", "Klient 2")
    assert said.code == 64
    assert "Client 2" in said.err


def test_csv_exports_are_compared_without_a_sign_in(standard: Path, xerosync: Xerosync) -> None:
    head = "*Code,*Name,*Type,*Tax Code,Description\n"
    Path("exports").mkdir()
    Path("exports/Acme Ltd.csv").write_text(
        f"{head}400,Rent,Expense,No GST,\n401,Bank Fees,Expense,No GST,\n", encoding="utf-8"
    )
    Path("exports/Broken.csv").write_text("nothing\n", encoding="utf-8")
    said = xerosync("compare", "--current", "exports", "--standard", "chart.yaml")
    assert said.code == 6
    assert "Acme Ltd: 1 same, 1 named differently, 1 missing" in said.out
    assert "tax rate was not compared for 2 accounts" in " ".join(said.out.split())
    assert "exports/Broken.csv (Broken)" in said.err
    document = xerosync(
        "compare", "--current", "exports", "--standard", "chart.yaml", "--format", "json"
    )
    grid = json.loads(document.out)
    assert not list(validator(SCHEMA).iter_errors(grid))
    assert grid["organisations"][0]["not_compared"] == 2
    cells = [cell for account in grid["accounts"] for cell in account["cells"].values()]
    untold = [cell["state"] for cell in cells if cell.get("not_compared") == ["tax"]]
    assert sorted(untold) == ["name", "same"]
    rows = xerosync(
        "compare", "--current", "exports", "--standard", "chart.yaml", "--format", "csv"
    )
    assert "tax rate was not compared for 2 accounts" in " ".join(rows.err.split())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--all", "clients"], "--all cannot be used with chart files"),
        (["--all", "--select", "tag:x"], "--all cannot be used with --select"),
        (["--all", "--country", "NZ"], "--all cannot be used with --country"),
        (["--current", "nowhere", "--sandbox"], "--current cannot be used with --sandbox"),
        (["--current", "nowhere"], "nowhere is not a folder"),
        (["--country", "NZ"], "--country is only for CSV exports"),
        (["--all", "--standard", "a.yaml", "--against", "B"], "--standard and --against"),
        (["--all", "--account", "1", "--format", "json"], "--account cannot be used"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    options: list[str], says: str, xerosync: Xerosync
) -> None:
    said = xerosync("compare", *options)
    assert said.code == 64
    assert says in said.err


def test_a_bug_in_one_csv_export_stops_no_other(
    standard: Path, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str) -> object:
        if "Broken" in path:
            raise KeyError("x")
        return load_csv(path)

    monkeypatch.setattr("xerosync.cli.many.books.load_csv", fail)
    Path("exports").mkdir()
    for name in ("Acme", "Broken"):
        Path(f"exports/{name}.csv").write_text(
            "*Code,*Name,*Type\n400,Rent,Expense\n", encoding="utf-8"
        )
    said = xerosync("compare", "--current", "exports", "--standard", "chart.yaml")
    assert said.code == 6
    assert "exports/Broken.csv (Broken): This is a bug in xerosync: KeyError." in said.err
    assert "Copy exports/Broken.csv to an empty folder, run the command for that folder" in said.err
    Path("exports/Acme.csv").unlink()
    alone = xerosync("compare", "--current", "exports", "--standard", "chart.yaml", "--debug")
    assert alone.code == 1
    assert "books.py:" in alone.err
    Path("exports/Broken.csv").rename("exports/Garbage.csv").write_text("garbage")
    bad = xerosync(
        "compare", "--current", "exports", "--standard", "chart.yaml", "--format", "json"
    )
    assert bad.code == 3
    assert [one["organisation"] for one in json.loads(bad.out)["failed"]] == ["Garbage"]


def test_all_is_refused_if_a_variable_names_one_organisation(
    practice: Begin, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice(2)
    monkeypatch.setenv("XERO_TENANT_ID", tenant(1))
    said = xerosync("compare", "--all", "--against", "Client 1")
    assert said.code == 64
    assert "Unset XERO_TENANT_ID, or" in said.err
    monkeypatch.setenv("XERO_TENANT_ID_ACME", tenant(1))
    of_profile = xerosync("compare", "--all", "--against", "Client 1", "--profile", "acme")
    assert of_profile.code == 64
    assert "Unset XERO_TENANT_ID_ACME, or" in of_profile.err


def test_two_files_for_one_organisation_fail(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(2)
    overlay(1)
    overlay(2)
    Path("clients/3.yaml").write_text(
        Path("clients/1.yaml").read_text().replace(f', tenant_id: "{tenant(1)}"', "")
    )
    said = xerosync("compare", "clients")
    assert said.code == 6
    assert "are both for Client 1" in said.err


def test_nothing_selected_is_an_empty_document(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(1)
    overlay(1)
    said = xerosync("compare", "clients", "--select", "tag:none", "--format", "json")
    assert said.code == 0
    assert "--select chooses none" in said.err
    assert json.loads(said.out)["organisations"] == []
    assert xerosync("compare", "clients", "--select", "tag:none").out == ""


def test_charts_without_a_standard_get_a_hint_to_name_one(
    practice: Begin, project: Path, xerosync: Xerosync
) -> None:
    practice(2)
    for number in (1, 2):
        write_client(Path("clients"), number)
    said = xerosync("compare", "clients", "--json-file", "o.json")
    assert said.code == 64
    assert "--standard FILE" in said.err
    assert not Path("o.json").exists()


def test_several_files_are_one_standard_and_uncompared_tax_rates_are_reported(
    practice: Begin, standard: Path, xerosync: Xerosync
) -> None:
    practice(1)
    standard.write_text(STANDARD.replace("NONE", "no_tax"))
    Path("tax.yaml").write_text(
        "version: 1\nstandard: {name: Taxes}\ntax_types:\n  no_tax: {NZ: NONE}\n"
    )
    alone = xerosync("compare", "--all", "--standard", "chart.yaml")
    note = (
        "tax rate was not compared for 2 accounts in 1 organisation: no tax rate there, or more"
        " than one, is called no_tax. If the standard has tax_types, give the file that defines"
        " them to --standard too."
    )
    assert note in " ".join(alone.out.split())
    assert "taxed differently" not in alone.out
    both = xerosync("compare", "--all", "--standard", "chart.yaml", "--standard", "tax.yaml")
    assert "Compared with Shared chart, Taxes" in both.out
    assert "not compared" not in both.out
    missing = xerosync("compare", "--all", "--standard", "chart.yaml", "--standard", "no.yaml")
    assert missing.code == 3
    assert "--standard takes the file of a standard." in missing.err
    assert "xerosync pull" not in missing.err
