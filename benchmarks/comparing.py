"""Comparing: time and memory of a comparison of many charts that are in memory already.

The charts are those of the sandbox's clients in New Zealand, drifted from one standard, with some
more accounts that are the same in all of them. Xero is not read: ``many.py`` measures that. Times
are processor times, so that they hold on a busy machine too.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from xerosync.desired import DesiredAccount, DesiredChart, Source
from xerosync.model import Account, Chart, Organisation
from xerosync.organisations.book import Book
from xerosync.organisations.compare.cells import compare_book
from xerosync.organisations.compare.side_by_side import grid_of
from xerosync.organisations.standards.countries import StandardCharts
from xerosync.render.compare.csv import csv_rows
from xerosync.render.compare.html import page
from xerosync.render.compare.json import grid_as_json
from xerosync.render.compare.xlsx import workbook
from xerosync.sandbox.accounting import account as sandbox_account
from xerosync.sandbox.books import seed

MADE_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
FIELDS = ("account_id", "code", "name", "type", "status", "tax_type", "system_account")
COUNT, ACCOUNTS = 1_000, 71
T = TypeVar("T")


def measure() -> Iterator[tuple[str, ...]]:
    """Yield a row for each figure, with its limit, and how much of the limit it is."""
    yield ("figure", "measured", "limit", "of the limit")
    took, (books, standard) = _timed(lambda: _books(COUNT))
    yield ("charts in memory (not part of it)", f"{took:.2f} s", "", "")
    took, grid = _timed(lambda: grid_of([compare_book(book, standard) for book in books]))
    rows = sum(row.standard for row in grid.accounts)
    yield (f"compare {COUNT:,} by {rows}", f"{took:.2f} s", "3 s", f"{took / 3:.2f}")
    writers: tuple[tuple[str, float, float, Callable[[], bytes]], ...] = (
        ("HTML", 0, 3, lambda: page(grid, MADE_AT).encode()),
        ("XLSX", 2, 0, lambda: workbook(grid, MADE_AT)),
        ("JSON", 0, 0, lambda: grid_as_json(grid, MADE_AT).encode()),
        ("CSV rows", 0, 0, lambda: "\n".join(map(",".join, csv_rows(grid))).encode()),
    )
    for name, seconds, megabytes, write in writers:
        took, made = _timed(write)
        yield (f"{name}: time", f"{took:.2f} s", *_beside(took, seconds, "s"))
        size = len(made) / 1e6
        yield (f"{name}: size", f"{size:.2f} MB", *_beside(size, megabytes, "MB"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield ("peak memory", f"{peak:.0f} MB", "", "")


def _timed(make: Callable[[], T]) -> tuple[float, T]:
    """Return the seconds of the processor that something takes, and what it makes."""
    began = time.process_time()
    made = make()
    return time.process_time() - began, made


def _beside(measured: float, limit: float, unit: str) -> tuple[str, str]:
    return (f"{limit:g} {unit}", f"{measured / limit:.2f}") if limit else ("", "")


def _books(count: int) -> tuple[list[Book], StandardCharts]:
    clients = list(seed.clients(count, seed.country("NZ")))
    shared = [one for one in seed.accounts(clients[0]) if not one.is_bank]
    more = tuple(
        Account(
            f"more-{number}", f"99{number:02}", f"Department {number}", "EXPENSE", tax_type="NONE"
        )
        for number in range(ACCOUNTS - len(shared))
    )
    books = [
        Book(
            Chart(
                Organisation(client.tenant_id, client.name, country_code="NZ"),
                (*map(_ours, seed.drifted(client, 1)[0]), *more),
            )
        )
        for client in clients
    ]
    entries = tuple(
        DesiredAccount(
            {name: getattr(one, name) for name in ("code", "name", "type", "tax_type")},
            status=one.status,
            inherited=Source("standard.yaml", number),
        )
        for number, one in enumerate((*map(_ours, shared), *more), 1)
    )
    chart = DesiredChart("standard.yaml", entries)
    return books, StandardCharts("standard.yaml", "Standard", {"": chart})


def _ours(account: sandbox_account.Account) -> Account:
    return Account(**{name: getattr(account, name) or "" for name in FIELDS})  # type: ignore[arg-type]
