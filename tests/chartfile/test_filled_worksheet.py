"""What is refused as a worksheet of `adopt`, with the way out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from xerosync.chartfile.csv.table import MAX_ROWS
from xerosync.chartfile.filled_worksheet import read_worksheet
from xerosync.errors import ChartError, Problem
from xerosync.organisations.adopt.worksheet import COLUMNS


def refused(path: Path, **sheets: tuple[str, ...]) -> Problem:
    """Write a workbook whose sheets have these headings, and return why it is refused."""
    with xlsxwriter.Workbook(path) as book:
        for name, headings in sheets.items():
            book.add_worksheet(name).write_row(0, 0, headings)
    with pytest.raises(ChartError) as error:
        read_worksheet(path)
    (problem,) = error.value.problems
    return problem


def test_a_workbook_with_several_sheets_that_have_the_columns_is_refused(tmp_path: Path) -> None:
    problem = refused(tmp_path / "w.xlsx", first=COLUMNS, copy=COLUMNS, notes=("Remarks",))
    assert problem.message.endswith(': "first", "copy".')
    assert problem.hint.startswith("Delete the other sheets")


def test_a_workbook_without_the_columns_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    problem = refused(tmp_path / "w.xlsx", first=("Remarks",))
    assert problem.message.startswith("No sheet has the columns")
    assert problem.message.endswith('. The file has the sheets "first".')
    assert "with --out NEW.xlsx instead" in problem.hint


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    problem = refused(tmp_path / "w.xlsx", first=tuple(c for c in COLUMNS if c != "Reason"))
    assert problem.message == 'The column "Reason" is missing.'


def test_a_worksheet_with_too_many_rows_is_refused_though_some_are_blank(tmp_path: Path) -> None:
    """A row is never left out in silence."""
    path = tmp_path / "w.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row in (0, *range(5, MAX_ROWS + 5)):
            sheet.write_row(row, 0, COLUMNS)
    with pytest.raises(ChartError) as error:
        read_worksheet(path)
    assert [one.rule for one in error.value.problems] == ["too-large"]


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("mark", "place", "byte"),
    [
        (b"PK\x03\x04", 30 + len(SHEET), 0xFF),  # where the data begins
        (b"PK\x01\x02", 8, 1),  # encrypted
        (b"PK\x01\x02", 10, zipfile.ZIP_LZMA),
        (b"PK\x01\x02", 10, 97),  # an unknown method
    ],
    ids=["damaged", "encrypted", "lzma", "unknown method"],
)
def test_a_workbook_that_cannot_be_unpacked_is_refused(
    tmp_path: Path, mark: bytes, place: int, byte: int
) -> None:
    path = tmp_path / "w.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(SHEET, "<worksheet/>" * 100)
    data = bytearray(path.read_bytes())
    data[data.index(mark) + place] = byte
    path.write_bytes(data)
    with pytest.raises(ChartError) as error:
        read_worksheet(path)
    (problem,) = error.value.problems
    assert problem.message == "The file is not a workbook that can be read."
    assert problem.hint == "Save it as XLSX without a password, or as CSV."
