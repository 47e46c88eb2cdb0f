"""The proof: the chart read afterwards, planned again, holds nothing that should be done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from fakes import FakeLedger

from apply.recording import creates, failing, results
from xerosync.apply.verify import prove, undone
from xerosync.errors import RejectedByXero
from xerosync.model import Chart, DeleteRefused, DesiredAccount, Limits
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


def test_a_whole_run_is_as_planned() -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger)
    assert prove(MIXED, outcomes.values(), ledger.chart()) == ()


def test_what_xero_ignored_is_named_with_its_values() -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger).values()
    after = edited(ledger.chart(), "id-200", name="Shirts", show_in_expense_claims=False)
    (found,) = prove(MIXED, outcomes, after)
    assert "name is Shirts and not Shoes" in found
    assert "expense claims is no and not yes" in found


def test_a_created_account_that_is_not_there_is_named() -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger).values()
    after = replace(ledger.chart(), accounts=tuple(
        a for a in ledger.accounts() if a.code != "300"
    ))  # fmt: skip
    (found,) = prove(MIXED, outcomes, after)
    assert "300 Boots: create is still needed" in found


def test_after_a_run_in_part_only_what_was_done_is_held_against_the_chart() -> None:
    refuse = failing(RejectedByXero(("No.",)), creates("300"))
    ledger = FakeLedger(CURRENT, before=refuse)
    outcomes = results(MIXED, ledger).values()
    assert len(undone(outcomes)) == 1
    assert prove(MIXED, outcomes, ledger.chart()) == ()
    assert prove(MIXED, outcomes, edited(ledger.chart(), "id-200", name="Shirts"))


def test_a_delete_that_became_an_archive_is_as_planned() -> None:
    wish = plan(entry("202", status=DELETED), refused=DeleteRefused.ARCHIVE)
    ledger = FakeLedger(CURRENT, used=frozenset({"id-202"}))
    outcomes = results(wish, ledger).values()
    assert undone(outcomes) == frozenset()
    assert prove(wish, outcomes, ledger.chart()) == ()


def test_books_that_cannot_be_matched_any_more_are_no_proof() -> None:
    wish = plan(entry("300", previously=("200",)))
    ledger = FakeLedger(CURRENT)
    outcomes = results(wish, ledger).values()
    after = replace(
        ledger.chart(), accounts=(*ledger.accounts(), account("200", account_id="id-2"))
    )
    assert prove(wish, outcomes, after)


@pytest.mark.parametrize("status", [ARCHIVED, "ACTIVE"])
def test_an_edit_of_an_unmanaged_account_is_nobodys_business(status: str) -> None:
    ledger = FakeLedger(CURRENT)
    outcomes = results(MIXED, ledger).values()
    assert prove(MIXED, outcomes, edited(ledger.chart(), "id-202", name="X", status=status)) == ()
