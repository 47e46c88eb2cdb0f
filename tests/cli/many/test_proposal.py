"""`xerosync compare --propose`: a standard from the books of a practice, or from CSV exports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.chartfile.load import parse
from xerosync.organisations.standards.documents import Kind


@pytest.fixture
def practice(project: Path, xerosync: Xerosync) -> Path:
    """Fill a sandbox with twelve clients, whose charts have drifted."""
    assert xerosync("sandbox", "--organisations", "12", "--reset").code == 0
    return project


def test_all_books_of_the_sign_in_become_one_standard(xerosync: Xerosync, practice: Path) -> None:
    said = xerosync("compare", "--all", "--propose", "--sandbox")
    assert said.code == 0, said.err
    loaded = parse(said.out, "standard.yaml")
    assert loaded.kind is Kind.STANDARD
    assert len(loaded.chart.accounts) == 59
    assert "# in 11 of 12" in said.out
    assert "59 accounts, each in at least half of 12 charts." in said.err
    assert not list(practice.glob("*.yaml"))


def test_out_writes_a_new_file_and_never_overwrites_one(xerosync: Xerosync, practice: Path) -> None:
    arguments = ("compare", "--all", "--propose", "--sandbox", "--out", "standard.yaml")
    said = xerosync(*arguments)
    assert said.code == 0, said.err
    assert said.out == ""
    assert "standard.yaml: created. Next: xerosync validate -f standard.yaml" in said.err
    assert xerosync("validate", "standard.yaml").code == 0
    text = (practice / "standard.yaml").read_text("utf-8")
    again = xerosync(*arguments)
    assert again.code == 64
    assert "already exists" in again.err
    assert (practice / "standard.yaml").read_text("utf-8") == text


def test_a_plan_of_a_file_that_extends_the_proposal_shows_only_its_deviations(
    xerosync: Xerosync, practice: Path
) -> None:
    assert (
        xerosync("compare", "--all", "--propose", "--sandbox", "--out", "standard.yaml").code == 0
    )
    (practice / "harbour.yaml").write_text(
        "version: 1\nextends: standard.yaml\norganisation: {name: Harbour Cafe Ltd, country: NZ}\n",
        "utf-8",
    )
    assert xerosync("plan", "--sandbox", "harbour.yaml", "--detailed-exitcode").code == 0


def test_a_folder_of_csv_exports_needs_no_sign_in(xerosync: Xerosync, project: Path) -> None:
    (project / "exports").mkdir()
    head = "*Code,*Name,*Type,*Tax Code,Description,Dashboard,Expense Claims,Enable Payments\n"
    for number, name in enumerate(("Bank Fees", "Bank Fees", "Bank Charges")):
        row = f"404,{name},Expense,No GST,,No,No,No\n"
        (project / "exports" / f"Client {number}.csv").write_text(head + row, "utf-8")
    said = xerosync("compare", "--propose", "--current", "exports", "--country", "NZ")
    assert said.code == 0, said.err
    assert "no_gst: {NZ: No GST}" in said.out
    line = '- {code: "404", name: Bank Fees, type: EXPENSE, tax_type: no_gst}'
    assert f"{line}  # in 3 of 3; named so in 2" in said.out


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Rent", "Rent", "Bank Fees"), "1 account, in at least half of 3 charts."),
        (("Rent", "Fuel", "Bank Fees"), "No account is in at least half of 3 charts."),
        ((), "0 accounts, from 1 chart."),
    ],
)
def test_the_number_of_accounts_is_written_in_correct_grammar(
    xerosync: Xerosync, project: Path, names: Sequence[str], said: str
) -> None:
    (project / "exports").mkdir()
    for number, name in enumerate(names or ("",)):
        row = f"4{len(name)},{name},Expense,No GST\n" if name else ""
        (project / "exports" / f"Client {number}.csv").write_text(
            f"*Code,*Name,*Type,*Tax Code\n{row}", "utf-8"
        )
    found = xerosync("compare", "--propose", "--current", "exports", "--country", "NZ")
    assert said in found.err


def test_an_organisation_that_fails_does_not_stop_the_proposal(
    xerosync: Xerosync, project: Path
) -> None:
    (project / "exports").mkdir()
    (project / "exports" / "Good.csv").write_text(
        "*Code,*Name,*Type,*Tax Code\n404,Bank Fees,Expense,No GST\n", "utf-8"
    )
    (project / "exports" / "Bad.csv").write_text("nothing\n", "utf-8")
    arguments = ("compare", "--propose", "--current", "exports", "--country", "NZ")
    said = xerosync(*arguments)
    assert said.code == 6
    assert "# in 1 of 1" in said.out
    assert "1 account, from 1 chart." in said.err
    assert "Bad" in said.err
    assert "Resolve this, and run again." in said.err
    said = xerosync(*arguments, "--out", "standard.yaml")
    assert said.code == 6
    assert "Resolve this, remove standard.yaml, and run again." in said.err


@pytest.mark.parametrize(
    "options",
    [
        ["--out", "standard.yaml"],
        ["--propose", "--standard", "standard.yaml"],
        ["--propose", "--against", "Acme"],
        ["--propose", "--account", "404"],
        ["--propose", "--format", "json"],
        ["--propose", "--csv-file", "grid.csv"],
        ["--propose", "--detailed-exitcode"],
    ],
)
def test_options_that_contradict_each_other_are_refused(
    xerosync: Xerosync, project: Path, options: list[str]
) -> None:
    (project / "exports").mkdir()
    assert xerosync("compare", "--current", "exports", *options).code == 64
