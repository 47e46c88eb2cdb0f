"""Check what a person filled in on a worksheet, and return the decisions for each organisation.

The marks of a row say which accounts it is about. Decisions on an account that was deleted,
renamed, archived or restored after the worksheet was made are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from xerosync.desired import DesiredAccount, Source
from xerosync.model import code_key, name_key
from xerosync.organisations.adopt.adoption import (
    SAFE,
    Grounds,
    Joining,
    is_archived,
    standard_label,
)
from xerosync.organisations.adopt.conflicting import check_conflicts, remaining
from xerosync.organisations.adopt.filled import Decisions, FilledRow
from xerosync.organisations.adopt.row_decisions import RowDecisions
from xerosync.organisations.adopt.row_problems import RowProblems, named
from xerosync.organisations.adopt.standard_names import Names
from xerosync.organisations.adopt.suggested import Suggestion
from xerosync.organisations.adopt.worksheet import (
    DECISION,
    FILLED_IN,
    KEEP,
    MARKS,
    MISSING,
    NAME,
    NEW_CODE,
    TYPE,
    lack_marks,
    lacking,
)
from xerosync.organisations.standards.documents import Finding
from xerosync.text import counted, full_stop, visible


@dataclass(frozen=True, slots=True)
class CheckedWorksheet:
    """What a worksheet decides, what is wrong with it, and sentences for the user."""

    decisions: tuple[Decisions, ...]
    findings: tuple[Finding, ...]
    sentences: tuple[str, ...]


def check(
    rows: Sequence[FilledRow], found: Sequence[tuple[Joining, Sequence[Suggestion]]]
) -> CheckedWorksheet:
    """Check the rows against the books as they are now, and return what the rows decide."""
    return _Check(found).run(rows)


_Thing = tuple[Joining, Suggestion | DesiredAccount]


class _Check:
    def __init__(self, found: Sequence[tuple[Joining, Sequence[Suggestion]]]) -> None:
        self._found = found
        self._things: dict[str, _Thing | None] = {}
        for joining, suggestions in found:
            for one in suggestions:
                self._mark(joining.marks(one.account), (joining, one))
            for entry in joining.standard:
                self._mark(lack_marks(joining, entry), (joining, entry))
        self._decisions = {joining.key: Decisions(joining) for joining, _ in found}
        self._there = {
            joining.key: {one.entry.inherited for one in its if one.entry and one.grounds in SAFE}
            for joining, its in found
        }
        self._rows: dict[tuple[str, str | Source], FilledRow] = {}
        self._problems = RowProblems()
        self._names = {joining.key: Names(joining.standard) for joining, _ in found}
        self._open: list[list[tuple[Joining, Suggestion]]] = []
        self._gone = 0
        self._changed: list[str] = []
        self._seen: set[tuple[str, str]] = set()

    def _mark(self, marks: Iterable[str], thing: _Thing) -> None:
        for mark in marks:
            known = self._things.setdefault(mark, thing)
            if known is not None and known[1] is not thing[1]:
                self._things[mark] = None

    def run(self, rows: Sequence[FilledRow]) -> CheckedWorksheet:
        for row in rows:
            if row[MARKS]:
                self._row(row)
            elif any(row[column] for column in FILLED_IN):
                self._problems.add(
                    row,
                    "The row has no marks, so it is not known which accounts it is about.",
                    "Fill in the rows that adopt wrote. To decide differently for some"
                    " organisations of a row, make the worksheet again with --by-organisation.",
                    column=MARKS,
                )
        for decisions in self._decisions.values():
            check_conflicts(decisions, self._problems)
        whole = tuple(self._decisions.values())
        return CheckedWorksheet(whole, self._problems.findings(), tuple(self._sentences()))

    def _row(self, row: FilledRow) -> None:
        things = [thing for thing in self._things_of(row) if not self._has_changed(row, thing)]
        for joining, one in things:
            self._once(row, joining, one)
            if not isinstance(one, Suggestion) and one.inherited not in self._there[joining.key]:
                self._decisions[joining.key].lacking.add(one.inherited)
        if not row[DECISION]:
            self._undecided(row, things)
            return
        for joining, one in things:
            key = joining.key
            of_row = RowDecisions(row, self._decisions[key], self._names[key], self._problems)
            if isinstance(one, Suggestion):
                of_row.account(one)
            elif one.inherited in self._there[key]:
                name = joining.organisation.name
                self._changed.append(f"{name} now has {standard_label(one)}")
            else:
                of_row.entry(one)

    def _things_of(self, row: FilledRow) -> list[_Thing]:
        """Return the accounts that a row is about. Counts marks whose account is not found."""
        found = [self._things.get(mark) for mark in row[MARKS].split()]
        things = [thing for thing in found if thing]
        if any(_is_missing(one) != (row[NAME] == MISSING) for _, one in things):
            self._problems.add(
                row,
                "The marks of this row belong to other accounts.",
                "Make the worksheet again, or undo the edit.",
                column=NAME,
            )
            return []
        self._gone += len(found) - len(things)
        return things

    def _undecided(self, row: FilledRow, things: Sequence[_Thing]) -> None:
        if row[NAME] != MISSING:
            accounts = [(j, one) for j, one in things if isinstance(one, Suggestion)]
            if accounts:
                self._open.append(accounts)
            for joining, one in accounts:
                self._decisions[joining.key].undecided.append((row, one.account))
        for column in (KEEP, NEW_CODE):
            if row[column]:
                self._problems.add(
                    row,
                    f"{column} is filled in, and nothing is decided.",
                    "Write the decision too.",
                )

    def _has_changed(self, row: FilledRow, thing: _Thing) -> bool:
        """Whether an account was renamed, archived or restored after the worksheet was made.

        Also records the change, and that the account is in the worksheet.
        """
        joining, one = thing
        if not isinstance(one, Suggestion):
            return False
        account = one.account
        self._seen.add((joining.key, account.account_id))
        archived = row[TYPE].endswith("archived")
        same_name = name_key(visible(account.name)) == name_key(row[NAME])
        if same_name and is_archived(account) == archived:
            return False
        now = "active again" if same_name else account.label
        if is_archived(account) and not archived:
            now = "archived"
        self._changed.append(f"{joining.organisation.name}: {row[NAME]} is now {now}")
        return True

    def _once(self, row: FilledRow, joining: Joining, thing: Suggestion | DesiredAccount) -> None:
        """Report an account that two rows are about."""
        what = thing.account.account_id if isinstance(thing, Suggestion) else thing.inherited
        other = self._rows.setdefault((joining.key, what), row)
        if other is not row:
            self._problems.add(
                row,
                f"The account is in row {other.source.line} too.",
                "Delete one of the two rows. To decide differently for some of its organisations,"
                " make the worksheet again with --by-organisation.",
                joining,
                column=MARKS,
            )

    def _created(self, joining: Joining, suggestions: Sequence[Suggestion]) -> int:
        """Return how many accounts of the standard the next apply creates in an organisation."""
        decisions = self._decisions[joining.key]
        left = {entry.inherited for entry in remaining(decisions)} - decisions.chosen.keys()
        lacks = lacking(joining, [one for one in suggestions if one.grounds in SAFE])
        moved = {one.account.name for one in decisions.accounts}
        return sum(
            one.entry.inherited in left and (not one.holder or one.holder in moved) for one in lacks
        )

    def _sentences(self) -> Iterator[str]:
        if self._open:
            accounts = counted(sum(map(len, self._open)), "account")
            yield (
                f"{counted(len(self._open), 'row')} without a decision ({accounts}): "
                f"nothing was written for {'it' if len(self._open) == 1 else 'them'}."
            )
        joins = {key for key, one in self._decisions.items() if one.any and not one.findings}
        taken = sum(_holds_a_code(j, one) for row in self._open for j, one in row if j.key in joins)
        if taken:
            yield (
                "1 account without a decision has a code of the standard: a plan renames or "
                "restores it if it seems to be the standard's account, and otherwise blocks it."
                if taken == 1
                else f"{taken:,} accounts without a decision have a code of the standard: a plan "
                "renames or restores those that seem to be the standard's accounts, and blocks the "
                "rest."
            )
        created = sum(self._created(j, its) for j, its in self._found if j.key in joins)
        if created:
            yield (
                f"{counted(created, 'missing account')} of the standard will be created, unless "
                f"the overlay omits {'it' if created == 1 else 'them'}."
            )
        if self._gone:
            yield (
                f"{counted(self._gone, 'account')} of the worksheet not found: deleted since, or in"
                " organisations that were not read this time."
            )
        if self._changed:
            yield (
                f"{counted(len(self._changed), 'account')} changed after the worksheet was made,"
                f" so left undecided: {full_stop(named(self._changed))}"
            )
        new = [
            f"{joining.organisation.name}: {one.account.label}"
            for joining, its in self._found
            for one in its
            if (joining.key, one.account.account_id) not in self._seen
        ]
        if new:
            yield (
                f"{counted(len(new), 'account')} not in the worksheet, so undecided: "
                f"{full_stop(named(new))}"
            )


def _holds_a_code(joining: Joining, one: Suggestion) -> bool:
    codes = {code_key(entry.code) for entry in joining.standard if entry.code}
    return one.grounds is not Grounds.DECIDED and code_key(one.account.code) in codes


def _is_missing(thing: Suggestion | DesiredAccount) -> bool:
    return not isinstance(thing, Suggestion) or name_key(thing.account.name) == MISSING
