"""Collect the problems of a worksheet; a problem that several organisations share counts once."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync.desired import Source
from xerosync.organisations.adopt.adoption import Joining
from xerosync.organisations.adopt.filled import FilledRow
from xerosync.organisations.adopt.worksheet import DECISION
from xerosync.organisations.standards.documents import Finding
from xerosync.text import first_few, full_stop, visible

RULE = "worksheet-decision"
"""The rule id of all problems with what a person filled in."""


class RowProblems:
    """Collects problems by their cell and message."""

    def __init__(self) -> None:
        self._found: dict[tuple[Source, str, str, str], list[str]] = {}

    def add(
        self,
        row: FilledRow,
        message: str,
        hint: str,
        joining: Joining | None = None,
        *,
        column: str = DECISION,
        severity: str = "error",
    ) -> None:
        """Add a problem at a cell of a row, for one organisation (`joining`) or for all of them."""
        names = self._found.setdefault((row.at(column), message, hint, severity), [])
        if joining:
            names.append(joining.organisation.name)

    def findings(self) -> tuple[Finding, ...]:
        """Return the problems in the order of the rows."""
        found = []
        for (place, message, hint, severity), names in self._found.items():
            books = full_stop(f" In {named(names, ', ')}") if names else ""
            found.append(Finding(RULE, place, message + books, hint, severity))
        return tuple(sorted(found, key=lambda one: (one.place.line, one.place.column)))


def named(names: Sequence[str], between: str = "; ") -> str:
    """Return the first few of the names, and how many more there are."""
    return first_few([visible(name) for name in names], 3, between)
