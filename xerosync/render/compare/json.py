"""A comparison as JSON (`schema/compare.schema.json`), including the accounts that match."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from xerosync import __version__
from xerosync.desired import Source
from xerosync.organisations.compare.consolidate import sentence
from xerosync.organisations.compare.grid import (
    CellState,
    Grid,
    GridAccount,
    GridCell,
    GridOrganisation,
    Line,
)
from xerosync.organisations.review import failed_to_json
from xerosync.text import json_text, timestamp

FORMAT_VERSION = "1.0"


def grid_as_json(grid: Grid, made_at: datetime) -> str:
    """Return the grid as JSON that is safe to print."""
    return json_text(
        {
            "format_version": FORMAT_VERSION,
            "xerosync_version": __version__,
            "created_at": timestamp(made_at),
            "against": grid.against,
            "organisations": [_organisation(one) for one in grid.organisations],
            "accounts": [_account(grid, one) for one in grid.accounts],
            "failed": [failed_to_json(one) for one in grid.failed],
            "notes": list(grid.notes),
        }
    )


def _organisation(one: GridOrganisation) -> dict[str, Any]:
    return {
        "key": one.key,
        "tenant_id": one.tenant_id,
        "name": one.name,
        "file": one.file,
        "country": one.country,
        "tags": list(one.tags),
        "counts": {state: one.counts.get(state, 0) for state in CellState},
        "not_compared": one.not_compared,
    }


def _account(grid: Grid, account: GridAccount) -> dict[str, Any]:
    cells = ((one.key, grid.cell(account, one)) for one in grid.organisations)
    return {
        **_line(account.line),
        "standard": account.standard,
        "optional": account.optional,
        "source": _source(account.source),
        "cells": {key: _cell(account, cell) for key, cell in cells if cell},
    }


def _cell(account: GridAccount, cell: GridCell) -> dict[str, Any]:
    """Return the state and the non-empty values of a cell.

    A match has only the state, unless it has a note or a field that could not be compared.
    """
    if cell.state is CellState.SAME and not cell.note and not cell.not_compared:
        return {"state": cell.state}
    wanted = cell.wanted or account.line if account.standard else None
    said: dict[str, Any] = {
        "account_id": cell.account_id,
        "found": _line(cell.found) if cell.found else None,
        "wanted": _line(wanted) if wanted else None,
        "differs": list(cell.differs),
        "splits": list(cell.splits),
        "splits_text": sentence(cell.splits),
        "reasons": list(cell.reasons),
        "source": _source(cell.source),
        "own": cell.own,
        "note": cell.note,
        "not_compared": list(cell.not_compared),
    }
    return {"state": cell.state, **{name: value for name, value in said.items() if value}}


def _line(line: Line) -> dict[str, str]:
    return {"code": line.code, "name": line.name, "type": line.type, "tax_type": line.tax}


def _source(source: Source) -> dict[str, Any] | None:
    if not source.file:
        return None
    return {"file": source.file, "line": source.line, "column": source.column}
