"""Which account in Xero an entry of the file matches."""

from __future__ import annotations

from itertools import permutations

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount
from xerosync.errors import ChartError, Problem
from xerosync.model import Account
from xerosync.plan.matching.match import Match, MatchedBy, match


def found(accounts: list[Account], *entries: DesiredAccount) -> list[tuple[str, MatchedBy]]:
    """Return the account of each entry, by id, and what it was found by."""
    return [_found(m) for m in match(chart(*accounts), wanted(*entries))]


def _found(one: Match) -> tuple[str, MatchedBy]:
    return (one.account.account_id if one.account else "", one.by)


def problems(accounts: list[Account], *entries: DesiredAccount) -> tuple[Problem, ...]:
    with pytest.raises(ChartError) as caught:
        match(chart(*accounts), wanted(*entries))
    return caught.value.problems


def problem(accounts: list[Account], *entries: DesiredAccount) -> Problem:
    (only,) = problems(accounts, *entries)
    return only


SALES, RENT, FEES = account("200", "Sales"), account("300", "Rent"), account("400", "Fees")
BANK = account("090", "Bank", type="BANK", bank_account_number="123456789012300")
CODELESS = account("", "Till", type="BANK", bank_account_number="999")
GST = account("820", "GST", type="CURRLIAB", system_account="GST")


def test_an_account_is_found_by_its_id_whatever_its_code() -> None:
    pinned = entry("300", "Rent", account_id="id-200")
    assert found([SALES], pinned) == [("id-200", MatchedBy.ACCOUNT_ID)]


def test_a_system_account_is_found_by_its_role_whatever_its_code() -> None:
    assert found([GST], entry("900", system_account="GST")) == [
        ("id-820", MatchedBy.SYSTEM_ACCOUNT)
    ]


def test_a_system_account_is_found_by_its_code_too() -> None:
    assert found([GST], entry("820", "GST")) == [("id-820", MatchedBy.CODE)]


def test_the_id_comes_before_the_role_and_the_role_before_the_code() -> None:
    by_id = entry("820", account_id="id-200")
    assert found([SALES, GST], by_id) == [("id-200", MatchedBy.ACCOUNT_ID)]
    by_role = entry("200", system_account="GST")
    assert found([SALES, GST], by_role) == [("id-820", MatchedBy.SYSTEM_ACCOUNT)]


def test_an_id_and_a_role_of_different_accounts_are_an_error() -> None:
    error = problem([SALES, GST], entry(account_id="id-200", system_account="GST"))
    assert error.rule == "pins-disagree"
    assert "200 Sales" in error.message
    assert "GST" in error.message


def test_an_account_is_found_by_its_code_whatever_its_name() -> None:
    assert found([SALES], entry("200", "Takings")) == [("id-200", MatchedBy.CODE)]


@pytest.mark.parametrize("spelling", ["A1", "a1", " a1 "])
def test_a_code_is_found_in_any_case_and_with_spaces_around_it(spelling: str) -> None:
    assert found([account("A1", "X")], entry(spelling)) == [("id-A1", MatchedBy.CODE)]


def test_of_two_codes_that_differ_in_case_the_exact_one_is_found() -> None:
    lower, upper = account("abc", "One"), account("ABC", "Two")
    for accounts in ([lower, upper], [upper, lower]):
        assert found(accounts, entry("abc")) == [("id-abc", MatchedBy.CODE)]
        assert found(accounts, entry("ABC")) == [("id-ABC", MatchedBy.CODE)]
        assert problem(accounts, entry("Abc")).rule == "ambiguous-account"


def test_a_code_with_a_leading_zero_is_a_different_code() -> None:
    assert found([account("90", "X")], new("090")) == [("", MatchedBy.NOTHING)]


def test_an_account_is_found_by_its_former_code() -> None:
    assert found([SALES], entry("210", previously=("200",))) == [("id-200", MatchedBy.PREVIOUSLY)]
    older = entry("210", previously=("100", "200"))
    assert found([SALES], older) == [("id-200", MatchedBy.PREVIOUSLY)]


def test_a_former_code_may_stay_in_the_file_when_the_renumbering_is_done() -> None:
    assert found([SALES], entry("200", previously=("190",))) == [("id-200", MatchedBy.CODE)]


def test_a_chain_is_matched_the_same_before_midway_and_after() -> None:
    chain = (entry("201", previously=("200",)), entry("202", previously=("201",)))
    one, two = account("200", "One"), account("201", "Two")
    assert [id_ for id_, _ in found([one, two], *chain)] == ["id-200", "id-201"]
    midway = account("202", "Two", account_id="id-201")
    assert [id_ for id_, _ in found([one, midway], *chain)] == ["id-200", "id-201"]
    done = account("201", "One", account_id="id-200")
    assert [id_ for id_, _ in found([done, midway], *chain)] == ["id-200", "id-201"]


def test_names_decide_a_swap_before_and_after() -> None:
    swap = (
        entry("300", "Sales", previously=("200",)),
        entry("200", "Rent", previously=("300",)),
    )
    assert [id_ for id_, _ in found([SALES, RENT], *swap)] == ["id-200", "id-300"]
    after = [
        account("300", "Sales", account_id="id-200"),
        account("200", "Rent", account_id="id-300"),
    ]
    assert found(after, *swap) == [("id-200", MatchedBy.CODE), ("id-300", MatchedBy.CODE)]


def test_one_kept_name_is_enough_to_decide_a_swap() -> None:
    swap = (entry("300", "Sales", previously=("200",)), entry("200", previously=("300",)))
    assert [id_ for id_, _ in found([SALES, RENT], *swap)] == ["id-200", "id-300"]


def test_a_swap_that_names_do_not_decide_is_an_error_naming_both_lines_and_ids() -> None:
    swap = (
        entry("300", "Takings", previously=("200",)),
        entry("200", "Lease", previously=("300",)),
    )
    error = problem([SALES, RENT], *swap)
    assert error.rule == "ambiguous-renumbering"
    assert error.line == 10
    assert "accounts.yaml:10" in error.message
    assert "accounts.yaml:20" in error.message
    assert "200 Sales is id-200" in error.hint
    assert "300 Rent is id-300" in error.hint


def test_a_swap_with_both_accounts_pinned_needs_no_names() -> None:
    swap = (entry("300", "X", account_id="id-200"), entry("200", "Y", account_id="id-300"))
    assert [id_ for id_, _ in found([SALES, RENT], *swap)] == ["id-200", "id-300"]


def test_one_pin_is_enough_to_decide_a_swap() -> None:
    swap = (
        entry("300", "X", account_id="id-200"),
        entry("200", "Y", previously=("300",)),
    )
    assert [id_ for id_, _ in found([SALES, RENT], *swap)] == ["id-200", "id-300"]


def test_a_new_account_may_take_the_code_that_another_leaves() -> None:
    entries = (entry("210", "Sales", previously=("200",)), new("200", "Shop sales"))
    assert found([SALES], *entries) == [("id-200", MatchedBy.PREVIOUSLY), ("", MatchedBy.NOTHING)]
    done = [account("210", "Sales"), account("200", "Shop sales")]
    assert found(done, *entries) == [("id-210", MatchedBy.CODE), ("id-200", MatchedBy.CODE)]


def test_a_reused_code_that_names_do_not_decide_is_an_error() -> None:
    entries = (entry("210", "Takings", previously=("200",)), new("200", "Shop sales"))
    assert problem([SALES], *entries).rule == "ambiguous-renumbering"


def test_old_and_new_code_both_in_xero_is_an_error_that_says_what_to_do() -> None:
    error = problem([SALES, RENT], entry("300", "Lease", previously=("200",)))
    assert error.rule == "both-codes-present"
    assert error.line == 10
    assert "200 Sales (active)" in error.message
    assert "300 Rent (active)" in error.message
    assert "account_id" in error.hint
    assert "previously" in error.hint


def test_two_former_codes_both_in_xero_is_an_error() -> None:
    error = problem([SALES, RENT], entry("500", previously=("200", "300")))
    assert error.rule == "both-codes-present"
    assert "two accounts for one entry" in error.message
    assert "give the other one an entry" in error.hint


def test_three_codes_of_one_entry_in_xero_are_several_accounts() -> None:
    both = [SALES, RENT, account("500", "Lease")]
    error = problem(both, entry("500", previously=("200", "300")))
    assert "several accounts for one entry" in error.message
    assert "give each of the others an entry" in error.hint


def test_both_codes_may_be_in_xero_if_each_has_an_entry() -> None:
    entries = (entry("300", previously=("200",)), entry("310", previously=("300",)))
    assert [id_ for id_, _ in found([SALES, RENT], *entries)] == ["id-200", "id-300"]


def test_a_code_that_a_pinned_entry_gives_up_is_free_for_another() -> None:
    entries = (entry("210", account_id="id-200"), new("200", "Shop"))
    assert found([SALES], *entries) == [("id-200", MatchedBy.ACCOUNT_ID), ("", MatchedBy.NOTHING)]


def test_two_entries_for_one_account_is_an_error_naming_both_lines() -> None:
    error = problem([GST], entry(system_account="GST"), entry("820", "GST"))
    assert error.rule == "one-account-twice"
    assert error.line == 20
    assert "accounts.yaml:10" in error.message
    assert "820 GST" in error.message


def test_an_id_and_a_role_of_one_account_in_two_entries_is_an_error() -> None:
    error = problem([GST], entry(account_id="id-820"), entry(system_account="GST"))
    assert error.rule == "one-account-twice"


@pytest.mark.parametrize(
    "pinned",
    [
        entry(account_id="id-200"),
        entry("200", account_id="id-200"),
        entry("220", account_id="id-200", status=ARCHIVED),
    ],
)
def test_a_former_code_does_not_find_an_account_that_another_entry_pins(
    pinned: DesiredAccount,
) -> None:
    for entries in (
        (pinned, new("210", previously=("200",))),
        (new("210", previously=("200",)), pinned),
    ):
        error = problem([SALES], *entries)
        assert error.rule == "one-account-twice"
        assert {"accounts.yaml:10", "accounts.yaml:20"} == {
            f"accounts.yaml:{error.line}",
            *(word.strip("()") for word in error.message.split() if "yaml" in word),
        }
        assert "previously" in error.hint


def test_a_former_code_does_not_find_a_system_account_that_another_entry_pins() -> None:
    entries = (entry(system_account="GST"), new("821", previously=("820",)))
    assert problem([GST], *entries).rule == "one-account-twice"


def test_a_former_code_that_a_pinned_account_now_has_is_ignored_once_the_move_is_done() -> None:
    done = (entry("210", "Sales", previously=("200",)), entry("200", account_id="id-p"))
    moved = account("200", "Shop", account_id="id-p")
    assert found([account("210", "Sales"), moved], *done)[0] == ("id-210", MatchedBy.CODE)


def test_an_entry_named_like_the_account_with_its_former_code_is_an_error() -> None:
    entries = (entry("300", "Sales", previously=("200",)), entry("200", "Shop"))
    error = problem([SALES, RENT], *entries)
    assert error.rule == "both-codes-present"
    assert "200 Sales" in error.message
    assert "300 Rent" in error.message


def test_the_match_names_the_account_of_another_entry_with_a_former_code() -> None:
    entries = (entry("300", "Lease", previously=("200",)), entry("200", "Sales"))
    formers = [m.former for m in match(chart(SALES, RENT), wanted(*entries))]
    assert formers == [SALES, None]


def test_a_bank_account_number_does_not_find_an_account_that_another_entry_keeps() -> None:
    entries = (
        entry("091", "Main", previously=("090",)),
        entry(None, "Other", type="BANK", bank_account_number="12-3456-7890123-00"),
    )
    error = problem([BANK], *entries)
    assert error.rule == "one-account-twice"
    renumbered = entry("091", "Main", previously=("090",), bank_account_number="777")
    assert found([BANK], renumbered, entries[1])[1] == ("", MatchedBy.NOTHING)


def test_a_code_of_a_pinned_account_to_be_deleted_is_free() -> None:
    entries = (entry(account_id="id-200", status=DELETED), new("200", "Shop"))
    assert found([SALES], *entries)[1] == ("", MatchedBy.NOTHING)


def test_a_role_shared_by_two_accounts_is_an_error() -> None:
    twice = [GST, account("821", "GST 2", system_account="GST")]
    error = problem(twice, entry(system_account="GST"))
    assert error.rule == "ambiguous-account"
    assert "id-820" in error.message
    assert "id-821" in error.message


def test_a_bank_account_is_found_by_its_number_in_any_punctuation() -> None:
    by_number = entry(None, "Main", type="BANK", bank_account_number="12-3456-7890123-00")
    assert found([BANK], by_number) == [("id-090", MatchedBy.BANK_ACCOUNT_NUMBER)]
    renumbered = entry("091", "Main", type="BANK", bank_account_number="12 3456 7890123 00")
    assert found([BANK], renumbered) == [("id-090", MatchedBy.BANK_ACCOUNT_NUMBER)]


def test_a_number_shared_by_two_bank_accounts_is_an_error() -> None:
    twice = [BANK, account("091", "Other", type="BANK", bank_account_number="123456789012300")]
    error = problem(twice, entry(None, "X", type="BANK", bank_account_number="123456789012300"))
    assert error.rule == "ambiguous-account"


def test_a_bank_account_without_a_code_is_found_by_its_name() -> None:
    assert found([CODELESS], entry(None, "till", type="BANK")) == [("id-Till", MatchedBy.NAME)]
    assert found([CODELESS], entry(None, "Till")) == [("id-Till", MatchedBy.NAME)]


def test_other_accounts_are_not_found_by_name() -> None:
    assert found([SALES], new("210", "Sales")) == [("", MatchedBy.NOTHING)]
    assert found([SALES], entry(None, "Sales")) == [("", MatchedBy.NOTHING)]
    assert found([CODELESS], entry("090", "Till", type="BANK")) == [("", MatchedBy.NOTHING)]


def test_an_archived_account_is_found_by_its_name_because_a_new_one_would_be_refused() -> None:
    old = account("200", "Sales", status=ARCHIVED)
    assert found([old], new("210", "sales")) == [("id-200", MatchedBy.ARCHIVED_NAME)]


def test_an_archived_account_of_another_kind_is_not_found_by_name() -> None:
    old = account("200", "Sales", status=ARCHIVED)
    bank = entry("210", "Sales", type="BANK", bank_account_number="1")
    assert found([old], bank) == [("", MatchedBy.NOTHING)]
    assert found([old], entry("210", "Sales", status=ARCHIVED)) == [("", MatchedBy.NOTHING)]


def test_an_entry_with_an_unknown_id_is_not_matched_otherwise() -> None:
    assert found([SALES], entry("200", "Sales", account_id="id-gone")) == [("", MatchedBy.NOTHING)]


def test_a_deleted_account_is_not_matched() -> None:
    assert found([account("200", "Sales", status=DELETED)], new("200")) == [("", MatchedBy.NOTHING)]


def test_an_account_with_a_temporary_name_is_found_by_the_code_it_moves_to() -> None:
    left = account("XSTMP1", "Old (xerosync moves it to 300)", account_id="id-p")
    assert found([left], entry("300", "New", previously=("200",))) == [
        ("id-p", MatchedBy.TEMPORARY)
    ]


def test_an_account_with_a_temporary_code_is_found_by_its_name() -> None:
    left = account("XSTMP7", "Sales", account_id="id-p")
    assert found([left], entry("300", "Sales", previously=("200",))) == [
        ("id-p", MatchedBy.TEMPORARY)
    ]


def test_a_temporary_name_decides_a_swap_that_names_do_not() -> None:
    swap = (
        entry("300", "Takings", previously=("200",)),
        entry("200", "Lease", previously=("300",)),
    )
    left = account("XSTMP1", "Sales (xerosync moves it to 300)", account_id="id-200")
    found_ids = [id_ for id_, _ in found([left, RENT], *swap)]
    assert found_ids == ["id-200", "id-300"]


def test_a_temporary_name_outweighs_a_former_code() -> None:
    still_200 = account("200", "Sales (xerosync moves it to 300)", account_id="id-s")
    entries = (entry("300", "Takings", previously=("200",)), new("200", "Shop"))
    assert found([still_200], *entries) == [("id-s", MatchedBy.TEMPORARY), ("", MatchedBy.NOTHING)]


def test_two_accounts_that_move_to_one_code_is_an_error() -> None:
    two = [
        account(f"XSTMP{n}", f"Old {n} (xerosync moves it to 300)", account_id=f"id-{n}")
        for n in (1, 2)
    ]
    error = problem(two, entry("300", "New"))
    assert error.rule == "both-codes-present"
    assert "interrupted" in error.message


def test_every_ambiguity_is_reported_at_once_in_the_order_of_the_file() -> None:
    accounts = [SALES, RENT, GST, FEES]
    entries = (
        entry("300", previously=("200",)),
        entry(system_account="GST"),
        entry("820", "GST"),
    )
    rules = [(p.line, p.rule) for p in problems(accounts, *entries)]
    assert rules == [(10, "both-codes-present"), (30, "one-account-twice")]


def test_the_order_in_which_xero_lists_its_accounts_does_not_matter() -> None:
    accounts = [SALES, RENT, FEES]
    ring = (
        entry("300", "Sales", previously=("200",)),
        entry("400", "Rent", previously=("300",)),
        entry("200", "Takings", previously=("400",)),
    )
    ways = {tuple(found(list(order), *ring)) for order in permutations(accounts)}
    assert len(ways) == 1
    twice = [account(str(n), "Till", type="BANK", account_id=f"id-{n}") for n in range(3)]
    messages = {
        problem(list(order), entry(None, "Till", type="BANK")).message
        for order in permutations(twice)
    }
    assert len(messages) == 1
