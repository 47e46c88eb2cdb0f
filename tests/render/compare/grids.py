"""Grids for the tests of their page and workbook, and for the benchmark."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xerosync.desired import Source
from xerosync.errors import AccessDenied, Unavailable
from xerosync.organisations.compare.grid import (
    CellState,
    Grid,
    GridAccount,
    GridCell,
    GridOrganisation,
    Key,
    Line,
)
from xerosync.organisations.failed import FailedOrganisation

STANDARD = "standard/chart.yaml"

FIRST = ("Amber", "Birch", "Coral", "Dune", "Ember", "Fjord", "Glade", "Heath", "Islet", "Juniper")
TRADE = ("Bakery", "Cycles", "Dental", "Electrical", "Florist", "Garage", "Homes", "Joinery")
EXPENSES = (
    "Advertising", "Bank Charges", "Cleaning", "Consulting", "Entertainment", "Freight",
    "General Expenses", "Insurance", "Interest", "Legal Fees", "Light and Power", "Motor Vehicle",
    "Office Supplies", "Printing", "Rent", "Repairs", "Stationery", "Subscriptions", "Telephone",
    "Travel", "Wages",
)  # fmt: skip


def line(code: str, name: str, account_type: str = "EXPENSE", tax: str = "INPUT2") -> Line:
    return Line(code, name, account_type, tax)


def organisation(
    name: str, *, file: str = "", tags: Sequence[str] = (), country: str = "NZ"
) -> GridOrganisation:
    key = f"id-{name}"
    return GridOrganisation(key, name, key, file, country, tuple(tags))


def grid_of(
    accounts: Sequence[GridAccount],
    organisations: Sequence[GridOrganisation],
    failed: Sequence[FailedOrganisation] = (),
    against: str = "Tui practice chart",
    notes: Sequence[str] = (),
) -> Grid:
    """Return a grid with the counts of each organisation."""
    counts: dict[str, Counter[CellState]] = {one.key: Counter() for one in organisations}
    for account in accounts:
        for one in organisations:
            cell = account.cells.get(one.key)
            if cell or account.standard:
                counts[one.key][cell.state if cell else CellState.SAME] += 1
    counted = [replace(one, counts=dict(counts[one.key])) for one in organisations]
    return Grid(against, counted, tuple(accounts), tuple(failed), tuple(notes))


def every_state() -> Grid:
    """Return a small grid that has each state, and each thing that a cell may say."""
    acme = organisation("Acme Ltd", file="clients/acme.yaml", tags=("retail", "canary"))
    birch = organisation("Birch & Sons", file="clients/birch.yaml", tags=("retail",))
    coral = organisation("Coral Cafe", country="AU")
    accounts = (
        _row(10, line("200", "Sales", "REVENUE", "OUTPUT2"), {}),
        _row(11, line("404", "Bank Charges"), {
            acme.key: GridCell(
                CellState.NAME, line("404", "Bank Fees"), differs=("name",), splits=(Key.NAME,)
            ),
            birch.key: GridCell(
                CellState.OVERRIDE, line("404", "Merchant Fees"), differs=("name",),
                splits=(Key.NAME,), reasons=("Named so in the bank's covenant",),
                source=Source("clients/birch.yaml", 7, 5),
            ),
        }),
        _row(12, line("408", "Cleaning"), {
            acme.key: GridCell(
                CellState.TYPE, line("408", "Cleaning", "CURRENT"), differs=("type", "tax"),
                splits=(Key.CLASS,),
            ),
            coral.key: GridCell(
                CellState.TAX, line("408", "Cleaning", tax="BASEXCLUDED"),
                line("408", "Cleaning", tax="INPUT"), differs=("tax",),
            ),
        }),
        _row(13, line("433", "Insurance"), {
            birch.key: GridCell(
                CellState.CODE, line("434", "Insurance"), differs=("code",), splits=(Key.CODE,)
            ),
            coral.key: GridCell(
                CellState.MISSING, splits=(Key.CODE, Key.NAME, Key.CLASS),
                note='Its code is taken by "Drone Hire".',
            ),
        }),
        _row(14, line("615", "Consignment Stock", "CURRENT", "NONE"), {
            acme.key: GridCell(CellState.OPTIONAL),
            birch.key: GridCell(CellState.EXTRA, line("615", "Consignment"), note="Retired."),
        }, optional=True),
        GridAccount(line("433", "Drone Hire"), {
            coral.key: GridCell(CellState.EXTRA, line("433", "Drone Hire"))
        }, standard=False),
        GridAccount(line("905", "Grant Income", "REVENUE"), {
            acme.key: GridCell(
                CellState.EXTRA, line("905", "Grant Income", "REVENUE"), own=True,
                source=Source("clients/acme.yaml", 20, 5),
            ),
            birch.key: GridCell(CellState.EXTRA, line("905", "Grant Income", "REVENUE")),
        }, standard=False),
    )  # fmt: skip
    failed = (
        FailedOrganisation("clients/dune.yaml", "Dune Ltd", AccessDenied("No access to Dune Ltd.")),
        FailedOrganisation("clients/ember.yaml", "", Unavailable("Xero did not answer.")),
    )
    notes = ("Tax rates of Coral Cafe are not compared.",)
    return grid_of(accounts, (acme, birch, coral), failed, notes=notes)


def not_compared() -> Grid:
    """Return the grid of `every_state` with two cells whose tax rate could not be compared."""
    grid = every_state()
    sales, bank, *others = grid.accounts
    untold = GridCell(
        CellState.SAME, sales.line, replace(sales.line, tax="sales"), not_compared=("tax",)
    )
    renamed = replace(bank.cells["id-Acme Ltd"], not_compared=("tax",))
    accounts = (
        replace(sales, cells={"id-Coral Cafe": untold}),
        replace(bank, cells={**bank.cells, "id-Acme Ltd": renamed}),
        *others,
    )
    organisations = [
        replace(one, not_compared=sum(bool(c.not_compared) for a in accounts
                                      for key, c in a.cells.items() if key == one.key))
        for one in grid.organisations
    ]  # fmt: skip
    return replace(grid, organisations=organisations, accounts=accounts)


def hostile(attack: str) -> Grid:
    """Return a grid in which each text that strangers choose is this one."""
    one = replace(
        organisation(attack, file=attack, tags=(attack,), country=attack), tenant_id=attack
    )
    other = organisation("Acme Ltd")
    cell = GridCell(
        CellState.NAME, Line(attack, attack, attack, attack), Line(attack, attack, attack, attack),
        differs=("name",), reasons=(attack,), source=Source(attack, 3, 1), note=attack,
    )  # fmt: skip
    extra = replace(cell, state=CellState.EXTRA)
    accounts = (
        GridAccount(Line(attack, attack, attack, attack), {one.key: cell}),
        GridAccount(Line(attack, attack, attack, attack), {one.key: extra}, standard=False),
    )
    failed = (FailedOrganisation(attack, attack, Unavailable(attack)),)
    return grid_of(accounts, (one, other), failed, against=attack, notes=(attack,))


def large(organisations: int = 1_000, accounts: int = 71, *, share: float = 0.08) -> Grid:
    """Return a grid of a practice whose charts have drifted: the same one each time."""
    choose = random.Random(14)  # noqa: S311 the same grid each time
    books = [
        organisation(
            f"{choose.choice(FIRST)} {choose.choice(TRADE)} {number} Ltd",
            file=f"clients/client-{number:04}.yaml",
            tags=choose.sample(("retail", "rural", "trust", "canary"), choose.randrange(3)),
            country=choose.choice(("NZ", "NZ", "AU")),
        )
        for number in range(organisations)
    ]
    rows = []
    for number in range(accounts):
        own = line(f"{200 + number * 7}", _name(number))
        rows.append(
            _row(10 + number, own, {
                one.key: _drifted(choose, own, one) for one in books if choose.random() < share
            })
        )  # fmt: skip
    for number in range(organisations // 4):
        own = line(f"{900 + number}", f"Own {_name(number)}")
        lacks = GridCell(CellState.EXTRA, own)
        some = choose.sample(books, min(len(books), choose.choice((1, 1, 1, 2, 5))))
        rows.append(
            GridAccount(own, dict.fromkeys((one.key for one in some), lacks), standard=False)
        )
    return grid_of(rows, books)


def _name(number: int) -> str:
    more = number // len(EXPENSES)
    return EXPENSES[number % len(EXPENSES)] + (f" {more + 1}" if more else "")


def _drifted(choose: random.Random, own: Line, one: GridOrganisation) -> GridCell:
    match choose.randrange(10):
        case 0:
            return GridCell(CellState.MISSING, splits=tuple(Key))
        case 1:
            code = f"{own.code}{choose.randrange(10)}"
            return GridCell(
                CellState.CODE, replace(own, code=code), differs=("code",), splits=(Key.CODE,)
            )
        case 2:
            return GridCell(CellState.TAX, replace(own, tax="NONE"), differs=("tax",))
        case 3:
            return GridCell(
                CellState.OVERRIDE, replace(own, name=f"{own.name}, statutory"), differs=("name",),
                splits=(Key.NAME,), reasons=("The auditors name it",),
                source=Source(one.file, choose.randrange(8, 30), 5),
            )  # fmt: skip
    spelling = choose.choice(("{} Costs", "{} Fees", "{} (old)", "{} {}", "{} - {}"))
    name = spelling.format(own.name, choose.randrange(100))
    return GridCell(CellState.NAME, replace(own, name=name), differs=("name",), splits=(Key.NAME,))


def _row(
    at: int, own: Line, cells: Mapping[str, GridCell], *, optional: bool = False
) -> GridAccount:
    return GridAccount(own, cells, optional=optional, source=Source(STANDARD, at, 5))
