"""The proof: a plan for the chart that was read back finds nothing left to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from fakes import FakeLedger

from apply.recording import creates, failing, results
from xerosync.apply.verify import check_pulled, prove, undone
from xerosync.desired import DeleteRefused, DesiredAccount, Limits
from xerosync.errors import RejectedByXero, XerosyncError
from xerosync.model import Chart
from xerosync.plan.build import build
from xerosync.plan.plan import Plan

CURRENT = chart(account("200"), account("201"), account("202"))


def plan(*entries: DesiredAccount, refused: DeleteRefused = DeleteRefused.FAIL) -> Plan:
    limits = Limits(deletes=5)
    return build(CURRENT, wanted(*entries, delete_refused=refused, limits=limits))


def edited(current: Chart, account_id: str, **values: object) -> Chart:
    return replace(
        current,
        accounts=tuple(
            replace(a, **values) if a.account_id == account_id else a  # type: ignore[arg-type]
            for a in current.accounts
        ),
    )


MIXED = plan(entry("200", "Shoes", show_in_expense_claims=True), new("300", "Boots"),
             entry("201", status=ARCHIVED))  # fmt: skip


def test_a_complete_run_is_as_planned() -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger)
    assert prove(MIXED, outcomes.values(), ledger.chart()) == ()


def test_fields_that_xero_did_not_change_are_reported_with_both_values() -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger).values()
    after = edited(ledger.chart(), "id-200", name="Shirts", show_in_expense_claims=False)
    (found,) = prove(MIXED, outcomes, after)
    assert 'name is "Shirts" and not "Shoes"' in found
    assert "expense claims are no and not yes" in found


@pytest.mark.parametrize("values", [{"name": "In Use Again"}, {"type": "OVERHEADS"}])
def test_an_account_that_was_edited_while_it_was_archived_is_named(
    values: dict[str, str],
) -> None:
    """It may not be the one that was meant."""
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger).values()
    (found,) = prove(MIXED, outcomes, edited(ledger.chart(), "id-201", **values))
    assert found.startswith("201 Account 201: edited before this apply archived it: ")
    assert next(iter(values.values())) in found


@pytest.mark.parametrize("values", [{"description": "x"}, {"reporting_code": "EXP.OTH"}])
def test_an_edit_of_a_field_that_does_not_identify_accounts_is_not_a_difference(
    values: dict[str, str],
) -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger).values()
    assert prove(MIXED, outcomes, edited(ledger.chart(), "id-201", **values)) == ()


def test_a_created_account_that_is_not_there_is_named() -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger).values()
    after = replace(ledger.chart(), accounts=tuple(
        a for a in ledger.accounts() if a.code != "300"
    ))  # fmt: skip
    (found,) = prove(MIXED, outcomes, after)
    assert "300 Boots: create is still needed" in found


def test_after_a_partial_run_only_the_changes_that_were_done_must_hold() -> None:
    refuse = failing(RejectedByXero(("No.",)), creates("300"))
    ledger = FakeLedger(CURRENT, before=refuse)
    outcomes = results(MIXED, ledger).values()
    assert len(undone(outcomes)) == 1
    assert prove(MIXED, outcomes, ledger.chart()) == ()
    assert prove(MIXED, outcomes, edited(ledger.chart(), "id-200", name="Shirts"))


def test_after_a_partial_run_an_edit_of_another_account_is_named() -> None:
    """The plan had nothing to do for it, so somebody edited it during the run."""
    planned = plan(entry("200", "Shoes"), entry("202", "Account 202"), new("300", "Boots"))
    ledger = FakeLedger(CURRENT, before=failing(RejectedByXero(("No.",)), creates("300")))
    outcomes = results(planned, ledger).values()
    (found,) = prove(planned, outcomes, edited(ledger.chart(), "id-202", name="Shirts"))
    assert 'name is "Shirts" and not "Account 202"' in found


def test_an_entry_that_is_blocked_now_is_named() -> None:
    """A code was moved in Xero during the run, so that the file fits no more."""
    planned = plan(entry("200", "Shoes"), entry("201", "Account 201"), entry("202", "Account 202"))
    ledger = FakeLedger(CURRENT)
    outcomes = results(planned, ledger).values()
    swapped = edited(edited(ledger.chart(), "id-201", code="202"), "id-202", code="201")
    found = prove(planned, outcomes, swapped)
    assert any("blocked now (another-account)" in line for line in found)


def test_a_change_that_was_blocked_may_be_possible_after_the_run() -> None:
    """The run moved the code that stood in its way; the next plan has the change."""
    old = account("500", "Old", account_id="old", status=ARCHIVED)
    held = chart(old, account("500", "Now", account_id="now"))
    made = build(held, wanted(entry("500", "Old"), entry("501", "Now", account_id="now")))
    assert [one.account_id for one in made.blocked] == ["old"]
    ledger = FakeLedger(held)
    outcomes = results(made, ledger).values()
    assert build(ledger.chart(), made.desired).changes
    assert prove(made, outcomes, ledger.chart()) == ()


def test_an_account_left_at_a_temporary_code_is_named() -> None:
    swap = plan(
        entry("201", "Account 200", account_id="id-200"),
        entry("200", "Account 201", account_id="id-201"),
    )
    refuse = failing(RejectedByXero(("No.",)), lambda c: (c.values or {}).get("code") == "200")
    ledger = FakeLedger(CURRENT, before=refuse)
    outcomes = results(swap, ledger).values()
    assert any(
        found.startswith("XSTMP1 ") and found.endswith("The next apply replaces it.")
        for found in prove(swap, outcomes, ledger.chart())
    )


def test_the_hint_for_a_temporary_code_that_matches_no_entry_is_to_add_the_account_id() -> None:
    """An earlier apply was killed, and its entries have left the file: no apply replaces it."""
    planned = plan(entry("202", "Shoes"))
    ledger = FakeLedger(CURRENT)
    outcomes = results(planned, ledger).values()
    chart = edited(ledger.chart(), "id-200", code="XSTMP1")
    (found,) = prove(planned, outcomes, chart)
    assert found == (
        "XSTMP1 Account 200 has the temporary code of an interrupted apply, and it is not clear "
        "whether an entry is for this account. Add `account_id: id-200` to the entry for this "
        "account."
    )


def test_a_delete_that_became_an_archive_is_as_planned() -> None:
    planned = plan(entry("202", status=DELETED), refused=DeleteRefused.ARCHIVE)
    ledger = FakeLedger(CURRENT, used=frozenset({"id-202"}))
    outcomes = results(planned, ledger).values()
    assert undone(outcomes) == frozenset()
    assert prove(planned, outcomes, ledger.chart()) == ()


def test_a_chart_that_cannot_be_matched_proves_nothing() -> None:
    planned = plan(entry("300", previously=("200",)))
    ledger = FakeLedger(CURRENT)
    outcomes = results(planned, ledger).values()
    after = replace(
        ledger.chart(), accounts=(*ledger.accounts(), account("200", account_id="id-2"))
    )
    (found,) = prove(planned, outcomes, after)
    assert "300" in found
    assert "200" in found


@pytest.mark.parametrize("status", [ARCHIVED, "ACTIVE"])
def test_an_edit_of_an_unmanaged_account_does_not_matter(status: str) -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger).values()
    assert prove(MIXED, outcomes, edited(ledger.chart(), "id-202", name="X", status=status)) == ()


def test_a_pulled_file_must_leave_nothing_to_do() -> None:
    check_pulled(CURRENT, wanted(entry("200", "Account 200"), entry("201")))
    with pytest.raises(XerosyncError, match="still have changes for 200 Shoes"):
        check_pulled(CURRENT, wanted(entry("200", "Shoes")))
    with pytest.raises(XerosyncError, match="still have changes for 201 Account 201"):
        check_pulled(CURRENT, wanted(entry("201", type="BANK")))
