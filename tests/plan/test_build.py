"""The plan as a whole: what it counts, and how its work grows."""

from __future__ import annotations

from cProfile import Profile
from dataclasses import replace

from builders import ARCHIVED, account, chart, entry, new, wanted
from laws.simulate import Books, run

from xerosync.desired import DesiredChart, Unmanaged
from xerosync.model import Chart
from xerosync.plan.build import build


def test_a_plan_is_the_same_each_time() -> None:
    current = chart(account("1"), account("2"))
    desired = wanted(entry("2", previously=("1",)), entry("1", previously=("2",), name="X"))
    desired = wanted(*(replace(e, account_id=f"id-{n}") for n, e in enumerate(desired.accounts, 1)))
    assert build(current, desired) == build(current, desired)


def test_the_summary_counts_accounts_not_reasons() -> None:
    bad = new("12345678901", "n" * 151)
    plan = build(chart(account("1")), wanted(bad, entry("1", "X")))
    assert len(plan.blocked) == 2
    assert plan.summary == {
        "create": 0, "update": 1, "restore": 0, "archive": 0, "delete": 0,
        "unchanged": 0, "unmanaged": 0, "blocked": 1,
    }  # fmt: skip


def test_a_plan_of_blocked_changes_only_is_not_empty() -> None:
    plan = build(chart(), wanted(entry("1")))
    assert not plan.empty
    assert plan.steps == ()


def test_a_plan_with_unmanaged_accounts_only_is_empty() -> None:
    assert build(chart(account("1")), wanted()).empty


def test_an_interrupted_restore_by_name_is_blocked_with_a_way_out() -> None:
    """The one case in which Xero does not show what a killed run was about to do.

    An archived account found by its name alone takes two calls, and after the first it is
    like any active account that the file leaves out, which is never touched.
    """
    current = chart(account("200", "Sales", status=ARCHIVED))
    desired = wanted(new("210", "Sales"))
    first = build(current, desired)
    assert [step.operation for step in first.steps] == ["restore", "update"]
    books = Books(current)
    run(books, first.steps, upto=1)
    second = build(books.chart, desired)
    assert second.steps == ()
    (block,) = second.blocked
    assert 'previously: ["200"]' in block.hint
    told = build(books.chart, wanted(new("210", "Sales", previously=("200",))))
    run(books, told.steps)
    assert books.accounts["id-200"].code == "210"


def large(size: int) -> tuple[Chart, DesiredChart]:
    """Return a large chart, and a file that swaps, renames, archives and adds a tenth of it."""
    accounts = [account(f"{n:06}", tax_type="INPUT2") for n in range(size)]
    entries = [entry(a.code, a.name, type=a.type, tax_type=a.tax_type) for a in accounts]
    for n in range(0, size, 40):
        here, there = accounts[n], accounts[n + 1]
        entries[n] = entry(there.code, here.name, previously=(here.code,))
        entries[n + 1] = entry(here.code, there.name, previously=(there.code,))
        entries[n + 2] = entry(accounts[n + 2].code, f"Renamed {n}")
        entries[n + 3] = entry(accounts[n + 3].code, status=ARCHIVED)
    added = [new(f"N{n}") for n in range(size // 100)]
    return chart(*accounts), wanted(*entries, *added)


def calls(size: int) -> int:
    """Count the calls that planning makes: a measure of work that no busy machine disturbs."""
    current, desired = large(size)
    counter = Profile()
    plan = counter.runcall(build, current, desired)
    assert len(plan.changes) == size // 10 + size // 100
    return sum(line.callcount for line in counter.getstats())


def test_work_grows_in_proportion_to_the_accounts() -> None:
    assert calls(4_000) < 11 * calls(400)


def test_archiving_a_whole_chart_works() -> None:
    current, _ = large(1_000)
    plan = build(current, wanted(unmanaged=Unmanaged.ARCHIVE))
    assert len(plan.steps) == 1_000
