"""Edits of the file that were never applied: a pull leaves them as they are.

The last apply is the common ancestor: if Xero still holds what that apply left, and the
file says something else, the file was edited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xerosync.chartfile.edit.representable import normalized
from xerosync.desired import DesiredAccount
from xerosync.history.baseline import Baseline
from xerosync.model import FIELD, Account, Value, account_key, code_key, name_key


@dataclass(frozen=True, slots=True)
class LocalEdits:
    """Decides what was edited in the file since the last apply: nothing, if no journal is known.

    `known` is whether the entries of the last apply are known; `applied` has them by account id.
    `before` has the accounts, by id, as the last apply left them.
    """

    applied: Mapping[str, DesiredAccount] = field(default_factory=dict)
    before: Mapping[str, Account] = field(default_factory=dict)
    known: bool = False

    @classmethod
    def since(cls, baseline: Baseline | None) -> LocalEdits:
        """Return the edits since the last apply, as far as `baseline` shows that apply.

        After a rollback, `before` is empty. After an interrupted apply, `before` lacks the accounts
        that the apply may have changed: nobody knows what it left in Xero.
        """
        if baseline is None:
            return cls()
        last, unsure = baseline.last_applied, baseline.unsure
        before = {
            account_id: account
            for account_id, account in baseline.accounts.items()
            if not baseline.rolled_back
            and account_id not in unsure
            and account_key(account.code, account.name) not in unsure
        }
        return cls(last.entries if last else {}, before, last is not None)

    def keeps(self, account: Account, name: str, written: Value) -> bool:
        """Whether a field stays as the file has it, although Xero has another value."""
        same = FIELD[name].comparable
        entry, before = self.applied.get(account.account_id), self.before.get(account.account_id)
        if entry and (name not in entry.values or same(entry.values[name]) != same(written)):
            return True
        now = same(normalized(account.value(name)))
        return before is not None and same(normalized(before.value(name))) == now

    def keeps_status(self, account: Account, wanted: DesiredAccount) -> bool:
        """Whether the status stays as the file has it, although Xero has another one."""
        entry, before = self.applied.get(account.account_id), self.before.get(account.account_id)
        if entry and entry.status != wanted.status:
            return True
        return before is not None and before.status == account.status

    def is_new(self, wanted: DesiredAccount, present: set[str]) -> bool:
        """Whether an unmatched entry is new since the last apply; `present` are the ids in Xero."""
        if not self.known or wanted.account_id or wanted.system_account:
            return False
        code, name = code_key(wanted.code), name_key(wanted.name)
        return not any(
            (code and code == code_key(entry.code)) or (name and name == name_key(entry.name))
            for account_id, entry in self.applied.items()
            if account_id not in present
        )

    def left_the_file(self, account: Account) -> bool:
        """Whether an account without an entry had one at the last apply, and its status stayed."""
        before = self.before.get(account.account_id)
        left = before is not None and before.status == account.status
        return left and account.account_id in self.applied
