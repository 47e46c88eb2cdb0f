"""Codes with two candidates: decided where one assignment is best, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from xerosync.plan.matching.renumbering import assign

Shared = dict[str, tuple[int, ...]]
"""The entries that are candidates for each account."""


def candidates_of(shared: Shared) -> dict[int, list[str]]:
    candidates: dict[int, list[str]] = {}
    for account, entries in shared.items():
        for one in entries:
            candidates.setdefault(one, []).append(account)
    return candidates


def assignments(shared: Shared) -> Iterator[dict[int, str]]:
    """Every way to give each account to one of its candidates, no two to one."""
    for owners in product(*shared.values()):
        if len(set(owners)) == len(owners):
            yield dict(zip(owners, shared, strict=True))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Shared, frozenset[tuple[int, str]]]:
    """Accounts with one or two candidates each, and the pairs with the same name."""
    count = draw(st.integers(1, 5))
    shared: Shared = {}
    for place in range(draw(st.integers(1, 6))):
        one, two = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        shared[f"id-{place}"] = (one,) if one == two else (one, two)
    pairs = [(e, a) for a, entries in shared.items() for e in entries]
    same = draw(st.frozensets(st.sampled_from(pairs)))
    return shared, same


def connected(start: str, shared: Shared) -> set[str]:
    group, queue = {start}, [start]
    for one in queue:
        for other in shared:
            if other not in group and set(shared[other]) & set(shared[one]):
                group.add(other)
                queue.append(other)
    return group


@given(cases())
def test_the_result_is_the_one_best_assignment_or_an_error(
    case: tuple[Shared, frozenset[tuple[int, str]]],
) -> None:
    shared, same = case
    result = assign(candidates_of(shared), lambda e, a: (e, a) in same)
    undecided = {a for accounts in result.conflicts.values() for a in accounts}
    undecided |= {a for _, accounts in result.ambiguous for a in accounts}
    for account in shared:
        part = {a: shared[a] for a in connected(account, shared)}
        possible = list(assignments(part))
        names = [sum((e, a) in same for e, a in one.items()) for one in possible]
        best = [one for one, count in zip(possible, names, strict=True) if count == max(names)]
        mine = {e: a for e, a in result.accounts.items() if a in part}
        if undecided & set(part):
            assert len(best) != 1
        else:
            assert best == [mine]


def test_a_certain_match_removes_its_entry_from_other_accounts() -> None:
    chain = assign({0: ["a"], 1: ["b", "a"]}, lambda _e, _a: False)
    assert chain.accounts == {0: "a", 1: "b"}
    assert not chain.conflicts
    assert not chain.ambiguous


def test_a_chain_of_thousands_is_decided_without_recursion() -> None:
    size = 5000
    decided = {n: [f"id-{n}", f"id-{n + 1}"] for n in range(size)} | {size: [f"id-{size}"]}
    result = assign(decided, lambda _e, _a: False)
    assert result.accounts == {n: f"id-{n}" for n in range(size + 1)}
    by_name = {n: [f"id-{n - 1}", f"id-{n}"] for n in range(1, size)}
    by_name |= {0: ["id-0"], size: [f"id-{size - 1}"]}
    result = assign(by_name, lambda e, a: a == f"id-{e - 1}")
    assert result.accounts == {n: f"id-{n - 1}" for n in range(1, size + 1)}
