"""What a hint advises can be done, and helps: no value that a file cannot hold, no flag twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount, Source
from xerosync.errors import ChartError
from xerosync.model import Account, Chart
from xerosync.plan.build import build
from xerosync.plan.matching.ambiguities import both_codes_present
from xerosync.plan.plan import Blocked
from xerosync.plan.temporary import temporary_name

WAGES = account("803", "Wages", type="WAGESPAYABLELIABILITY", system_account="WAGEPAYABLES")


def block(current: Chart, *entries: DesiredAccount) -> Blocked:
    (found,) = build(current, wanted(*entries)).blocked
    return found


def test_a_type_that_a_file_cannot_name_is_not_advised() -> None:
    assert block(chart(WAGES), entry("803", type="CURRLIAB")).hint == "Remove the line."
    gst = account("820", "GST", type="CURRLIAB", system_account="GST")
    assert "`type: CURRLIAB`" in block(chart(gst), entry("820", type="CURRENT")).hint


@pytest.mark.parametrize(
    ("has", "wants"),
    [
        ({"bank_account_type": "LOAN"}, {"bank_account_type": "BANK"}),
        ({"bank_account_type": "NONE"}, {"bank_account_type": "CREDITCARD"}),
        ({"currency_code": ""}, {"currency_code": "USD"}),
    ],
)
def test_a_value_of_a_bank_account_that_a_file_cannot_hold_is_not_advised(
    has: dict[str, str], wants: dict[str, str]
) -> None:
    bank = account("090", "Bank", type="BANK", **has)
    assert block(chart(bank), entry("090", **wants)).hint.startswith("Remove the line. For another")


def test_a_new_bank_account_is_not_advised_for_another_tax_rate() -> None:
    bank = account("090", "Bank", type="BANK")
    assert "open a new" not in block(chart(bank), entry("090", tax_type="INPUT2")).hint


def test_a_paypal_account_that_is_added_as_advised_needs_nothing_else() -> None:
    desired = new("095", "PayPal", type="BANK", bank_account_type="PAYPAL", bank_account_number="1")
    assert "with the code and name of this entry" in block(chart(), desired).hint
    added = account(
        "095", "PayPal", type="BANK", bank_account_type="PAYPAL", bank_account_number="1"
    )
    assert build(chart(added), wanted(desired)).empty


@pytest.mark.parametrize("written", ["Old Rat", "15% GST on Incom"])
def test_a_tax_rate_that_would_be_blocked_too_is_not_advised(written: str) -> None:
    """One is archived, the other is for income, and the account is an expense."""
    advised = block(chart(), new("400", tax_type=written)).hint.partition("Rates that apply")[0]
    assert "Old Rate" not in advised
    assert "Income" not in advised
    hint = block(chart(), new("400", tax_type="15% GST on Expense")).hint
    assert "Did you mean 15% GST on Expenses?" in hint


def test_removing_a_pin_is_not_advised_where_nothing_else_identifies_the_account() -> None:
    for alone in (entry(account_id="id-gone"), entry(account_id="id-gone", description="Food")):
        assert block(chart(), alone).hint == "Correct account_id."
    for other in (
        new("400", account_id="id-gone"),
        entry(account_id="id-gone", system_account="DEBTORS"),
        entry(account_id="id-gone", bank_account_number="12-3"),
    ):
        assert (
            "Correct account_id, or remove it: the rest of the entry then says"
            in block(chart(), other).hint
        )


RENT, FEES = account("410", "Rent"), account("420", "Fees")


def test_a_pin_is_advised_for_an_account_that_moves_to_a_code_in_use() -> None:
    """With `previously`, two accounts would be meant by one entry, which is an error."""
    moved, other = new("420", "Rent"), new("410", "Cards")
    found = build(chart(RENT, FEES), wanted(moved, other)).blocked
    assert "If Rent moves to 420, add `account_id: id-410` to that entry." in found[0].hint
    pinned = new("420", "Rent", account_id="id-410")
    assert {b.rule for b in build(chart(RENT, FEES), wanted(pinned, other)).blocked} == {
        "code-held"
    }
    resolved = (pinned, other, entry("421", "Fees", account_id="id-420"))
    assert not build(chart(RENT, FEES), wanted(*resolved)).blocked


def test_previously_is_advised_for_accounts_that_swap_codes() -> None:
    found = build(chart(RENT, FEES), wanted(new("420", "Rent"), new("410", "Fees"))).blocked
    assert ['previously: ["410"]' in found[0].hint, 'previously: ["420"]' in found[1].hint] == [
        True, True,
    ]  # fmt: skip
    swap = new("420", "Rent", previously=("410",)), new("410", "Fees", previously=("420",))
    assert not build(chart(RENT, FEES), wanted(*swap)).blocked


def test_a_former_code_that_another_entry_has_is_not_advised() -> None:
    books = chart(account("410", "Rent"), account("400", "Ads"))
    cards = new("400", "Cards", previously=("410",))
    found = build(books, wanted(new("420", "Rent"), new("410", "Ads"), cards)).blocked
    assert any("If Rent moves to 420, add `account_id: id-410`" in block.hint for block in found)
    assert not any('previously: ["410"]' in block.hint for block in found)


def both_codes(*accounts: Account, desired: DesiredAccount) -> str:
    with pytest.raises(ChartError) as caught:
        build(chart(*accounts), wanted(desired))
    (problem,) = caught.value.problems
    assert problem.rule == "both-codes-present"
    return problem.hint


def test_removing_the_former_code_is_advised_only_where_there_is_one() -> None:
    old, now = account("400", "Ads"), account("410", "Advertising")
    hint = both_codes(old, now, desired=entry("410", "Ads", previously=("400",)))
    assert "remove `previously`" in hint
    assert "400 Ads is id-400, 410 Advertising is id-410" in hint
    inherited = replace(
        entry("410", "Ads", previously=("400",)), inherited=Source("standard.yaml", 7, 5)
    )
    hint = both_codes_present(inherited, [old, now]).hint
    assert "remove `previously` from the entry of the standard (standard.yaml:7)" in hint
    moved = account("XSTMP1", temporary_name("Ads", "410", ()), account_id="id-moved")
    assert "previously" not in both_codes(moved, now, desired=entry("410", "Ads"))
