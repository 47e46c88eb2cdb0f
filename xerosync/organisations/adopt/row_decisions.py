"""Read, check and record what one row of a worksheet decides for one organisation."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xerosync.desired import DesiredAccount
from xerosync.model import Account, code_key, name_key
from xerosync.organisations.adopt.adoption import (
    KEPT_FIELDS,
    SAFE,
    Grounds,
    Joining,
    Verdict,
    class_of_account,
    class_of_entry,
    differing,
    is_archived,
    standard_label,
)
from xerosync.organisations.adopt.filled import DecidedAccount, DecidedEntry, Decisions, FilledRow
from xerosync.organisations.adopt.row_problems import RowProblems
from xerosync.organisations.adopt.standard_names import Names
from xerosync.organisations.adopt.suggested import Suggestion
from xerosync.organisations.adopt.worksheet import DECISION, KEEP, NEW_CODE, REASON, SUGGESTION, YES
from xerosync.plan.tax_rates import TaxRates
from xerosync.text import visible

_TAX_RATE = re.compile(r"\btax(?:[ _-]*(?:rate|type|code))?\b", re.IGNORECASE)


class RowDecisions:
    """Adds the rows' decisions to each organisation's `Decisions`, and problems to `problems`."""

    def __init__(self, decisions: Mapping[str, Decisions], problems: RowProblems) -> None:
        self._decisions = decisions
        self._problems = problems
        self._names = {key: Names(one.joining.standard) for key, one in decisions.items()}

    def account(self, row: FilledRow, joining: Joining, found: Suggestion) -> None:
        """Record what a row decides for an account that an organisation has."""
        word = row[DECISION].casefold()
        if word == Verdict.ARCHIVE:
            self._archive(row, joining, found.account)
        elif word == Verdict.OWN:
            self._own(row, joining, found.account)
        elif entry := self._named(row, joining):
            self._of_standard(row, joining, found, entry)

    def _archive(self, row: FilledRow, joining: Joining, account: Account) -> None:
        self._only(row, KEEP, NEW_CODE)
        if self._is_settled(joining, account, Verdict.ARCHIVE):
            return
        if is_archived(account):
            self._leave_archived(row, joining, account)
        elif account.system_account:
            self._problems.add(
                row,
                "Xero does not archive system accounts.",
                "Write own.",
                joining,
            )
        else:
            self._decide(joining, DecidedAccount(account, Verdict.ARCHIVE, row))

    def _own(self, row: FilledRow, joining: Joining, account: Account) -> None:
        self._only(row, KEEP)
        new_code = row[NEW_CODE]
        if code_key(new_code) == code_key(account.code):
            new_code = ""  # an earlier apply has given it the code
        if self._is_settled(joining, account, Verdict.OWN) and not new_code:
            return
        if is_archived(account):
            self._problems.add(
                row,
                'The account is archived, so it cannot be "own".',
                "Write archive to leave it archived.",
                joining,
            )
        else:
            self._decide(joining, DecidedAccount(account, Verdict.OWN, row, new_code=new_code))

    @staticmethod
    def _is_settled(joining: Joining, account: Account, verdict: Verdict) -> bool:
        """Whether the chart file already has this verdict on the account."""
        settled = joining.settled.get(account.account_id)
        return settled is not None and settled.verdict is verdict

    def _named(self, row: FilledRow, joining: Joining) -> DesiredAccount | None:
        """Return the standard's account that the decision names.

        Returns None, and reports the decision, if it names none or several.
        """
        written = row[DECISION]
        if written.casefold() == YES:
            written = row[SUGGESTION]  # what the person saw: a new suggestion may differ
            if not written:
                self._problems.add(
                    row,
                    'The decision is "yes", and the row has no suggestion.',
                    'Write a code of the standard, "own" or "archive".',
                    joining,
                )
                return None
        named = self._names[joining.key].find(written)
        if isinstance(named, DesiredAccount):
            self._check_meant(row, joining, named, written)
            return named
        self._problems.add(
            row,
            f'The standard has {named} "{visible(written)}".',
            'Write the code of one of its accounts, "own", "archive", or "yes" for the suggestion.',
            joining,
        )
        return None

    def _check_meant(
        self, row: FilledRow, joining: Joining, entry: DesiredAccount, written: str
    ) -> None:
        """Report a code that has another name in the standard now than in the worksheet."""
        label, seen = visible(standard_label(entry)), row[SUGGESTION]
        if (
            entry.code
            and name_key(label) not in (name_key(seen), name_key(written))
            and name_key(seen).startswith(f"{name_key(entry.code)} ")
        ):
            self._problems.add(
                row,
                f"The worksheet says {visible(seen)}, and the standard now says {label}.",
                f'Write "{label}" if you mean that account, or make the worksheet again.'
                if written
                else "Make the worksheet again.",
                joining,
            )

    def _of_standard(
        self, row: FilledRow, joining: Joining, found: Suggestion, entry: DesiredAccount
    ) -> None:
        account, seems = found.account, found.entry
        self._only(row, NEW_CODE)
        keep = self._keep(row)
        rates = TaxRates(joining.tax_rates)
        kept = tuple(name for name in differing(account, entry, rates) if name in keep)
        add = self._problems.add
        if kept and entry.inherited in joining.fixed:
            add(
                row,
                f"{standard_label(entry)} cannot be overridden: the standard says"
                " `overridable: false`.",
                "Leave Keep empty, or ask the owner of the standard.",
                column=KEEP,
            )
        elif kept and not row[REASON]:
            add(
                row,
                f"{', '.join(kept)} would differ from the standard, and Reason is empty.",
                "Write why these books differ.",
                column=REASON,
            )
        if "code" in kept and not account.code:
            add(
                row,
                "The account has no code to keep.",
                "Leave code out of Keep: the account then gets the standard's code.",
                joining,
                column=KEEP,
            )
        wanted, has = class_of_entry(entry), class_of_account(account)
        if wanted and wanted != has:
            add(
                row,
                f"The class of the account is {has}, and that of {standard_label(entry)} is"
                f" {wanted}.",
                "The plan says whether Xero allows the change.",
                joining,
                severity="warning",
            )
        if (
            found.grounds in SAFE - {Grounds.DECIDED}
            and seems
            and seems.inherited != entry.inherited
        ):
            add(
                row,
                f"By its {found.grounds}, {account.label} is {standard_label(seems)}, and the"
                f" decision is {standard_label(entry)}.",
                "Check whether rows were mixed up, for example by sorting one column alone.",
                joining,
                severity="warning",
            )
        self._decide(joining, DecidedAccount(account, Verdict.STANDARD, row, entry, kept))

    def _decide(self, joining: Joining, decided: DecidedAccount) -> None:
        self._decisions[joining.key].accounts.append(decided)

    def _leave_archived(self, row: FilledRow, joining: Joining, account: Account) -> None:
        """Omit the accounts of the standard that have the code or name of an archived account."""
        keys = {code_key(account.code), name_key(account.name)} - {""}
        for entry in joining.standard:
            if keys & {code_key(entry.code), name_key(entry.known_name)}:
                self._omit(row, joining, entry)

    def entry(self, row: FilledRow, joining: Joining, entry: DesiredAccount) -> None:
        """Record what a row decides for an account of the standard that is missing."""
        word = row[DECISION].casefold()
        self._only(row, KEEP, NEW_CODE)
        self._check_meant(row, joining, entry, "")
        if word == Verdict.CREATE:
            decided = DecidedEntry(entry, Verdict.CREATE, row)
            self._decisions[joining.key].entries.append(decided)
        elif word == Verdict.OMIT:
            self._omit(row, joining, entry)
        else:
            self._problems.add(
                row,
                f'"{visible(row[DECISION])}" is neither create nor omit.',
                "The books lack this account: write create, or omit with a reason.",
            )

    def _omit(self, row: FilledRow, joining: Joining, entry: DesiredAccount) -> None:
        if entry.inherited in joining.fixed:
            self._problems.add(
                row,
                f"{standard_label(entry)} cannot be omitted: the standard says"
                " `overridable: false`.",
                "Write create, or ask the owner of the standard.",
            )
        elif not row[REASON]:
            self._problems.add(
                row,
                f"{standard_label(entry)} would be omitted, and Reason is empty.",
                "Write why these books do not need it.",
                column=REASON,
            )
        self._decisions[joining.key].entries.append(DecidedEntry(entry, Verdict.OMIT, row))

    def _keep(self, row: FilledRow) -> list[str]:
        """Return the words in the column Keep. Reports those that are not in `KEPT_FIELDS`."""
        words = _TAX_RATE.sub("tax_type", row[KEEP]).casefold()
        fields = [word for word in re.split(r"[\s,;+]+", words) if word]
        for word in fields:
            if word not in KEPT_FIELDS:
                self._problems.add(
                    row,
                    f'"{visible(word)}" is not a field that can be kept.',
                    "Write name, code, type or tax_type, with commas between them.",
                    column=KEEP,
                )
        return fields

    def _only(self, row: FilledRow, *columns: str) -> None:
        """Report each of these columns that is filled in: the decision does not allow it."""
        meant = {KEEP: "is for accounts of the standard", NEW_CODE: "is for own accounts"}
        for column in columns:
            if row[column]:
                self._problems.add(
                    row,
                    f'{column} {meant[column]}, and the decision is "{visible(row[DECISION])}".',
                    f"Clear {column}, or change the decision.",
                    column=column,
                )
