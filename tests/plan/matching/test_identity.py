"""No account is taken for another by its code alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from laws.simulate import Books, run

from xerosync.desired import DesiredAccount, Unmanaged
from xerosync.errors import ChartError
from xerosync.model import Account
from xerosync.plan.build import build
from xerosync.plan.matching.shared_words import share_a_word
from xerosync.plan.plan import Action, Plan
from xerosync.plan.temporary import temporary_name

FEES, CLEANING = account("404", "Bank Fees"), account("408", "Cleaning")


def plan(accounts: list[Account], *entries: DesiredAccount) -> Plan:
    return build(chart(*accounts), wanted(*entries))


def doubted(found: Plan) -> list[str]:
    return [blocked.label for blocked in found.blocked if blocked.rule == "another-account"]


def test_an_entry_inserted_at_a_code_in_use_is_blocked() -> None:
    """Cleaning moves to 409 without `previously`: 408 must not become Card Fees."""
    found = plan([CLEANING], new("408", "Card Fees"), new("409", "Cleaning"))
    assert not found.steps
    assert doubted(found) == ["408 Card Fees"]
    assert 'If Cleaning moves to 409, add `previously: ["408"]`' in found.blocked[0].hint
    assert "add `account_id: id-408` to this entry" in found.blocked[0].hint


def test_an_inserted_entry_is_created_if_previously_says_where_the_account_went() -> None:
    found = plan([CLEANING], new("408", "Card Fees"), new("409", "Cleaning", previously=("408",)))
    assert not found.blocked
    assert [(c.action, c.label) for c in found.changes] == [
        (Action.CREATE, "408 Card Fees"),
        (Action.UPDATE, "409 Cleaning"),
    ]


def test_a_swap_without_former_codes_is_blocked_and_never_two_renames() -> None:
    found = plan([FEES, CLEANING], entry("404", "Cleaning"), entry("408", "Bank Fees"))
    assert not found.steps
    assert doubted(found) == ["404 Cleaning", "408 Bank Fees"]


@pytest.mark.parametrize(
    ("current", "desired"),
    [
        (account("404", "Bank Fees", status=ARCHIVED), new("404", "Bank Charges")),
        (FEES, entry("404", "Fee Income", type="REVENUE", tax_type="OUTPUT2")),
        (FEES, entry("404", "Bank Charges", status=DELETED)),
        (account("9", "Fees", status=ARCHIVED), new("5", "Fees", type="CURRENT")),
        (account("457", "Fax", status=ARCHIVED), entry("457", "Leases", status=ARCHIVED)),
    ],
    ids=[
        "restored",
        "of another class",
        "deleted",
        "restored by name, of another class",
        "renamed while archived",
    ],
)
def test_a_change_that_could_harm_the_wrong_account_is_blocked(
    current: Account, desired: DesiredAccount
) -> None:
    found = plan([current], desired)
    assert len(doubted(found)) == 1
    assert not found.steps
    assert f"`account_id: {current.account_id}`" in found.blocked[0].hint
    pinned = replace(desired, account_id=current.account_id)
    assert not plan([current], pinned).blocked


def test_a_rename_of_one_word_is_marked_and_one_of_all_words_has_a_warning() -> None:
    (marked,) = plan([FEES], entry("404", "Bank Charges")).changes
    assert "Renamed: past transactions" in marked.reasons[0]
    assert marked.warnings == ()
    (unlike,) = plan([FEES], entry("404", "Staff Training")).changes
    assert unlike.warnings[0] == (
        "404 is Bank Fees in Xero: this renames it, history included. If Staff Training is "
        "another account, give it another code."
    )


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("Bank Fees", "Bank Charges", True),
        ("Advertizing", "Advertising", True),
        ("BANK FEES", "bank charges", True),
        ("Cost of Goods", "Hire of Halls", False),
        ("Light, Power", "Power & Heating", True),
        ("Travel", "Staff Training", False),
        ("IT", "IT", True),
        ("売上", "旅費", False),
        ("Rent", "Rental", True),
        ("Vehicle Expenses", "Vehicles", True),
        ("Interest Expense", "Depreciation Expense", False),
        ("Cleaning", "Clearing", False),
        ("Bank Fees", "Amortisation of Bank Goodwill", False),
        ("Business Bank Account", "Reserve Bank Account", False),
        ("Other Income", "Interest Income", False),
        ("Accounts Payable", "Wages Payable", False),
        ("Bank Charges", "Bank and Card Charges", True),
        ("Expenses", "Travel Expenses", False),
        ("Other Liabilities", "Current Liability", True),
        ("Companies", "Company", True),
        ("Gas", "Ga", False),
        ("Director's Salary", "Owner's Drawings", False),
        ("Café", "Cafe", True),
        ("Repairs & Tools", "Tool and Car Repairs", True),
        ("売上・国内", "売上・海外", True),
    ],
)
def test_names_share_a_word_if_one_is_spelled_much_the_same(
    one: str, other: str, shared: bool
) -> None:
    assert share_a_word(one, other) is shared
    assert share_a_word(other, one) is shared


BANK = account("090", "Bank Account", type="BANK", bank_account_number="12-3141-0123456-00")
RESERVE = account("091", "Savings", type="BANK", bank_account_number="12-3141-0123456-25")


@pytest.mark.parametrize(
    ("name", "found_by"),
    [
        ("Reserve Bank Account", {"code": "090"}),
        ("Bank Account", {"code": "090"}),
        ("Bank Account", {"code": "092", "previously": ("090",)}),
    ],
)
def test_a_bank_account_does_not_get_the_number_of_another(
    name: str, found_by: dict[str, Any]
) -> None:
    code = found_by["code"]
    former = found_by.get("previously", ())
    desired = entry(
        code, name, type="BANK", bank_account_number="123141012345625", previously=former
    )
    found = plan([BANK, RESERVE], desired)
    assert doubted(found) == [f"{code} {name}"]
    assert "is the bank account number of 091 Savings" in found.blocked[0].reason
    assert "add `account_id: id-091`" in found.blocked[0].hint
    unnumbered = replace(BANK, bank_account_number="")
    assert doubted(plan([unnumbered, RESERVE], desired)) == [f"{code} {name}"]
    rest = replace(wanted(desired), unmanaged=Unmanaged.ARCHIVE)
    assert not build(chart(BANK, RESERVE), rest).changes


def test_another_number_for_a_bank_account_found_by_its_code_has_a_warning() -> None:
    desired = entry("090", "Bank Account", type="BANK", bank_account_number="99-0000-1")
    (change,) = plan([BANK, RESERVE], desired).changes
    assert change.warnings[0].startswith("090 Bank Account has the bank account number 12-3141")
    pinned = replace(desired, account_id="id-090")
    (change,) = plan([BANK, RESERVE], pinned).changes
    assert not any("has the bank account number" in warning for warning in change.warnings)


NUMBERED = new("091", "Reserve", type="BANK", bank_account_number="11-1")
NAMED = replace(NUMBERED, values={k: v for k, v in NUMBERED.values.items() if k != "code"})
INHERITED = replace(NUMBERED, overridden=(("092", "Reserve"),))


@pytest.mark.parametrize(
    ("desired", "status", "found_by"),
    [
        (NAMED, "ACTIVE", "name"),
        (NUMBERED, ARCHIVED, "name"),
    ],
)
def test_another_number_for_a_bank_account_found_by_its_name_has_a_warning(
    desired: DesiredAccount, status: str, found_by: str
) -> None:
    there = account("092", "Reserve", status=status, type="BANK", bank_account_number="99-9")
    (change,) = plan([there], desired).changes
    assert change.account == there
    (warning,) = (one for one in change.warnings if "has the bank account number 99-9" in one)
    assert warning.endswith(f"another bank account, change the entry's {found_by}.")
    other = account("095", "Cheques", type="BANK", bank_account_number="111")
    found = plan([there, other], desired, entry("095", "Cheques", bank_account_number="22-2"))
    (blocked,) = found.blocked
    assert blocked.rule == "another-account"
    assert f"but the entry's {found_by} is that of 092 Reserve." in blocked.reason


@pytest.mark.parametrize(
    ("desired", "code", "reason"),
    [
        (
            NUMBERED,
            "XSTMP1",
            "but the entry was matched to XSTMP1 Reserve, which an interrupted apply left.",
        ),
        (
            INHERITED,
            "092",
            "but the entry's code and name in the standard are those of 092 Reserve.",
        ),
    ],
)
def test_the_way_out_is_an_account_id_if_the_entry_lacks_what_found_the_account(
    desired: DesiredAccount, code: str, reason: str
) -> None:
    """The entry itself has no temporary code, and not the standard's, that could be changed."""
    there = account(code, "Reserve", type="BANK", bank_account_number="99-9")
    (change,) = plan([there], desired).changes
    assert change.account == there
    (warning,) = (one for one in change.warnings if "has the bank account number 99-9" in one)
    assert warning.endswith(
        "another bank account, add the account_id of that account to the entry."
    )
    other = account("095", "Cheques", type="BANK", bank_account_number="111")
    found = plan([there, other], desired, entry("095", "Cheques", bank_account_number="22-2"))
    (blocked,) = found.blocked
    assert blocked.reason.endswith(reason)


def test_an_account_that_moved_in_xero_is_not_archived_as_unmanaged() -> None:
    """Somebody shifted the codes: the file's Cleaning is 409 in Xero now."""
    shifted = [account("408", "Bank Fees"), account("409", "Cleaning")]
    file = wanted(entry("404", "Bank Fees"), entry("408", "Cleaning"), unmanaged=Unmanaged.ARCHIVE)
    assert not build(chart(*shifted), file).steps


def test_without_xero_no_account_id_is_made_up() -> None:
    csv = chart(replace(CLEANING, account_id="csv:1"))
    found = build(csv, wanted(new("408", "Card Fees"), new("409", "Cleaning")))
    assert "csv:" not in found.blocked[0].hint
    assert "`account_id`" in found.blocked[0].hint


OLD = entry("400A", "Marketing (old)", previously=("400",), status=ARCHIVED)


@pytest.mark.parametrize("kind", ["EXPENSE", "DIRECTCOSTS"])
def test_the_former_code_of_an_archived_entry_finds_its_account(kind: str) -> None:
    books = Books(chart(account("400", "Marketing")))
    file = wanted(OLD, new("400", "Marketing", type=kind))
    run(books, build(books.chart, file).steps)
    old, fresh = books.accounts.values()
    assert (old.code, old.name, old.status, old.type) == (
        "400A", "Marketing (old)", ARCHIVED, "EXPENSE",
    )  # fmt: skip
    assert (fresh.code, fresh.name, fresh.type) == ("400", "Marketing", kind)
    assert build(books.chart, file).empty


def test_an_account_that_the_next_plan_would_archive_is_not_created() -> None:
    """In books that never had the old account, its entry would claim the new one."""
    found = build(chart(), wanted(OLD, new("400", "Marketing")))
    assert doubted(found) == ["400 Marketing"]
    assert "remove `previously`" in found.blocked[0].hint


def test_a_former_code_of_a_deleted_entry_may_not_be_in_use() -> None:
    """After the delete nothing shows that it was done, and the next plan would delete again."""
    gone = replace(OLD, status=DELETED)
    with pytest.raises(ChartError) as caught:
        build(chart(account("400", "Marketing")), wanted(gone, new("400", "Marketing")))
    (problem,) = caught.value.problems
    assert problem.rule == "ambiguous-renumbering"
    assert (
        "add its account_id to this entry: 400 Marketing is id-400. Check the name:" in problem.hint
    )
    both = chart(account("400", "Marketing"), account("400A", "Other"))
    with pytest.raises(ChartError) as caught:
        build(both, wanted(gone, new("400", "Marketing")))
    (problem,) = caught.value.problems
    assert "400 Marketing is id-400, 400A Other is id-400A." in problem.hint
    pinned = replace(gone, previously=(), account_id="id-400")
    books = Books(chart(account("400", "Marketing")))
    file = wanted(pinned, new("400", "Marketing"))
    run(books, build(books.chart, file).steps)
    assert list(books.accounts) == ["new-1"]
    assert build(books.chart, file).empty


@pytest.mark.parametrize("pin", [{"account_id": "id-gone"}, {"system_account": "ROUNDING"}])
def test_a_pinned_entry_finds_no_account_by_a_former_code(pin: dict[str, str]) -> None:
    """A pin says which account is meant, even if that account is gone."""
    lost = entry("405", "Card Fees", previously=("404",), **pin)
    kept = entry("404", "Bank Fees", account_id="id-404")
    found = plan([FEES], lost, kept)
    assert [b.rule for b in found.blocked] == [f"unknown-{next(iter(pin)).replace('_', '-')}"]
    assert not found.changes


LEFT = account("XSTMP1", "Bank Fees (xerosync moves it to 405)", account_id="id-left")
"""What an apply left that was killed while it moved 404 Bank Fees to 405."""


@pytest.mark.parametrize(
    "entries",
    [
        (new("405", "Card Fees"),),
        (new("405", "Card Fees"), new("406", "Bank Fees", previously=("404",))),
        (entry("405", type="EXPENSE"), new("406", "Bank Fees", previously=("404",))),
        (new("405", "Card Fees", status=ARCHIVED),),
        (new("405", "Card Fees", status=DELETED),),
        (new("407", "Bank Charges", previously=("404",)),),
        (new("407", "Merchant Costs", previously=("404",)),),
        (new("407", "Bank Charges"),),
    ],
    ids=[
        "its code is another entry's",
        "moved elsewhere",
        "moved elsewhere, no name",
        "archived",
        "deleted",
        "renamed",
        "renamed with no word in common",
        "renamed and no former code",
    ],
)
def test_a_file_changed_since_an_interrupted_apply_takes_no_account_for_another(
    entries: tuple[DesiredAccount, ...],
) -> None:
    found = plan([LEFT], *entries)
    assert not found.steps
    assert doubted(found)
    assert not any("unmanaged" in blocked.reason for blocked in found.blocked)
    assert all("account_id: id-left" in blocked.hint for blocked in found.blocked)
    *others, last = entries
    assert not doubted(plan([LEFT], *others, replace(last, account_id="id-left")))


def test_the_name_before_a_temporary_one_is_compared_with_the_entry() -> None:
    at_404 = replace(LEFT, code="404")
    found = plan([at_404], entry("404", "Fee Income", type="REVENUE", tax_type="OUTPUT2"))
    assert doubted(found) == ["404 Fee Income"]
    (change,) = plan([at_404], entry("404", "Staff Training")).changes
    assert change.warnings[0].startswith("404 is Bank Fees in Xero: this renames it")


@pytest.mark.parametrize(
    "desired",
    [
        new("405", "Bank Fees", previously=("404",)),
        new("405", "Merchant Costs", previously=("404",)),
        new("406", "Bank Fees", previously=("404",)),
        entry("405", previously=("404",)),
    ],
)
def test_an_interrupted_move_is_finished(desired: DesiredAccount) -> None:
    (change,) = plan([LEFT], desired).changes
    assert (change.action, change.account_id) == (Action.UPDATE, "id-left")
    assert change.code == desired.code


def test_an_interrupted_move_of_a_long_name_is_finished() -> None:
    """A temporary name holds only the beginning of a long one."""
    name = "Fees of the bank " + "and so on " * 12 + "for 2026"
    left = account("XSTMP1", temporary_name(name, "405", ()), account_id="id-left")
    (change,) = plan([left], entry("405", name)).changes
    assert change.account_id == "id-left"
    found = plan([left], new("405", "Cards"), new("406", name))
    assert f"the entry for {name}"[:42] in found.blocked[0].reason


def test_an_archived_entry_in_an_interrupted_cycle_is_finished() -> None:
    left = account("XSTMP1", "Marketing (xerosync moves it to 400A)", account_id="id-left")
    found = plan([left], OLD, new("400", "Marketing"))
    assert [(c.action, c.label) for c in found.changes] == [
        (Action.CREATE, "400 Marketing"),
        (Action.ARCHIVE, "400A Marketing (old)"),
    ]


def test_an_archived_entry_in_an_interrupted_cycle_takes_no_other_account() -> None:
    """Its account has a temporary code; under its former code is the account that came there."""
    cycle = [account("1", "Sales"), account("2", "Rent"), account("3", "Fees")]
    file = wanted(
        entry("2", previously=("1",)),
        entry("3", previously=("2",)),
        entry("1", "Fees", status=ARCHIVED, previously=("3",)),
    )
    first = build(chart(*cycle), file)
    for died_at in range(1, len(first.steps)):
        books = Books(chart(*cycle))
        run(books, first.steps, upto=died_at)
        run(books, build(books.chart, file).steps)
        assert [(a.code, a.name) for a in books.accounts.values()] == [
            ("2", "Sales"), ("3", "Rent"), ("1", "Fees"),
        ]  # fmt: skip
        assert build(books.chart, file).empty


BANK_LEFT = account("", "Savings (xerosync moves it to )", account_id="id-left", type="BANK")


@pytest.mark.parametrize("left", [LEFT, replace(LEFT, name="Bank Fees"), BANK_LEFT])
def test_an_account_left_by_an_interrupted_apply_is_reported_and_not_archived(
    left: Account,
) -> None:
    (note,) = plan([left], new("408", "Cleaning")).left_file
    assert "interrupted apply" in note
    assert "`account_id: id-left`" in note
    rest = replace(wanted(new("408", "Cleaning")), unmanaged=Unmanaged.ARCHIVE)
    found = build(chart(left), rest)
    assert [change.label for change in found.changes] == ["408 Cleaning"]
    assert doubted(found) == [left.label]
