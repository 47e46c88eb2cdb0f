"""A graph of who waits for whom → the fewest nodes to take out so that no circle is left.

Pure graph work on integers; nothing here knows an account. For one code moved at a time
a circle is a simple ring and any node will do; with codes and names moved together the
problem is minimum feedback vertex set, which is hard in general: it is solved exactly for
groups of up to `EXACT` nodes and well, not optimally, beyond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

Graph = Mapping[int, Iterable[int]]
"""Each node and the nodes that it waits for."""

EXACT = 14
"""Up to this many nodes in one tangle the answer is exact (at most 2^14 tries)."""


def tangles(graph: Graph) -> list[list[int]]:
    """Give the groups of nodes that hang together through circles, each sorted.

    Nodes that wait for nothing, or that nothing waits for, are on no circle: they are
    taken away until none is left.
    """
    waits = {node: set(around) for node, around in graph.items()}
    waited: dict[int, set[int]] = {}
    for node, around in waits.items():
        for other in around:
            waited.setdefault(other, set()).add(node)
    loose = [node for node in waits if not waits[node] or not waited.get(node)]
    while loose:
        node = loose.pop()
        for other in waits.pop(node, ()):
            waited[other].discard(node)
            if not waited[other] and other in waits:
                loose.append(other)
        for other in waited.pop(node, ()):
            waits[other].discard(node)
            if not waits[other]:
                loose.append(other)
    return _connected({node: [*around, *waited[node]] for node, around in waits.items()})


def _connected(around: Mapping[int, Iterable[int]]) -> list[list[int]]:
    seen: set[int] = set()
    groups = []
    for start in around:
        if start in seen:
            continue
        seen.add(start)
        group = [start]
        for node in group:
            fresh = [other for other in around[node] if other not in seen]
            seen.update(fresh)
            group += dict.fromkeys(fresh)
        groups.append(sorted(group))
    return groups


def breakers(graph: Graph) -> tuple[int, ...]:
    """Give the fewest nodes without which no circle is left, the lowest numbers first."""
    chosen: list[int] = []
    for group in tangles(graph):
        members = set(group)
        inside = {node: [o for o in graph[node] if o in members] for node in group}
        chosen += _ring(inside) or _exact(inside) or _greedy(inside)
    return tuple(sorted(chosen))


def _ring(graph: Mapping[int, Sequence[int]]) -> list[int]:
    """Give one node of a simple ring; nothing for a tangle."""
    return [min(graph)] if all(len(following) == 1 for following in graph.values()) else []


def _exact(graph: Mapping[int, Sequence[int]]) -> list[int]:
    if len(graph) > EXACT:
        return []
    for size in range(1, len(graph)):
        for taken in combinations(sorted(graph), size):
            if not tangles(_without(graph, taken)):
                return list(taken)
    return []


def _greedy(graph: Mapping[int, Sequence[int]]) -> list[int]:
    """Take out the busiest node again and again, then put back what proves needless."""
    chosen: list[int] = []
    rest: Mapping[int, Sequence[int]] = graph
    while groups := tangles(rest):
        tangle = set(groups[0])
        waited_for = dict.fromkeys(tangle, 0)
        for node in tangle:
            for other in rest[node]:
                if other in tangle:
                    waited_for[other] += 1
        busiest = max(
            sorted(tangle),
            key=lambda n: waited_for[n] * sum(o in tangle for o in rest[n]),
        )
        chosen.append(busiest)
        rest = _without(rest, (busiest,))
    for node in list(chosen):
        others = [n for n in chosen if n != node]
        if not tangles(_without(graph, others)):
            chosen = others
    return chosen


def _without(
    graph: Mapping[int, Sequence[int]], taken: Iterable[int]
) -> Mapping[int, Sequence[int]]:
    gone = set(taken)
    return {n: [o for o in around if o not in gone] for n, around in graph.items() if n not in gone}
