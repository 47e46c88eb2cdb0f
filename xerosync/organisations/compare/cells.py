"""Compare the chart of one organisation with its standard: a cell for each account.

Pure. `grid_of` in `side_by_side.py` puts the comparisons of many organisations side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xerosync.desired import DesiredAccount, DesiredChart, Source
from xerosync.errors import UsageError
from xerosync.model import FIELD, Account, Status, code_key, name_key
from xerosync.organisations.book import Book
from xerosync.organisations.compare.consolidate import splits_of
from xerosync.organisations.compare.grid import CellState, GridCell, GridOrganisation, Line
from xerosync.organisations.compare.pairing import pair
from xerosync.organisations.compare.tax_comparison import TaxComparison
from xerosync.organisations.standards.countries import StandardCharts
from xerosync.plan.matching.pins import xero_id
from xerosync.plan.matching.shared_words import share_general_words_alone
from xerosync.plan.tax_rates import TaxRates

RETIRED = "The standard has retired this account, and it is active here."
ARCHIVED = "The account is archived here."
OMITTED = "The organisation's file, or a standard that it extends, omits it."
TO_KEEP = "The standard has retired this account; the organisation's file keeps it active."
GENERAL_WORD = "Its present and wanted names share only general words: it may be another account."
NOT_YET = "The organisation's file overrides the standard; this is not applied to Xero yet."

_FIELDS = {"type": "type", "code": "code", "name": "name", "tax": "tax_type"}
"""The names of the compared fields in `Line` and `Account`. The first that differs is the state."""


@dataclass(frozen=True, slots=True)
class StandardRow:
    """An account of the standard as it is for one organisation, in its country.

    `place` is the place of the standard's entry. It identifies the row.
    """

    place: Source
    line: Line
    optional: bool = False


@dataclass(frozen=True, slots=True)
class BookComparison:
    """The comparison of one organisation with the standard. It can be pickled.

    `cells` has all cells other than `grid.SAME`, by the place of their row. `extras` are active
    accounts that the standard lacks.

    Three fields are about tax rates that could not be compared. `taxes_not_in_csv` counts accounts
    of a CSV, which has only the names of rates, if any. `foreign_taxes` counts accounts that were
    compared with an organisation in another country. `unknown_taxes` has, by the place of its row,
    the tax type of an entry if it is a name that does not identify one tax rate of these books.
    """

    organisation: GridOrganisation
    standard: str
    rows: tuple[StandardRow, ...]
    cells: Mapping[Source, GridCell]
    extras: tuple[GridCell, ...]
    taxes_not_in_csv: int = 0
    unknown_taxes: Mapping[Source, str] = field(default_factory=dict)
    foreign_taxes: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    """An account of the standard, and the same account with the overrides of the file."""

    standard: DesiredAccount
    own: DesiredAccount
    omitted: bool = False


def compare_book(
    book: Book, standard: StandardCharts | None = None, against: Book | None = None
) -> BookComparison:
    """Compare a book with a standard, with another book, or with the standards of its file.

    Bank accounts are left out. Raises `UsageError` if there is no standard, and `ChartError` if the
    standard has no chart in the book's country.
    """
    desired = book.desired
    own: tuple[DesiredAccount, ...] = ()
    foreign = False
    if against:
        base = against.chart.organisation
        foreign = base.country_code != book.chart.organisation.country_code
        name, entries = base.name, _entries_of_book(against, with_tax=not foreign)
    elif standard:
        chart = standard.chart(book.chart.organisation.country_code, any_country=book.exported)
        name, entries = standard.name, [_Entry(one, one) for one in chart.accounts]
    elif desired and desired.standard:
        name = desired.standard
        entries = [_entry(one) for one in desired.accounts if one.inherited.file]
        entries += [_entry(one, omitted=True) for one in desired.omitted]
        own = tuple(one for one in desired.accounts if not one.inherited.file)
    else:
        raise no_standard(desired)
    entries = [one for one in entries if one.standard.text("type") != "BANK"]
    own = tuple(one for one in own if one.text("type") != "BANK")
    return _Comparison(book, name, entries, own, foreign=foreign).result()


def no_standard(desired: DesiredChart | None = None) -> UsageError:
    """Return the error for a comparison without a standard, with or without a chart file."""
    why = "the chart file extends none" if desired else "no chart file is read"
    return UsageError(
        f"There is no standard to compare with: {why}.",
        "Name one with --standard FILE, or one of the organisations with --against NAME.",
    )


def _entry(entry: DesiredAccount, *, omitted: bool = False) -> _Entry:
    return _Entry(entry.standard or entry, entry, omitted)


def _entries_of_book(against: Book, *, with_tax: bool) -> list[_Entry]:
    rates = TaxRates(against.chart.tax_rates)
    entries = []
    for number, account in enumerate(against.chart.accounts, 1):
        if account.status == Status.ACTIVE:
            values = {name: account.value(name) for name in ("code", "name", "type")}
            if with_tax:
                values["tax_type"] = rates.portable(account.tax_type)
            entry = DesiredAccount(
                values={n: value for n, value in values.items() if value or n == "code"},
                system_account=account.system_account,
                inherited=Source("", number),
            )
            entries.append(_Entry(entry, entry))
    return entries


@dataclass
class _Comparison:
    book: Book
    standard: str
    entries: Sequence[_Entry]
    own: Sequence[DesiredAccount]
    foreign: bool
    taxes_not_in_csv: int = 0
    foreign_taxes: int = 0
    unknown_taxes: dict[Source, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.taxes = TaxComparison(self.book)
        self.accounts = [
            account
            for account in self.book.chart.accounts
            if account.type != "BANK" and account.status != Status.DELETED
        ]

    def result(self) -> BookComparison:
        wanted = [*self.own, *(one.standard if one.omitted else one.own for one in self.entries)]
        found = pair(wanted, self.accounts, roles=not self.book.exported)
        shift = len(self.own)
        owned = {a.account_id for number, a in found.items() if number < shift}
        matched = {a.account_id for number, a in found.items() if number >= shift}
        by_code = {code_key(a.code): a for a in self.accounts if a.code}
        rows, cells = [], {}
        for number, entry in enumerate(self.entries):
            line = self._line(entry.standard)
            row = StandardRow(entry.standard.inherited, line, entry.standard.optional)
            rows.append(row)
            account, holder = found.get(number + shift), by_code.get(code_key(line.code))
            cell = self._cell(entry, line, account)
            if cell and cell.state is CellState.MISSING and account is None and holder:
                taken = f"Code {holder.code} is {holder.name or 'another account'} here."
                cell = replace(cell, note=taken)
            if cell:
                cells[row.place] = cell
        codes = {code_key(row.line.code): row.line for row in rows if row.line.code}
        names = {name_key(row.line.name): row.line for row in rows if row.line.name}
        extras = tuple(
            self._extra(account, codes, names, own=account.account_id in owned)
            for account in self.accounts
            if account.status == Status.ACTIVE and account.account_id not in matched
        )
        return BookComparison(
            self._organisation(rows, cells, extras),
            self.standard,
            tuple(rows),
            cells,
            extras,
            self.taxes_not_in_csv,
            self.unknown_taxes,
            self.foreign_taxes,
        )

    def _organisation(
        self,
        rows: Sequence[StandardRow],
        cells: Mapping[Source, GridCell],
        extras: Sequence[GridCell],
    ) -> GridOrganisation:
        organisation = self.book.chart.organisation
        counts = Counter(cell.state for cell in (*cells.values(), *extras))
        counts[CellState.SAME] += len(rows) - len(cells)
        desired = self.book.desired
        return GridOrganisation(
            key=organisation.tenant_id or self.book.file,
            name=organisation.name,
            tenant_id=organisation.tenant_id,
            file=self.book.file,
            country=organisation.country_code,
            tags=desired.tags if desired else (),
            counts={state: counts[state] for state in CellState if counts[state]},
            not_compared=sum(1 for cell in cells.values() if cell.not_compared),
        )

    def _cell(self, entry: _Entry, wanted: Line, account: Account | None) -> GridCell | None:
        """Return the cell of an account of the standard.

        None if every field could be compared and nothing differs.
        """
        own = entry.own
        if account is None:
            return self._absent(entry, wanted)
        found = _line_of(account)
        active = account.status == own.status == Status.ACTIVE
        if found == wanted and own is entry.standard and active and not entry.omitted:
            return None  # most are the same: this saves the comparisons below
        cell = GridCell(
            CellState.SAME,
            found,
            wanted,
            xero_id(account),
            self._differs(entry.standard, account),
            splits_of(found, wanted),
            own.reasons,
            own.source if own.reasons else Source(),
        )
        if entry.omitted:
            return replace(cell, state=CellState.OVERRIDE, note=OMITTED)
        if account.status == Status.ARCHIVED:
            return self._archived(entry, cell)
        if entry.standard.status == Status.ARCHIVED and own.status != Status.ACTIVE:
            return replace(cell, state=CellState.EXTRA, note=RETIRED)
        return self._active(entry, cell, account)

    def _active(self, entry: _Entry, cell: GridCell, account: Account) -> GridCell | None:
        """Return the cell of an active account that the standard or the file wants active.

        None if every field could be compared and nothing differs.
        """
        standard, own = entry.standard, entry.own
        left = cell.differs if own is standard else self._differs(own, account)
        if not_compared := self._not_compared(entry, account):
            cell = replace(cell, not_compared=not_compared)
        if left and cell.differs:
            named = "name" not in left or "name" not in cell.differs
            sure = named or own.account_id or own.system_account
            unsure = not sure and share_general_words_alone(account.name, own.known_name)
            return replace(cell, state=CellState(left[0]), note=GENERAL_WORD if unsure else "")
        if left or own.status != Status.ACTIVE:
            return replace(cell, state=CellState((*cell.differs, "same")[0]), note=NOT_YET)
        if own is not standard and _says_otherwise(entry):
            note = TO_KEEP if standard.status == Status.ARCHIVED else ""
            return replace(cell, state=CellState.OVERRIDE, note=note)
        return cell if cell.not_compared else None

    def _absent(self, entry: _Entry, wanted: Line) -> GridCell | None:
        """Return the cell of a missing account, None if standard and file want it inactive."""
        own = entry.own
        source = own.source if own.reasons else Source()
        cell = GridCell(CellState.MISSING, wanted=wanted, reasons=own.reasons, source=source)
        if entry.omitted:
            return replace(cell, state=CellState.OVERRIDE, note=OMITTED)
        if own.status != Status.ACTIVE:
            return _as_wanted(entry, cell)
        lacks_role = own.system_account and not own.account_id and not self.book.exported
        return replace(cell, state=CellState.OPTIONAL) if own.optional or lacks_role else cell

    def _archived(self, entry: _Entry, cell: GridCell) -> GridCell | None:
        """Return the cell of an archived account, None if standard and file want it inactive."""
        if entry.own.status != Status.ACTIVE:
            return _as_wanted(entry, cell)
        state = CellState.OPTIONAL if entry.own.optional else CellState.MISSING
        return replace(cell, state=state, splits=(), note=ARCHIVED)

    def _extra(
        self, account: Account, codes: Mapping[str, Line], names: Mapping[str, Line], *, own: bool
    ) -> GridCell:
        coded, named = codes.get(code_key(account.code)), names.get(name_key(account.name))
        note = ""
        if coded and coded.name:
            note = (
                f"In the standard, code {account.code} is {coded.name}: tools that consolidate by"
                " code put both accounts into one line."
            )
        elif named:
            note = (
                f"In the standard, {named.code or 'a system account'} has the name {named.name}:"
                " tools that consolidate by name put both accounts into one line."
            )
        return GridCell(
            CellState.EXTRA, _line_of(account), None, xero_id(account), own=own, note=note
        )

    def _line(self, entry: DesiredAccount) -> Line:
        """Return the compared fields of an entry. The tax rate is Xero's code, if it is known."""

        def text(name: str) -> str:
            return str(entry.values.get(name) or entry.initial.get(name) or "")

        tax = self.taxes.shown(text("tax_type"))
        return Line(entry.code, entry.known_name, text("type"), tax)

    def _differs(self, entry: DesiredAccount, account: Account) -> tuple[str, ...]:
        return tuple(name for name in _FIELDS if self._differs_in(name, entry, account))

    def _differs_in(self, name: str, entry: DesiredAccount, account: Account) -> bool:
        key = _FIELDS[name]
        wanted = entry.values.get(key)
        found = account.value(key)
        if wanted is None or wanted == found:
            return False
        if name == "tax":
            return self.taxes.differs(str(wanted), str(found))
        if name == "type" and self.book.exported and (account.system_account or not found):
            return False  # a CSV has the role of a system account in place of its type
        return FIELD[key].comparable(wanted) != FIELD[key].comparable(found)

    def _not_compared(self, entry: _Entry, account: Account) -> tuple[str, ...]:
        """Return ("tax",) if the tax rates cannot be compared, and record why. Else return ()."""
        wanted, found = entry.own.text("tax_type"), account.tax_type
        if self.foreign:
            self.foreign_taxes += 1
        elif not wanted or wanted == found:
            return ()
        elif self.taxes.is_unknown(wanted):
            self.unknown_taxes[entry.standard.inherited] = wanted
        elif self.taxes.lacks_in_csv(wanted, found):
            self.taxes_not_in_csv += 1
        else:
            return ()
        return ("tax",)


def _as_wanted(entry: _Entry, cell: GridCell) -> GridCell | None:
    """Return `cell` as OVERRIDE if only the file archives or deletes the account, else None."""
    if entry.standard.status == Status.ARCHIVED:
        return None
    verb = "deletes" if entry.own.status == Status.DELETED else "archives"
    return replace(cell, state=CellState.OVERRIDE, note=f"The organisation's file {verb} it.")


def _says_otherwise(entry: _Entry) -> bool:
    """Whether the organisation's file overrides the status or a compared field of the standard."""
    standard, own = entry.standard, entry.own
    if own.status != standard.status:
        return True
    return any(own.values.get(name) != standard.values.get(name) for name in _FIELDS.values())


def _line_of(account: Account) -> Line:
    return Line(account.code, account.name, account.type, account.tax_type)
