"""Comparing: time and memory of a comparison of many charts that are in memory already.

Charts are those of the sandbox's clients in New Zealand, drifted from one standard. Xero is not
asked: what reading them takes is in ``many.py``.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from xerosync.model import Account, Chart, DesiredAccount, DesiredChart, Organisation, Source
from xerosync.organisations.book import Book
from xerosync.organisations.compare import compare_book
from xerosync.organisations.countries import StandardCharts
from xerosync.organisations.grid import Grid
from xerosync.organisations.side_by_side import grid_of
from xerosync.render.compare.csv import csv_rows
from xerosync.render.compare.html import page
from xerosync.render.compare.json import grid_as_json
from xerosync.render.compare.xlsx import workbook
from xerosync.sandbox.accounting import account as sandbox_account
from xerosync.sandbox.books import seed

MADE_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
FIELDS = ("account_id", "code", "name", "type", "status", "tax_type", "system_account")
COUNT = 1_000


def measure() -> Iterator[tuple[str, ...]]:
    """Yield a row for each figure, with what it should be."""
    yield ("figure", "measured", "wanted")
    begin = time.perf_counter()
    books, standard = _books(COUNT)
    yield ("charts in memory (not part of it)", f"{time.perf_counter() - begin:.2f} s", "")
    begin, cpu = time.perf_counter(), time.process_time()
    grid = grid_of([compare_book(book, standard) for book in books])
    took, cpu = time.perf_counter() - begin, time.process_time() - cpu
    what = f"compare {COUNT:,} by {sum(row.standard for row in grid.accounts)}"
    yield (f"{what}: time", f"{took:.2f} s, CPU {cpu:.2f} s", "3 s")
    yield from _written(grid)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield (f"{what}: peak memory", f"{peak:.0f} MB", "")


def _written(grid: Grid) -> Iterator[tuple[str, ...]]:
    writers: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
        ("HTML", "3 MB", lambda: page(grid, MADE_AT).encode()),
        ("XLSX", "2 s", lambda: workbook(grid, MADE_AT)),
        ("JSON", "", lambda: grid_as_json(grid, MADE_AT).encode()),
        ("CSV rows", "", lambda: "\n".join(map(",".join, csv_rows(grid))).encode()),
    )
    for name, wanted, write in writers:
        begin = time.perf_counter()
        size = len(write()) / 1e6
        yield (f"{name}: time, size", f"{time.perf_counter() - begin:.2f} s, {size:.2f} MB", wanted)


def _books(count: int) -> tuple[list[Book], StandardCharts]:
    clients = list(seed.clients(count, seed.country("NZ")))
    books = [
        Book(
            Chart(
                Organisation(client.tenant_id, client.name, country_code="NZ"),
                tuple(map(_ours, seed.drifted(client, 1)[0])),
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
        for number, one in enumerate(seed.accounts(clients[0]), 1)
        if not one.is_bank
    )
    chart = DesiredChart("standard.yaml", entries)
    return books, StandardCharts("standard.yaml", "Standard", {"": chart})


def _ours(account: sandbox_account.Account) -> Account:
    return Account(**{name: getattr(account, name) or "" for name in FIELDS})  # type: ignore[arg-type]
