"""Read CSV text into rows with their line numbers, and write CSV text.

Spreadsheets save CSV in many forms: UTF-8 with a byte order mark, UTF-16 with tabs,
Windows-1252 with semicolons. These are read. A cell that a spreadsheet would run as a formula
is written with an apostrophe in front, and read back without it.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xerosync.chartfile.problems import LINE_BREAK
from xerosync.chartfile.syntax.source import FAR_SMALLER, Spot, check_format, reject

MAX_ROWS = 20_000
_MAX_CELL = 100_000
_BOM = "\ufeff"
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""The beginning of a cell that a spreadsheet may run as a formula (OWASP, CSV Injection), also
after apostrophes. The last four characters are the full-width signs of Japanese keyboards."""

_SAVE_AS_UTF8 = "Save it as CSV UTF-8, or name another file."


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, and its cells as `unprotect` returns them."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, without blank ones, and the encoding in which it was read."""

    text: str
    rows: tuple[Row, ...]
    encoding: str


def read_table(data: bytes, file: str, too_large: str = FAR_SMALLER) -> Table:
    """Read the bytes of a CSV file.

    Raises ChartError if the file is not CSV text, or is too large (with the hint `too_large`).
    """
    text, encoding = _decode(data, file, too_large)
    first, line_break, rest = text.partition("\n")
    skipped = int(first.strip().casefold().startswith("sep=") and line_break == "\n")
    body = rest if skipped else text
    csv.field_size_limit(_MAX_CELL)
    header = body.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=header.count)
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=delimiter, strict=True, quotechar='"'
    )
    rows: list[Row] = []
    line = 1 + skipped
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(line, tuple(map(unprotect, cells))))
            line = reader.line_num + 1 + skipped
            if len(rows) > MAX_ROWS:
                reject(file, "too-large", f"The file has more than {MAX_ROWS:,} rows.", too_large)
    except csv.Error as error:
        reject(
            file, "csv-syntax", f"The row that begins here is not CSV: {_plain(error)}.",
            "Save it from the spreadsheet as CSV, or make the file again.",
            at=Spot(line, 1),
            line=LINE_BREAK.split(text)[line - 1][:1000],
        )  # fmt: skip
    return Table(text, tuple(rows), encoding)


def write_table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV text that is safe to open in a spreadsheet.

    Text that is not ASCII gets a byte order mark: without it, Excel assumes another encoding.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([protect(cell) for cell in row])
    text = out.getvalue()
    return text if text.isascii() else _BOM + text


def protect(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet may run as a formula.

    If apostrophes precede the formula already, one more is added: `unprotect` removes one.
    """
    return "'" + cell if _FORMULA.match(cell) else cell


def unprotect(cell: str) -> str:
    """Remove the apostrophe that `protect` puts before a cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _decode(data: bytes, file: str, too_large: str) -> tuple[str, str]:
    check_format(data, file, "CSV", "Export it as CSV, or name another file.", too_large)
    try:
        text, encoding = data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        text, encoding = _detect(data, file)
    if "\0" in text:
        reject(file, "binary", "The file holds NUL bytes: it is not text.", _SAVE_AS_UTF8)
    return text.removeprefix(_BOM), encoding


def _detect(data: bytes, file: str) -> tuple[str, str]:
    """Return the text of a file that is not UTF-8, and its encoding.

    Without a byte order mark, only Windows-1252 is accepted: short texts do not tell others apart.
    """
    from charset_normalizer import from_bytes  # noqa: PLC0415, heavy

    marked = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    found = from_bytes(data, cp_isolation=["utf_16" if marked else "cp1252"]).best()
    if found is None:
        message = "The file is not text in UTF-8, UTF-16 or Windows-1252."
        reject(file, "encoding", message, _SAVE_AS_UTF8)
    return str(found), "UTF-16" if marked else "Windows-1252"


def _plain(error: csv.Error) -> str:
    words = str(error)
    if "end of data" in words:
        return "it opens a quote and never closes it"
    if "expected after" in words:
        return "text follows a closing quote; to put a quote inside a cell, write it twice"
    if "field larger" in words:
        return f"a cell is longer than {_MAX_CELL:,} characters"
    return words
