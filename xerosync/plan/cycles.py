"""A graph of who waits for whom → the fewest nodes to take out so that no circle is left.

Pure graph work on integers; nothing here knows an account. For one code moved at a time
a circle is a simple ring and any node will do; with codes and names moved together the
problem is minimum feedback vertex set, which is hard in general. A tangle is shrunk first,
by steps that do not change the answer (Levy and Low, 1988); what is left is solved exactly
up to `EXACT` nodes and well, not optimally, beyond.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping

Graph = Mapping[int, Iterable[int]]
"""Each node and the nodes that it waits for."""

EXACT = 32
"""Up to this many nodes in one shrunk tangle the answer is exact."""

_AT_ONCE = 200
"""In a larger one, one in so many nodes is taken at once, so that the time stays near linear."""


def breakers(graph: Graph) -> tuple[int, ...]:
    """Give the fewest nodes without which no circle is left, the lowest numbers first."""
    chosen: list[int] = []
    for group in circles(graph):
        members = set(group)
        chosen += _fewest(_Tangle({n: {o for o in graph[n] if o in members} for n in group}))
    return tuple(sorted(chosen))


def circles(graph: Graph) -> list[list[int]]:
    """Give the groups of nodes that each reach all others of their group, sorted.

    Nodes on no circle are in none (Tarjan, 1972; without recursion).
    """
    place: dict[int, int] = {}
    lowest: dict[int, int] = {}
    path: list[int] = []
    walk: list[tuple[int, Iterator[int]]] = []
    groups: list[list[int]] = []

    def enter(node: int) -> None:
        place[node] = lowest[node] = len(place)
        path.append(node)
        walk.append((node, iter(graph.get(node, ()))))

    for start in graph:
        if start not in place:
            enter(start)
        while walk:
            node, following = walk[-1]
            other = next(following, None)
            if other is None:
                walk.pop()
                if walk:
                    above = walk[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == place[node]:
                    groups.append(_leave(node, lowest, path))
            elif other not in place:
                enter(other)
            elif other in lowest:
                lowest[node] = min(lowest[node], place[other])
    return sorted(g for g in groups if len(g) > 1 or g[0] in graph[g[0]])


def _leave(node: int, lowest: dict[int, int], path: list[int]) -> list[int]:
    """Take a finished group off the path; `lowest` keeps only nodes that are on it."""
    group: list[int] = []
    while not group or group[-1] != node:
        group.append(path.pop())
        del lowest[group[-1]]
    return sorted(group)


class _Tangle:
    """A graph that shrinks: nodes go, or are bypassed, and what must go is told."""

    def __init__(self, after: dict[int, set[int]]) -> None:
        self.after = after
        self.before: dict[int, set[int]] = {node: set() for node in after}
        for node, around in after.items():
            for other in around:
                self.before[other].add(node)

    def copy(self) -> _Tangle:
        return _Tangle({node: set(around) for node, around in self.after.items()})

    def remove(self, node: int) -> set[int]:
        """Take a node out; gives its neighbours."""
        after, before = self.after.pop(node), self.before.pop(node)
        for other in after - {node}:
            self.before[other].discard(node)
        for other in before - {node}:
            self.after[other].discard(node)
        return (after | before) - {node}

    def bypass(self, node: int) -> set[int]:
        """Keep a node: whoever waits for it now waits for what it waits for."""
        after, before = self.after[node], self.before[node]
        around = self.remove(node)
        for one in before:
            self.after[one] |= after
        for other in after:
            self.before[other] |= before
        return around

    def shrink(self) -> list[int]:
        """Bypass each node with one way in or out; gives those that wait for themselves."""
        must: list[int] = []
        todo = sorted(self.after)
        while todo:
            node = todo.pop()
            if node not in self.after:
                continue
            if node in self.after[node]:
                must.append(node)
                todo += sorted(self.remove(node))
            elif len(self.after[node]) <= 1 or len(self.before[node]) <= 1:
                todo += sorted(self.bypass(node))
        return must

    def busiest(self, count: int = 1) -> list[int]:
        """Give the nodes on the most ways through; the lowest of equals first."""
        ways = {n: -len(around) * len(self.before[n]) for n, around in self.after.items()}
        return heapq.nsmallest(count, ways, key=lambda n: (ways[n], n))


def _fewest(tangle: _Tangle) -> list[int]:
    chosen = tangle.shrink()
    while len(tangle.after) > EXACT:
        for node in tangle.busiest(len(tangle.after) // _AT_ONCE + 1):
            tangle.remove(node)
            chosen.append(node)
        chosen += tangle.shrink()
    for budget in range(len(tangle.after)):
        found = _within(budget, tangle)
        if found is not None:
            return [*chosen, *found]
    return chosen


def _within(budget: int, tangle: _Tangle) -> list[int] | None:
    """Give at most `budget` nodes that break every circle of a shrunk tangle, if they do."""
    if not tangle.after:
        return []
    if budget == 0:
        return None
    (busiest,) = tangle.busiest()
    for keep in (False, True):
        rest = tangle.copy()
        chosen = [] if keep else [busiest]
        _ = rest.bypass(busiest) if keep else rest.remove(busiest)
        chosen += rest.shrink()
        found = _within(budget - len(chosen), rest) if len(chosen) <= budget else None
        if found is not None:
            return [*chosen, *found]
    return None
