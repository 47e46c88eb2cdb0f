"""The charts of many organisations beside a standard: a row for each account, a cell for each book.

Only values: `cells.py` and `side_by_side.py` make them, `render/compare/` shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from xerosync.desired import Source
from xerosync.organisations.failed import FailedOrganisation


class CellState(StrEnum):
    """How an organisation's account compares with the standard's.

    Of several differences, the state is the first one in the order TYPE, CODE, NAME, TAX.
    """

    SAME = "same"
    NAME = "name"
    TYPE = "type"
    TAX = "tax"
    CODE = "code"
    MISSING = "missing"
    EXTRA = "extra"
    OVERRIDE = "override"
    OPTIONAL = "optional"


class Key(StrEnum):
    """What consolidation tools compare to find the same account in several organisations."""

    CODE = "code"
    NAME = "name"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Line:
    """The fields of an account that the grid compares: the standard's, or those of one book.

    `tax` is Xero's code of the tax rate, or a name if the code is not known.
    """

    code: str = ""
    name: str = ""
    type: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One account in one organisation.

    `found` is what the organisation has, None if it has no such account. `wanted` is what the
    standard says for this organisation. It is None if the standard says nothing, or if it says the
    same as the row's line. `differs` names the fields of `Line` in which `found` and the standard
    differ, even if an override sets them. `not_compared` names the fields of `Line` that could not
    be compared. The state ignores these fields.

    `splits` says in which of the `Key`s the account differs from the standard's.
    `reasons` are the reasons of the overrides. If there are reasons, `source` is the place of the
    override in the organisation's file, or of the standard's entry if that file has no override.
    `own` is True for an extra account that is in the organisation's file. `note` is a sentence on
    what the state does not say, for example that the account is archived.
    """

    state: CellState
    found: Line | None = None
    wanted: Line | None = None
    account_id: str = ""
    differs: tuple[str, ...] = ()
    splits: tuple[Key, ...] = ()
    reasons: tuple[str, ...] = ()
    source: Source = Source()
    own: bool = False
    note: str = ""
    not_compared: tuple[str, ...] = ()


DIFFERENCES = (
    CellState.TYPE, CellState.CODE, CellState.NAME, CellState.TAX,
    CellState.MISSING, CellState.EXTRA,
)  # fmt: skip
"""The states of an account that differs from the standard without an override."""

SAME = GridCell(CellState.SAME)
"""The cell of an account that is as in the standard. Rows leave it out of `cells`."""


@dataclass(frozen=True, slots=True)
class GridOrganisation:
    """One column. `key` is unique: the tenant id, or the path of the CSV file.

    `not_compared` counts the accounts with a field that could not be compared.
    """

    key: str
    name: str
    tenant_id: str = ""
    file: str = ""
    country: str = ""
    tags: tuple[str, ...] = ()
    counts: Mapping[CellState, int] = field(default_factory=dict)
    not_compared: int = 0


@dataclass(frozen=True, slots=True)
class GridAccount:
    """One row: an account of the standard or, if `standard` is False, one that only books have.

    The keys of `cells` are the keys of organisations. In a row of the standard, a missing key means
    `SAME`. In other rows, it means that the organisation has no such extra, active account.
    """

    line: Line
    cells: Mapping[str, GridCell]
    standard: bool = True
    optional: bool = False
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole grid. `against` names what the organisations are compared with.

    `notes` are sentences on what could not be compared.
    """

    against: str
    organisations: Sequence[GridOrganisation]
    accounts: Sequence[GridAccount]
    failed: Sequence[FailedOrganisation] = ()
    notes: Sequence[str] = ()

    @property
    def differs(self) -> bool:
        """Whether any account of any organisation differs without an override."""
        return any(one.counts.get(state) for one in self.organisations for state in DIFFERENCES)

    def cell(self, account: GridAccount, organisation: GridOrganisation) -> GridCell | None:
        """Return the account's cell, None if it is no account of the standard and has no cell."""
        return account.cells.get(organisation.key) or (SAME if account.standard else None)
