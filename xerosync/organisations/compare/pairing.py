"""Find the account of each entry of a standard, for a comparison.

The account of an entry is found by the first of these:

1. the account_id, or else the role of a system account;
2. the code and the name, or else a former code and the name;
3. the name and the class;
4. a present or former code and the class, if the names share a word or the entry has no name.

Steps 2 to 4 are all tried with the active accounts before any is tried with the archived ones. They
leave out entries with a role, unless the accounts are from a CSV. The result is only shown:
`plan/matching` finds the accounts to write to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from xerosync.desired import DesiredAccount
from xerosync.model import Account, Status, class_of, code_key, name_key
from xerosync.plan.matching.shared_words import share_a_word

_code_key = lru_cache(maxsize=4096)(code_key)
_name_key = lru_cache(maxsize=4096)(name_key)


def pair(
    entries: Sequence[DesiredAccount], accounts: Iterable[Account], *, roles: bool = True
) -> dict[int, Account]:
    """Return the account of each entry that has one, by the index of the entry.

    No two entries share an account. `roles` is False for accounts of a CSV, which may lack roles.
    """
    pairer = _Pairer(entries, accounts, roles=roles)
    for step in (pairer.by_id, pairer.by_role):
        pairer.take(step)
    for status in (True, False):
        for step in (
            pairer.by_code_and_name,
            pairer.by_former_code_and_name,
            pairer.by_name,
            pairer.by_code,
        ):
            pairer.take(step, active=status)
    return pairer.found


class _Pairer:
    """The accounts that are still free, and what was found so far."""

    def __init__(
        self, entries: Sequence[DesiredAccount], accounts: Iterable[Account], *, roles: bool
    ) -> None:
        self._entries = entries
        self._roles = roles
        self._free = {account.account_id: account for account in accounts}
        self._by_code: dict[str, list[Account]] = {}
        self._by_name: dict[str, list[Account]] = {}
        self._by_role: dict[str, list[Account]] = {}
        for account in self._free.values():
            self._by_code.setdefault(_code_key(account.code), []).append(account)
            self._by_name.setdefault(_name_key(account.name), []).append(account)
            self._by_role.setdefault(account.system_account, []).append(account)
        self.found: dict[int, Account] = {}

    def take(
        self, find: Callable[[DesiredAccount], Iterable[Account]], *, active: bool | None = None
    ) -> None:
        """Pair each entry that has no account with the first free one that `find` yields.

        `active` limits this to active accounts (True) or to other accounts (False). If it is not
        None, entries with a role are passed over, unless the accounts are from a CSV.
        """
        for number, entry in enumerate(self._entries):
            if number in self.found:
                continue
            if active is not None and self._roles and entry.system_account:
                continue  # an entry with a role is found by its id or role, or not at all
            for account in find(entry):
                right = active is None or (account.status == Status.ACTIVE) is active
                if right and account.account_id in self._free:
                    self.found[number] = self._free.pop(account.account_id)
                    break

    def by_id(self, entry: DesiredAccount) -> Iterator[Account]:
        found = self._free.get(entry.account_id) if entry.account_id else None
        if found:
            yield found

    def by_role(self, entry: DesiredAccount) -> Iterable[Account]:
        return self._by_role.get(entry.system_account, ()) if entry.system_account else ()

    def by_code_and_name(self, entry: DesiredAccount) -> Iterator[Account]:
        for code, name in _labels(entry):
            if code and name:
                yield from (a for a in self._with_name(name) if _code_key(a.code) == code)

    def by_former_code_and_name(self, entry: DesiredAccount) -> Iterator[Account]:
        former = {*map(_code_key, entry.previously)} | {code for code, _ in _labels(entry)}
        for _, name in _labels(entry):
            yield from (a for a in self._with_name(name) if _code_key(a.code) in former)

    def by_name(self, entry: DesiredAccount) -> Iterator[Account]:
        for _, name in _labels(entry):
            yield from (a for a in self._with_name(name) if _same_class(entry, a))

    def by_code(self, entry: DesiredAccount) -> Iterator[Account]:
        names = {entry.known_name, *(name for _, name in entry.overridden)} - {""}
        codes = [code for code, _ in _labels(entry)]
        for code in dict.fromkeys((*codes, *map(_code_key, entry.previously))):
            for account in self._by_code.get(code, ()) if code else ():
                known = any(share_a_word(name, account.name) for name in names) or not names
                if account.account_id in self._free and known and _same_class(entry, account):
                    yield account

    def _with_name(self, name: str) -> Iterable[Account]:
        return self._by_name.get(name, ()) if name else ()


def _labels(entry: DesiredAccount) -> list[tuple[str, str]]:
    own = (_code_key(entry.code), _name_key(entry.known_name))
    return [own, *((_code_key(code), _name_key(name)) for code, name in entry.overridden)]


def _same_class(entry: DesiredAccount, account: Account) -> bool:
    wanted = class_of(entry.text("type"))
    found = class_of(account.type, account.account_class)
    return not wanted or not found or wanted == found
