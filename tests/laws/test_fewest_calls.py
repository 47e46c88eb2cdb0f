"""Few calls: for codes alone the least possible, for codes and names nearly so.

The least is found by searching all orders of calls.
"""

from __future__ import annotations

from builders import account, chart, entry, wanted
from hypothesis import given
from hypothesis import strategies as st

from laws.search import fewest_calls
from xerosync.desired import DesiredChart
from xerosync.plan.build import build
from xerosync.plan.plan import Plan


def moves(count: int, size: int) -> st.SearchStrategy[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the codes or names of `count` accounts before and after, out of `size`."""
    places = st.permutations([str(n) for n in range(1, size + 1)])
    return st.tuples(places, places).map(lambda p: (tuple(p[0][:count]), tuple(p[1][:count])))


def plan_of(before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...]) -> Plan:
    current = chart(
        *(account(code, name, account_id=f"id-{n}") for n, (code, name) in enumerate(before))
    )
    desired: DesiredChart = wanted(
        *(entry(code, name, account_id=f"id-{n}") for n, (code, name) in enumerate(after))
    )
    plan = build(current, desired)
    assert not plan.blocked
    return plan


@given(st.integers(1, 6).flatmap(lambda count: moves(count, count + 1)))
def test_codes_are_moved_in_the_fewest_calls(codes: tuple[tuple[str, ...], ...]) -> None:
    before, after = codes
    names = [f"Account {n}" for n in range(len(before))]
    plan = plan_of(tuple(zip(before, names, strict=True)), tuple(zip(after, names, strict=True)))
    start, goal = tuple((c,) for c in before), tuple((c,) for c in after)
    assert len(plan.steps) == fewest_calls(start, goal)


@given(st.integers(2, 5).flatmap(lambda n: st.tuples(moves(n, n), moves(n, n))))
def test_codes_and_names_are_moved_in_at_most_one_extra_call_per_cycle(
    codes_and_names: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...],
) -> None:
    (codes, new_codes), (names, new_names) = codes_and_names
    before = tuple(zip(codes, names, strict=True))
    after = tuple(zip(new_codes, new_names, strict=True))
    plan = plan_of(before, after)
    cycles = fewest_calls(before, after) - len(plan.changes)
    assert cycles <= len(plan.steps) - len(plan.changes) <= 2 * cycles
