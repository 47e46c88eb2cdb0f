"""Check what a person filled in on a worksheet, and return it for each organisation.

Accounts are found by the marks of their rows. What a row says of an account that is gone, or has
another name by now, is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from xerosync.model import Account, DesiredAccount, code_key, name_key
from xerosync.organisations.adoption import (
    KEPT_FIELDS,
    SAFE,
    Joining,
    Verdict,
    class_of_account,
    class_of_entry,
    differing,
    is_archived,
    standard_label,
)
from xerosync.organisations.conflicting import check_conflicts, to_create
from xerosync.organisations.documents import Finding
from xerosync.organisations.filled import DecidedAccount, DecidedEntry, Decisions, FilledRow
from xerosync.organisations.row_problems import RowProblems, named
from xerosync.organisations.standard_names import Names
from xerosync.organisations.suggested import Suggestion
from xerosync.organisations.worksheet import (
    DECISION,
    FILLED_IN,
    KEEP,
    MARKS,
    MISSING,
    NAME,
    NEW_CODE,
    REASON,
    YES,
    lack_marks,
)
from xerosync.plan.tax_rates import TaxRates
from xerosync.text import counted, visible

_TAX_RATE = re.compile(r"\btax(?:[ _-]*(?:rate|type|code))?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CheckedWorksheet:
    """What a worksheet decides, what is wrong with it, and sentences on what it leaves open."""

    decisions: tuple[Decisions, ...]
    findings: tuple[Finding, ...]
    sentences: tuple[str, ...]


def check(
    rows: Sequence[FilledRow], found: Sequence[tuple[Joining, Sequence[Suggestion]]]
) -> CheckedWorksheet:
    """Return what the rows decide for the books, as they are now."""
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
        self._names = {joining.key: Names(joining.standard) for joining, _ in found}
        self._decisions = {joining.key: Decisions(joining) for joining, _ in found}
        self._there = {
            joining.key: {one.entry.inherited for one in its if one.entry and one.grounds in SAFE}
            for joining, its in found
        }
        self._rows: dict[tuple[str, str], FilledRow] = {}
        self._problems = RowProblems()
        self._open = [0, 0]
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
                    MARKS,
                    "The row has no marks, so it says nothing of any account.",
                    "Fill in the rows that adopt wrote; to decide a part of a row"
                    " otherwise, copy it and divide its marks.",
                )
        for decisions in self._decisions.values():
            check_conflicts(decisions, self._problems)
        whole = tuple(self._decisions.values())
        return CheckedWorksheet(whole, self._problems.findings(), tuple(self._sentences()))

    def _row(self, row: FilledRow) -> None:
        things = [thing for thing in self._things_of(row) if not self._is_renamed(row, thing)]
        for joining, one in things:
            self._once(row, joining, one)
        if not row[DECISION]:
            self._undecided(row, len(things))
            return
        for joining, one in things:
            if isinstance(one, Suggestion):
                self._account(row, joining, one)
            else:
                self._entry(row, joining, one)

    def _things_of(self, row: FilledRow) -> list[_Thing]:
        """Return the accounts that a row is about; none if its name and its marks disagree."""
        found = [self._things.get(mark) for mark in row[MARKS].split()]
        things = [thing for thing in found if thing]
        if any(_is_missing(one) != (row[NAME] == MISSING) for _, one in things):
            self._problems.add(
                row,
                NAME,
                "The marks of this row are of other accounts.",
                "Make the worksheet again, or undo the edit.",
            )
            return []
        self._gone += len(found) - len(things)
        return things

    def _undecided(self, row: FilledRow, accounts: int) -> None:
        if row[NAME] != MISSING:
            self._open[0] += 1
            self._open[1] += accounts
        for column in (KEEP, NEW_CODE):
            if row[column]:
                self._problems.add(
                    row,
                    DECISION,
                    f"{column} is filled in, and nothing is decided.",
                    "Write the decision too.",
                )

    def _is_renamed(self, row: FilledRow, thing: _Thing) -> bool:
        """Whether the account has another name than the worksheet says; remember it."""
        joining, one = thing
        if not isinstance(one, Suggestion):
            return False
        account = one.account
        self._seen.add((joining.key, account.account_id))
        archived = row.cells.get("Type", "").endswith("archived")
        if name_key(visible(account.name)) == name_key(row[NAME]) and (
            is_archived(account) == archived
        ):
            return False
        now = "archived" if is_archived(account) and not archived else f"{account.label}"
        self._changed.append(f"{joining.organisation.name}: {row[NAME]} is {now} by now")
        return True

    def _once(self, row: FilledRow, joining: Joining, thing: Suggestion | DesiredAccount) -> None:
        """Report an account that two rows decide."""
        what = thing.account.account_id if isinstance(thing, Suggestion) else str(thing.inherited)
        other = self._rows.setdefault((joining.key, what), row)
        if other is not row and other[DECISION] != row[DECISION]:
            self._problems.add(
                row,
                MARKS,
                f"The account is in row {other.source.line} too, which says otherwise.",
                "Leave its mark in one of the two rows.",
                joining=joining,
            )

    def _account(self, row: FilledRow, joining: Joining, found: Suggestion) -> None:
        word = row[DECISION].casefold()
        if word == Verdict.ARCHIVE:
            self._archive(row, joining, found.account)
        elif word == Verdict.OWN:
            self._own(row, joining, found.account)
        elif entry := self._named(row, joining, found):
            self._of_standard(row, joining, found.account, entry)

    def _archive(self, row: FilledRow, joining: Joining, account: Account) -> None:
        self._only(row, KEEP, NEW_CODE)
        if self._is_settled(joining, account, Verdict.ARCHIVE):
            return
        if is_archived(account):
            self._leave_archived(row, joining, account)
        elif account.system_account:
            self._problems.add(
                row, DECISION, "Xero archives no system account.", "Write own.", joining=joining
            )
        else:
            self._decide(joining, DecidedAccount(account, Verdict.ARCHIVE, row))

    def _own(self, row: FilledRow, joining: Joining, account: Account) -> None:
        self._only(row, KEEP)
        if self._is_settled(joining, account, Verdict.OWN) and not row[NEW_CODE]:
            return
        if is_archived(account):
            self._problems.add(
                row,
                DECISION,
                "An archived account cannot be an own one.",
                "Write archive to leave it archived.",
                joining=joining,
            )
        else:
            self._decide(joining, DecidedAccount(account, Verdict.OWN, row, new_code=row[NEW_CODE]))

    @staticmethod
    def _is_settled(joining: Joining, account: Account, verdict: Verdict) -> bool:
        """Whether the chart file says so already, in an entry of its own."""
        settled = joining.settled.get(account.account_id)
        return settled is not None and settled.verdict is verdict

    def _named(self, row: FilledRow, joining: Joining, found: Suggestion) -> DesiredAccount | None:
        """Return the account of the standard that the decision names. Reports one that it lacks."""
        if row[DECISION].casefold() == YES:
            if found.entry is None:
                self._problems.add(
                    row,
                    DECISION,
                    "There is no suggestion to say yes to.",
                    "Write a code of the standard, own or archive.",
                    joining=joining,
                )
            return found.entry
        named = self._names[joining.key].find(row[DECISION])
        if isinstance(named, DesiredAccount):
            return named
        self._problems.add(
            row,
            DECISION,
            f'The standard has {named} "{visible(row[DECISION])}".',
            "Write the code of one of its accounts, own or archive; yes takes the suggestion.",
            joining=joining,
        )
        return None

    def _of_standard(
        self, row: FilledRow, joining: Joining, account: Account, entry: DesiredAccount
    ) -> None:
        self._only(row, NEW_CODE)
        keep = self._keep(row)
        rates = TaxRates(joining.tax_rates)
        kept = tuple(name for name in differing(account, entry, rates) if name in keep)
        add = self._problems.add
        if kept and entry.inherited in joining.fixed:
            add(
                row,
                KEEP,
                f"The standard lets nobody override {standard_label(entry)}.",
                "Leave Keep empty, or ask the owner of the standard.",
            )
        elif kept and not row[REASON]:
            add(
                row,
                REASON,
                f"{', '.join(kept)} would differ from the standard, and there is no reason.",
                "Write why these books differ.",
            )
        if "code" in kept and not account.code:
            add(
                row,
                KEEP,
                "The account has no code to keep.",
                "Leave code out, so that it gets that of the standard.",
                joining=joining,
            )
        wanted, has = class_of_entry(entry), class_of_account(account)
        if wanted and wanted != has:
            add(
                row,
                DECISION,
                f"The account is {has}, and {standard_label(entry)} is {wanted}.",
                "The plan says whether Xero allows that.",
                joining=joining,
                severity="warning",
            )
        self._decide(joining, DecidedAccount(account, Verdict.STANDARD, row, entry, kept))

    def _decide(self, joining: Joining, decided: DecidedAccount) -> None:
        self._decisions[joining.key].accounts.append(decided)

    def _leave_archived(self, row: FilledRow, joining: Joining, account: Account) -> None:
        """Omit the accounts of the standard whose code or name an archived account holds."""
        keys = {code_key(account.code), name_key(account.name)} - {""}
        for entry in joining.standard:
            if keys & {code_key(entry.code), name_key(entry.known_name)}:
                self._omit(row, joining, entry)

    def _entry(self, row: FilledRow, joining: Joining, entry: DesiredAccount) -> None:
        word = row[DECISION].casefold()
        self._only(row, KEEP, NEW_CODE)
        if entry.inherited in self._there[joining.key]:
            name = joining.organisation.name
            self._changed.append(f"{name} has {standard_label(entry)} by now")
        elif word == Verdict.CREATE:
            decided = DecidedEntry(entry, Verdict.CREATE, row)
            self._decisions[joining.key].entries.append(decided)
        elif word == Verdict.OMIT:
            self._omit(row, joining, entry)
        else:
            self._problems.add(
                row,
                DECISION,
                f'"{visible(row[DECISION])}" is neither create nor omit.',
                "The books lack this account: write create, or omit with a reason.",
            )

    def _omit(self, row: FilledRow, joining: Joining, entry: DesiredAccount) -> None:
        if entry.inherited in joining.fixed:
            self._problems.add(
                row,
                DECISION,
                f"The standard lets nobody omit {standard_label(entry)}.",
                "Write create, or ask the owner of the standard.",
            )
        elif not row[REASON]:
            self._problems.add(
                row,
                REASON,
                f"{standard_label(entry)} would be omitted, and there is no reason.",
                "Write why these books do without it.",
            )
        self._decisions[joining.key].entries.append(DecidedEntry(entry, Verdict.OMIT, row))

    def _keep(self, row: FilledRow) -> list[str]:
        """Return the fields to keep. Reports words that are none."""
        words = _TAX_RATE.sub("tax_type", row[KEEP]).casefold()
        fields = [word for word in re.split(r"[\s,;+]+", words) if word]
        for word in fields:
            if word not in KEPT_FIELDS:
                self._problems.add(
                    row,
                    KEEP,
                    f'"{visible(word)}" is no field that can be kept.',
                    "Write name, code, type or tax_type, with commas between them.",
                )
        return fields

    def _only(self, row: FilledRow, *columns: str) -> None:
        """Report columns that mean nothing beside the decision."""
        meant = {KEEP: "is for accounts of the standard", NEW_CODE: "is for own accounts"}
        for column in columns:
            if row[column]:
                self._problems.add(
                    row,
                    column,
                    f'{column} {meant[column]}, and the decision is "{visible(row[DECISION])}".',
                    "Empty one of the two.",
                )

    def _sentences(self) -> Iterator[str]:
        rows, accounts = self._open
        if rows:
            yield (
                f"{counted(rows, 'row')} without a decision ({counted(accounts, 'account')}): "
                "nothing was written for them."
            )
        created = sum(map(len, map(list, map(to_create, self._decisions.values()))))
        if created:
            yield (
                f"{counted(created, 'account')} of the standard that books lack will be created,"
                " unless their overlay omits them."
            )
        if self._gone:
            yield (
                f"{counted(self._gone, 'account')} of the worksheet not found: deleted since, or of"
                " organisations that were not read now."
            )
        if self._changed:
            yield (
                f"{counted(len(self._changed), 'account')} changed since the worksheet was made,"
                f" so its decision was not taken: {named(self._changed)}."
            )
        new = [
            f"{joining.organisation.name}: {one.account.label}"
            for joining, its in self._found
            for one in its
            if (joining.key, one.account.account_id) not in self._seen
        ]
        if new:
            yield (
                f"{counted(len(new), 'account')} not in the worksheet, so undecided: {named(new)}."
            )


def _is_missing(thing: Suggestion | DesiredAccount) -> bool:
    """Whether a row calls this missing: an account of the standard, or one that has that name."""
    return not isinstance(thing, Suggestion) or name_key(thing.account.name) == MISSING
