"""The workbook of a comparison: what its sheets say, and that no text in it acts."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from python_calamine import CalamineWorkbook

from render.compare.grids import every_state, grid_of, hostile, not_compared, organisation
from render.hostile import ATTACKS
from xerosync.errors import UsageError
from xerosync.organisations.compare.grid import CellState, Grid
from xerosync.render.compare import xlsx
from xerosync.render.compare.states import STATES
from xerosync.render.compare.xlsx import workbook
from xerosync.text import visible

MADE = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(file: bytes) -> dict[str, list[dict[str, object]]]:
    """Return the rows of each sheet by their headings, as another program reads them."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    found: dict[str, list[dict[str, object]]] = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        found[name] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return found


def parts(file: bytes) -> dict[str, str]:
    """Return the XML files of a workbook."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def elements(file: bytes, sheet: int, name: str) -> list[ET.Element]:
    root = ET.fromstring(parts(file)[f"xl/worksheets/sheet{sheet}.xml"])  # noqa: S314 ours
    return list(root.iter(MAIN + name))


def test_the_first_sheet_is_the_grid() -> None:
    rows = sheets(workbook(every_state(), MADE))["Grid"]
    by_account = {(row["Code"], row["Account"]): row for row in rows}
    assert list(by_account) == [(one.line.code, one.line.name) for one in every_state().accounts]
    assert by_account["404", "Bank Charges"] == {
        "Code": "404", "Account": "Bank Charges", "Type": "expense", "Tax rate": "INPUT2",
        "Differs in": 1, "Acme Ltd": "N Bank Fees", "Birch & Sons": "◆ Merchant Fees",
        "Coral Cafe": "✓",
    }  # fmt: skip
    assert by_account["433", "Insurance"]["Birch & Sons"] == "# 434"
    assert by_account["433", "Insurance"]["Coral Cafe"] == "✕ missing"
    assert by_account["408", "Cleaning"]["Acme Ltd"] == "T current asset"
    assert by_account["408", "Cleaning"]["Coral Cafe"] == "% BASEXCLUDED"
    own = by_account["905", "Grant Income"]
    assert (own["Acme Ltd"], own["Coral Cafe"]) == ("✚ extra", "")


def test_the_second_sheet_counts_each_organisation_and_says_what_was_not_compared() -> None:
    rows = sheets(workbook(every_state(), MADE))["Organisations"]
    assert [row["Organisation"] for row in rows[:3]] == ["Acme Ltd", "Birch & Sons", "Coral Cafe"]
    for row, one in zip(rows, every_state().organisations, strict=False):
        for state, words in STATES.items():
            assert row[f"{words.glyph} {words.label}"] == one.counts.get(state, 0)
    assert rows[0]["Differences"] == 3
    assert rows[0]["Tags"] == "retail, canary"
    assert rows[3]["Not compared"] == "No access to Dune Ltd."
    assert (rows[4]["Organisation"], rows[4]["File"]) == ("", "clients/ember.yaml")


def test_the_third_sheet_has_a_row_for_each_difference() -> None:
    grid = every_state()
    rows = sheets(workbook(grid, MADE))["Differences"]
    wanted = Counter(
        f"{STATES[cell.state].glyph} {STATES[cell.state].label}"
        for account in grid.accounts
        for cell in account.cells.values()
    )
    assert Counter(row["Kind"] for row in rows) == wanted
    covenant = next(row for row in rows if row["Kind"] == "◆ override")
    assert covenant == {
        "Code": "404", "Account": "Bank Charges", "Organisation": "Birch & Sons",
        "File": "clients/birch.yaml", "Country": "NZ", "Tags": "retail", "Kind": "◆ override",
        "Found code": "404", "Found name": "Merchant Fees", "Found type": "expense",
        "Found tax rate": "INPUT2", "Expected type": "expense", "Expected tax rate": "INPUT2",
        "Differs": "name", "Own line in tools that consolidate by code": "",
        "Own line in tools that consolidate by name": "yes",
        "Own line in tools that consolidate by name and class": "yes",
        "Reason": "Named so in the bank's covenant", "Place": "clients/birch.yaml:7", "Note": "",
        "Not compared": "",
    }  # fmt: skip
    tax = next(row for row in rows if row["Kind"] == "% taxed differently")
    assert (tax["Found tax rate"], tax["Expected tax rate"]) == ("BASEXCLUDED", "INPUT")
    taken = next(row for row in rows if row["Kind"] == "✕ missing")
    assert taken["Note"] == 'Its code is taken by "Drone Hire".'


def test_a_tax_rate_that_was_not_compared_has_a_mark_and_a_legend() -> None:
    found = sheets(workbook(not_compared(), MADE))
    sales, bank = found["Grid"][:2]
    assert (sales["Acme Ltd"], sales["Coral Cafe"]) == ("✓", "✓?")
    assert bank["Acme Ltd"] == "N? Bank Fees"
    counted = [row["? tax rate not compared"] for row in found["Organisations"][:3]]
    assert counted == [1, 0, 1]
    told = [row["Not compared"] for row in found["Differences"] if row["Account"] == "Bank Charges"]
    assert sorted(map(str, told)) == ["", "tax rate"]
    assert "? tax rate not compared" in {row["Sign"] for row in found["About"]}


def test_the_last_sheet_explains_every_sign() -> None:
    rows = sheets(workbook(every_state(), MADE))["About"]
    said = {str(row["Sign"]): row["Meaning"] for row in rows}
    assert {f"{words.glyph} {words.label}" for words in STATES.values()} <= set(said)
    assert said["Compared with"] == "Tui practice chart"
    assert said["Organisations"] == "3 compared, 2 not compared"
    assert said["Note"] == "Tax rates of Coral Cafe are not compared."
    assert said["Made at"] == "26 November 2026 at 09:30 UTC"


@pytest.mark.parametrize(("sheet", "fixed"), [(1, 2), (2, 1), (3, 2)])
def test_headings_stay_in_view_and_columns_have_filters(sheet: int, fixed: int) -> None:
    file = workbook(every_state(), MADE)
    pane, *_ = elements(file, sheet, "pane")
    assert (pane.get("ySplit"), pane.get("xSplit"), pane.get("state")) == (
        "1",
        str(fixed),
        "frozen",
    )
    (dimension,) = elements(file, sheet, "dimension")
    (found,) = elements(file, sheet, "autoFilter")
    assert found.get("ref") == dimension.get("ref")
    (setup,) = elements(file, sheet, "pageSetup")
    assert setup.get("orientation") == "landscape"
    assert "Print_Titles" in parts(file)["xl/workbook.xml"]


def test_each_state_has_its_own_colour_and_its_own_glyph() -> None:
    glyphs = {words.glyph for words in STATES.values()}
    assert len(glyphs) == len(CellState)
    assert not glyphs & set("=+-@\t\r")
    assert len(set(xlsx._COLOURS.values())) == len(CellState)


def test_the_same_grid_gives_the_same_bytes() -> None:
    assert workbook(every_state(), MADE) == workbook(every_state(), MADE)


def test_a_grid_without_rows_gives_a_workbook_with_empty_sheets() -> None:
    found = sheets(workbook(Grid("Tui practice chart", (), ()), MADE))
    assert found["Grid"] == found["Differences"] == found["Organisations"] == []


def test_more_organisations_than_columns_are_refused() -> None:
    grid = grid_of((), [organisation(f"Client {number}") for number in range(16_380)])
    with pytest.raises(UsageError, match="16,380 organisations do not fit into a spreadsheet"):
        workbook(grid, MADE)


def test_more_differences_than_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_MOST_ROWS", 5)
    with pytest.raises(
        UsageError, match=r"\d differences do not fit into a spreadsheet"
    ) as refused:
        workbook(every_state(), MADE)
    assert "--csv-file" in refused.value.hint


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_name_does_nothing_in_a_spreadsheet(attack: str) -> None:
    file = workbook(hostile(attack), MADE)
    for name, text in parts(file).items():
        assert not re.search(r"<f[ >]|<hyperlink|<oleObject|TargetMode", text), name
    kinds = {cell.get("t") for sheet in (1, 2, 3, 4) for cell in elements(file, sheet, "c")}
    assert kinds <= {"s", "n", None}
    found = sheets(file)
    whole = visible(attack)
    assert found["Grid"][0]["Account"] == whole
    assert found["Grid"][0][whole] == f"N {whole}"
    for row in found["Differences"]:
        for heading in (
            "Account",
            "Found name",
            "Found tax rate",
            "Organisation",
            "Reason",
            "Note",
        ):
            assert row[heading] == whole
    assert whole in str(found["Organisations"][2]["Not compared"])


def test_a_cell_takes_no_more_than_excel_can_hold() -> None:
    found = sheets(workbook(hostile("EVIL" * 10_000), MADE))
    name = str(found["Grid"][0]["Account"])
    assert name.startswith("EVIL")
    assert name.endswith("…")
    assert len(name) < 32_767
