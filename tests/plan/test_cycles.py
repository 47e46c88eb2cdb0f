"""The fewest nodes to take out of a graph so that no circle is left."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync.plan import cycles
from xerosync.plan.cycles import breakers, circles

Graph = dict[int, set[int]]


def has_circle(graph: Graph, without: set[int]) -> bool:
    left = {n: {o for o in around if o not in without} for n, around in graph.items()}
    left = {n: around for n, around in left.items() if n not in without}
    while ends := [n for n, around in left.items() if not around & left.keys()]:
        for node in ends:
            del left[node]
    return bool(left)


def fewest(graph: Graph) -> int:
    return next(
        size
        for size in range(len(graph) + 1)
        if any(not has_circle(graph, set(taken)) for taken in combinations(graph, size))
    )


@st.composite
def graphs(draw: st.DrawFn, most: int = 8) -> Graph:
    nodes = range(draw(st.integers(1, most)))
    edges = draw(st.sets(st.tuples(st.sampled_from(nodes), st.sampled_from(nodes)), max_size=20))
    return {n: {there for here, there in edges if here == n} for n in nodes}


@st.composite
def codes_and_names(draw: st.DrawFn, most: int = 9) -> Graph:
    """Give what moves of codes and names look like: each node has two ways in and out."""
    size = draw(st.integers(2, most))
    one, two = draw(st.permutations(range(size))), draw(st.permutations(range(size)))
    return {n: {one[n], two[n]} - {n} for n in range(size)}


@given(graphs() | codes_and_names())
def test_no_circle_is_left_and_no_fewer_nodes_would_do(graph: Graph) -> None:
    chosen = breakers(graph)
    assert not has_circle(graph, set(chosen))
    assert len(chosen) == fewest(graph)


@given(codes_and_names(40))
def test_beyond_what_is_exact_no_circle_is_left_either(graph: Graph) -> None:
    exact = cycles.EXACT
    try:
        cycles.EXACT = 2
        chosen = breakers(graph)
    finally:
        cycles.EXACT = exact
    assert not has_circle(graph, set(chosen))
    assert len(set(chosen)) == len(chosen)


@given(graphs())
def test_each_group_is_what_reaches_each_other(graph: Graph) -> None:
    def reached(start: int) -> set[int]:
        seen: set[int] = set()
        queue = [start]
        while queue:
            for other in graph[queue.pop()] - seen:
                seen.add(other)
                queue.append(other)
        return seen

    reach = {n: reached(n) for n in graph}
    expected = {tuple(sorted(o for o in reach[n] if n in reach[o])) for n in graph if n in reach[n]}
    assert {tuple(group) for group in circles(graph)} == expected


def test_of_a_ring_the_lowest_number_is_chosen() -> None:
    assert breakers({3: {5}, 5: {9}, 9: {3}}) == (3,)


def test_two_rings_joined_by_a_path_are_two_problems() -> None:
    first = {n: {(n + 1) % 20} for n in range(20)}
    second = {n: {20 + (n + 1) % 20} for n in range(20, 40)}
    first[7] |= {33}
    assert breakers(first | second) == (0, 20)


@pytest.mark.parametrize("size", [2, 10_000])
def test_a_long_ring_needs_one_and_no_recursion(size: int) -> None:
    assert breakers({n: {(n + 1) % size} for n in range(size)}) == (0,)


def test_a_long_chain_needs_none() -> None:
    assert breakers({n: {n + 1} if n < 9_999 else set() for n in range(10_000)}) == ()
