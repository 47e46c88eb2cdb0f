"""The rows of a worksheet as a person left them, and what they decide for one organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xerosync.desired import DesiredAccount, Source
from xerosync.model import Account
from xerosync.organisations.adopt.adoption import Joining, Verdict
from xerosync.organisations.standards.documents import Finding


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row as a person left it; `columns` has the number of each column, by its heading."""

    source: Source
    cells: Mapping[str, str]
    columns: Mapping[str, int]

    def __getitem__(self, column: str) -> str:
        """Return the text of a cell, stripped; "" if the worksheet lacks the column."""
        return self.cells.get(column, "").strip()

    def at(self, column: str) -> Source:
        """Return the place of a cell."""
        return replace(self.source, column=self.columns.get(column, 1))


@dataclass(frozen=True, slots=True)
class DecidedAccount:
    """What becomes of one account.

    `entry` is the account of the standard that it becomes, if any. `keep` has the fields that stay
    different from the standard. `new_code` is the new code of an account that stays the
    organisation's own, "" if the account keeps its code.
    """

    account: Account
    verdict: Verdict
    row: FilledRow
    entry: DesiredAccount | None = None
    keep: tuple[str, ...] = ()
    new_code: str = ""


@dataclass(frozen=True, slots=True)
class DecidedEntry:
    """The decision to create or omit an account of the standard."""

    entry: DesiredAccount
    verdict: Verdict
    row: FilledRow


@dataclass(slots=True)
class Decisions:
    """What was decided for the books of one organisation.

    `undecided` are the accounts whose rows have no decision. `lacking` has the `Source` of
    each account of the standard that the books lack, if a row lists the account. `findings` has a
    problem for each undecided account that keeps the organisation's file from extending the
    standard; it is empty if nothing was decided.
    """

    joining: Joining
    accounts: list[DecidedAccount] = field(default_factory=list)
    entries: list[DecidedEntry] = field(default_factory=list)
    undecided: list[tuple[FilledRow, Account]] = field(default_factory=list)
    lacking: set[Source] = field(default_factory=set)
    findings: tuple[Finding, ...] = ()

    @property
    def any(self) -> bool:
        """Whether something was decided."""
        return bool(self.accounts or self.entries)

    @property
    def chosen(self) -> dict[Source, DecidedAccount]:
        """Maps the `Source` of an account of the standard to the first existing account for it."""
        return {one.entry.inherited: one for one in reversed(self.accounts) if one.entry}
