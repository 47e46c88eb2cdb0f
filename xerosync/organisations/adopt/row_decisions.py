"""Read, check and record what one row of a worksheet decides for one organisation."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    target,
)
from xerosync.organisations.adopt.filled import DecidedAccount, DecidedEntry, Decisions, FilledRow
from xerosync.organisations.adopt.row_problems import RowProblems
from xerosync.organisations.adopt.standard_names import Names
from xerosync.organisations.adopt.suggested import Suggestion
from xerosync.organisations.adopt.worksheet import DECISION, KEEP, NEW_CODE, REASON, SUGGESTION, YES
from xerosync.plan.tax_rates import TaxRates
from xerosync.text import full_stop, series, visible

_TAX_RATE = re.compile(r"\btax(?:[ _-]*(?:rate|type|code))?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowDecisions:
    """Adds what a row decides to `decisions`, and what is wrong with the row to `problems`.

    `decisions` is for one organisation, and `names` has the accounts of its standard.
    """

    row: FilledRow
    decisions: Decisions
    names: Names
    problems: RowProblems

    @property
    def _joining(self) -> Joining:
        return self.decisions.joining

    def account(self, found: Suggestion) -> None:
        """Record what the row decides for an account that the organisation has."""
        word = self.row[DECISION].casefold()
        if word == Verdict.ARCHIVE:
            self._archive(found.account)
        elif word == Verdict.OWN:
            self._own(found.account)
        elif entry := self._named():
            self._of_standard(found, entry)

    def _archive(self, account: Account) -> None:
        self._only(KEEP, NEW_CODE)
        if self._is_settled(account, Verdict.ARCHIVE):
            return
        if is_archived(account):
            self._leave_archived(account)
        elif account.system_account:
            hint = 'Write the standard\'s account for it, or "own" if the standard has none.'
            self._report("Xero does not archive system accounts.", hint)
        else:
            self.decisions.accounts.append(DecidedAccount(account, Verdict.ARCHIVE, self.row))

    def _own(self, account: Account) -> None:
        self._only(KEEP)
        new_code = self.row[NEW_CODE]
        if code_key(new_code) == code_key(account.code):
            new_code = ""  # an earlier apply has given it the code
        if self._is_settled(account, Verdict.OWN) and not new_code:
            return
        if is_archived(account):
            self._report(
                'The account is archived, so it cannot be "own".',
                "Write archive to leave it archived.",
            )
        else:
            decided = DecidedAccount(account, Verdict.OWN, self.row, new_code=new_code)
            self.decisions.accounts.append(decided)

    def _is_settled(self, account: Account, verdict: Verdict) -> bool:
        settled = self._joining.settled.get(account.account_id)
        return settled is not None and settled.verdict is verdict

    def _named(self) -> DesiredAccount | None:
        """Return the standard's account that the decision names.

        If the decision names no account or several, reports that and returns None.
        """
        written = self.row[DECISION]
        if written.casefold() == YES:
            written = self.row[SUGGESTION]  # what the person saw: a new suggestion may differ
            if not written:
                self._report(
                    'The decision is "yes", and the row has no suggestion.',
                    'Write a code of the standard, "own" or "archive".',
                )
                return None
        named = self.names.find(written)
        if isinstance(named, DesiredAccount):
            self._check_meant(named, written)
            return named
        self._report(
            f'The standard has {named} "{visible(written)}".',
            'Write the code of one of its accounts, "own", "archive", or "yes" for the suggestion.',
        )
        return None

    def _check_meant(self, entry: DesiredAccount, written: str) -> None:
        """Report a code that got another name in the standard after the worksheet was made."""
        label, seen = visible(standard_label(entry)), self.row[SUGGESTION]
        if (
            entry.code
            and name_key(label) not in (name_key(seen), name_key(written))
            and name_key(seen).startswith(f"{name_key(entry.code)} ")
        ):
            self._report(
                f"The worksheet says {visible(seen)}, and the standard now says {full_stop(label)}",
                f'Write "{label}" if you mean that account, or make the worksheet again.'
                if written
                else "Make the worksheet again.",
            )

    def _of_standard(self, found: Suggestion, entry: DesiredAccount) -> None:
        account, seems = found.account, found.entry
        self._only(NEW_CODE)
        keep = self._keep()
        rates = TaxRates(self._joining.tax_rates)
        kept = tuple(name for name in differing(account, entry, rates) if name in keep)
        if kept and entry.inherited in self._joining.fixed:
            self._report_row(
                f"{standard_label(entry)} cannot be overridden: the standard says"
                " `overridable: false`.",
                "Leave Keep empty, or ask the owner of the standard.",
                column=KEEP,
            )
        elif kept and not self.row[REASON]:
            self._report_row(
                f"{series(kept)} would differ from the standard, and Reason is empty.",
                "Write why these books differ.",
                column=REASON,
            )
        if "code" in kept and not account.code:
            self._report(
                "The account has no code to keep.",
                "Leave code out of Keep: the account then gets the standard's code.",
                column=KEEP,
            )
        wanted, has = class_of_entry(entry), class_of_account(account)
        if wanted and wanted != has:
            self._report(
                f"The class of the account is {has}, and that of {standard_label(entry)} is"
                f" {wanted}.",
                "The plan says whether Xero allows the change.",
                severity="warning",
            )
        if (
            found.grounds in SAFE - {Grounds.DECIDED}
            and seems
            and seems.inherited != entry.inherited
        ):
            self._report(
                f"{account.label} seems to be the standard's account {standard_label(seems)}"
                f" ({found.grounds}), but the decision is {full_stop(standard_label(entry))}",
                "Check whether rows were mixed up, for example by sorting one column alone.",
                severity="warning",
            )
        decided = DecidedAccount(account, Verdict.STANDARD, self.row, entry, kept)
        self.decisions.accounts.append(decided)

    def _leave_archived(self, account: Account) -> None:
        """Omit the accounts of the standard that have the code or name of an archived account."""
        keys = {code_key(account.code), name_key(account.name)} - {""}
        for entry in self._joining.standard:
            if keys & {code_key(entry.code), name_key(entry.known_name)}:
                self._omit(entry, archived=account.name)

    def entry(self, entry: DesiredAccount) -> None:
        """Record what the row decides for a standard account that the organisation lacks."""
        word = self.row[DECISION].casefold()
        self._only(KEEP, NEW_CODE)
        self._check_meant(entry, "")
        if word == Verdict.CREATE:
            self.decisions.entries.append(DecidedEntry(entry, Verdict.CREATE, self.row))
        elif word == Verdict.OMIT:
            self._omit(entry)
        else:
            self._report_row(
                f'"{visible(self.row[DECISION])}" is neither create nor omit.',
                "The books lack this account: write create, or omit with a reason.",
            )

    def _omit(self, entry: DesiredAccount, archived: str = "") -> None:
        """Omit a standard's account; `archived` names the row's account if that stays archived."""
        label = standard_label(entry)
        if entry.inherited in self._joining.fixed:
            self._report_row(
                f"If {archived} stays archived, these books lack {label}, and the standard does not"
                " allow that (`overridable: false`)."
                if archived
                else f"{label} cannot be omitted: the standard says `overridable: false`.",
                f"Write {f'{target(entry)} to restore it' if archived else 'create'}, or ask the"
                " owner of the standard.",
            )
        elif not self.row[REASON]:
            self._report_row(
                f"The account stays archived, so these books omit {label} of the standard, and"
                " Reason is empty."
                if archived
                else f"{label} would be omitted, and Reason is empty.",
                "Write why these books do not need it.",
                column=REASON,
            )
        self.decisions.entries.append(DecidedEntry(entry, Verdict.OMIT, self.row))

    def _keep(self) -> list[str]:
        """Return the words in the column Keep. Reports those that are not in `KEPT_FIELDS`."""
        words = _TAX_RATE.sub("tax_type", self.row[KEEP]).casefold()
        fields = [word for word in re.split(r"[\s,;+]+", words) if word]
        for word in fields:
            if word not in KEPT_FIELDS:
                self._report_row(
                    f'"{visible(word)}" is not a field that can be kept.',
                    "Write name, code, type or tax_type, with commas between them.",
                    column=KEEP,
                )
        return fields

    def _only(self, *columns: str) -> None:
        """Report each filled cell in `columns`, which must be empty for the row's decision."""
        written = visible(self.row[DECISION])
        become = "is for existing accounts that become accounts of the standard"
        meant = {KEEP: become, NEW_CODE: 'is for the decision "own"'}
        for column in columns:
            if self.row[column]:
                self._report_row(
                    f'{column} {meant[column]}, but the decision is "{written}".',
                    f"Clear {column}, or change the decision.",
                    column=column,
                )

    def _report(
        self, message: str, hint: str, *, column: str = DECISION, severity: str = "error"
    ) -> None:
        joining = self._joining
        self.problems.add(self.row, message, hint, joining, column=column, severity=severity)

    def _report_row(self, message: str, hint: str, *, column: str = DECISION) -> None:
        self.problems.add(self.row, message, hint, column=column)
