"""Decide which entry gets which account when accounts are renumbered.

An entry is a candidate for the account with its code, and for the accounts with its former codes
(`previously`). An account has at most two candidates. Each account must go to one entry, and no
entry may get two accounts. If several assignments are possible, the one in which the most accounts
keep their names is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Candidates = Mapping[int, Iterable[str]]
"""The accounts (by id) that each entry (by index) may get."""

SameName = Callable[[int, str], bool]
"""Whether an entry (by index) has the name of an account (by id)."""


@dataclass(slots=True)
class Assignment:
    """The account of each entry, and what could not be decided.

    `conflicts` has the entries that would get several accounts, and these accounts. `ambiguous` has
    groups of entries with several best assignments, and the accounts of each group.
    """

    accounts: dict[int, str] = field(default_factory=dict)
    conflicts: dict[int, list[str]] = field(default_factory=dict)
    ambiguous: list[tuple[list[int], list[str]]] = field(default_factory=list)


def assign(candidates: Candidates, same_name: SameName) -> Assignment:
    """Return which entry gets which account, and what could not be decided."""
    entries_of: dict[str, list[int]] = {}
    for entry, accounts in candidates.items():
        for account in accounts:
            entries_of.setdefault(account, []).append(entry)
    result = Assignment()
    _assign_certain(candidates, entries_of, result)
    for group in _groups(entries_of):
        if len(group.spare) > 1:
            for entry in group.entries:
                result.conflicts[entry] = [a for a in group.accounts if entry in entries_of[a]]
            continue
        best = _best(group, entries_of, same_name)
        if len(best) == 1:
            result.accounts |= best[0]
        else:
            result.ambiguous.append((sorted(group.entries), group.accounts))
    return result


def _assign_certain(
    candidates: Candidates, entries_of: dict[str, list[int]], result: Assignment
) -> None:
    """Assign the accounts that have one candidate, and remove them from `entries_of`.

    An entry that gets an account is no longer a candidate for other accounts. If another account
    then has one candidate left, it is assigned, too. If it has none left, there is a conflict.
    """
    certain = [account for account, entries in entries_of.items() if len(entries) == 1]
    while certain:
        account = certain.pop()
        if account not in entries_of:
            continue
        (entry,) = entries_of.pop(account)
        result.accounts[entry] = account
        for other in candidates[entry]:
            if other not in entries_of:
                continue
            entries_of[other].remove(entry)
            if entries_of[other]:
                certain.append(other)
            else:
                del entries_of[other]
                result.conflicts.setdefault(entry, [account]).append(other)


@dataclass(slots=True)
class _Group:
    """Entries that are connected by shared accounts. They form a tree; the first entry is its root.

    `parents` has the parent of each entry but the root, and the account that the two share. `spare`
    has the group's accounts that are not in the tree. If it is empty, one entry gets no account.
    """

    entries: list[int]
    parents: dict[int, tuple[int, str]] = field(default_factory=dict)
    spare: list[str] = field(default_factory=list)

    @property
    def accounts(self) -> list[str]:
        return [*(account for _, account in self.parents.values()), *self.spare]


def _groups(entries_of: Mapping[str, list[int]]) -> Iterator[_Group]:
    """Yield the groups of entries. Every account in `entries_of` must have two candidates."""
    accounts_of: dict[int, list[str]] = {}
    for account, entries in entries_of.items():
        for entry in entries:
            accounts_of.setdefault(entry, []).append(account)
    seen: set[int | str] = set()
    for start in accounts_of:
        if start in seen:
            continue
        seen.add(start)
        group = _Group([start])
        for entry in group.entries:
            for account in accounts_of[entry]:
                if account in seen:
                    continue
                seen.add(account)
                one, two = entries_of[account]
                other = two if one == entry else one
                if other in seen:
                    group.spare.append(account)
                else:
                    seen.add(other)
                    group.entries.append(other)
                    group.parents[other] = (entry, account)
        yield group


def _best(
    group: _Group, entries_of: Mapping[str, list[int]], same_name: SameName
) -> list[dict[int, str]]:
    """Return at most two of the assignments in which the most accounts keep their names.

    In each assignment, one entry gets no account of the tree: it gets the spare account, or none.
    The choice of this entry determines what all other entries get.
    """
    names = {group.entries[0]: sum(same_name(e, a) for e, (_, a) in group.parents.items())}
    for entry, (parent, account) in group.parents.items():
        names[entry] = names[parent] - same_name(entry, account) + same_name(parent, account)
    if group.spare:
        (spare,) = group.spare
        names = {entry: names[entry] + same_name(entry, spare) for entry in entries_of[spare]}
    most = max(names.values())
    without = [entry for entry, count in names.items() if count == most]
    return [_without(entry, group) for entry in without[:2]]


def _without(entry: int, group: _Group) -> dict[int, str]:
    """Return the assignment in which an entry gets no account of the tree."""
    accounts = {child: account for child, (_, account) in group.parents.items()}
    accounts.pop(entry, None)
    for spare in group.spare:
        accounts[entry] = spare
    while entry in group.parents:
        entry, account = group.parents[entry]
        accounts[entry] = account
    return accounts
