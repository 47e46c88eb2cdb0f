"""Cycles of changes that wait for each other are broken, with few changes and none in vain."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync.plan.ordering import break_cycles

Waits = dict[int, set[int]]


def has_cycle(waits: Waits, without: set[int]) -> bool:
    left = {n: others - without for n, others in waits.items() if n not in without}
    while ends := [n for n, others in left.items() if not others & left.keys()]:
        for node in ends:
            del left[node]
    return bool(left)


def fewest(waits: Waits) -> int:
    return next(
        size
        for size in range(len(waits) + 1)
        if any(not has_cycle(waits, set(taken)) for taken in combinations(waits, size))
    )


def broken(waits: Waits) -> list[int]:
    return break_cycles(waits, dict.fromkeys(waits, 0))


@st.composite
def codes(draw: st.DrawFn, most: int = 8) -> Waits:
    """Return moves of codes: each change waits for one at most, and one waits for it at most."""
    size = draw(st.integers(1, most))
    after = draw(st.permutations(range(size)))
    moves = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    return {n: {after[n]} - {n} if moves[n] else set() for n in range(size)}


@st.composite
def codes_and_names(draw: st.DrawFn, most: int = 8) -> Waits:
    one, two = draw(codes(most)), draw(codes(most))
    return {n: one.get(n, set()) | two.get(n, set()) for n in {*one, *two}}


@given(codes() | codes_and_names(40))
def test_every_cycle_is_broken_and_no_change_is_chosen_needlessly(waits: Waits) -> None:
    taken = set(broken(waits))
    assert not has_cycle(waits, taken)
    assert all(has_cycle(waits, taken - {one}) for one in taken)


@given(codes())
def test_cycles_of_codes_are_broken_by_the_fewest_changes(waits: Waits) -> None:
    assert len(broken(waits)) == fewest(waits)


@given(codes_and_names())
def test_cycles_of_codes_and_names_are_broken_by_at_most_one_extra_change_each(
    waits: Waits,
) -> None:
    assert len(broken(waits)) <= 2 * fewest(waits)


def test_the_change_with_the_lowest_cost_breaks_a_cycle_and_then_the_first() -> None:
    cycle = {3: {5}, 5: {9}, 9: {3}}
    assert break_cycles(cycle, {3: 1, 5: 2, 9: 0}) == [9]
    assert break_cycles(cycle, {3: 1, 5: 1, 9: 1}) == [3]


def test_one_change_that_is_on_two_cycles_breaks_both() -> None:
    assert broken({0: {1}, 1: {0, 2}, 2: {1}}) == [1]


def test_a_change_is_not_chosen_when_a_later_one_breaks_its_cycles_too() -> None:
    assert broken({0: {1, 3}, 1: {0, 3}, 2: {0}, 3: {1}}) == [1]
    assert broken({0: {5}, 1: {2, 4}, 2: {3}, 3: {1, 4}, 4: {0, 2}, 5: {3}, 6: {0, 1}}) == [3]


def test_two_cycles_joined_by_a_path_are_broken_once_each() -> None:
    first = {n: {(n + 1) % 20} for n in range(20)}
    second = {n: {20 + (n + 1) % 20} for n in range(20, 40)}
    first[7] |= {33}
    one, two = broken(first | second)
    assert one < 20 <= two


@pytest.mark.parametrize("size", [2, 5_000])
def test_a_long_cycle_is_broken_once_without_recursion(size: int) -> None:
    assert broken({n: {(n + 1) % size} for n in range(size)}) == [0]


def test_a_long_chain_is_not_broken() -> None:
    assert broken({n: {n + 1} if n < 4_999 else set() for n in range(5_000)}) == []
