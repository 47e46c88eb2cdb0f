"""Codes claimed twice: settled where there is one best reading, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from xerosync.plan.renumbering import settle

Edges = dict[str, tuple[int, ...]]


def claims_of(edges: Edges) -> dict[int, list[str]]:
    claims: dict[int, list[str]] = {}
    for account, entries in edges.items():
        for one in entries:
            claims.setdefault(one, []).append(account)
    return claims


def readings(edges: Edges) -> Iterator[dict[int, str]]:
    """Every way to give each account to one of its claimants, no two to one."""
    for owners in product(*edges.values()):
        if len(set(owners)) == len(owners):
            yield dict(zip(owners, edges, strict=True))


@st.composite
def tangles(draw: st.DrawFn) -> tuple[Edges, frozenset[tuple[int, str]]]:
    """Give accounts with one or two claimants each, and where names are the same."""
    count = draw(st.integers(1, 5))
    edges: Edges = {}
    for place in range(draw(st.integers(1, 6))):
        one, two = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        edges[f"id-{place}"] = (one,) if one == two else (one, two)
    pairs = [(e, a) for a, entries in edges.items() for e in entries]
    same = draw(st.frozensets(st.sampled_from(pairs)))
    return edges, same


def component(start: str, edges: Edges) -> set[str]:
    group, queue = {start}, [start]
    for one in queue:
        for other in edges:
            if other not in group and set(edges[other]) & set(edges[one]):
                group.add(other)
                queue.append(other)
    return group


@given(tangles())
def test_the_settlement_is_the_one_best_reading_or_an_error(
    tangle: tuple[Edges, frozenset[tuple[int, str]]],
) -> None:
    edges, same = tangle
    settlement = settle(claims_of(edges), lambda e, a: (e, a) in same)
    troubled = {a for accounts in settlement.both.values() for a in accounts}
    troubled |= {a for _, accounts in settlement.ambiguous for a in accounts}
    for account in edges:
        part = {a: edges[a] for a in component(account, edges)}
        ways = list(readings(part))
        scores = [sum((e, a) in same for e, a in way.items()) for way in ways]
        best = [way for way, score in zip(ways, scores, strict=True) if score == max(scores)]
        mine = {e: a for e, a in settlement.owners.items() if a in part}
        if troubled & set(part):
            assert len(best) != 1
        else:
            assert best == [mine]


def test_a_claim_of_one_settles_its_neighbours() -> None:
    settlement = settle({0: ["a"], 1: ["a", "b"], 2: ["b", "c"]}, lambda _e, _a: False)
    assert not settlement.both
    assert not settlement.ambiguous or settlement.owners == {}
    chain = settle({0: ["a"], 1: ["b", "a"]}, lambda _e, _a: False)
    assert chain.owners == {0: "a", 1: "b"}


def test_thousands_of_claims_in_one_chain_are_settled_in_one_go() -> None:
    size = 5000
    claims = {n: [f"id-{n}", f"id-{n + 1}"] for n in range(size)} | {size: [f"id-{size}"]}
    settlement = settle(claims, lambda _e, _a: False)
    assert settlement.owners == {n: f"id-{n}" for n in range(size + 1)}
