"""What the file does not manage is left alone."""

from __future__ import annotations

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DeleteRefused, DesiredAccount, Unmanaged
from xerosync.plan.build import build

SALES, RENT = account("200", "Sales"), account("300", "Rent")
ASLEEP = account("400", "Old", status=ARCHIVED)
GST = account("820", "GST", type="CURRLIAB", system_account="GST")
ALL = chart(RENT, SALES, ASLEEP, GST)


def test_accounts_that_the_file_leaves_out_are_listed_and_kept() -> None:
    plan = build(ALL, wanted(entry("200")))
    assert [a.code for a in plan.unmanaged] == ["300"]
    assert plan.empty
    assert plan.summary["unmanaged"] == 1


def test_archived_and_system_accounts_are_not_listed_as_unmanaged() -> None:
    plan = build(ALL, wanted())
    assert [a.code for a in plan.unmanaged] == ["200", "300"]


def test_unmanaged_archive_archives_active_accounts_except_system_accounts() -> None:
    plan = build(ALL, wanted(entry("200"), unmanaged=Unmanaged.ARCHIVE))
    assert [(c.action, c.code) for c in plan.changes] == [("archive", "300")]
    assert plan.unmanaged == ()


def test_unmanaged_accounts_are_listed_in_natural_order_of_codes() -> None:
    codes = ["1000", "9", "B10", "B2", "090"]
    plan = build(chart(*(account(code) for code in codes)), wanted())
    assert [a.code for a in plan.unmanaged] == ["9", "090", "1000", "B2", "B10"]


@pytest.mark.parametrize(
    "one",
    [
        entry("900", "Gone", status=ARCHIVED),
        entry("900", "Gone", status=DELETED),
        entry("400", status=ARCHIVED),
    ],
)
def test_accounts_already_absent_or_archived_as_desired_need_nothing(one: DesiredAccount) -> None:
    plan = build(ALL, wanted(one, entry("200"), entry("300")))
    assert plan.empty
    assert plan.unchanged == 3


def test_an_archived_account_is_deleted_if_there_is_no_fallback() -> None:
    plan = build(ALL, wanted(entry("400", status=DELETED)))
    assert [c.action for c in plan.changes] == ["delete"]


def test_an_archived_account_satisfies_a_delete_that_falls_back_to_archive() -> None:
    gone = entry("400", status=DELETED)
    plan = build(ALL, wanted(gone, delete_refused=DeleteRefused.ARCHIVE))
    assert plan.empty


def test_counts_add_up() -> None:
    entries = (entry("200", "Takings"), entry("300"), new("500"), entry("900", status=ARCHIVED))
    summary = build(ALL, wanted(*entries)).summary
    assert (summary["update"], summary["create"], summary["unchanged"]) == (1, 1, 2)


@pytest.mark.parametrize(
    "desired",
    [
        entry("404", "Fees", account_id="id-gone"),
        entry("404", account_id="id-gone", status=ARCHIVED),
        entry(None, "Fees", system_account="CREDITORS"),
        new("405", "fees"),
        entry("7", "Other", account_id="id-gone", previously=("404",)),
    ],
)
def test_an_account_that_an_unmatched_entry_may_mean_is_not_archived(
    desired: DesiredAccount,
) -> None:
    """Archiving the very account that the entry means would be the worst outcome."""
    current = chart(account("404", "Fees"), account("500", "Old"))
    plan = build(current, wanted(desired, unmanaged=Unmanaged.ARCHIVE))
    assert bool(plan.blocked) is (desired.status == "ACTIVE")
    assert [change.code for change in plan.changes] == ["500"]


def test_a_bank_account_with_the_number_of_a_wrongly_pinned_entry_is_not_archived() -> None:
    bank = account("090", "Bank", type="BANK", bank_account_number="123456789012300")
    desired = entry("7", "X", account_id="id-gone", bank_account_number="12-3456-7890123-00")
    plan = build(chart(bank), wanted(desired, unmanaged=Unmanaged.ARCHIVE))
    assert plan.blocked
    assert plan.changes == ()
