"""Who claims which account by code → who gets it: the puzzle of renumberings, solved.

An entry claims the account under its code, and the accounts under the codes it had
`previously`; an account is claimed by at most two entries so. Each claimed account must
go to one entry, and no entry gets two: a renumbering is done or still to do, never half.
Seen as a graph (entries are nodes, accounts are edges), each edge is turned to one of its
ends. What has one reading is settled by that alone; where there are several, the number
of accounts that keep their name decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Claims = Mapping[int, Iterable[str]]
"""The entries (by index) and the accounts (by id) that each claims."""

SameName = Callable[[int, str], bool]
"""Whether an entry's name is the account's name."""


@dataclass(slots=True)
class Settlement:
    """What came of the claims.

    `owners` gives each entry its account. `both` are entries with two accounts where there
    is room for one. `ambiguous` are groups of entries with more than one good reading, with
    the accounts they claim.
    """

    owners: dict[int, str] = field(default_factory=dict)
    both: dict[int, list[str]] = field(default_factory=dict)
    ambiguous: list[tuple[list[int], list[str]]] = field(default_factory=list)


def settle(claims: Claims, same_name: SameName) -> Settlement:
    """Give every claimed account to one entry, or say why that cannot be done."""
    claimants: dict[str, list[int]] = {}
    for entry, accounts in claims.items():
        for account in accounts:
            claimants.setdefault(account, []).append(entry)
    result = Settlement()
    _settle_plain(claims, claimants, result)
    for accounts in _components(claimants):
        edges = {a: claimants[a] for a in accounts}
        entries = sorted({e for pair in edges.values() for e in pair})
        if len(entries) < len(edges):
            for entry in entries:
                result.both[entry] = [a for a in accounts if entry in edges[a]]
            continue
        readings = (
            _readings_of_tree(edges, entries, same_name)
            if len(entries) > len(edges)
            else _readings_of_ring(edges, entries, same_name)
        )
        if len(readings) == 1:
            result.owners |= readings[0]
        else:
            result.ambiguous.append((entries, accounts))
    return result


def _settle_plain(claims: Claims, claimants: dict[str, list[int]], result: Settlement) -> None:
    """Settle, and take out of `claimants`, all that one claim alone decides."""
    alone = [account for account, entries in claimants.items() if len(entries) == 1]
    while alone:
        account = alone.pop()
        entries = claimants.pop(account, [])
        if not entries:
            continue
        entry = entries[0]
        result.owners[entry] = account
        for other in claims[entry]:
            if other not in claimants:
                continue
            claimants[other].remove(entry)
            if len(claimants[other]) == 1:
                alone.append(other)
            elif not claimants[other]:
                del claimants[other]
                result.both.setdefault(entry, [account]).append(other)


def _components(claimants: Mapping[str, list[int]]) -> list[list[str]]:
    """Group the accounts that hang together through entries."""
    claimed: dict[int, list[str]] = {}
    for account, entries in claimants.items():
        for entry in entries:
            claimed.setdefault(entry, []).append(account)
    seen: set[str] = set()
    groups = []
    for start in claimants:
        if start in seen:
            continue
        seen.add(start)
        group = [start]
        for account in group:
            for entry in claimants[account]:
                for other in claimed[entry]:
                    if other not in seen:
                        seen.add(other)
                        group.append(other)
        groups.append(group)
    return groups


def _neighbours(edges: Mapping[str, list[int]]) -> dict[int, list[tuple[int, str]]]:
    around: dict[int, list[tuple[int, str]]] = {}
    for account, (one, two) in edges.items():
        around.setdefault(one, []).append((two, account))
        around.setdefault(two, []).append((one, account))
    return around


def _away_from(root: int, around: Mapping[int, list[tuple[int, str]]]) -> dict[int, str]:
    """Give each account of a tree to its end that is farther from the root."""
    owners: dict[int, str] = {}
    queue = [root]
    for entry in queue:
        for other, account in around[entry]:
            if other != root and other not in owners and owners.get(entry) != account:
                owners[other] = account
                queue.append(other)
    return owners


def _readings_of_tree(
    edges: Mapping[str, list[int]], entries: list[int], same: SameName
) -> list[dict[int, str]]:
    """Give the best readings (two at most) where one entry gets nothing: it is a create."""
    around = _neighbours(edges)
    root = entries[0]
    score = {root: sum(same(e, a) for e, a in _away_from(root, around).items())}
    queue = [root]
    for entry in queue:
        for other, account in around[entry]:
            if other not in score:
                score[other] = score[entry] - same(other, account) + same(entry, account)
                queue.append(other)
    best = max(score.values())
    roots = [entry for entry in entries if score[entry] == best][:2]
    return [_away_from(entry, around) for entry in roots]


def _readings_of_ring(
    edges: Mapping[str, list[int]], entries: list[int], same: SameName
) -> list[dict[int, str]]:
    """Give the best readings where every entry gets an account: two ways round one ring."""
    around = _neighbours(edges)
    degree = {entry: len(around[entry]) for entry in entries}
    owners: dict[int, str] = {}
    used: set[str] = set()
    ends = [entry for entry in entries if degree[entry] == 1]
    while ends:
        entry = ends.pop()
        other, account = next((o, a) for o, a in around[entry] if a not in used)
        owners[entry] = account
        used.add(account)
        degree[other] -= 1
        if degree[other] == 1:
            ends.append(other)
    ring = [entry for entry in entries if entry not in owners]
    ways = [{**owners, **_round(ring[0], first, around, used)} for first in (0, 1)]
    scores = [sum(same(e, a) for e, a in way.items()) for way in ways]
    return [way for way, score in zip(ways, scores, strict=True) if score == max(scores)]


def _round(
    start: int, first: int, around: Mapping[int, list[tuple[int, str]]], used: set[str]
) -> dict[int, str]:
    """Walk once round the ring from `start`, giving each entry the account it leaves by."""
    owners: dict[int, str] = {}
    entry, account = start, [a for _, a in around[start] if a not in used][first]
    while entry not in owners:
        owners[entry] = account
        entry = next(o for o, a in around[entry] if a == account)
        account = next((a for _, a in around[entry] if a not in used and a != account), "")
    return owners
