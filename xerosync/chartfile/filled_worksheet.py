"""Read a worksheet of `adopt` that a person filled in: XLSX or CSV.

Spreadsheets rename sheets, move columns, add rows, and turn codes into numbers. So the sheet
and its columns are found by the headings.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from xerosync.chartfile.csv.read import read_bytes
from xerosync.chartfile.csv.table import MAX_ROWS, read_table
from xerosync.chartfile.syntax.source import Spot, reject
from xerosync.desired import Source
from xerosync.errors import UsageError
from xerosync.model import name_key
from xerosync.organisations.adopt.filled import FilledRow
from xerosync.organisations.adopt.worksheet import COLUMNS, DECISION, FILLED_IN, MARKS, NAME, TYPE
from xerosync.text import visible, with_extra

RULE = "worksheet-columns"
"""The rule id for a file that cannot be read as a worksheet."""

_NEEDED = (NAME, TYPE, *FILLED_IN, MARKS)
_MOST_BYTES = 50_000_000
_LARGEST = 300_000_000
"""The most bytes that a workbook may have when it is unpacked."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The compression methods that a workbook may use."""
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
"""What `zipfile` raises for a damaged or encrypted archive."""

_MOST_CELLS = 20_000_000
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_MOST_COLUMNS = 200
_HEADING_ROWS = 30
_AGAIN = (
    "Run the same command with --out NEW.xlsx instead of this worksheet, and copy your decisions"
    " into the new one."
)
SMALLER = (
    "Make a worksheet for each part of the organisations: with --shard 1/2 and --shard 2/2, or,"
    " without --all, with --select. For --current, divide the CSV files among several folders."
)
"""The hint for a worksheet that is too large."""

_ONE_SHEET = "Delete the other sheets, so that only the one with your decisions has these columns."


def read_worksheet(path: Path) -> tuple[FilledRow, ...]:
    """Return the rows of a worksheet.

    Raises `UsageError` if it cannot be read, `ChartError` if it is too large or not a worksheet.
    """
    file = str(path)
    data = read_bytes(file, "Check the path.", _MOST_BYTES)
    if len(data) > _MOST_BYTES:
        reject(file, "too-large", "The file is too large to be a worksheet.", _AGAIN)
    if path.suffix.lower() == ".csv":
        table = [(row.line, row.cells) for row in read_table(data, file, SMALLER).rows]
        return _rows(file, "", table)
    sheets = _sheets(data, file)
    found = [(name, rows) for name, rows in sheets if _heading(rows) is not None]
    if len(found) != 1:
        names = ", ".join(f'"{visible(name)}"' for name, _ in found or sheets)
        columns = f'the columns "{DECISION}" and "{MARKS}" near the top'
        if found:
            reject(file, RULE, f"Several sheets have {columns}: {names}.", _ONE_SHEET)
        reject(file, RULE, f"No sheet has {columns}. The file has the sheets {names}.", _AGAIN)
    ((name, rows),) = found
    return _rows(file, name, rows)


def _sheets(data: bytes, file: str) -> list[tuple[str, list[tuple[int, Sequence[str]]]]]:
    """Return the name of each sheet of a workbook, and its rows with their numbers."""
    try:
        import python_calamine as calamine  # noqa: PLC0415 only with the extra
    except ModuleNotFoundError:
        raise UsageError(
            f"{file} cannot be read without the packages for spreadsheets.",
            f"{with_extra('xlsx')}, or save the sheet as CSV.",
        ) from None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(one.file_size for one in archive.infolist())
            if size > _LARGEST or any(map(_is_vast, _parts(archive))):
                message = "The workbook is too large to be a worksheet."
                reject(file, "too-large", message, _AGAIN)
        book = calamine.load_workbook(io.BytesIO(data))
        return [(name, _cells(book.get_sheet_by_name(name))) for name in book.sheet_names]
    except (*_UNREADABLE, calamine.CalamineError):
        message = "The file is not a workbook that can be read."
        reject(file, RULE, message, "Save it as XLSX without a password, or as CSV.")


def _parts(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """Yield the XML of each sheet of a workbook. Raises one of `_UNREADABLE`."""
    for one in archive.infolist():
        if one.filename.startswith("xl/worksheets/") and one.filename.endswith(".xml"):
            if one.compress_type not in _METHODS:
                raise zipfile.BadZipFile
            yield archive.read(one)


def _is_vast(sheet: bytes) -> bool:
    """Whether a sheet has a cell so far away that the area up to it would fill the memory."""
    height = width = 0
    for found in _PLACE.finditer(sheet):
        letters, digits = found.groups()
        column = 0
        for letter in letters:
            column = 26 * column + letter - 64
        height, width = max(height, int(digits)), max(width, column)
    return height * width > _MOST_CELLS


def _cells(sheet: object) -> list[tuple[int, Sequence[str]]]:
    rows = sheet.to_python(skip_empty_area=False)  # type: ignore[attr-defined]
    found = ((number, [_text(cell) for cell in row]) for number, row in enumerate(rows, start=1))
    return [(number, cells) for number, cells in found if any(cells)]


def _text(cell: object) -> str:
    """Return a cell as text: a whole number without the decimals that a spreadsheet gave it."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004, exact
        return str(int(cell))
    return str(cell)


def _heading(rows: Iterable[tuple[int, Sequence[str]]]) -> int | None:
    """Return the index of the row with the headings; None if none of the first rows has them."""
    for place, (_, cells) in zip(range(_HEADING_ROWS), rows, strict=False):
        headings = {name_key(cell) for cell in cells[:_MOST_COLUMNS]}
        if {name_key(DECISION), name_key(MARKS)} <= headings:
            return place
    return None


def _rows(
    file: str, sheet: str, rows: Sequence[tuple[int, Sequence[str]]]
) -> tuple[FilledRow, ...]:
    place = _heading(rows)
    if place is None:
        reject(file, RULE, f'No row near the top has columns "{DECISION}" and "{MARKS}".', _AGAIN)
    number, headings = rows[place]
    keys = [name_key(cell) for cell in headings[:_MOST_COLUMNS]]
    columns = {name: keys.index(name_key(name)) for name in COLUMNS if name_key(name) in keys}
    missing = [name for name in _NEEDED if name not in columns]
    twice = [name for name in columns if keys.count(name_key(name)) > 1]
    for names, what in ((missing, "is missing"), (twice, "occurs twice")):
        if names:
            reject(file, RULE, f'The column "{names[0]}" {what}.', _AGAIN, at=Spot(number, 1))
    if len(rows) > MAX_ROWS:
        reject(file, "too-large", f"The worksheet has more than {MAX_ROWS:,} rows.", SMALLER)
    where = f'{file}, sheet "{visible(sheet)}"' if sheet else file
    numbers = {name: at + 1 for name, at in columns.items()}
    found = []
    for line, cells in rows[place + 1 :]:
        its = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        found.append(FilledRow(Source(where, line, 1), its, numbers))
    return tuple(found)
