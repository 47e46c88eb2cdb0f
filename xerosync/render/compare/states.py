"""Words for the cells of a comparison: a sign, a label and an explanation for each state.

All returned text has gone through `visible`. Each output format quotes it in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from xerosync.desired import Source
from xerosync.organisations.compare.consolidate import sentence
from xerosync.organisations.compare.grid import (
    DIFFERENCES,
    CellState,
    GridAccount,
    GridCell,
    Key,
    Line,
)
from xerosync.render.words import TYPE
from xerosync.text import counted, visible


@dataclass(frozen=True, slots=True)
class StateWords:
    """How a state is shown. Its `glyph` is unique, so states can be told apart without colour."""

    glyph: str
    label: str
    meaning: str


STATES: Mapping[CellState, StateWords] = {
    CellState.SAME: StateWords("✓", "same", "as the standard has it"),
    CellState.NAME: StateWords("N", "named differently", "the account has another name"),
    CellState.TYPE: StateWords("T", "of another type", "the account has another type"),
    CellState.TAX: StateWords("%", "taxed differently", "the account has another tax rate"),
    CellState.CODE: StateWords("#", "coded differently", "the account has another code"),
    CellState.MISSING: StateWords("✕", "missing", "the organisation lacks the account"),
    CellState.EXTRA: StateWords("✚", "extra", "the standard lacks the account, or has retired it"),
    CellState.OVERRIDE: StateWords(
        "◆", "override", "the organisation's file overrides the standard"
    ),
    CellState.OPTIONAL: StateWords(
        "○", "not needed", "the organisation does not need the account of this row"
    ),
}
"""The states in the order of the legend. None of the glyphs starts a formula in a spreadsheet."""

NOT_COMPARED = StateWords(
    "?",
    "tax rate not compared",
    "after another sign: the tax rate could not be compared with the standard's",
)
"""The mark that follows the sign of a cell if one of its fields could not be compared."""

FIELDS: Mapping[str, str] = {"code": "code", "name": "name", "type": "type", "tax": "tax rate"}
"""The fields of a `Line`, and their names for people."""

KEYS = {"code": {Key.CODE}, "name": {Key.NAME}, "name and class": {Key.NAME, Key.CLASS}}
"""The keys of consolidation tools, and their parts."""


def type_words(line: Line) -> str:
    """Return the type of an account as Xero's screens call it."""
    return visible(TYPE.get(line.type, line.type))


def shown(line: Line) -> Line:
    """Return a line with values that are safe to show; the type is in words."""
    return Line(visible(line.code), visible(line.name), type_words(line), visible(line.tax))


def value(line: Line, field: str) -> str:
    """Return one field of a line as it is shown; "(none)" if it is empty."""
    return str(getattr(shown(line), field)) or "(none)"


def place(source: Source) -> str:
    """Return a place in a file, such as `accounts.yaml:12`, safe to show."""
    return visible(str(source))


def found_value(cell: GridCell) -> str:
    """Return the organisation's value in the field that a cell shows.

    The states CODE, NAME, TYPE and TAX name this field. For other states, the first field that
    differs is shown. Return "" if no field differs, or if the organisation lacks the account.
    """
    if cell.found is None:
        return ""
    if cell.state in (CellState.CODE, CellState.NAME, CellState.TYPE, CellState.TAX):
        return value(cell.found, cell.state.value)
    first = next((field.name for field in fields(Line) if field.name in cell.differs), "")
    return value(cell.found, first) if first else ""


def sign(cell: GridCell) -> str:
    """Return the glyph of a cell's state, followed by "?" if a field could not be compared."""
    return STATES[cell.state].glyph + (NOT_COMPARED.glyph if cell.not_compared else "")


def in_brief(cell: GridCell) -> str:
    """Return a cell in a few words: `N Bank Fees`, `✕ missing`, or only `✓`."""
    if cell.state is CellState.SAME:
        return sign(cell)
    return f"{sign(cell)} {found_value(cell) or STATES[cell.state].label}"


def splits(keys: tuple[Key, ...]) -> str:
    """Return a sentence such as "The account gets a line of its own in tools that …".

    `keys` names what differs from the standard: the code, name or class. Return "" for no keys.
    """
    said = sentence(keys)
    return f"The account {said}." if said else ""


def counts(found: Mapping[CellState, int], not_compared: int = 0) -> str:
    """Return the counts of an organisation in words.

    An example: `62 same, 3 named differently; 4 overrides, tax rate of 9 accounts not compared`.
    """
    first = (CellState.SAME, *(state for state in STATES if state in DIFFERENCES))
    differences = [f"{found[s]:,} {STATES[s].label}" for s in first if found.get(s)]
    rest = []
    if number := found.get(CellState.OVERRIDE):
        rest.append(counted(number, "override"))
    if number := found.get(CellState.OPTIONAL):
        rest.append(f"{number:,} not needed")
    if not_compared:
        rest.append(f"tax rate of {counted(not_compared, 'account')} not compared")
    return "; ".join(", ".join(part) for part in (differences, rest) if part)


def differing(account: GridAccount) -> int:
    """Return in how many organisations an account differs from the standard."""
    return sum(cell.state in DIFFERENCES for cell in account.cells.values())


def different(found: Mapping[CellState, int]) -> int:
    """Return the number of differences in an organisation, from its counts by state."""
    return sum(found.get(state, 0) for state in DIFFERENCES)
