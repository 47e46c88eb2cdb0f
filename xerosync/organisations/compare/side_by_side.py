"""Put the comparisons of many organisations side by side: a row for each account.

Rows of the standard come first, in the order of their codes. Then come the accounts that no
standard has, the most common first; those with the same code and name share a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from xerosync.desired import Source
from xerosync.errors import UsageError
from xerosync.model import code_key, code_order, name_key
from xerosync.organisations.book import Book
from xerosync.organisations.compare.cells import BookComparison
from xerosync.organisations.compare.grid import CellState, Grid, GridAccount, GridCell, Line
from xerosync.organisations.failed import FailedOrganisation
from xerosync.suggestions import nearest
from xerosync.text import counted, full_stop, series

_GIVE_TAXES = " If the standard has tax_types, give the file that defines them to --standard too."
_WRITE_THE_CODE = " If several tax rates share a name, write Xero's code in place of the name."
NOT_IN_STANDARD = "The account is not in the standard of this organisation."

_Key = tuple[str, str]
_MOST_NAMED = 2


def grid_of(
    comparisons: Sequence[BookComparison],
    against: str = "",
    failed: Sequence[FailedOrganisation] = (),
    standard: str = "",
) -> Grid:
    """Return the grid of books that were compared with one organisation or with a standard.

    `against` is the name of the organisation, `standard` the name of the standard. If both are "",
    each book was compared with the standards that its file extends.
    """
    rows = _Rows(comparisons)
    notes = []
    if not_in_csv := sum(one.taxes_not_in_csv for one in comparisons):
        notes.append(
            f"The tax rate was not compared for {counted(not_in_csv, 'account')}: a CSV has only"
            " the names of tax rates, if any, and the standard may have Xero's codes."
        )
    if foreign := sum(one.foreign_taxes for one in comparisons):
        notes.append(
            f"The tax rate was not compared for {counted(foreign, 'account')}: {against} is in"
            " another country."
        )
    if any(one.unknown_taxes for one in comparisons):
        advice = (_GIVE_TAXES if standard else "") + ("" if against else _WRITE_THE_CODE)
        notes.append(_on_unknown_taxes(comparisons) + advice)
    names = dict.fromkeys(one.standard for one in comparisons if one.standard) or [standard]
    many = len(names) > _MOST_NAMED
    return Grid(
        against=against or ("several standards" if many else "; ".join(names)),
        organisations=tuple(one.organisation for one in comparisons),
        accounts=(*rows.of_standard(), *rows.of_extras()),
        failed=tuple(failed),
        notes=tuple(notes),
    )


def find_book(books: Sequence[Book], name: str, failed: Iterable[FailedOrganisation] = ()) -> Book:
    """Return the book of an organisation by its name, tenant id or file.

    Raises the organisation's error if it failed, and `UsageError` unless exactly one book matches.
    """

    def named(organisation: str, tenant_id: str, file: str) -> bool:
        other = name.casefold() in {tenant_id.casefold(), file.casefold()}
        return other or name_key(name) == name_key(organisation)

    organisations = [(one, one.chart.organisation) for one in books]
    found = [one for one, its in organisations if named(its.name, its.tenant_id, one.file)]
    if len(found) == 1:
        return found[0]
    for one in failed:
        if named(one.name, one.tenant_id, one.file):
            raise one.error
    near = nearest(name, [its.name for _, its in organisations])
    if found:
        raise UsageError(
            f"--against: {len(found)} organisations are called {full_stop(name)}",
            "Give the tenant id, or the name of the file.",
        )
    raise UsageError(
        f"--against: {name} is not among the organisations that were read.",
        f"Did you mean {near}?" if near else "Give its name as Xero has it, or its tenant id.",
    )


def _on_unknown_taxes(comparisons: Sequence[BookComparison]) -> str:
    """Return a note on the tax types that are names of no tax rate, or of several."""
    places = {place for one in comparisons for place in one.unknown_taxes}
    names = sorted({name for one in comparisons for name in one.unknown_taxes.values()})
    where = sum(1 for one in comparisons if one.unknown_taxes)
    return (
        f"The tax rate was not compared for {counted(len(places), 'account')} in"
        f" {counted(where, 'organisation')}: no tax rate there, or more than one, is called"
        f" {full_stop(series(names, 'or'))}"
    )


class _Rows:
    """The rows of all comparisons.

    `of_standard` moves some extra accounts into rows of a standard: call it before `of_extras`.
    """

    def __init__(self, comparisons: Sequence[BookComparison]) -> None:
        self._comparisons = comparisons
        self._lines: dict[Source, Counter[Line]] = {}
        self._optional: dict[Source, bool] = {}
        self._extras: dict[_Key, dict[str, GridCell]] = {}
        for one in comparisons:
            for row in one.rows:
                self._lines.setdefault(row.place, Counter())[row.line] += 1
                self._optional[row.place] = row.optional or self._optional.get(row.place, False)
            for cell in one.extras:
                if cell.found:
                    of_account = self._extras.setdefault(_key(cell.found), {})
                    of_account.setdefault(one.organisation.key, cell)

    def of_standard(self) -> list[GridAccount]:
        cells: dict[Source, dict[str, GridCell]] = {place: {} for place in self._lines}
        for one in self._comparisons:
            for place, cell in one.cells.items():
                cells[place][one.organisation.key] = cell
        self._fill(cells)
        found = []
        for place, lines in self._lines.items():
            (line, _), *_ = lines.most_common(1)
            source = place if place.file else Source()
            of_row = {
                key: replace(cell, wanted=None) if cell.wanted == line else cell
                for key, cell in cells[place].items()
            }
            found.append(GridAccount(line, of_row, optional=self._optional[place], source=source))
        return sorted(found, key=lambda row: (code_order(row.line.code), row.line.name))

    def of_extras(self) -> list[GridAccount]:
        found = []
        for cells in self._extras.values():
            lines = Counter(cell.found for cell in cells.values() if cell.found)
            (line, _), *_ = lines.most_common(1)
            found.append(GridAccount(line, cells, standard=False))
        return sorted(
            found, key=lambda row: (-len(row.cells), code_order(row.line.code), row.line.name)
        )

    def _fill(self, cells: dict[Source, dict[str, GridCell]]) -> None:
        """Fill each organisation's cells in the rows that its own standard lacks.

        If the organisation has the account of the row, the cell says that the account is extra.
        """
        places = {_key(line): place for place, of in self._lines.items() for line in of}
        absent = GridCell(CellState.OPTIONAL, note=NOT_IN_STANDARD)
        lacking: dict[tuple[Source, ...], list[Source]] = {}
        for one in self._comparisons:
            own = tuple(row.place for row in one.rows)
            if own not in lacking:
                here = set(own)
                lacking[own] = [place for place in self._lines if place not in here]
            for place in lacking[own]:
                cells[place][one.organisation.key] = absent
        for key in [key for key in self._extras if key in places]:
            of_row = cells[places[key]]
            for organisation, cell in list(self._extras[key].items()):
                if of_row.get(organisation) is absent:
                    of_row[organisation] = cell
                    del self._extras[key][organisation]
            if not self._extras[key]:
                del self._extras[key]


def _key(line: Line) -> _Key:
    return code_key(line.code), name_key(line.name)
