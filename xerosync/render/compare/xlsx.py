"""A comparison as a workbook: the sheets Grid, Organisations, Differences and About.

Text from outside stays text: `write_string` never makes it a formula or a link, and the text
format keeps it text when somebody edits the cell.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xerosync.errors import UsageError
from xerosync.organisations.compare.grid import (
    CellState,
    Grid,
    GridAccount,
    GridCell,
    GridOrganisation,
)
from xerosync.render.compare import states
from xerosync.render.compare.states import NOT_COMPARED, STATES
from xerosync.render.review.phrases import failure
from xerosync.text import day_and_time, visible

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_COLUMNS = 16_384
_MOST_ROWS = 1_048_576
"""The most columns and rows of a sheet in Excel."""
_LONGEST = 32_000
"""Longer texts are cut after this many characters. Excel allows 32,767."""

_COLOURS: dict[CellState, tuple[str, str]] = {
    CellState.SAME: ("#6B7280", ""),
    CellState.NAME: ("#7A4B00", "#FFF1CC"),
    CellState.TYPE: ("#A3160F", "#FBDAD7"),
    CellState.TAX: ("#5B2A86", "#EBDDF7"),
    CellState.CODE: ("#0B57A8", "#D9E8F8"),
    CellState.MISSING: ("#A3160F", "#FDEEEC"),
    CellState.EXTRA: ("#0D5F68", "#D6EEF0"),
    CellState.OVERRIDE: ("#12642F", "#DDF2E3"),
    CellState.OPTIONAL: ("#56606E", "#EEF0F3"),
}
"""The text and background colours of each state. Each state also has its own glyph."""


@dataclass(slots=True)
class _Column:
    """A column: its heading, its width in characters, and whether it has numbers."""

    heading: str
    width: int
    number: bool = False


def workbook(grid: Grid, made_at: datetime) -> bytes:
    """Return the XLSX file. The same arguments give the same bytes.

    Raises `UsageError` if a sheet cannot hold all organisations or differences, and
    `ModuleNotFoundError` without the extra `[xlsx]`.
    """
    import xlsxwriter  # noqa: PLC0415 only with the extra

    if len(grid.organisations) + len(_HEAD) > MOST_COLUMNS:
        raise UsageError(
            f"{len(grid.organisations):,} organisations do not fit into a spreadsheet, which has "
            f"{MOST_COLUMNS:,} columns.",
            "Use --csv-file, which has no such limit. Or compare fewer organisations at a time.",
        )
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({
        "title": _text(f"Charts of accounts compared with {grid.against}"),
        "created": made_at.astimezone(UTC).replace(tzinfo=None),
    })  # fmt: skip
    style = _Styles(book)
    _grid(style, grid)
    _organisations(style, grid)
    _differences(style, grid)
    _about(style, grid, made_at)
    book.close()
    return file.getvalue()


class _Styles:
    """The cell formats of `book`. A cell with text stays text after somebody edits it."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        text = {"num_format": "@", "valign": "top"}
        self.text = book.add_format(text)
        self.wrapped = book.add_format({**text, "text_wrap": True})
        self.bold = book.add_format({**text, "bold": True})
        self.number = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.heading = book.add_format({
            **text, "bold": True, "text_wrap": True, "bottom": 2, "bg_color": "#F0F2F5",
        })  # fmt: skip
        self.states = {
            state: book.add_format({
                **text, "font_color": ink, **({"bg_color": ground} if ground else {}),
                **({"align": "center"} if state is CellState.SAME else {}),
            })
            for state, (ink, ground) in _COLOURS.items()
        }  # fmt: skip


_HEAD = (
    _Column("Code", 10), _Column("Account", 30), _Column("Type", 18), _Column("Tax rate", 14),
    _Column("Differs in", 9, number=True),
)  # fmt: skip


def _grid(style: _Styles, grid: Grid) -> None:
    """Write the accounts as rows and the organisations as columns."""
    names = [_Column(one.name, 15) for one in grid.organisations]
    sheet = _sheet(style, "Grid", (*_HEAD, *names), len(grid.accounts), fixed=2)
    sheet.set_row(0, 48)
    column = {one.key: at for at, one in enumerate(grid.organisations, start=len(_HEAD))}
    same = STATES[CellState.SAME].glyph
    for row, account in enumerate(grid.accounts, start=1):
        line = states.shown(account.line)
        _write(sheet, row, 0, line.code, style.bold)
        for at, text in enumerate((line.name, line.type, line.tax), start=1):
            _write(sheet, row, at, text, style.text)
        sheet.write_number(row, 4, states.differing(account), style.number)
        for key, cell in account.cells.items():
            _write(sheet, row, column[key], states.in_brief(cell), style.states[cell.state])
        if account.standard:
            plain = style.states[CellState.SAME]
            for key in column.keys() - account.cells.keys():
                sheet.write_string(row, column[key], same, plain)


def _organisations(style: _Styles, grid: Grid) -> None:
    """Write the counts of each organisation, and why some could not be compared."""
    columns = (
        _Column("Organisation", 32), _Column("File", 30), _Column("Country", 9),
        _Column("Tags", 20), _Column("Differences", 12, number=True),
        *(_Column(f"{words.glyph} {words.label}", 11, number=True) for words in STATES.values()),
        _Column(f"{NOT_COMPARED.glyph} {NOT_COMPARED.label}", 11, number=True),
        _Column("Not compared", 60),
    )  # fmt: skip
    rows = len(grid.organisations) + len(grid.failed)
    sheet = _sheet(style, "Organisations", columns, rows, fixed=1)
    for row, one in enumerate(grid.organisations, start=1):
        for at, text in enumerate(_about_it(one)):
            _write(sheet, row, at, text, style.text)
        sheet.write_number(row, 4, states.different(one.counts), style.number)
        for at, state in enumerate(STATES, start=5):
            sheet.write_number(row, at, one.counts.get(state, 0), style.number)
        sheet.write_number(row, 5 + len(STATES), one.not_compared, style.number)
    for row, failed in enumerate(grid.failed, start=len(grid.organisations) + 1):
        _write(sheet, row, 0, failed.name, style.text)
        _write(sheet, row, 1, failed.file, style.text)
        _write(sheet, row, len(columns) - 1, " ".join(failure(failed)), style.wrapped)


_OWN_LINE = "Own line in tools that consolidate by"
_DIFFERENCE = (
    _Column("Code", 10), _Column("Account", 30), _Column("Organisation", 32), _Column("File", 24),
    _Column("Country", 9), _Column("Tags", 16), _Column("Kind", 19), _Column("Found code", 10),
    _Column("Found name", 30), _Column("Found type", 18), _Column("Found tax rate", 16),
    _Column("Expected type", 18), _Column("Expected tax rate", 16), _Column("Differs", 18),
    *(_Column(f"{_OWN_LINE} {name}", 18) for name in states.KEYS),
    _Column("Reason", 36), _Column("Place", 26), _Column("Note", 36),
    _Column("Not compared", 14),
)  # fmt: skip


def _differences(style: _Styles, grid: Grid) -> None:
    rows = list(_difference_rows(grid))
    if len(rows) >= _MOST_ROWS:
        raise UsageError(
            f"{len(rows):,} differences do not fit into a spreadsheet, which has {_MOST_ROWS:,}"
            " rows, headings included.",
            "Choose fewer organisations, or use --csv-file.",
        )
    sheet = _sheet(style, "Differences", _DIFFERENCE, len(rows), fixed=2)
    kind = next(at for at, column in enumerate(_DIFFERENCE) if column.heading == "Kind")
    for row, (state, texts) in enumerate(rows, start=1):
        for at, text in enumerate(texts):
            _write(sheet, row, at, text, style.states[state] if at == kind else style.text)


def _difference_rows(grid: Grid) -> Iterator[tuple[CellState, Sequence[str]]]:
    for account in grid.accounts:
        line = states.shown(account.line)
        for one in grid.organisations:
            cell = account.cells.get(one.key)
            if cell and cell.state is not CellState.SAME:
                yield cell.state, (line.code, line.name, *_about_it(one), *_facts(account, cell))


def _about_it(one: GridOrganisation) -> tuple[str, str, str, str]:
    return one.name, one.file, one.country, ", ".join(one.tags)


def _facts(account: GridAccount, cell: GridCell) -> Iterator[str]:
    """Yield the values of the columns in `_DIFFERENCE`, from "Kind" on."""
    words = STATES[cell.state]
    yield f"{words.glyph} {words.label}"
    found = states.shown(cell.found) if cell.found else None
    yield from (found.code, found.name, found.type, found.tax) if found else ("",) * 4
    wanted = states.shown(cell.wanted or account.line) if account.standard else None
    yield from (wanted.type, wanted.tax) if wanted else ("",) * 2
    yield ", ".join(states.FIELDS[name] for name in cell.differs)
    yield from ("yes" if parts & {*cell.splits} else "" for parts in states.KEYS.values())
    yield "; ".join(cell.reasons)
    yield states.place(cell.source)
    yield cell.note
    yield ", ".join(states.FIELDS[name] for name in cell.not_compared)


def _about(style: _Styles, grid: Grid, made_at: datetime) -> None:
    """Write what the signs mean, what was compared with what, and when."""
    sheet = _sheet(style, "About", (_Column("Sign", 24), _Column("Meaning", 90)), 0)
    signs = [(words, style.states[state]) for state, words in STATES.items()]
    for row, (words, its) in enumerate([*signs, (NOT_COMPARED, style.text)], start=1):
        _write(sheet, row, 0, f"{words.glyph} {words.label}", its)
        _write(sheet, row, 1, words.meaning, style.text)
    compared, failed = len(grid.organisations), len(grid.failed)
    rows = (
        ("Compared with", grid.against),
        ("Organisations", f"{compared:,} compared, {failed:,} not compared"),
        ("Made at", day_and_time(made_at)),
        *(("Note", note) for note in grid.notes),
    )
    for row, (name, text) in enumerate(rows, start=len(signs) + 3):
        _write(sheet, row, 0, name, style.bold)
        _write(sheet, row, 1, text, style.wrapped)


def _sheet(
    style: _Styles, name: str, columns: Sequence[_Column], rows: int, *, fixed: int = 0
) -> Worksheet:
    """Add a sheet with its headings, filters, frozen panes and settings for printing."""
    sheet = style.book.add_worksheet(name)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width, style.number if column.number else style.text)
        _write(sheet, 0, at, column.heading, style.heading)
    sheet.freeze_panes(1, fixed)
    if rows:
        sheet.autofilter(0, 0, rows, len(columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    if fixed:
        sheet.repeat_columns(0, fixed - 1)
    sheet.set_footer("&L&A&RPage &P of &N")
    return sheet


def _write(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """Write a text so that Excel never makes it a number or a formula; write nothing for ""."""
    if text:
        sheet.write_string(row, column, _text(text), style)


def _text(text: str) -> str:
    """Return the text in a form that XML and Excel allow: escaped by `visible`, and cut."""
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
