"""The differences between an entry of a chart file and its account in Xero.

Edits of the file that were never applied are no differences: they stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.local_edits import LocalEdits
from xerosync.chartfile.edit.new_entry import UNIQUE, ChartSource, UsedValues, left_out
from xerosync.chartfile.edit.representable import normalized
from xerosync.desired import DeleteRefused, DesiredAccount
from xerosync.model import FIELD, Account, Status, Value
from xerosync.plan.plan import FieldChange


class Differences:
    """Finds what to edit, and records in the result what stays or cannot be written."""

    def __init__(self, source: ChartSource, local: LocalEdits, result: Merged) -> None:
        self.source = source
        self.local = local
        self.result = result
        self.used = UsedValues()
        self._present = {a.account_id for a in source.chart.accounts if a.status != Status.DELETED}

    def fields(
        self, wanted: DesiredAccount, resolved: DesiredAccount, account: Account
    ) -> Iterator[tuple[str, Value | None]]:
        """Yield the fields to edit, each with its new value; None removes the field.

        `resolved` is the entry with Xero's code for its tax rate.
        """
        local = {
            name
            for name, value in resolved.values.items()
            if FIELD[name].comparable(value) != FIELD[name].comparable(account.value(name))
            and self.local.keeps(account, name, value)
        }
        kind = wanted.text("type") if "type" in local else account.type
        for name, written in wanted.values.items():
            spec = FIELD[name]
            value = normalized(account.value(name))
            if name in local:
                self.used.add(name, written)
                self._keep_edit(wanted, account, name, written)
                continue
            if not spec.applies(kind) and "type" in wanted.values:
                yield name, None
                continue
            if name not in self.source.known.fields:
                continue
            same = spec.comparable(resolved.values[name]) == spec.comparable(value)
            why = "" if same else self.source.why_not(name, value)
            if name in UNIQUE and not why and not self.used.add(name, value):
                why = "another account of the file has it too"
            if why and (value != "" or name in {"name", "type"}):
                self.result.left_out.append(left_out(account, why, name))
                yield name, None
            elif not same:
                if name == "tax_type":
                    value = self.source.tax_rate(str(value), str(written))
                yield name, value

    def status(
        self, wanted: DesiredAccount, account: Account, delete_refused: DeleteRefused
    ) -> str:
        """Return the status to write, "" if it stays."""
        archived_instead = (
            wanted.status == Status.DELETED
            and account.status == Status.ARCHIVED
            and delete_refused is DeleteRefused.ARCHIVE
        )
        if wanted.status == account.status or archived_instead:
            return ""
        if self.local.keeps_status(account, wanted):
            sentence = f"status stays {wanted.status}, which has not been applied yet"
            self.record_kept(wanted, sentence, account)
            return ""
        return account.status

    def is_new(self, wanted: DesiredAccount) -> bool:
        """Return whether an entry without an account is active, and new since the last apply.

        If so, also record that it stays. False if the journals do not show the last apply.
        """
        new = wanted.status == Status.ACTIVE and self.local.is_new(wanted, self._present)
        if new:
            self.record_kept(
                wanted, "stays, because it was added here and has not been applied yet"
            )
        return new

    def record_kept(
        self, wanted: DesiredAccount, sentence: str, account: Account | None = None
    ) -> None:
        """Record what stays in the file although Xero differs: a plan still finds a change."""
        self.result.kept.append(f"{wanted.label}: {sentence}")
        self.result.pending.add(account.account_id if account else wanted.label)

    def record_labels(
        self, wanted: DesiredAccount, account: Account, changes: Mapping[str, Value | None]
    ) -> None:
        """If the account is in `result.pending`, add the old and the new label of its entry, too.

        The new label is the one after `changes`. A plan that blocks the entry may use either.
        """
        if account.account_id in self.result.pending:
            values = edited_values(wanted, changes)
            after = f"{values.get('code', '')} {values.get('name', '')}".strip()
            self.result.pending |= {wanted.label, after}

    def record_edit(self, wanted: DesiredAccount, name: str, value: Value) -> None:
        """Record that a field, or the status, gets another value."""
        written = {**wanted.values, "status": wanted.status, "account_id": wanted.account_id}
        edit = FieldChange(name, written.get(name, ""), value)
        self.result.edited.append(f"{wanted.label}: {edit.sentence}")

    def record_used(self, wanted: DesiredAccount) -> None:
        """Add to `used` the code, name and bank account number of an entry that stays as it is."""
        for name, value in wanted.values.items():
            if name in UNIQUE:
                self.used.add(name, value)

    def _keep_edit(
        self, wanted: DesiredAccount, account: Account, name: str, written: Value
    ) -> None:
        kept = FieldChange(name, written, account.value(name))
        stays, it_is = kept.verb("stays", "stay"), kept.verb("it is", "they are")
        sentence = f"{kept.label} {stays} {kept.was}, which has not been applied yet"
        self.record_kept(wanted, f"{sentence}; in Xero {it_is} {kept.becomes}", account)


def edited_values(wanted: DesiredAccount, changes: Mapping[str, Value | None]) -> dict[str, Value]:
    """Return the values of an entry after these changes, without those that are removed."""
    after = {name: changes.get(name, before) for name, before in wanted.values.items()}
    return {name: value for name, value in after.items() if value is not None}
