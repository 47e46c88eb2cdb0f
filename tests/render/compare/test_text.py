"""A comparison in a terminal, a pipe, JSON and CSV: readable at each width, and safe."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest

from render.compare.grids import grid_of as given_grid
from render.compare.grids import line, not_compared, organisation
from render.hostile import ATTACKS, assert_quiet, printed, squeezed
from xerosync.chartfile.csv.table import write_table
from xerosync.desired import DesiredAccount, DesiredChart, Source
from xerosync.errors import Unavailable, UsageError
from xerosync.model import Account, Chart, Organisation
from xerosync.organisations.book import Book
from xerosync.organisations.compare.cells import compare_book
from xerosync.organisations.compare.grid import CellState, Grid, GridAccount, GridCell, Key
from xerosync.organisations.compare.side_by_side import grid_of
from xerosync.organisations.failed import FailedOrganisation
from xerosync.render.compare.csv import csv_rows
from xerosync.render.compare.json import grid_as_json
from xerosync.render.compare.states import counts
from xerosync.render.compare.text import account_view, grid_view, summary
from xerosync.text import visible

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1")  # noqa: RUF001

FIRST = tuple(sorted({text[0] for text in FORMULAS}))
"""The first characters of what a spreadsheet may run."""


def hostile_grid(name: str) -> Grid:
    """Return a grid with a name everywhere: organisation, accounts, codes, reason, failure."""
    place = Source(f"{name}.yaml", 1)
    standard = DesiredAccount(
        {"code": "404", "name": f"{name} bank", "type": "EXPENSE"}, inherited=place, source=place
    )
    wanted = DesiredAccount(
        {"code": "404", "name": f"bank {name}", "type": "EXPENSE"},
        inherited=place, source=place, standard=standard, reasons=(name,),
    )  # fmt: skip
    missing = DesiredAccount({"code": name, "name": "Rent"}, inherited=Source("a.yaml", 2))
    accounts = (
        Account("1", "404", f"bank {name} so", "EXPENSE"),
        Account("2", name, name, name),
    )
    desired = DesiredChart(f"{name}.yaml", (wanted, missing), standard=name, tags=(name,))
    chart = Chart(Organisation(name, name, country_code=name), accounts)
    found = compare_book(Book(chart, desired, f"{name}.yaml"))
    failed = FailedOrganisation(f"{name}.yaml", name, Unavailable(name, name))
    return grid_of([found], failed=[failed])


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
@pytest.mark.parametrize("width", [40, 80])
def test_a_hostile_name_does_nothing_in_a_terminal(attack: str, width: int) -> None:
    grid = hostile_grid(attack)
    for view in (grid_view(grid, width), account_view(grid, "404", width)):
        assert_quiet(printed(view, width, terminal=True))
        assert_quiet(printed(view, width, terminal=False))
    assert squeezed(visible(attack))[:12] in squeezed(printed(view, 10_000, terminal=False))
    assert_quiet(summary(grid))


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_json_has_each_name_as_it_is_and_is_safe_to_print(attack: str) -> None:
    text = grid_as_json(hostile_grid(attack), NOW)
    assert_quiet(text)
    made = json.loads(text)
    assert made["organisations"][0]["name"] == attack
    assert made["failed"][0]["message"] == attack


@pytest.mark.parametrize("name", [*FORMULAS, *ATTACKS.values()])
def test_no_cell_of_the_csv_is_a_formula_or_leaves_its_cell(name: str) -> None:
    text = write_table(csv_rows(hostile_grid(name)))
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.startswith(FIRST)]
    assert_quiet("\n".join(cell for row in rows for cell in row))


def test_a_narrow_terminal_has_paragraphs_and_a_wide_one_a_table() -> None:
    grid = hostile_grid("Freight")
    narrow = printed(grid_view(grid, 40), 40, terminal=False)
    wide = printed(grid_view(grid, 120), 120, terminal=False)
    assert "in 1 of 1: 1 named differently" in narrow
    assert re.search(r"404 +Freight bank ", wide)
    assert "gets a line of its own" in wide
    assert "1 not compared" in wide


def test_the_accounts_that_differ_say_nothing_about_overrides() -> None:
    """An override is wanted: only the others differ, and only their names and lines count."""
    other = line("4330", "Cover")
    overridden = GridCell(
        CellState.OVERRIDE, other, differs=("code", "name"), splits=(Key.CODE, Key.NAME)
    )
    taxed = GridCell(CellState.TAX, line("433", "Insurance", tax="NONE"), differs=("tax",))
    accounts = [GridAccount(line("433", "Insurance"), {"id-Acme": overridden, "id-Bea": taxed})]
    grid = given_grid(accounts, [organisation("Acme"), organisation("Bea")])
    shown = printed(grid_view(grid, 120), 120, terminal=False)
    assert re.search(r"433 +Insurance +1 taxed differently +1 of 2", shown)


def test_an_optional_account_that_an_organisation_lacks_is_not_shown_as_one_that_it_has() -> None:
    wanted = line("999", "Crypto Holdings")
    lacks = {"id-Acme": GridCell(CellState.OPTIONAL, wanted=wanted)}
    grid = given_grid([GridAccount(wanted, lacks, optional=True)], [organisation("Acme")])
    shown = printed(account_view(grid, "999", 80), 80, terminal=False)
    assert re.search(r"not needed +Acme", shown)
    assert counts({CellState.SAME: 3, CellState.OPTIONAL: 1}) == "3 same; 1 not needed"


def test_the_summary_of_one_organisation_is_not_plural() -> None:
    said = "1 organisation compared, with 3 differences, 1 not compared."
    assert summary(hostile_grid("Freight")) == said


def test_the_refusal_of_an_unknown_account_does_not_mention_a_standard() -> None:
    """A comparison with an organisation (`--against`) has no standard."""
    with pytest.raises(UsageError, match="no account in this comparison has the code") as refused:
        account_view(hostile_grid("Freight"), "9x", 80)
    assert "standard" not in f"{refused.value.message} {refused.value.hint}"


def test_every_format_marks_a_tax_rate_that_was_not_compared() -> None:
    grid = not_compared()
    assert "taxrateof1accountnotcompared" in squeezed(
        printed(grid_view(grid, 80), 80, terminal=False)
    )
    words = squeezed(printed(account_view(grid, "200", 80), 80, terminal=False))
    assert "same.Taxratenotcompared." in words
    (sales,) = (one for one in json.loads(grid_as_json(grid, NOW))["accounts"][:1])
    assert sales["cells"]["id-Coral Cafe"]["not_compared"] == ["tax"]
    assert sales["cells"]["id-Acme Ltd"] == {"state": "same"}
    head, *rows = csv_rows(grid)
    named = [dict(zip(head, row, strict=True)) for row in rows]
    told = [(row["Organisation"], row["State"]) for row in named if row["Not compared"]]
    assert told == [("Acme Ltd", "name"), ("Coral Cafe", "same")]
