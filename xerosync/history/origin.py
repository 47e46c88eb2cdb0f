"""Explain where each change of a plan comes from: an edit in the file, or an edit in Xero.

A value that is new in Xero since the last apply was edited in Xero. A value that is new in the
file was edited in the file. Any other change is left over (the last apply did not make it, or a
rollback undid it), or of unknown origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from xerosync.desired import DesiredAccount, DesiredChart, Unmanaged
from xerosync.history.baseline import Baseline
from xerosync.history.known_names import with_known_names
from xerosync.model import Account, AccountKey, Chart, Status, account_key, code_key, name_key
from xerosync.plan.diff import account_changes, field_changes
from xerosync.plan.matching.match import match
from xerosync.plan.plan import Action, Change, Origin, Plan
from xerosync.text import day, full_stop

LEFT_STANDARD = "was in the standard"
"""`organisations/group.py` recognises a sentence of `_left_standard` by these words."""


def plan_since(
    base: Baseline | None, file: DesiredChart, current: Chart, make: Callable[[DesiredChart], Plan]
) -> Plan:
    """Set `known_as` in the entries of a file, call `make` for the plan, and add the origins."""
    return add_origins(make(with_known_names(file, base)), base, current)


def add_origins(plan: Plan, base: Baseline | None, current: Chart) -> Plan:
    """Return the plan with the origin of each change, as far as the baseline shows it.

    `current` is the chart that the plan was made from. The plan of a rollback is returned
    unchanged: it comes from no file, and `rollback.py` adds warnings about later edits.
    """
    if base is None or plan.desired.partial:
        return plan
    matched = {m.account.account_id: m.desired for m in match(current, plan.desired) if m.account}
    accounts = {account.account_id: account for account in current.accounts}
    explainer = _Explainer(base, plan.desired, accounts, matched)
    return replace(
        plan,
        changes=tuple(explainer.explain(change) for change in plan.changes),
        left_file=(*plan.left_file, *explainer.left_file(plan.unmanaged)),
    )


@dataclass(frozen=True, slots=True)
class _Explainer:
    """Explains the changes of one plan.

    `current` has the accounts in Xero, and `matched` has their entries, both by account id.
    """

    base: Baseline
    file: DesiredChart
    current: Mapping[str, Account]
    matched: Mapping[str, DesiredAccount]

    @property
    def _on_record(self) -> str:
        return f"the last apply on record ({day(self.base.at)})"

    def left_file(self, unmanaged: Iterable[Account]) -> Iterator[str]:
        """Yield a sentence for each unmanaged account whose active entry has left the file."""
        last = self.base.last_applied
        for account in unmanaged:
            entry = last.entries.get(account.account_id) if last else None
            if entry is None or entry.status != Status.ACTIVE or self._still_has(entry):
                continue
            if entry.inherited.file:
                yield self._left_standard(account, entry)
                continue
            moved = _key(account) != account_key(entry.code, entry.name)
            pin = f"`account_id: {account.account_id}` and " if moved else ""
            yield (
                f"{account.label} was removed from the file after {self._on_record} and is no "
                f"longer managed; to archive it, put its entry back with {pin}`status: ARCHIVED`."
            )

    def _left_standard(self, account: Account, entry: DesiredAccount) -> str:
        """Return the sentence about an account that the file no longer gets from its standard."""
        omitted = (e for e in self.file.omitted if code_key(e.code) == code_key(entry.code))
        if any(_same_entry(one, entry) for one in omitted):
            by = "the file or by a standard that it extends"
            return f"{account.label} is omitted by {by}, and is no longer managed."
        return (
            f"{account.label} {LEFT_STANDARD} at {self._on_record} and is no longer managed; to "
            "archive it, give it an entry with `status: ARCHIVED`, in this file or in a standard "
            "that it extends."
        )

    def _still_has(self, before: DesiredAccount) -> bool:
        """Whether an entry of the file has the code of `before`, and no different name."""
        return any(
            code_key(entry.code) == code_key(before.code) and _same_entry(entry, before)
            for entry in self.file.accounts
        )

    def explain(self, change: Change) -> Change:
        if change.account is None:
            return self._warn_of_last_holder(self._create(change))
        return self._other_account(change, change.account) or self._warn_of_last_holder(
            self._existing(change, change.account)
        )

    def _warn_of_last_holder(self, change: Change) -> Change:
        """Add a warning if a journal shows that another account had the change's code and name.

        This happens, for example, when an older file is put back after a renumbering.
        """
        entry = change.desired
        if not entry or not entry.code or entry.account_id or entry.system_account:
            return change
        holder = self.base.last_holders.get(_key(change), change.account_id)
        now = self.current.get(holder)
        reported = any(holder in warning for warning in change.warnings)
        if reported or not now or holder == change.account_id or _key(now) == _key(change):
            return change
        instead = f"change {change.account.label}" if change.account else "create a new account"
        warning = (
            f"According to a journal, {change.label} was the account that is now {now.label} "
            f"in Xero. This would {instead} instead. If the entry means {now.label}, pin it "
            f"with account_id: {holder}."
        )
        return replace(change, warnings=(warning, *change.warnings))

    def _other_account(self, change: Change, account: Account) -> Change | None:
        """Return a change with a warning if its entry matched another account before, else None."""
        entry, last = change.desired, self.base.last_applied
        if not entry or not entry.code or not last:
            return None
        first = last.by_code.get(code_key(entry.code), account.account_id)
        then, now = self.base.accounts.get(first), self.current.get(first)
        if not then or first == account.account_id or not _same_entry(entry, last.entries[first]):
            return None
        before = self.base.accounts.get(account.account_id)
        if before and _same_code(before, account) and not (now and not _same_code(then, now)):
            return None
        where = f"is now {now.label} in Xero" if now else "is no longer in Xero"
        reason = f"At {self._on_record}, this entry matched {then.label}, which {where}."
        was = f" ({before.label} at the last apply)" if before else ""
        pin = f" If the entry means {now.label}, pin it with account_id: {first}." if now else ""
        warning = (
            f"In Xero, the code {account.code} now belongs to a different account{was}. This would "
            f"change that account.{pin}"
        )
        return _explained(change, Origin.XERO, reason, warning)

    def _existing(self, change: Change, account: Account) -> Change:
        base, last = self.base, self.base.last_applied
        if not base.unsure.isdisjoint({account.account_id, _key(account)}):
            return change
        then = base.accounts.get(account.account_id)
        if then is None:
            return _explained(change, Origin.XERO, f"Added in Xero since {self._on_record}.")
        in_file = last is not None and self._edited_in_file(change, then)
        if not (edits := _edits_in_xero(change, then, account)):
            return replace(change, origin=Origin.FILE) if in_file else self._left_over(change)
        reason = (
            f"Edited in Xero{self._edited_on(account)}: at {self._on_record}, "
            f"{full_stop(', '.join(edits))} Xero does not say by whom."
        )
        warning = ""
        if last and not in_file and not change.desired and account.account_id in last.entries:
            warning = (
                f"This account was {then.label}, and the file still has that entry. To keep the "
                f"account, pin the entry to it with account_id: {account.account_id}."
            )
        return _explained(change, Origin.BOTH if in_file else Origin.XERO, reason, warning)

    def _edited_in_file(self, change: Change, then: Account) -> bool:
        """Whether any part of a change was not yet in the file at the last apply.

        A new value in the file does not count if Xero already had it at the last apply: the
        change is needed only because of an edit in Xero.
        """
        last = self.base.last_applied
        if last is None:
            return False
        now, before = change.desired, last.entries.get(change.account_id)
        if now is None:
            if before is None:
                return last.unmanaged is not Unmanaged.ARCHIVE
            return not self._still_has(before)
        if before is None:
            return True
        if _sets_status(change) and before.status != now.status != then.status:
            return True
        new = {f.field for f in field_changes(before.values, now.values)}
        new |= now.values.keys() - before.values.keys()
        return any(
            changed.field in new and changed.field in change.after()
            for changed in field_changes(then.values(), now.values)
        )

    def _create(self, change: Change) -> Change:
        base, last = self.base, self.base.last_applied
        key = account_key(change.code, change.name)
        if key in base.unsure:
            return change
        then = next((account for account in base.accounts.values() if _key(account) == key), None)
        if then is None and last is None:
            return change
        if then is None and last and key in last.unmet:
            return self._left_over(change)
        if then is None or self._found_on_purpose(then):
            return replace(change, origin=Origin.FILE)
        was = f"{then.label} was in Xero after {self._on_record} and"
        if not (now := self.current.get(then.account_id)):
            return _explained(change, Origin.XERO, f"{was} has been deleted there.")
        on = self._edited_on(now)
        edited = f" (edited{on})" if on else ""
        warning = (
            f"This account is now {now.label} in Xero. This would create a new account without "
            "its history. To keep the existing one instead, pin this entry to it with "
            f"account_id: {now.account_id}."
        )
        reason = full_stop(f"{was} is now {now.label}{edited}")
        return _explained(change, Origin.XERO, reason, warning)

    def _found_on_purpose(self, then: Account) -> bool:
        """Whether an entry of the file matches this account, and not by accident.

        The match is an accident if the entry is unchanged, it matched another account at the
        last apply, and the code of this account has changed in Xero since.
        """
        finder, last = self.matched.get(then.account_id), self.base.last_applied
        if finder is None or last is None:
            return finder is not None
        first = last.by_code.get(code_key(finder.code), then.account_id)
        moved = not _same_code(then, self.current[then.account_id])
        stayed = first != then.account_id and _same_entry(finder, last.entries[first])
        return not (moved and stayed)

    def _left_over(self, change: Change) -> Change:
        known = self.base.last_applied is not None
        undone = self.base.rolled_back.get(change.account_id)
        if undone and known:
            reason = f"A rollback undid this on {day(undone)}; the file still asks for it."
        elif undone:
            reason = f"A rollback left it this way on {day(undone)}."
        elif known:
            reason = "Left over: the file asked for this at the last apply, but it was not done."
        else:
            return change
        return _explained(change, Origin.LEFT, reason)

    def _edited_on(self, account: Account) -> str:
        """Return " on " with the date of the last edit, "" if unknown or before the last apply.

        Only dates are compared, as Xero's clock and ours may differ.
        """
        moment = account.updated_at
        return f" on {day(moment)}" if moment and moment.date() >= self.base.at.date() else ""


def _edits_in_xero(change: Change, then: Account, now: Account) -> list[str]:
    """Return a phrase for each difference between `then` and `now` that explains a change."""
    fields = {*(change.after() if change.desired else ("code", "name"))}
    fields |= {"status"} if _sets_status(change) else set()
    edits = (c for c in account_changes(then, now) if c.field in fields)
    return [f"{c.label} {c.verb('was', 'were')} {c.was}" for c in edits]


def _sets_status(change: Change) -> bool:
    return change.action in (Action.ARCHIVE, Action.RESTORE, Action.DELETE)


def _same_code(one: Account, other: Account) -> bool:
    return code_key(one.code) == code_key(other.code)


def _same_entry(now: DesiredAccount, then: DesiredAccount) -> bool:
    return not now.name or not then.name or name_key(now.name) == name_key(then.name)


def _key(account: Account | Change) -> AccountKey:
    return account_key(account.code, account.name)


def _explained(change: Change, origin: Origin, reason: str, warning: str = "") -> Change:
    warnings = (warning, *change.warnings) if warning else change.warnings
    return replace(change, origin=origin, reasons=(reason, *change.reasons), warnings=warnings)
