"""What a change means for the books, in an accountant's words."""

from __future__ import annotations

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DeleteRefused, DesiredAccount, Unmanaged
from xerosync.model import Account
from xerosync.plan.build import build


def reasons(
    current: Account | None,
    desired: DesiredAccount,
    delete_refused: DeleteRefused = DeleteRefused.FAIL,
) -> str:
    file = wanted(desired, delete_refused=delete_refused)
    plan = build(chart(*([current] if current else [])), file)
    assert not plan.blocked
    (change,) = plan.changes
    return " ".join(change.reasons)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (
            "EXPENSE",
            "FIXED",
            (
                "expenses in the profit and loss to assets on the balance sheet",
                "comparatives and the profit of past years change",
            ),
        ),
        (
            "CURRLIAB",
            "REVENUE",
            ("liabilities on the balance sheet to income in the profit and loss", "profit of past"),
        ),
        (
            "CURRENT",
            "CURRLIAB",
            ("assets on the balance sheet to liabilities", "comparatives change"),
        ),
        (
            "REVENUE",
            "EXPENSE",
            ("income in the profit and loss to expenses", "comparatives change"),
        ),
        ("EXPENSE", "OVERHEADS", ("under OVERHEADS instead of EXPENSE", "comparatives change")),
        ("EQUITY", "LIABILITY", ("equity on the balance sheet to liabilities",)),
    ],
)
def test_a_retype_names_both_statements_and_says_that_comparatives_change(
    before: str, after: str, says: tuple[str, ...]
) -> None:
    text = reasons(account("1", "X", type=before), entry("1", type=after))
    for part in says:
        assert part in text


def test_within_one_statement_past_profit_does_not_change() -> None:
    text = reasons(account("1", "X", type="CURRENT"), entry("1", type="CURRLIAB"))
    assert "profit" not in text


def test_a_type_that_xero_has_added_is_explained_by_its_class() -> None:
    odd = account("1", "X", type="SCORP", account_class="EQUITY")
    assert "equity on the balance sheet to assets" in reasons(odd, entry("1", type="CURRENT"))


def test_a_renumbering_says_that_history_follows_and_what_must_be_changed() -> None:
    text = reasons(account("200", "Sales"), entry("210", previously=("200",)))
    assert "history stays" in text
    assert "Renumbered, as `previously` says." in text
    assert "Bank rules" in text


def test_a_tax_change_says_that_it_affects_only_new_transactions() -> None:
    text = reasons(account("1", "X"), entry("1", tax_type="INPUT2"))
    assert "Only new transactions" in text


def test_an_archive_says_what_stops_working() -> None:
    text = reasons(account("1", "X"), entry("1", status=ARCHIVED))
    assert "No new transaction" in text
    assert "as their default" in text


def test_archiving_an_unmanaged_account_says_so() -> None:
    (change,) = build(chart(account("1")), wanted(unmanaged=Unmanaged.ARCHIVE)).changes
    assert "unmanaged: archive" in " ".join(change.reasons)


def test_a_restore_says_that_the_history_never_left() -> None:
    assert "never left" in reasons(account("1", "X", status=ARCHIVED), entry("1"))


def test_a_create_that_becomes_a_restore_says_why() -> None:
    old = account("200", "Sales", status=ARCHIVED)
    by_code = reasons(old, new("200", "Sales"))
    assert "An archived account already has this code; it will be restored" in by_code
    by_name = reasons(old, new("210", "Sales"))
    assert "The archived account 200 Sales has this name, so it is restored" in by_name


def test_an_account_with_a_temporary_code_says_that_an_apply_was_interrupted() -> None:
    moving = account("XSTMP1", "Sales")
    assert "interrupted apply" in reasons(moving, entry("210", "Sales"))


def test_a_bank_account_found_by_its_number_says_so_when_its_code_differs() -> None:
    bank = account("", "Till", type="BANK", bank_account_number="1234")
    numbered = entry("090", "Till", type="BANK", bank_account_number="12-34")
    assert "Found by its bank account number; its code is empty." in reasons(bank, numbered)
    without = entry(None, "Main", type="BANK", bank_account_number="12-34")
    assert "Found by" not in reasons(bank, without)


def test_a_delete_says_when_it_becomes_an_archive() -> None:
    gone = entry("1", status=DELETED)
    assert "archived" not in reasons(account("1"), gone)
    assert "archived" in reasons(account("1"), gone, DeleteRefused.ARCHIVE)


def test_a_plain_edit_or_create_needs_no_reason() -> None:
    assert reasons(account("1", "X"), entry("1", description="more")) == ""
    assert reasons(None, new("1")) == ""
