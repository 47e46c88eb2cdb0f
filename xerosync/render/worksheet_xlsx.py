"""The worksheet of `adopt` as a workbook, with the possible decisions as drop-down lists.

Text from outside stays text: `write_string` never makes it a formula or a link. The cells
to fill in have the text format, so that a typed code does not become a number.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from xerosync.organisations.adopt.adoption import Verdict
from xerosync.organisations.adopt.worksheet import (
    ALL,
    CHANGES,
    CODE,
    COLUMNS,
    COUNT,
    DECISION,
    FILLED_IN,
    GROUNDS,
    KEEP,
    MARKS,
    NAME,
    NEW_CODE,
    REASON,
    SAME_CODE,
    SUGGESTION,
    TYPE,
    WHICH,
    YES,
    Worksheet,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet as Sheet

_LONGEST = 32_000
"""The longest text of a cell. Excel allows 32,767 characters."""

_WIDTHS = {
    NAME: 34, CODE: 14, TYPE: 14, COUNT: 13, WHICH: 36, SUGGESTION: 34, GROUNDS: 22,
    SAME_CODE: 26, CHANGES: 18, DECISION: 26, KEEP: 12, NEW_CODE: 10, REASON: 40, ALL: 20, MARKS: 8,
}  # fmt: skip

_HOW_TO = {
    "What this is": (
        "Each row is an account that your organisations have under one name, with the account of"
        " the standard that it seems to be; or an account of the standard that some organisations"
        " lack. Rows without a decision come first: among these, missing accounts come last."
    ),
    "What to do": (
        f"Fill in the coloured columns, from {DECISION} to {REASON}. Safe decisions are filled in"
        " already; correct one if you know better. A row without a decision adds nothing to your"
        " files, but a plan may still rename, restore or create its accounts."
    ),
    DECISION: (
        "If the organisations have the account, enter one of these: the code of the same account"
        " in the standard; yes, to take the suggestion; own, to keep it as an account of these"
        " organisations only; archive, to archive it. If they lack the account, enter create or"
        " omit."
    ),
    KEEP: (
        "The fields that these organisations keep although the standard differs: name, code, type"
        " or tax_type, separated by commas. Enter a reason too."
    ),
    NEW_CODE: (
        f'If {DECISION} is "own" and the standard needs the account\'s present code: its new code.'
    ),
    REASON: "Why these organisations keep a field that differs, or omit an account.",
    GROUNDS: (
        "Why this account of the standard is suggested. An equal code is not enough: the column"
        f' "{SAME_CODE}" only shows which account of the standard has that code.'
    ),
    CHANGES: "What an apply would change in these accounts if the suggestion is taken.",
    "Part of a row": (
        "To decide differently for some organisations of a row, make the worksheet again with"
        " --by-organisation."
    ),
    "Then": (
        "Save the worksheet. Run xerosync adopt FILE with the options with which it was made,"
        " except --out. If you made it from CSV exports, use --all or name the chart files instead"
        " of --current and --country."
    ),
}


def worksheet_xlsx(worksheet: Worksheet, made_at: datetime) -> bytes:
    """Return the XLSX file. The same worksheet and `made_at` give the same bytes.

    Raise `ModuleNotFoundError` if the extra `[xlsx]` is not installed.
    """
    import xlsxwriter  # noqa: PLC0415 only with the extra

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    created = made_at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": "Accounts that join a standard", "created": created})
    text = book.add_format({"num_format": "@", "valign": "top"})
    wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
    heading = book.add_format(
        {"num_format": "@", "bold": True, "text_wrap": True, "bottom": 2, "bg_color": "#F0F2F5"}
    )
    sheet = book.add_worksheet("Worksheet")
    _rows(book, sheet, worksheet, heading, text)
    choices = [*(str(v) for v in (Verdict.OWN, Verdict.ARCHIVE)), *worksheet.targets.values()]
    decisions = book.add_worksheet("Decisions")
    decisions.set_column(0, 0, 50, text)
    for row, choice in enumerate((YES, *choices)):
        _text(decisions, row, 0, choice, text)
    _choices(sheet, worksheet, len(choices) + 1)
    how_to = book.add_worksheet("How to")
    how_to.set_column(0, 0, 24)
    how_to.set_column(1, 1, 100)
    for row, (what, how) in enumerate(_HOW_TO.items()):
        _text(how_to, row, 0, what, heading)
        _text(how_to, row, 1, how, wrapped)
    book.close()
    return file.getvalue()


def _rows(
    book: Workbook, sheet: Sheet, worksheet: Worksheet, heading: Format, text: Format
) -> None:
    """Write the headings and the rows. The columns that people fill in have another colour."""
    number = book.add_format({"num_format": "#,##0", "valign": "top"})
    to_fill = book.add_format({"num_format": "@", "valign": "top", "bg_color": "#FFF8DB"})
    to_fill_heading = book.add_format(
        {"num_format": "@", "bold": True, "text_wrap": True, "bottom": 2, "bg_color": "#FFE9A8"}
    )
    for column, name in enumerate(COLUMNS):
        hidden = {"hidden": True} if name == MARKS else {}
        sheet.set_column(column, column, _WIDTHS[name], text, hidden)
        _text(sheet, 0, column, name, to_fill_heading if name in FILLED_IN else heading)
    for at, row in enumerate(worksheet.rows, start=1):
        for column, name in enumerate(COLUMNS):
            value = row.cells[name]
            if isinstance(value, int):
                sheet.write_number(at, column, value, number)
            elif name in FILLED_IN:
                _text(sheet, at, column, value, to_fill)
            elif value:
                _text(sheet, at, column, value, text)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(worksheet.rows), 1), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _choices(sheet: Sheet, worksheet: Worksheet, choices: int) -> None:
    """Offer the decisions as drop-down lists. A cell accepts other text too, such as a code."""
    column = COLUMNS.index(DECISION)
    last = 0
    for is_missing, rows in groupby(worksheet.rows, key=lambda row: row.missing):
        first, last = last + 1, last + len(list(rows))
        accounts = f"=Decisions!$A$1:$A${choices}"
        source = [str(Verdict.CREATE), str(Verdict.OMIT)] if is_missing else accounts
        options = {"validate": "list", "source": source, "show_error": False}
        sheet.data_validation(first, column, last, column, options)


def _text(sheet: Sheet, row: int, column: int, value: str, style: Format) -> None:
    if value:
        sheet.write_string(row, column, value[:_LONGEST], style)
    else:
        sheet.write_blank(row, column, None, style)
