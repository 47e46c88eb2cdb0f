"""A comparison as one HTML page: a grid to filter and walk through, and tables to print.

The page holds the comparison as JSON. To be quick with a thousand organisations, the script of the
page draws only the part of the grid that is in view.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from xerosync.organisations.compare.grid import (
    DIFFERENCES,
    CellState,
    Grid,
    GridAccount,
    GridCell,
    GridOrganisation,
    Key,
    Line,
)
from xerosync.render.compare import states
from xerosync.render.compare.states import FIELDS, KEYS, NOT_COMPARED, STATES
from xerosync.render.html_page import asset, render
from xerosync.render.review.phrases import failure
from xerosync.text import counted, timestamp, visible

NAMED = 3
"""Up to this many organisations are named. If more share a variant, none of them is named."""
_VARIANTS = 6
"""The tables list up to this many differences of one account; the others are counted."""

_SCRIPTS = (
    "compare_model.js",
    "compare_filter.js",
    "compare_grid.js",
    "compare_detail.js",
    "compare.js",
)
"""The parts of the page's script, in order. The last part starts the script."""

_NUMBER = {state: number for number, state in enumerate(STATES)}


def page(grid: Grid, made_at: datetime) -> str:
    """Return the comparison as an HTML page."""
    tags = sorted({tag for one in grid.organisations for tag in one.tags})
    total = sum((Counter(one.counts) for one in grid.organisations), Counter[CellState]())
    shown = {cell.state for row in grid.accounts for cell in row.cells.values()} | total.keys()
    rows = list(_rows(grid))
    differing = [one for one in rows if one["standard"] and one["variants"]]
    return render(
        "compare.html.j2",
        asset("plan.css") + asset("compare.css"),
        "".join(map(asset, _SCRIPTS)),
        title=f"{counted(len(grid.organisations), 'organisation')} compared with {grid.against}",
        summary=_summary(grid, len(differing)),
        kinds=[
            {"number": _NUMBER[state], "words": words, "count": total[state]}
            for state, words in STATES.items()
            if state in shown
        ],
        keys=[(_bits(Key, parts), name) for name, parts in KEYS.items()],
        tags=tags,
        countries=sorted({one.country for one in grid.organisations if one.country}),
        failed=[{"name": o.name, "file": o.file, "why": failure(o)} for o in grid.failed],
        accounts=sorted(differing, key=lambda one: -one["differs"]),
        extras=[one for one in rows if not one["standard"]],
        organisations=[_organisation(one) for one in grid.organisations],
        data=_json(_data(grid, tags)),
        notes=grid.notes,
        mark=NOT_COMPARED if any(one.not_compared for one in grid.organisations) else None,
        made_at=timestamp(made_at),
    )


def _summary(grid: Grid, differing: int) -> str:
    standard = sum(account.standard for account in grid.accounts)
    same = sum(not states.different(one.counts) for one in grid.organisations)
    if not differing and same == len(grid.organisations):
        return "No organisation differs." if grid.organisations else "Nothing was compared."
    return (
        f"Accounts of the standard with differences: {differing:,} of {standard:,}. Organisations"
        f" with neither a difference nor an extra account: {same:,} of {len(grid.organisations):,}."
    )


def _rows(grid: Grid) -> Iterator[dict[str, Any]]:
    """Yield the values of each account for the tables below the grid."""
    names = {one.key: one.name for one in grid.organisations}
    for number, account in enumerate(grid.accounts):
        variants = list(_variants(account, names))
        yield {
            "number": number,
            "line": states.shown(account.line),
            "standard": account.standard,
            "place": states.place(account.source),
            "differs": states.differing(account),
            "variants": variants[:_VARIANTS],
            "more": len(variants) - len(variants[:_VARIANTS]),
            "books": [names[key] for key in list(account.cells)[:NAMED]],
        }


def _variants(
    account: GridAccount, names: Mapping[str, str]
) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Yield each difference in words, its number of organisations, and their names, () if many."""
    found: defaultdict[tuple[CellState, str], list[str]] = defaultdict(list)
    for key, cell in account.cells.items():
        if cell.state in DIFFERENCES:
            found[cell.state, states.in_brief(cell)].append(names[key])
    for (_, said), books in sorted(found.items(), key=lambda item: (-len(item[1]), item[0][1])):
        yield said, len(books), tuple(books) if len(books) <= NAMED else ()


def _organisation(one: GridOrganisation) -> dict[str, Any]:
    return {
        "name": one.name,
        "facts": [fact for fact in (one.file, one.country, ", ".join(one.tags)) if fact],
        "counts": states.counts(one.counts, one.not_compared),
    }


def _data(grid: Grid, tags: list[str]) -> dict[str, Any]:
    """Return the data from which the script draws the grid.

    Lines, cells and their texts are stored once each, in lists, and are referred to by index.
    """
    pools = _Pools()
    number = {tag: at for at, tag in enumerate(tags)}
    column = {one.key: at for at, one in enumerate(grid.organisations)}
    files = {one.key: one.file for one in grid.organisations}
    books = [
        [visible(one.name), visible(one.file), visible(one.country), visible(one.tenant_id),
         [number[tag] for tag in one.tags]]
        for one in grid.organisations
    ]  # fmt: skip
    accounts = [
        [
            pools.line(account.line),
            int(account.standard) | int(account.optional) << 1,
            states.place(account.source),
            [
                part
                for key, cell in account.cells.items()
                for part in (column[key], pools.cell(cell, files[key]))
            ],
        ]
        for account in grid.accounts
    ]
    return {
        "states": [
            [words.glyph, words.label, words.meaning, int(state in DIFFERENCES)]
            for state, words in STATES.items()
        ],
        "fields": list(FIELDS.values()),
        "mark": [NOT_COMPARED.glyph, NOT_COMPARED.label],
        "tags": [visible(tag) for tag in tags],
        "books": books,
        "accounts": accounts,
        "lines": pools.lines,
        "cells": pools.cells,
        "texts": pools.texts,
    }


class _Pools:
    """Lists without duplicates. Each method adds an item if it is new, and returns its index."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.lines: list[list[int]] = []
        self.cells: list[list[Any]] = []
        self._known: dict[Hashable, int] = {}

    def text(self, text: str) -> int:
        return self._number(("text", text), self.texts, visible(text))

    def line(self, line: Line) -> int:
        known = self._known.get(line)
        if known is not None:
            return known
        shown = states.shown(line)
        parts = [self.text(part) for part in (shown.code, shown.name, shown.type, shown.tax)]
        return self._number(line, self.lines, parts)

    def cell(self, cell: GridCell, file: str) -> int:
        """Return the index of a cell. In the stored place, -1 is the organisation's own `file`."""
        place = cell.source
        at: list[int | str] = []
        if place.file:
            at = [-1 if place.file == file else self.text(place.file), place.line]
        state = STATES[cell.state]
        if cell.state is CellState.SAME and cell.not_compared:
            state = NOT_COMPARED
        parts = [
            _NUMBER[cell.state],
            -1 if cell.found is None else self.line(cell.found),
            -1 if cell.wanted is None else self.line(cell.wanted),
            _bits(FIELDS, cell.differs),
            _bits(Key, cell.splits),
            [self.text(reason) for reason in cell.reasons],
            at,
            self.text(cell.note) if cell.note else -1,
            int(cell.own),
            self.text(states.splits(cell.splits)) if cell.splits else -1,
            self.text(states.found_value(cell) or state.label),
            _bits(FIELDS, cell.not_compared),
        ]
        return self._number(repr(parts), self.cells, parts)

    def _number(self, key: Hashable, pool: list[Any], value: object) -> int:
        known = self._known.setdefault(key, len(pool))
        if known == len(pool):
            pool.append(value)
        return known


def _bits(names: Iterable[str], among: Collection[str]) -> int:
    """Return a number whose bit n is set if item n of `names`, counted from 0, is in `among`."""
    return sum(1 << bit for bit, name in enumerate(names) if name in among)


def _json(document: object) -> str:
    """Return JSON that is safe inside a `<script>` element: `<`, `>` and `&` are escaped."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
