"""Read the map of `xerosync renumber`: a CSV with old codes, new codes and new names."""

from __future__ import annotations

from xerosync.chartfile.csv.columns import fold
from xerosync.chartfile.csv.read import check_code, read_bytes
from xerosync.chartfile.csv.table import Row, Table, read_table
from xerosync.chartfile.edit.representable import why_not
from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.renumber.code_map import CodeRow
from xerosync.chartfile.syntax.source import NOWHERE, Spot
from xerosync.desired import Source
from xerosync.model import code_key

_LABELS = {
    **dict.fromkeys(("old", "oldcode", "oldaccount", "from", "code", "currentcode"), "old"),
    **dict.fromkeys(("new", "newcode", "newaccount", "to"), "new"),
    **dict.fromkeys(("name", "newname"), "name"),
}
_ORDER = ("old", "new", "name")
_FORM = "Write a row for each account: its old code, its new code and, if it changes, its new name."


def load_code_map(path: str) -> tuple[CodeRow, ...]:
    """Read a map. Raises as `read_bytes` and `parse_code_map` do."""
    return parse_code_map(read_bytes(path, f"{_FORM} Save it as CSV."), path)


def parse_code_map(data: bytes, file: str) -> tuple[CodeRow, ...]:
    """Read a map from memory. If it has errors, raises ChartError with all problems, by line.

    If the first row does not name the columns, they are old, new and name, in this order.
    """
    table = read_table(data, file)
    report = Report(file, table.text)
    places = _columns(table)
    rows = table.rows[1:] if places else table.rows
    places = places or {name: index for index, name in enumerate(_ORDER)}
    found = [row for row in (_row(one, places, file, report) for one in rows) if row]
    if not rows:
        report.error("empty-file", NOWHERE, "The map has no rows.", _FORM)
    _check_old_codes(found, report)
    report.close()
    return tuple(found)


def _columns(table: Table) -> dict[str, int]:
    """Return the index of each column by name; {} if the first row does not name the columns."""
    header = table.rows[0].cells if table.rows else ()
    places: dict[str, int] = {}
    for index, label in enumerate(header):
        if name := _LABELS.get(fold(label)):
            places.setdefault(name, index)
    return places if {"old", "new"} <= places.keys() else {}


def _row(row: Row, places: dict[str, int], file: str, report: Report) -> CodeRow | None:
    at = Spot(row.line, 1)
    values = {
        name: row.cells[index].strip() if index < len(row.cells) else ""
        for name, index in places.items()
    }
    old, new, name = (values.get(key, "") for key in _ORDER)
    missing = "old code" if not old else "new code" if not new else ""
    if missing:
        report.error("missing-field", at, f"The row has no {missing}.", _FORM)
        return None
    for code in (old, new):
        check_code(code, at, report)
    for key, value in (("code", new), ("name", name)):
        why = why_not(key, value) if value else ""
        if why:
            report.error(
                "too-long" if "Xero allows" in why else "wrong-value", at,
                f"{why}.", f"Choose another {key}.",
            )  # fmt: skip
    return CodeRow(old, new, name, Source(file, row.line))


def _check_old_codes(rows: list[CodeRow], report: Report) -> None:
    first: dict[str, CodeRow] = {}
    for row in rows:
        earlier = first.setdefault(code_key(row.old), row)
        if earlier is not row:
            report.error(
                "duplicate-code", Spot(row.place.line, 1),
                f"The old code {quoted(row.old)} is also on line {earlier.place.line}.",
                "Keep one of the two rows.",
            )  # fmt: skip
