"""A comparison as CSV rows, each about one account in one organisation.

An account that matches the standard has no row, unless one of its fields could not be compared.
Organisations are in rows here, not in columns as in the workbook (`xlsx.py`), so a thousand of them
fit into any spreadsheet. The caller makes rows safe against formulas (`chartfile/csv/table.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from xerosync.organisations.compare.consolidate import sentence
from xerosync.organisations.compare.grid import (
    CellState,
    Grid,
    GridAccount,
    GridCell,
    GridOrganisation,
    Line,
)
from xerosync.render.compare.states import FIELDS
from xerosync.text import visible

COLUMNS = (
    "Organisation", "Tenant ID", "File", "State", "Code", "Account", "Type", "Tax rate",
    "Found code", "Found name", "Found type", "Found tax rate", "Account ID", "Splits",
    "Reason", "Note", "Not compared",
)  # fmt: skip
"""`Code` to `Tax rate` have the standard's values, the `Found` columns the organisation's."""


def csv_rows(grid: Grid) -> Iterator[tuple[str, ...]]:
    """Yield the header, then the rows of each organisation. Control characters are escaped."""
    yield COLUMNS
    for one in grid.organisations:
        for account in grid.accounts:
            cell = account.cells.get(one.key)
            if cell and (cell.state is not CellState.SAME or cell.not_compared):
                yield tuple(map(visible, _row(one, account, cell)))


def _row(one: GridOrganisation, account: GridAccount, cell: GridCell) -> tuple[str, ...]:
    standard = (cell.wanted or account.line) if account.standard else Line()
    found = cell.found or Line()
    return (
        one.name, one.tenant_id, one.file, cell.state, standard.code, standard.name,
        standard.type, standard.tax, found.code, found.name, found.type, found.tax,
        cell.account_id, sentence(cell.splits), "; ".join(cell.reasons), cell.note,
        ", ".join(FIELDS[name] for name in cell.not_compared),
    )  # fmt: skip
