"""Accounts of the file → accounts of Xero: which entry speaks of which account.

In this order: `account_id`, `system_account`, `code` and `previously` (and an account that
an interrupted apply had parked on its way to that code), `bank_account_number`, the name of
a bank account without a code, and the name of an archived account (creating it would be
refused, so it is restored). What stays unmatched is to be created.
Ambiguous is an error, never a guess; `claims` says how a code claimed twice is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from xerosync.errors import ChartError, Problem
from xerosync.model import (
    Account,
    Chart,
    DesiredAccount,
    DesiredChart,
    Status,
    bank_number_key,
    code_key,
    name_key,
)
from xerosync.plan import temporary
from xerosync.plan.renumbering import settle


class Via(StrEnum):
    """What an account was found by."""

    ACCOUNT_ID = "account_id"
    SYSTEM_ACCOUNT = "system_account"
    CODE = "code"
    PREVIOUSLY = "previously"
    BANK_ACCOUNT_NUMBER = "bank_account_number"
    PARKED = "parked"
    NAME = "name"
    ARCHIVED_NAME = "archived name"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry of the file, the account that it speaks of (None: not in Xero), and how.

    `former` is the account under a code that the entry had before, where it is another one.
    """

    desired: DesiredAccount
    account: Account | None
    via: Via
    former: Account | None = None


def match(current: Chart, desired: DesiredChart) -> tuple[Match, ...]:
    """Match every entry, in the order of the file.

    Raises `ChartError` with every ambiguity: two entries for one account, or an entry
    whose former and present code are both in Xero.
    """
    matcher = _Matcher(current, desired)
    matcher.by_pin()
    matcher.by_code()
    accounts = matcher.accounts
    banks = [a for a in accounts if a.type == "BANK"]
    archived = [a for a in accounts if a.status == Status.ARCHIVED]
    matcher.refuse_numbers_of_found(banks)
    matcher.by_key(
        Via.BANK_ACCOUNT_NUMBER, banks, lambda a: bank_number_key(a.bank_account_number), _number
    )
    matcher.by_key(Via.NAME, banks, _name_of, lambda e: "" if e.code else _name(e))
    matcher.by_key(
        Via.ARCHIVED_NAME, archived, _name_of, lambda e: _name(e) if e.status == "ACTIVE" else ""
    )
    return matcher.matches()


def _name_of(account: Account) -> str:
    return name_key(account.name)


def _number(entry: DesiredAccount) -> str:
    return bank_number_key(entry.text("bank_account_number"))


def _name(entry: DesiredAccount) -> str:
    return name_key(entry.name)


def _may_be(entry: DesiredAccount, account: Account) -> bool:
    """Tell whether the types allow it: a bank account stays one, and no other becomes one."""
    wanted = entry.text("type")
    return not wanted or (wanted == "BANK") == (account.type == "BANK")


class _Matcher:
    """The state of one matching: what is claimed so far, and what went wrong."""

    def __init__(self, current: Chart, desired: DesiredChart) -> None:
        self.accounts = [a for a in current.accounts if a.status != Status.DELETED]
        self.entries = desired.accounts
        self.found: dict[int, tuple[Account, Via]] = {}
        self.owner: dict[str, int] = {}
        self.former: dict[int, Account] = {}
        self.problems: list[Problem] = []
        self.by_id = {a.account_id: a for a in self.accounts}
        self.by_code_key: dict[str, list[Account]] = {}
        for account in self.accounts:
            if account.code:
                self.by_code_key.setdefault(code_key(account.code), []).append(account)

    def matches(self) -> tuple[Match, ...]:
        if self.problems:
            raise ChartError(tuple(sorted(self.problems, key=lambda p: (p.line, p.column))))
        return tuple(self._match(index, entry) for index, entry in enumerate(self.entries))

    def _match(self, index: int, entry: DesiredAccount) -> Match:
        account, via = self.found.get(index, (None, Via.NOTHING))
        return Match(entry, account, via, self.former.get(index))

    def by_pin(self) -> None:
        """Match by `account_id`, then by the role of a system account."""
        for index, entry in enumerate(self.entries):
            if entry.account_id in self.by_id:
                account = self.by_id[entry.account_id]
                if entry.system_account not in ("", account.system_account):
                    self._pins_disagree(index, account)
                self._claim(index, account, Via.ACCOUNT_ID)
        roles: dict[str, list[Account]] = {}
        for account in self.accounts:
            roles.setdefault(account.system_account, []).append(account)
        for index, entry in enumerate(self.entries):
            if entry.account_id or not entry.system_account:
                continue
            holders = roles.get(entry.system_account, [])
            if len(holders) == 1:
                self._claim(index, holders[0], Via.SYSTEM_ACCOUNT)
            elif holders:
                self._could_be_any(index, holders)

    def by_code(self) -> None:
        """Match by code, by former codes and by what was parked, all entries at once."""
        self._refuse_codes_of_pinned()
        heirs = self._heirs()
        claims: dict[int, dict[str, Via]] = {}
        for index, entry in self._open():
            wanted = [(code, Via.PREVIOUSLY) for code in entry.previously]
            wanted += [(entry.code, Via.CODE)] if entry.code else []
            claims[index] = {}
            for code, via in wanted:
                free = [
                    account.account_id
                    for account in self._under(code)
                    if account.account_id not in self.owner
                    and heirs.get(account.account_id, index) == index
                ]
                if len(free) > 1:
                    self._could_be_any(index, (self.by_id[a] for a in free))
                else:
                    claims[index] |= dict.fromkeys(free, via)
        for account_id, index in heirs.items():
            claims[index][account_id] = Via.PARKED
        settlement = settle(claims, self._same_name)
        for index, account_id in settlement.owners.items():
            self._claim(index, self.by_id[account_id], claims[index][account_id])
        for index, account_ids in settlement.both.items():
            self._both_codes(index, account_ids)
        for indexes, account_ids in settlement.ambiguous:
            self._ambiguous_renumbering(indexes, account_ids)
        self._check_former_codes()

    def _under(self, code: str) -> list[Account]:
        """Give the accounts under a code; of two that differ in case, the one spelled so."""
        holders = self.by_code_key.get(code_key(code), [])
        return [account for account in holders if account.code == code] or holders

    def _refuse_codes_of_pinned(self) -> None:
        """Refuse an entry whose code is that of an account that another entry pins and leaves."""
        for index, entry in self._open():
            for account in self._under(entry.code) if entry.code else ():
                owner = self.owner.get(account.account_id)
                if owner is None:
                    continue
                other = self.entries[owner]
                if "code" not in other.values and other.status != Status.DELETED:
                    self._claim(index, account, Via.CODE)

    def _check_former_codes(self) -> None:
        """Compare each entry with the accounts of others that stand under its former codes.

        An entry without an account means the one that another entry pins; one whose name is
        that of the other account, and not that of its own, means the other.
        """
        for index, entry in enumerate(self.entries):
            for account in (a for code in entry.previously for a in self._under(code)):
                owner = self.owner.get(account.account_id, index)
                if owner == index:
                    continue
                if index not in self.found:
                    self.former[index] = account
                    if self.found[owner][1] in (Via.ACCOUNT_ID, Via.SYSTEM_ACCOUNT):
                        self._claim(index, account, Via.PREVIOUSLY)
                elif self.found[index][1] is Via.CODE:
                    own = self.found[index][0].account_id
                    self.former[index] = account
                    if self._same_name(index, account.account_id) and not self._same_name(
                        index, own
                    ):
                        self._both_codes(index, [own, account.account_id])

    def _heirs(self) -> dict[str, int]:
        """Give each free account that an interrupted apply had parked to its entry.

        No other entry may claim it: its name says where it was on its way to, or its code
        is a temporary one and its name tells which it is.
        """
        by_code = {code_key(entry.code): i for i, entry in self._open() if entry.code}
        by_name = {name_key(entry.name): i for i, entry in self._open() if entry.name}
        heirs: dict[str, int] = {}
        for account in self.accounts:
            if account.account_id in self.owner:
                continue
            target = temporary.target_of(account.name)
            index = by_code.get(code_key(target)) if target else None
            if index is None and temporary.is_code(account.code):
                index = by_name.get(name_key(account.name))
            if index is not None and _may_be(self.entries[index], account):
                heirs[account.account_id] = index
        return heirs

    def refuse_numbers_of_found(self, banks: Iterable[Account]) -> None:
        """Refuse an entry with the number of a bank account that another entry is, and keeps."""
        by_number = {bank_number_key(bank.bank_account_number): bank for bank in banks}
        by_number.pop("", None)
        for index, entry in list(self._open()):
            account = by_number.get(_number(entry))
            owner = self.owner.get(account.account_id) if account else None
            if account is None or owner is None:
                continue
            other = self.entries[owner]
            if "bank_account_number" not in other.values and other.status != Status.DELETED:
                self._claim(index, account, Via.BANK_ACCOUNT_NUMBER)

    def by_key(
        self,
        via: Via,
        accounts: Iterable[Account],
        key_of: Callable[[Account], str],
        wanted: Callable[[DesiredAccount], str],
    ) -> None:
        """Match the entries still open to free accounts with the same key ("" is none)."""
        index_of: dict[str, list[Account]] = {}
        for account in accounts:
            if account.account_id not in self.owner:
                index_of.setdefault(key_of(account), []).append(account)
        index_of.pop("", None)
        for index, entry in list(self._open()):
            free = [a for a in index_of.get(wanted(entry), ()) if _may_be(entry, a)]
            if len(free) > 1:
                self._could_be_any(index, free)
            elif free:
                self._claim(index, free[0], via)

    def _open(self) -> Iterator[tuple[int, DesiredAccount]]:
        """Give the entries without an account that are not pinned to one."""
        for index, entry in enumerate(self.entries):
            if index not in self.found and not entry.account_id and not entry.system_account:
                yield index, entry

    def _claim(self, index: int, account: Account, via: Via) -> None:
        """Give the account to the entry, unless another entry has it."""
        other = self.owner.get(account.account_id)
        if other is None:
            self.found[index] = (account, via)
            self.owner[account.account_id] = index
            return
        entry, first = self.entries[index], self.entries[other]
        self._problem(
            index,
            "one-account-twice",
            f"{entry.label} and {first.label} ({first.source}) are one account in Xero, "
            f"{account.label}: found by {via} here and by {self.found[other][1]} there.",
            "Keep one of the two entries, or give each its own account_id."
            + (" If a new account is meant, remove `previously`." if via is Via.PREVIOUSLY else ""),
        )

    def _same_name(self, index: int, account_id: str) -> bool:
        name = self.entries[index].name
        return bool(name) and name_key(name) == name_key(self.by_id[account_id].name)

    def _pins_disagree(self, index: int, account: Account) -> None:
        entry = self.entries[index]
        self._problem(
            index,
            "pins-disagree",
            f"{entry.label}: the account_id is that of {account.label} in Xero, which is not the "
            f"system account {entry.system_account}.",
            "Keep the one of the two that is meant.",
        )

    def _could_be_any(self, index: int, accounts: Iterable[Account]) -> None:
        self._problem(
            index,
            "ambiguous-account",
            f"{self.entries[index].label} could be any of these accounts in Xero: "
            + ", ".join(sorted(f"{a.label} ({a.account_id})" for a in accounts))
            + ".",
            "Say which one with its account_id.",
        )

    def _both_codes(self, index: int, account_ids: Iterable[str]) -> None:
        entry = self.entries[index]
        accounts = sorted((self.by_id[a] for a in account_ids), key=lambda a: a.code)
        labels = " and ".join(f"{a.label} ({a.status.lower()})" for a in accounts)
        former = f"had the code {' or '.join(entry.previously)} before"
        said = former if entry.previously else "was being renumbered when an apply was interrupted"
        self._problem(
            index,
            "both-codes-present",
            f"{entry.label} {said}, and Xero has {labels}: two accounts where the entry means one.",
            "If the renumbering is done, remove `previously`. If the two are to become one, "
            "pin this entry to the account to keep with its account_id, and give the other "
            "an entry of its own.",
        )

    def _ambiguous_renumbering(self, indexes: list[int], account_ids: list[str]) -> None:
        entries = [self.entries[i] for i in indexes]
        accounts = sorted((self.by_id[a] for a in account_ids), key=lambda a: a.code)
        self._problem(
            indexes[0],
            "ambiguous-renumbering",
            "These entries trade codes, and their names do not tell which account is which: "
            + ", ".join(f"{e.label} ({e.source})" for e in entries)
            + ".",
            "Add to each its account_id: "
            + ", ".join(f"{a.label} is {a.account_id}" for a in accounts)
            + ".",
        )

    def _problem(self, index: int, rule: str, message: str, hint: str) -> None:
        source = self.entries[index].source
        self.problems.append(Problem(source.file, source.line, source.column, rule, message, hint))
