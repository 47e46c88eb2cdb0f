"""A former code is as weak as a code: what it may do to an account of another name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from laws.simulate import Books, run

from xerosync.desired import DesiredAccount, Source, Unmanaged
from xerosync.errors import ChartError
from xerosync.model import Account
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan

CLEANING = account("406", "Cleaning")
WASTE = entry("407", "Waste", status=ARCHIVED, previously=("406",))
MOVED = new("406", "Cleaning", previously=("408",))
TRAINING, SUBSCRIPTIONS = account("485", "Staff Training"), account("487", "Subscriptions")


def plan(accounts: list[Account], *entries: DesiredAccount) -> Plan:
    return build(chart(*accounts), wanted(*entries))


def doubted(found: Plan) -> list[str]:
    return [blocked.label for blocked in found.blocked if blocked.rule == "another-account"]


def applied_twice(accounts: list[Account], *entries: DesiredAccount) -> tuple[Books, Plan]:
    """Return the books after one apply, and the plan of the second."""
    books, file = Books(chart(*accounts)), wanted(*entries)
    run(books, build(books.chart, file).steps)
    return books, build(books.chart, file)


@pytest.mark.parametrize("waste", [WASTE, entry("407", status=ARCHIVED, previously=("406",))])
def test_an_archived_entry_does_not_take_the_account_of_another_entry(
    waste: DesiredAccount,
) -> None:
    """Waste was renumbered, archived and deleted in Xero; Cleaning has its code since."""
    found = plan([CLEANING], waste, MOVED)
    assert not found.steps
    (blocked,) = (b for b in found.blocked if b.rule == "another-account")
    assert blocked.source == found.desired.accounts[0].source
    assert "and 406 Cleaning has an entry of its own" in blocked.reason
    assert "remove 406 from its `previously`" in blocked.hint


def test_no_account_moves_to_a_code_from_which_an_archived_entry_would_take_it() -> None:
    """These books never had Waste: once at 406, Cleaning would be taken for it."""
    found = plan([account("408", "Cleaning")], WASTE, MOVED)
    assert not found.steps
    assert doubted(found) == ["406 Cleaning"]
    assert found.blocked[0].hint == (
        "If this organisation does not have 407 Waste, remove `previously` from that entry "
        "(accounts.yaml:10)."
    )
    standard, own = Source("standard.yaml", 7), Source("acme.yaml", 9)
    for source, overridable, out in (
        (standard, True, 'write under overrides: `- {standard: "407", omit: true, reason: …}`'),
        (own, True, "let its override (acme.yaml:9) say only `omit: true` and a reason"),
        (standard, False, "ask the owner of the standard to make that entry optional (standard."),
    ):
        inherited = replace(WASTE, source=source, inherited=standard, overridable=overridable)
        (hint,) = (b.hint for b in plan([account("408", "Cleaning")], inherited, MOVED).blocked)
        assert hint.startswith(f"If this organisation does not have 407 Waste, {out}")
    without = entry("407", "Waste", status=ARCHIVED)
    books, again = applied_twice([account("408", "Cleaning")], without, MOVED)
    assert [a.label for a in books.accounts.values()] == ["406 Cleaning"]
    assert again.empty


def test_a_pinned_account_may_move_to_the_former_code_of_an_archived_entry() -> None:
    """Nothing takes a pinned account, so the second plan is empty as well."""
    old = account("480", "Staff Training")
    pinned = entry("482", "Staff Training", account_id="id-480")
    gone = entry("999", "Old Thing", status=ARCHIVED, previously=("482",))
    books, again = applied_twice([old], pinned, gone)
    assert [a.label for a in books.accounts.values()] == ["482 Staff Training"]
    assert again.empty


def test_the_replacement_of_an_archived_account_has_a_warning() -> None:
    """The old account may have been deleted in Xero: then this archives its replacement."""
    old = entry("400A", "Marketing (old)", previously=("400",), status=ARCHIVED)
    found = plan([account("400", "Marketing")], old, new("400", "Marketing"))
    (archive,) = (c for c in found.changes if c.action is Action.ARCHIVE)
    assert archive.warnings[0] == (
        "400 Marketing becomes 400A Marketing (old), and another account takes its old code and "
        "name. If an earlier apply already did that, and 400A Marketing (old) has since been "
        "deleted in Xero, remove the entry 400A Marketing (old)."
    )


def test_two_archived_entries_that_trade_codes_have_an_empty_second_plan() -> None:
    """Each listed the other's code, and every apply gave the one account to the other."""
    one = entry("481", "Old A", status=ARCHIVED, previously=("480",))
    two = entry("480", "Old B", status=ARCHIVED, previously=("481",))
    for name in ("Old A", "Old B"):
        books, again = applied_twice([account("480", name)], one, two)
        assert [a.name for a in books.accounts.values()] == [name]
        assert again.empty


def test_entries_that_trade_codes_and_have_no_names_need_an_id() -> None:
    """Only one of them has an account, and either could be it."""
    one = entry("1", previously=("2",))
    two = entry("2", status=ARCHIVED, previously=("1",))
    with pytest.raises(ChartError) as caught:
        plan([account("1", "Sales")], one, two)
    assert caught.value.problems[0].rule == "ambiguous-renumbering"


def test_an_archived_entry_whose_code_becomes_free_is_planned_as_if_it_were_free() -> None:
    """Once 408 was free, the second plan took 406 Cleaning for Waste, which the first had not."""
    waste = entry("408", "Waste", status=ARCHIVED, previously=("406",))
    cleaning = new("406", "Cleaning")
    for rent in (
        entry("410", "Rent", previously=("408",)),
        entry("410", "Rent", account_id="id-408"),
        entry("408", "Rent", status=DELETED, account_id="id-408"),
    ):
        rents = [account("406", "Cleaning"), account("408", "Rent")]
        found = plan(rents, waste, cleaning, rent)
        assert "408 Waste" in doubted(found)
        _, again = applied_twice(rents, waste, cleaning, rent)
        assert again.changes == ()
        assert again.blocked == found.blocked


def test_an_archived_entry_waits_for_its_code_through_a_chain_of_others() -> None:
    """The old account gets its new code in the first plan, and the new account its own."""
    chain = [
        account("400", "Marketing"), account("401", "Rent"), account("402", "Wages"),
    ]  # fmt: skip
    file = (
        entry("401", "Marketing (old)", status=ARCHIVED, previously=("400",)),
        new("400", "Marketing"),
        entry("402", "Rent", previously=("401",)),
        entry("403", "Wages", previously=("402",)),
    )
    books, again = applied_twice(chain, *file)
    assert again.empty
    assert books.accounts["id-400"].label == "401 Marketing (old)"
    assert books.accounts["id-400"].status == ARCHIVED


def test_a_new_entry_may_not_trade_codes_with_a_pinned_account() -> None:
    """The new account may be blocked, or the apply killed: then the next plan was an error."""
    accounts = [account("485", "Subscriptions"), account("490", "Staff Training")]
    pinned = entry("480", "Subscriptions", account_id="id-485")
    for name in ("Staff Training", "Travel"):
        with pytest.raises(ChartError) as caught:
            plan(accounts, pinned, new("485", name, previously=("480",)))
        (problem,) = caught.value.problems
        assert problem.rule == "one-account-twice"
        assert "If a new account is meant, remove `previously`." in problem.hint


def test_an_inherited_entry_leaves_a_pinned_account_to_the_books() -> None:
    """No override can remove its former code, before the apply, in the middle of it, or after."""
    pinned = entry("480", "Subscriptions", account_id="id-485")
    inherited = new("485", "Travel", previously=("480",), inherited=Source("standard.yaml", 7))
    training = account("490", "Staff Training")
    for code in ("485", "480"):
        accounts = [account(code, "Subscriptions", account_id="id-485"), training]
        books, again = applied_twice(accounts, pinned, inherited)
        assert again.empty
        assert books.accounts["id-485"].label == "480 Subscriptions"
        assert any(one.label == "485 Travel" for one in books.accounts.values())


def test_a_new_entry_may_not_list_a_code_to_which_a_pinned_account_moves() -> None:
    """After the apply this would be an error, so it is an error before, too."""
    pinned = entry("482", "Staff Training", account_id="id-480")
    for old in (
        account("480", "Staff Training"),
        account("482", "Staff Training", account_id="id-480"),
    ):
        with pytest.raises(ChartError) as caught:
            plan([old], pinned, new("999", "Travel", previously=("482",)))
        assert caught.value.problems[0].rule == "one-account-twice"


@pytest.mark.parametrize(
    ("accounts", "entries", "label"),
    [
        (
            [TRAINING, SUBSCRIPTIONS],
            (
                new("480", "Staff Training"),
                new("488", "Media and Software", previously=("485",)),
            ),
            "488 Media and Software",
        ),
        (
            [account("4081", "Stationery")],
            (
                new("4082", "Consulting Fees", type="REVENUE", previously=("4081",)),
                new("4083", "Postage"),
            ),
            "4082 Consulting Fees",
        ),
        (
            [account("4081", "Stationery Gifts")],
            (entry("4082", "Gifts", status=DELETED, previously=("4081",)),),
            "4081 Stationery Gifts",
        ),
        (
            [account("457", "Fax & Telex", status=ARCHIVED)],
            (new("458", "Fax Machines", previously=("457",)),),
            "458 Fax Machines",
        ),
        (
            [account("457", "Fax & Telex", status=ARCHIVED)],
            (entry("458", "Fax (old)", previously=("457",), status=ARCHIVED),),
            "458 Fax (old)",
        ),
    ],
    ids=["named elsewhere", "of another class", "deleted", "restored", "archived already"],
)
def test_a_former_code_does_not_outweigh_another_name(
    accounts: list[Account], entries: tuple[DesiredAccount, ...], label: str
) -> None:
    found = plan(accounts, *entries)
    assert doubted(found) == [label]
    assert all(not step.account_id for step in found.steps)
    (blocked,) = (b for b in found.blocked if b.rule == "another-account")
    assert "In Xero the former code" in blocked.reason
    assert f"add `account_id: {accounts[0].account_id}`" in blocked.hint


def test_a_renumbered_account_with_an_unlike_name_has_a_warning() -> None:
    (unlike,) = plan([TRAINING], entry("488", "Media", previously=("485",))).changes
    assert unlike.warnings[0] == (
        "485 is Staff Training in Xero: this renames it, history included. If Media is another "
        "account, remove 485 from its `previously`."
    )
    (alike,) = plan([TRAINING], entry("488", "Training", previously=("485",))).changes
    assert alike.warnings == ()


def test_an_entry_found_by_code_and_name_ignores_its_former_code() -> None:
    """409 Cleaning was renumbered from 408, and somebody used 408 again."""
    accounts = [account("409", "Cleaning"), account("408", "Consulting")]
    found = plan(accounts, entry("409", "Cleaning", previously=("408",)))
    assert not found.changes
    assert [a.label for a in found.unmanaged] == ["408 Consulting"]
    (note,) = found.left_file
    assert note == (
        "408 Consulting has a code that 409 Cleaning had before. These are two accounts, and no "
        "entry manages 408 Consulting."
    )
    rest = wanted(new("409", "Cleaning", previously=("408",)), unmanaged=Unmanaged.ARCHIVE)
    (archived,) = build(chart(*accounts), rest).changes
    assert (archived.action, archived.label) == (Action.ARCHIVE, "408 Consulting")
