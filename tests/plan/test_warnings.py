"""What Xero does not document gets a warning, and blocks nothing."""

from __future__ import annotations

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount
from xerosync.model import Account
from xerosync.plan.build import build

SALES = account("200", "Sales", type="REVENUE", tax_type="OUTPUT2", description="d")
BANK = account("090", "Bank", type="BANK")
GST = account("820", "GST", type="CURRLIAB", system_account="GST")


def warnings(current: Account | None, desired: DesiredAccount) -> tuple[str, ...]:
    plan = build(chart(*([current] if current else [])), wanted(desired))
    assert not plan.blocked
    (change,) = plan.changes
    return change.warnings


@pytest.mark.parametrize(
    ("current", "desired", "says"),
    [
        (SALES, entry("200", status=DELETED), "cannot be undone"),
        (SALES, entry("200", type="OTHERINCOME"), "REVENUE to OTHERINCOME"),
        (SALES, entry("200", description=""), "Clearing the description"),
        (SALES, entry("200", reporting_code="REV.X"), "Report code REV.X"),
        (SALES, entry("200", enable_payments_to_account=True), "Payments to an account of type"),
        (None, new("1", enable_payments_to_account=True), "Payments to an account of type"),
        (SALES, entry("200", "*Sales"), "starts with a symbol"),
        (None, new("#1"), "starts with a symbol"),
        (BANK, entry("090", "Main"), "Changing the name of a bank account"),
        (
            BANK,
            entry("090", bank_account_number="7"),
            "Changing the bank account number of a bank account",
        ),
        (GST, entry("820", "Tax"), "system account GST"),
        (account("1", "X", status=ARCHIVED, system_account="GST"), entry("1"), "Restoring"),
        (
            account("1", status=ARCHIVED),
            entry("1", description="Y", status=ARCHIVED),
            "archived again",
        ),
        (
            None,
            new("1", type="BANK", bank_account_number="1", bank_account_type="CREDITCARD"),
            "issue 535",
        ),
    ],
)
def test_undocumented_behaviour_gets_one_warning(
    current: Account | None, desired: DesiredAccount, says: str
) -> None:
    found = warnings(current, desired)
    assert len([text for text in found if says in text]) == 1


@pytest.mark.parametrize(
    ("current", "desired"),
    [
        (SALES, entry("200", "Sales of Goods")),
        (SALES, entry("210", previously=("200",))),
        (account("1", "X", status=ARCHIVED), entry("1")),
        (account("1", "X", type="CURRLIAB"), entry("1", enable_payments_to_account=True)),
        (None, new("1", description="", add_to_watchlist=True)),
        (None, new("1", "Élan")),
    ],
)
def test_known_behaviour_gets_no_warning(current: Account | None, desired: DesiredAccount) -> None:
    assert warnings(current, desired) == ()


@pytest.mark.parametrize("status", [ARCHIVED, DELETED])
def test_the_warning_of_an_archive_or_delete_names_what_locks_an_account(status: str) -> None:
    """Xero locks an account in use, and the plan cannot see by what."""
    (warning,) = warnings(SALES, entry("200", "Sales", status=status))
    for use in ("repeating invoice", "bank rule", "inventory item", "fixed asset", "payroll"):
        assert use in warning


def test_a_rename_gets_a_warning_while_another_account_has_the_former_code() -> None:
    entries = (entry("300", "Lease", previously=("200",)), entry("200", "Sales"))
    plan = build(chart(account("200", "Sales"), account("300", "Rent")), wanted(*entries))
    (change,) = plan.changes
    (warning,) = change.warnings
    assert "300 Rent" in warning
    assert "200 Sales" in warning
    assert "id-200" in warning
    settled = (entry("300", "Lease"), entries[1])
    plan = build(chart(account("200", "Sales"), account("300", "Rent")), wanted(*settled))
    (warning,) = plan.changes[0].warnings
    assert warning.startswith("300 is Rent in Xero: this renames it")


def test_a_new_account_gets_a_warning_if_another_entry_has_its_former_code() -> None:
    entries = (new("201", "Alpha two", previously=("200",)), entry("200", "Alpha"))
    (change,) = build(chart(account("200", "Alpha")), wanted(*entries)).changes
    (warning,) = change.warnings
    assert "without any history" in warning
    assert "account_id: id-200" in warning
