"""Steps are in an order that Xero accepts, no more than needed, and parallel where possible."""

from __future__ import annotations

from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from laws.simulate import Books, run

from xerosync.desired import DeleteRefused, DesiredAccount
from xerosync.model import Account
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan, Step

ONE, TWO, THREE = (account(code, name) for code, name in (("1", "A"), ("2", "B"), ("3", "C")))


def carried_out(accounts: list[Account], *entries: DesiredAccount) -> Plan:
    """Plan, and assert that Xero accepts every call in many orders."""
    plan = build(chart(*accounts), wanted(*entries))
    assert not plan.blocked
    for seed in (None, *range(20)):
        books = Books(chart(*accounts))
        run(books, plan.steps, seed)
        assert build(books.chart, plan.desired).empty
    return plan


def shown(step: Step) -> tuple[str, str, dict[str, object], tuple[int, ...]]:
    return (step.operation, step.account_id, dict(step.values), step.needs)


def test_independent_changes_do_not_wait_for_each_other() -> None:
    plan = carried_out([ONE, TWO], entry("1", "X"), entry("2", "Y"))
    assert [step.needs for step in plan.steps] == [(), ()]


def test_a_chain_starts_at_its_free_end() -> None:
    plan = carried_out(
        [ONE, TWO, THREE],
        entry("2", previously=("1",)),
        entry("3", previously=("2",)),
        entry("4", previously=("3",)),
    )
    assert [shown(step) for step in plan.steps] == [
        ("update", "id-3", {"code": "4"}, ()),
        ("update", "id-2", {"code": "3"}, (1,)),
        ("update", "id-1", {"code": "2"}, (2,)),
    ]


def test_a_swap_of_codes_goes_through_one_temporary_code_and_says_so() -> None:
    plan = carried_out(
        [ONE, TWO], entry("2", "A", previously=("1",)), entry("1", "B", previously=("2",))
    )
    assert [shown(step) for step in plan.steps] == [
        ("update", "id-2", {"code": "XSTMP1"}, ()),
        ("update", "id-1", {"code": "2"}, (1,)),
        ("update", "id-2", {"code": "1"}, (1, 2)),
    ]
    assert "temporary code" in plan.steps[0].purpose
    assert plan.steps[1].purpose == plan.steps[2].purpose == ""


def test_a_swap_of_names_goes_through_one_temporary_name() -> None:
    plan = carried_out(
        [ONE, TWO], entry("1", "B", account_id="id-1"), entry("2", "A", account_id="id-2")
    )
    assert len(plan.steps) == 3
    assert plan.steps[0].values == {"name": "A (xerosync moves it to 1)"}
    assert "temporary name" in plan.steps[0].purpose


def test_swapping_codes_and_names_together_takes_one_more_call() -> None:
    plan = carried_out(
        [ONE, TWO], entry("2", "B", account_id="id-1"), entry("1", "A", account_id="id-2")
    )
    assert len(plan.steps) == 3
    assert plan.steps[0].values.keys() == {"code", "name"}


def test_a_cycle_of_a_code_and_a_name_is_broken_once() -> None:
    plan = carried_out(
        [ONE, TWO], entry("2", "C", account_id="id-1"), entry("3", "A", account_id="id-2")
    )
    assert len(plan.steps) == 3


def test_a_cycle_of_three_and_a_swap_are_broken_once_each() -> None:
    four, five = account("4", "D"), account("5", "E")
    plan = carried_out(
        [ONE, TWO, THREE, four, five],
        entry("2", "A", previously=("1",)),
        entry("3", "B", previously=("2",)),
        entry("1", "C", previously=("3",)),
        entry("5", "D", previously=("4",)),
        entry("4", "E", previously=("5",)),
    )
    assert len(plan.steps) == 7
    codes = [step.values["code"] for step in plan.steps if step.purpose]
    assert codes == ["XSTMP1", "XSTMP2"]


def test_a_cycle_is_broken_at_the_account_that_needs_no_temporary_name() -> None:
    swap = (entry("2", "New", previously=("1",)), entry("1", "B", previously=("2",)))
    plan = carried_out([ONE, TWO], *swap)
    (first,) = (step for step in plan.steps if step.purpose)
    assert (first.account_id, first.values) == ("id-2", {"code": "XSTMP1"})


def test_a_temporary_code_is_neither_in_use_nor_in_the_file() -> None:
    taken = account("XSTMP1", "Odd")
    plan = carried_out(
        [ONE, TWO, taken],
        entry("2", "A", account_id="id-1"),
        entry("1", "B", account_id="id-2"),
        new("xstmp2"),
    )
    (first,) = (step for step in plan.steps if step.purpose)
    assert first.values["code"] == "XSTMP3"


def test_an_unmanaged_name_is_put_back_after_a_temporary_one() -> None:
    ring = (
        entry("2", previously=("1",)),
        entry("3", "X", previously=("2",)),
        entry("1", "C2", previously=("3",)),
    )
    pinned = entry("1", "C2", account_id="id-3")
    plan = carried_out([ONE, TWO, THREE], ring[0], ring[1], pinned)
    books = Books(chart(ONE, TWO, THREE))
    run(books, plan.steps)
    assert books.accounts["id-1"].name == "A"


def test_a_restore_with_edits_is_two_calls() -> None:
    plan = carried_out([account("1", "A", status=ARCHIVED)], entry("1", "B", account_id="id-1"))
    assert [step.operation for step in plan.steps] == ["restore", "update"]
    assert plan.steps[1].needs == (1,)


def test_an_archive_with_edits_makes_the_edits_first() -> None:
    plan = carried_out([ONE], entry("1", "B", status=ARCHIVED))
    assert [step.operation for step in plan.steps] == ["update", "archive"]


def test_an_edit_of_an_archived_account_is_three_calls() -> None:
    plan = carried_out(
        [account("1", status=ARCHIVED)], entry("1", description="B", status=ARCHIVED)
    )
    assert [step.operation for step in plan.steps] == ["restore", "update", "archive"]
    assert [step.needs for step in plan.steps] == [(), (1,), (2,)]


def test_an_archived_account_in_a_cycle_is_restored_before_its_temporary_code() -> None:
    asleep = account("1", "A", status=ARCHIVED)
    plan = carried_out(
        [asleep, TWO],
        entry("2", "A", account_id="id-1", status=ARCHIVED),
        entry("1", "B", account_id="id-2"),
    )
    assert len(plan.steps) == 5


def test_adding_a_new_account_to_the_watchlist_takes_a_separate_call() -> None:
    plan = carried_out([], new("1", add_to_watchlist=True))
    create, watch = plan.steps
    assert "add_to_watchlist" not in create.values
    assert (watch.operation, watch.account_id) == (Action.UPDATE, "")
    assert watch.values == {"add_to_watchlist": True}
    assert watch.needs == (1,)


def test_a_delete_falls_back_only_if_the_file_says_so() -> None:
    gone = entry("1", status=DELETED)
    (step,) = build(chart(ONE), wanted(gone)).steps
    assert step.fallback is None
    told = wanted(gone, delete_refused=DeleteRefused.ARCHIVE)
    (step,) = build(chart(ONE), told).steps
    assert step.fallback is Action.ARCHIVE


def test_taking_the_code_of_a_deleted_account_waits_for_the_delete() -> None:
    plan = carried_out([ONE], entry(account_id="id-1", status=DELETED), new("1", "Fresh"))
    create = next(s for s in plan.steps if s.operation is Action.CREATE)
    assert create.needs == (1,)


def test_taking_a_name_waits_for_the_account_that_gives_it_up() -> None:
    plan = carried_out([ONE], entry("1", "B", account_id="id-1"), new("2", "A"))
    create = next(s for s in plan.steps if s.operation is Action.CREATE)
    assert create.needs == (1,)
