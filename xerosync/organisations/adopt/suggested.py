"""Suggest which account of the standard an existing account is, and on what grounds.

In one organisation, no two accounts get the same suggestion; the surest grounds come first. A code
alone suggests nothing: in many books, another account has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xerosync.desired import DesiredAccount, Source
from xerosync.model import Account, Status, code_key, name_key
from xerosync.organisations.adopt.adoption import (
    Grounds,
    Joining,
    class_of_account,
    class_of_entry,
    is_archived,
)
from xerosync.plan.matching.shared_words import share_a_word

Near = Callable[[str, Sequence[str]], Mapping[int, float]]
"""Returns how similar a name is to each name of a list, by position; 1 is the most similar.

Names that are not similar are left out.
"""

_AHEAD = 0.08
"""How much more similar the suggested entry must be than the second best."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An account, and the entry of the standard that it seems to be.

    `entry` is None if none is suggested, or if the file has an entry of its own for the account.
    """

    account: Account
    grounds: Grounds = Grounds.OPEN
    entry: DesiredAccount | None = None


def suggest(joining: Joining, near: Near) -> tuple[Suggestion, ...]:
    """Return a suggestion for each account that may be one of the standard's.

    Bank accounts are always the organisation's own. Archived accounts count only if they have a
    code or a name of the standard.
    """
    search = _Search(joining)
    search.settled()
    search.by_role()
    search.equal(Grounds.CODE_AND_NAME, lambda one: (code_key(one.code), name_key(_name(one))))
    search.equal(Grounds.NAME, lambda one: (name_key(_name(one)),))
    search.near(near, Grounds.SPELLING)
    search.near(near, Grounds.NEAR)
    return tuple(search.suggestions())


def _name(one: Account | DesiredAccount) -> str:
    return one.name if isinstance(one, Account) else one.known_name


class _Search:
    def __init__(self, joining: Joining) -> None:
        self._joining = joining
        self._entries = {
            entry.inherited: entry
            for entry in joining.standard
            if entry.inherited not in joining.omitted
        }
        held = {key for entry in self._entries.values() for key in _keys(entry)}
        self._accounts = [
            account
            for account in joining.accounts
            if account.type != "BANK"
            and (
                account.status == Status.ACTIVE
                or (is_archived(account) and not held.isdisjoint(_keys(account)))
            )
        ]
        self._codes = {code_key(entry.code) for entry in joining.standard} - {""}
        self._found: dict[str, Suggestion] = {}

    def suggestions(self) -> Iterable[Suggestion]:
        """Yield what was found, and an open suggestion for each other account without a role."""
        for account in self._accounts:
            found = self._found.get(account.account_id)
            if found or not account.system_account:
                yield found or Suggestion(account)

    def settled(self) -> None:
        for account in self._accounts:
            known = self._joining.settled.get(account.account_id)
            if known:
                self._take(account, known.entry, Grounds.DECIDED)

    def by_role(self) -> None:
        entries = {e.system_account: e for e in self._entries.values() if e.system_account}
        for account in self._free():
            if account.system_account in entries:
                self._take(account, entries[account.system_account], Grounds.ROLE)

    def equal(self, grounds: Grounds, key: Callable[[Account | DesiredAccount], object]) -> None:
        """Suggest the only entry with an account's key and class, unless two accounts have the key.

        `key` returns the key, such as the name. Archived accounts count if no active one has it.
        """
        entries: dict[object, list[DesiredAccount]] = {}
        for entry in self._ordinary():
            entries.setdefault(key(entry), []).append(entry)
        accounts: dict[object, list[Account]] = {}
        for account in sorted(self._free(), key=is_archived):
            accounts.setdefault(key(account), []).append(account)
        for value, its in accounts.items():
            active = [a for a in its if not is_archived(a)] or its
            fits = [e for e in entries.get(value, ()) if _same_class(active[0], e)]
            if len(active) == len(fits) == 1:
                self._take(active[0], fits[0], grounds)

    def near(self, near: Near, grounds: Grounds) -> None:
        """Suggest, for each active account without a role, the entry with the most similar name.

        No other account or entry may be about as similar. Except for `Grounds.NEAR`, the score must
        be 1. If it is less, the names must share a word, and the code must not be another entry's.
        """
        entries = list(self._ordinary())
        names = [entry.known_name for entry in entries]
        likely: list[tuple[float, Account, DesiredAccount]] = []
        for account in self._free():
            if is_archived(account) or account.system_account:
                continue
            scores = {
                place: score
                for place, score in near(account.name, names).items()
                if _same_class(account, entries[place])
                and (score == 1 or grounds is Grounds.NEAR)
                and (score == 1 or self._may_be(account, entries[place]))
            }
            best = sorted(scores, key=lambda place: (-scores[place], place))[:2]
            if best and (len(best) == 1 or scores[best[0]] - scores[best[1]] >= _AHEAD):
                likely.append((scores[best[0]], account, entries[best[0]]))
        most: dict[Source, float] = {}
        for score, _, entry in likely:
            most[entry.inherited] = max(score, most.get(entry.inherited, 0))
        for score, account, entry in likely:
            rivals = [s for s, _, e in likely if e is entry and most[entry.inherited] - s < _AHEAD]
            if score == most[entry.inherited] and len(rivals) == 1:
                self._take(account, entry, grounds)

    def _may_be(self, account: Account, entry: DesiredAccount) -> bool:
        code = code_key(account.code)
        fits = code not in self._codes or code == code_key(entry.code)
        return fits and share_a_word(account.name, entry.known_name)

    def _free(self) -> list[Account]:
        return [a for a in self._accounts if a.account_id not in self._found]

    def _ordinary(self) -> Iterable[DesiredAccount]:
        return (entry for entry in self._entries.values() if not entry.system_account)

    def _take(self, account: Account, entry: DesiredAccount | None, grounds: Grounds) -> None:
        self._found[account.account_id] = Suggestion(account, grounds, entry)
        if entry:
            self._entries.pop(entry.inherited, None)


def _keys(one: Account | DesiredAccount) -> set[tuple[str, str]]:
    keys = {("code", code_key(one.code)), ("name", name_key(_name(one)))}
    return {key for key in keys if key[1]}


def _same_class(account: Account, entry: DesiredAccount) -> bool:
    return class_of_entry(entry) in ("", class_of_account(account))
