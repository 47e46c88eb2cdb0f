"""Codes and names can be taken only if their holders give them up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount, Source, Unmanaged
from xerosync.model import Account
from xerosync.organisations.review import Review
from xerosync.plan.build import build
from xerosync.plan.plan import Blocked, Plan
from xerosync.render.review.lines_to_add import lines_to_add

SALES, RENT = account("200", "Sales"), account("300", "Rent")


def only_block(plan: Plan) -> Blocked:
    (block,) = plan.blocked
    return block


def plan_of(accounts: list[Account], *entries: DesiredAccount) -> Plan:
    return build(chart(*accounts), wanted(*entries))


def test_a_name_that_an_unmanaged_account_has_is_blocked_with_two_ways_out() -> None:
    block = only_block(plan_of([SALES], new("210", "Sales")))
    assert block.rule == "name-held"
    assert "200 Sales" in block.reason
    assert 'previously: ["200"]' in block.hint
    assert "account_id: id-200" in block.hint


def test_the_hint_has_no_former_code_that_the_reader_would_reject() -> None:
    bank = account("", "Deposits", type="BANK", account_id="id-bank")
    block = only_block(plan_of([bank], new("210", "Deposits")))
    assert "`account_id: id-bank`" in block.hint
    assert "previously" not in block.hint


def test_the_hint_does_not_pin_an_account_that_another_entry_has() -> None:
    """Both entries would then be one account in Xero, which is an error."""
    block = only_block(plan_of([SALES], entry("200", line=7), new("210", "Sales")))
    assert block.hint == "Choose another name, or give 200 (accounts.yaml:7) another name."


@pytest.mark.parametrize(
    ("books", "entries"),
    [
        ([SALES], []),
        ([SALES], [entry("200", line=7)]),
        ([SALES, account("210", "Old")], []),
        ([account("200", "Sales", status=ARCHIVED), account("210", "Old")], []),
    ],
    ids=["unmanaged", "managed", "update", "archived"],
)
def test_another_name_for_an_inherited_account_is_asked_for_where_it_can_be_given(
    books: list[Account], entries: list[DesiredAccount]
) -> None:
    own = new("210", "Sales", account_id="id-210" if len(books) > 1 else "")
    inherited = replace(own, inherited=Source("standard.yaml", 4))
    fixed = replace(inherited, overridable=False)
    ways = {"and give a reason": inherited, "of the standard for another name": fixed}
    for wanted_one in (own, *ways.values()):
        hint = only_block(plan_of(books, *entries, wanted_one)).hint
        assert ("hoose another name" in hint) == (wanted_one is not fixed)
        for way, of in ways.items():
            assert (way in hint) == (wanted_one is of)


def test_an_inherited_account_gives_up_its_name_by_an_override_if_that_is_allowed() -> None:
    holder = replace(entry("200", line=7), inherited=Source("standard.yaml", 4))
    hint = only_block(plan_of([SALES], holder, new("210", "Sales"))).hint
    assert hint.endswith(" give 200 (accounts.yaml:7) another name, by an override with a reason.")
    fixed = replace(holder, overridable=False)
    hint = only_block(plan_of([SALES], fixed, new("210", "Sales"))).hint
    assert hint == "Choose another name."


def test_a_line_for_another_entry_is_not_advised_for_the_blocked_one() -> None:
    """The id is that of the archived account, which the entry does not mean."""
    plans = []
    for number in (1, 2):
        ids = {"account_id": f"00000000-0000-4000-8000-00000000000{number}"}
        old = account("200", "Old", status=ARCHIVED, **ids)
        books = [account("210", "Sales", account_id="id-210"), old]
        plans.append(plan_of(books, new("200", "Sales", account_id="id-210")))
    review = Review.of(plans)
    (blocked,) = (one for one in review.groups if one.blocked)
    lines = lines_to_add(review, blocked)
    assert [line.is_code for line in lines] == [False, False]
    assert "code: …, status: ARCHIVED}`" in lines[0].line


def test_a_name_compares_without_case_and_extra_spaces() -> None:
    assert only_block(plan_of([SALES], new("210", " sALES "))).rule == "name-held"


def test_an_archived_account_still_holds_its_code_and_name() -> None:
    old = account("300", "Rent", status=ARCHIVED)
    block = only_block(plan_of([SALES, old], entry("200", "Rent")))
    assert block.rule == "name-held"
    assert "archived account 300 Rent" in block.reason
    assert "account_id: id-300" in block.hint


def test_an_archived_account_beside_an_active_one_is_neither_restored_nor_edited() -> None:
    """Only one that was to be restored is said to be: an edit has a message of its own."""
    old = account("200", "Old Sales", account_id="id-old", status=ARCHIVED)
    restored = only_block(plan_of([SALES, old], entry(account_id="id-old")))
    assert restored.reason.endswith("so this archived one cannot be restored.")
    edited = entry(account_id="id-old", status=ARCHIVED, description="Till 2020")
    blocked = only_block(plan_of([SALES, old], edited))
    assert blocked.reason == (
        "Xero's active account 200 Sales has the code 200 too, so this archived one cannot be "
        "edited: an edit restores it first."
    )
    assert blocked.hint == "Give 200 Sales another code first, in a separate plan."


def test_archiving_the_holder_in_the_same_plan_frees_nothing() -> None:
    plan = plan_of([SALES, RENT], entry("200", status=ARCHIVED), entry("300", "Sales"))
    assert only_block(plan).rule == "name-held"
    assert [change.action for change in plan.changes] == ["archive"]


def test_an_account_archived_by_unmanaged_archive_frees_nothing() -> None:
    desired = wanted(new("210", "Sales"), unmanaged=Unmanaged.ARCHIVE)
    plan = build(chart(SALES), desired)
    assert only_block(plan).rule == "name-held"


def test_deleting_the_holder_comes_first_and_frees_its_code_and_name() -> None:
    gone = entry(account_id="id-200", status=DELETED)
    plan = plan_of([SALES], gone, new("200", "Sales"))
    assert not plan.blocked
    assert [step.operation for step in plan.steps] == ["delete", "create"]
    assert plan.steps[1].needs == (1,)


def test_a_code_held_by_an_account_whose_own_change_is_blocked_says_so() -> None:
    stuck = entry("210", "Sales", previously=("200",), tax_type="NOPE")
    plan = plan_of([SALES], stuck, new("200", "Shop"))
    rules = {block.rule: block for block in plan.blocked}
    assert rules.keys() == {"tax-rate-unknown", "code-held"}
    assert "itself blocked" in rules["code-held"].hint
    assert not plan.changes


def test_the_blocked_change_of_a_holder_is_named_by_its_old_and_new_label() -> None:
    """The plan lists it under the new code and name; neither an id nor a line is in the hint."""
    kept = replace(entry("", account_id="id-200", status=DELETED), protect=True)
    taken = new("200", "Shoes", type="REVENUE")
    hints = {one.rule: one.hint for one in plan_of([SALES], kept, taken).blocked}
    assert hints["code-held"] == "The delete of 200 Sales is itself blocked: resolve that first."
    other = entry("210", account_id="id-200", tax_type="NOPE")
    (blocked,) = [b for b in plan_of([SALES], other, taken).blocked if b.rule == "code-held"]
    change = "The change of 200 Sales to 210 Sales"
    assert blocked.hint == f"{change} is itself blocked: resolve that first."
    bare = replace(other, values={"code": ""})
    (blocked,) = [b for b in plan_of([SALES], bare, taken).blocked if b.rule == "code-held"]
    assert blocked.hint.startswith("The change of 200 Sales to Sales is itself blocked")


def test_a_block_spreads_down_the_whole_chain_and_no_further() -> None:
    accounts = [account(str(n), f"Account {n}") for n in range(100, 105)]
    chain = [
        entry(str(n + 1), f"Account {n}", previously=(str(n),)) for n in range(100, 104)
    ]  # 103 → 104, which is unmanaged
    other = entry("999", "Other", account_id="id-104", tax_type="NOPE")
    plan = plan_of(accounts, *chain, other, new("500"))
    assert [b.rule for b in plan.blocked] == [*["code-held"] * 4, "tax-rate-unknown"]
    assert [change.code for change in plan.changes] == ["500"]


def test_two_accounts_that_would_share_a_name_are_blocked() -> None:
    twice = [entry("200", "Same"), entry("300", "same")]
    assert only_block(plan_of([SALES, RENT], *twice)).rule == "name-taken-twice"
    codes = [entry("9", account_id="id-200"), entry("9", account_id="id-300")]
    assert only_block(plan_of([SALES, RENT], *codes)).rule == "code-taken-twice"


def test_two_new_accounts_whose_names_differ_only_in_spelling_are_blocked() -> None:
    plan = plan_of([], new("1", "Petty  Cash"), new("2", "petty cash"))
    assert only_block(plan).rule == "name-taken-twice"
    assert len(plan.changes) == 1


def test_changing_only_the_case_of_a_name_is_no_conflict() -> None:
    plan = plan_of([SALES], entry("200", "SALES"))
    assert not plan.blocked
    assert len(plan.steps) == 1


def test_two_codes_that_xero_tells_apart_both_count_as_taken() -> None:
    lower, upper = account("abc", "One"), account("ABC", "Two")
    freed_half = entry("9", account_id="id-abc")
    for accounts in ([lower, upper, SALES], [upper, lower, SALES]):
        plan = plan_of(accounts, freed_half, entry("abc", account_id="id-200"))
        assert only_block(plan).rule == "code-held"
        assert "ABC Two" in only_block(plan).reason


def test_an_empty_code_is_never_taken() -> None:
    banks = [account("", name, type="BANK", bank_account_number=name) for name in ("One", "Two")]
    assert build(chart(*banks), wanted(entry(None, "one", type="BANK"))).steps[0].values == {
        "name": "one"
    }
