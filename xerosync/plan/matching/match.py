"""Match each entry of the file to an account in Xero.

An entry is matched by the first of these that finds an account:

1. its `account_id`;
2. its `system_account`, if it has no `account_id`; an entry with either is matched by nothing else;
3. one of these: its `code`, or a code in `previously` (the module `renumbering` decides which);
   a temporary code or name that an interrupted apply left; the code and name before an override;
4. its `bank_account_number`;
5. the name of a bank account, if the entry has no code;
6. the name of an archived account, if the entry is active and no active account has that name.
   The account is then restored.

An active entry without an account gets a new one, unless it has an `account_id` or a
`system_account`, or is optional.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.errors import ChartError, Problem
from xerosync.model import Account, Chart, Status, bank_number_key, code_key, name_key
from xerosync.plan import temporary
from xerosync.plan.matching import ambiguities
from xerosync.plan.matching.optional import present
from xerosync.plan.matching.overridden import overridden_accounts
from xerosync.plan.matching.pins import how_to_override
from xerosync.plan.matching.renumbering import assign
from xerosync.plan.matching.shared_words import likeliest


class MatchedBy(StrEnum):
    """How the account of an entry was found."""

    ACCOUNT_ID = "account_id"
    SYSTEM_ACCOUNT = "system_account"
    CODE = "code"
    PREVIOUSLY = "previously"
    OVERRIDDEN = "code and name of the standard"
    TEMPORARY = "temporary code or name"
    BANK_ACCOUNT_NUMBER = "bank_account_number"
    NAME = "name"
    ARCHIVED_NAME = "archived name"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry of the file, its account (None: not in Xero), and how it was found.

    `former` is a different account that now has one of the entry's former codes, or None.
    """

    desired: DesiredAccount
    account: Account | None
    by: MatchedBy
    former: Account | None = None


def match(current: Chart, desired: DesiredChart) -> tuple[Match, ...]:
    """Return a match for each entry, in the order of the file.

    An optional entry without an account has no match, nor has any entry that `optional.present`
    leaves out. Raises `ChartError` with the ambiguities, such as two entries for one account.
    """
    matcher = _Matcher(current, desired)
    matcher.by_pin()
    matcher.by_code()
    matcher.by_bank_account()
    matcher.by_archived_name()
    return matcher.matches()


class _Matcher:
    """The state of one matching: the matches so far, and the problems."""

    def __init__(self, current: Chart, desired: DesiredChart) -> None:
        self.accounts = [a for a in current.accounts if a.status != Status.DELETED]
        self.entries = present(desired.accounts, self.accounts)
        self.file = desired.file
        self.found: dict[int, tuple[Account, MatchedBy]] = {}
        self.owner: dict[str, int] = {}
        self.former: dict[int, Account] = {}
        self.problems: list[Problem] = []
        self.by_id = {a.account_id: a for a in self.accounts}
        self.by_code_key = _group(self.accounts, lambda a: code_key(a.code))

    def matches(self) -> tuple[Match, ...]:
        if self.problems:
            raise ChartError(tuple(sorted(self.problems, key=lambda p: (p.line, p.column))))
        found = (self._match(index, entry) for index, entry in enumerate(self.entries))
        return tuple(m for m in found if m.account or not m.desired.optional)

    def _match(self, index: int, entry: DesiredAccount) -> Match:
        account, by = self.found.get(index, (None, MatchedBy.NOTHING))
        return Match(entry, account, by, self.former.get(index))

    def by_pin(self) -> None:
        """Match by `account_id`, then by the role of a system account."""
        for index, entry in enumerate(self.entries):
            if entry.account_id in self.by_id:
                account = self.by_id[entry.account_id]
                if entry.system_account not in ("", account.system_account):
                    self._problem(index, ambiguities.pins_disagree(entry, account))
                self._take(index, account, MatchedBy.ACCOUNT_ID)
        by_role = _group(self.accounts, lambda a: a.system_account)
        for index, entry in enumerate(self.entries):
            if not entry.account_id:
                found = by_role.get(entry.system_account, [])
                self._take_only(index, found, MatchedBy.SYSTEM_ACCOUNT)

    def by_code(self) -> None:
        """Match by point 3 of the module's docstring, all entries at once."""
        self._reject_shared("code", MatchedBy.CODE, lambda e: self._with_code(e.code))
        self._check_deleted()
        interrupted = self._interrupted()
        overridden = overridden_accounts(self.entries, self._unmatched(), self.accounts, self.owner)
        elsewhere = {**overridden, **interrupted}
        problems, absent = list(self.problems), self._absent({}, elsewhere.values())
        while True:
            candidates = self._candidates({**self._under_former_code(absent), **elsewhere})
            for account_id, index in overridden.items():
                candidates[index] = {account_id: MatchedBy.OVERRIDDEN}
            for account_id, index in interrupted.items():
                candidates[index][account_id] = MatchedBy.TEMPORARY
            result = assign(candidates, self._same_name)
            if absent >= (more := self._absent(result.accounts, elsewhere.values())):
                break
            absent |= more
            self.problems = list(problems)
        for index, account_id in result.accounts.items():
            self._take(index, self.by_id[account_id], candidates[index][account_id])
        for index, account_ids in result.conflicts.items():
            self._both_codes(index, account_ids)
        for indexes, account_ids in result.ambiguous:
            entries = [self.entries[i] for i in indexes]
            between = [self.by_id[a] for a in account_ids]
            self._problem(indexes[0], ambiguities.ambiguous_renumbering(entries, between))
        self._check_former_codes()

    def _candidates(self, reserved: dict[str, int]) -> dict[int, dict[str, MatchedBy]]:
        """Return the accounts that each entry (by index) may mean: those with one of its codes.

        `reserved` has, by account id, the index of the only entry that may get the account.
        """
        candidates: dict[int, dict[str, MatchedBy]] = {}
        for index, entry in self._unmatched():
            candidates[index] = {}
            codes = [(code, MatchedBy.PREVIOUSLY) for code in entry.previously]
            for code, by in ((entry.code, MatchedBy.CODE), *codes):
                free = [
                    account
                    for account in self._with_code(code)
                    if account.account_id not in self.owner
                    and reserved.get(account.account_id, index) == index
                ]
                free = self._likely(entry, free)
                if len(free) > 1:
                    self._problem(index, ambiguities.ambiguous_account(entry, free))
                    continue
                candidates[index] = {a.account_id: by for a in free} | candidates[index]
                if by is MatchedBy.CODE and any(
                    self._same_name(index, account.account_id) for account in free
                ):
                    break  # code and name agree; another account may have the former code now
            if entry.inherited.file:
                candidates[index] = likeliest(entry.known_name, candidates[index], self.by_id)
        return candidates

    def _likely(self, entry: DesiredAccount, accounts: list[Account]) -> list[Account]:
        """Return which accounts, of several with one code, name or number, the entry may mean."""
        key = name_key(entry.known_name)
        named = [account for account in accounts if key and name_key(account.name) == key]
        likely = named or accounts
        if entry.status == Status.ACTIVE and len(likely) > 1:
            likely = [account for account in likely if account.status == Status.ACTIVE] or likely
        return likely

    def by_bank_account(self) -> None:
        """Match bank accounts by number, then by name if the entry has no code."""
        banks = [account for account in self.accounts if account.type == "BANK"]
        by_number = _group(banks, lambda a: bank_number_key(a.bank_account_number))

        def with_number(entry: DesiredAccount) -> list[Account]:
            return by_number.get(bank_number_key(entry.text("bank_account_number")), [])

        number = MatchedBy.BANK_ACCOUNT_NUMBER
        self._reject_shared("bank_account_number", number, with_number)
        self._take_free(number, with_number)
        by_name = _group(banks, lambda a: name_key(a.name))
        self._take_free(
            MatchedBy.NAME, lambda e: [] if e.code else by_name.get(name_key(e.name), [])
        )

    def by_archived_name(self) -> None:
        """Match active entries by the name of an archived account, if no active account has it."""
        in_use = {name_key(a.name) for a in self.accounts if a.status == Status.ACTIVE}
        archived = [
            account
            for account in self.accounts
            if account.status == Status.ARCHIVED and name_key(account.name) not in in_use
        ]
        by_name = _group(archived, lambda a: name_key(a.name))
        self._take_free(
            MatchedBy.ARCHIVED_NAME,
            lambda e: by_name.get(name_key(e.known_name), []) if e.status == Status.ACTIVE else [],
        )

    def _with_code(self, code: str) -> list[Account]:
        """Return the accounts with this code; if some have its exact spelling, only those."""
        found = self.by_code_key.get(code_key(code), [])
        return [account for account in found if account.code == code] or found

    def _reject_shared(
        self, field: str, by: MatchedBy, find: Callable[[DesiredAccount], Iterable[Account]]
    ) -> None:
        """Reject an entry whose code or bank number another entry's account has, and keeps.

        The account keeps it unless its own entry states the field or deletes the account.
        """
        for index, entry in list(self._unmatched()):
            for account in find(entry):
                owner = self.owner.get(account.account_id)
                if owner is None:
                    continue
                other = self.entries[owner]
                if field not in other.values and other.status != Status.DELETED:
                    self._take(index, account, by)

    def _interrupted(self) -> dict[str, int]:
        """Return the entries that accounts with a temporary code or name belong to.

        The result has the index of the entry by account id.
        """
        by_code = {code_key(entry.code): i for i, entry in self._unmatched() if entry.code}
        by_name = {name_key(e.known_name): i for i, e in self._unmatched() if e.known_name}
        entry_of: dict[str, int] = {}
        for account in self.accounts:
            if account.account_id in self.owner:
                continue
            target = temporary.target_of(account.name)
            index = by_code.get(code_key(target)) if target else None
            if index is None and temporary.is_left(account):
                index = by_name.get(name_key(temporary.name_before(account)))
            if index is not None and same_kind(self.entries[index], account):
                entry_of[account.account_id] = index
        return entry_of

    def _absent(self, assigned: Mapping[int, str], elsewhere: Collection[int]) -> set[int]:
        """Return the indexes of archived entries whose code no account will have after the plan.

        Entries in `assigned` and `elsewhere` have an account already, and are left out.
        """
        entry_of = {account_id: index for index, account_id in assigned.items()} | self.owner
        leaves = {a for a, index in entry_of.items() if _leaves(self.by_id[a], self.entries[index])}
        return {
            index
            for index, entry in self._unmatched()
            if entry.status == Status.ARCHIVED and index not in assigned and index not in elsewhere
            if leaves.issuperset(a.account_id for a in self._with_code(entry.code))
        }

    def _under_former_code(self, absent: Iterable[int]) -> dict[str, int]:
        """Map accounts with a former code of an `absent` entry to its index; see `_may_be_new`."""
        by_code = {code_key(entry.code): entry for _, entry in self._unmatched()}
        return {
            account.account_id: index
            for index in sorted(absent)
            for code in self.entries[index].previously
            if _may_be_new(by_code.get(code_key(code)), self.entries[index].code)
            for account in self._with_code(code)
        }

    def _check_deleted(self) -> None:
        """Reject an unmatched DELETED entry whose former code is now another entry's code."""
        by_code = {code_key(entry.code): entry for entry in self.entries if entry.code}
        for index, entry in self._unmatched():
            codes = sorted({*entry.previously, entry.code})
            accounts = [account for code in codes for account in self._with_code(code)]
            for code in entry.previously if entry.status == Status.DELETED else ():
                if other := by_code.get(code_key(code)):
                    found = ambiguities.deleted_former_code(entry, code, other, accounts)
                    self._problem(index, found)

    def _check_former_codes(self) -> None:
        """Record, or report, accounts that have an entry's former code but are not its account.

        An entry for a new account may not list the code of a pinned account in `previously`, unless
        it is inherited: a standard does not know which account has that code in these books.
        """
        pinned = self._codes_of_pinned()
        for index, entry in enumerate(self.entries):
            if entry.account_id or entry.system_account:
                continue
            own, by = self.found.get(index, (None, MatchedBy.NOTHING))
            if own is None and entry.status == Status.ACTIVE and not entry.inherited.file:
                for account in filter(None, (pinned.get(code_key(c)) for c in entry.previously)):
                    self._take(index, account, MatchedBy.PREVIOUSLY)
            exact = own is not None and self._same_name(index, own.account_id)
            for account in (a for code in entry.previously for a in self._with_code(code)):
                owner = self.owner.get(account.account_id)
                if owner == index or (owner is None and not exact):
                    continue
                if own is None or by is MatchedBy.CODE:
                    self.former[index] = account
                named = by is MatchedBy.CODE and self._same_name(index, account.account_id)
                if own is not None and named and not exact:
                    self._both_codes(index, [own.account_id, account.account_id])

    def _codes_of_pinned(self) -> dict[str, Account]:
        """Return the pinned accounts by the codes that they have, or are to have."""
        return {
            code_key(code): account
            for index, (account, by) in self.found.items()
            if by in (MatchedBy.ACCOUNT_ID, MatchedBy.SYSTEM_ACCOUNT)
            for code in (self.entries[index].code, account.code)
        }

    def _take_free(
        self, by: MatchedBy, find: Callable[[DesiredAccount], Iterable[Account]]
    ) -> None:
        """Match each unmatched entry to an account from `find` that was free before this call."""
        before = frozenset(self.owner)
        for index, entry in list(self._unmatched()):
            free = [a for a in find(entry) if a.account_id not in before and same_kind(entry, a)]
            self._take_only(index, self._likely(entry, free), by)

    def _unmatched(self) -> Iterator[tuple[int, DesiredAccount]]:
        """Yield index and entry of each entry without account, `account_id` or `system_account`."""
        for index, entry in enumerate(self.entries):
            if index not in self.found and not entry.account_id and not entry.system_account:
                yield index, entry

    def _take_only(self, index: int, accounts: list[Account], by: MatchedBy) -> None:
        if len(accounts) > 1:
            self._problem(index, ambiguities.ambiguous_account(self.entries[index], accounts))
        elif accounts:
            self._take(index, accounts[0], by)

    def _take(self, index: int, account: Account, by: MatchedBy) -> None:
        """Match the entry to the account; it is a problem if another entry has that account."""
        other = self.owner.get(account.account_id)
        if other is None:
            self.found[index] = (account, by)
            self.owner[account.account_id] = index
            return
        first, first_by = self.entries[other], self.found[other][1]
        self._problem(
            index, ambiguities.one_account_twice(self.entries[index], by, first, first_by, account)
        )

    def _both_codes(self, index: int, account_ids: Iterable[str]) -> None:
        accounts = [self.by_id[a] for a in account_ids]
        self._problem(index, ambiguities.both_codes_present(self.entries[index], accounts))

    def _problem(self, index: int, problem: Problem) -> None:
        where = how_to_override(self.entries[index], self.file)
        self.problems.append(replace(problem, hint=where + problem.hint))

    def _same_name(self, index: int, account_id: str) -> bool:
        name = self.entries[index].known_name
        return bool(name) and name_key(name) == name_key(self.by_id[account_id].name)


def _group(
    accounts: Iterable[Account], key_of: Callable[[Account], str]
) -> dict[str, list[Account]]:
    """Return the accounts by key, without those whose key is empty."""
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        if key := key_of(account):
            groups.setdefault(key, []).append(account)
    return groups


def _leaves(account: Account, entry: DesiredAccount) -> bool:
    moves = entry.code and code_key(entry.code) != code_key(account.code)
    return bool(moves) or entry.status == Status.DELETED


def _may_be_new(entry: DesiredAccount | None, code: str) -> bool:
    former = [code_key(before) for before in entry.previously] if entry else []
    return entry is None or (entry.status == Status.ACTIVE and code_key(code) not in former)


def same_kind(entry: DesiredAccount, account: Account) -> bool:
    """Whether both are bank accounts, or neither is. An entry without a type fits every account."""
    wanted = entry.text("type")
    return not wanted or (wanted == "BANK") == (account.type == "BANK")
