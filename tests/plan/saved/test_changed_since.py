"""Why a saved plan cannot be applied: the words for what Xero and the file did meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import ARCHIVED, account, chart, entry, wanted

from xerosync.desired import DesiredAccount
from xerosync.errors import StalePlan
from xerosync.model import Account
from xerosync.plan.build import build
from xerosync.plan.saved import stale
from xerosync.plan.saved.changed_since import Applied

AT = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)
EDITED = "(edited in Xero on 3 November 2026 at 09:05 UTC; Xero does not say who)"
FEES = account("404", "Bank Fees")
ADVICE = account(
    "412", "Consulting", description="old", updated_at=datetime(2017, 7, 14, tzinfo=UTC)
)
RENAME = entry("412", "Consultants")


def refused(
    saved: DesiredAccount,
    now: tuple[Account, ...],
    file: DesiredAccount | None = None,
    applied: Applied | None = None,
) -> StalePlan:
    """Return why a plan of one entry is refused, for a file (or, if None, without one)."""
    plan = build(chart(FEES, ADVICE), wanted(saved))
    by = applied or {}
    if file is None:
        with pytest.raises(StalePlan) as caught:
            stale.again(plan, chart(*now), by)
    else:
        with pytest.raises(StalePlan) as caught:
            stale.as_in_file(plan, chart(*now), wanted(file), by)
    return caught.value


def test_an_account_that_the_file_now_protects_was_not_edited_in_xero() -> None:
    gone = entry("412", "Consulting", status=ARCHIVED)
    error = refused(gone, (FEES, ADVICE), replace(gone, protect=True))
    assert error.details[0] == "412 Consulting: it is now protected (`protect: true`)."
    assert error.details[1].startswith("412 Consulting: now blocked (protected)")
    assert "accounts.yaml does not ask for what this plan does" in error.message


def test_an_ambiguity_may_come_from_the_file_if_a_plan_is_compared_with_it() -> None:
    plan = build(chart(FEES, ADVICE), wanted(RENAME))
    both = entry("500", "Consultants", previously=("412", "404"))
    with pytest.raises(StalePlan) as of_file:
        stale.as_in_file(plan, chart(FEES, ADVICE), wanted(both))
    assert of_file.value.message.startswith("Xero, the file or its standard has changed since")
    twice = account("412", "Advice", updated_at=AT)
    with pytest.raises(StalePlan) as of_xero:
        stale.again(plan, chart(FEES, ADVICE, replace(twice, account_id="other")))
    assert of_xero.value.message.startswith("Xero has changed since this plan of accounts.yaml")


@pytest.mark.parametrize("file", [None, RENAME], ids=["alone", "same as the file"])
class TestXeroChangedUnderTheSameFile:
    """The file asks for the same: whatever the refusal says is about Xero."""

    def test_a_name_that_was_taken_blocks_the_change(self, file: DesiredAccount | None) -> None:
        taken = account("9", "Consultants", updated_at=AT)
        error = refused(RENAME, (FEES, ADVICE, taken), file)
        assert "Xero has changed since this plan of accounts.yaml was saved" in error.message
        assert "The file" not in error.hint
        assert len(error.details) == 1
        assert error.details[0].startswith("412 Consultants: now blocked (name-held)")
        assert "9 Consultants" in error.details[0]

    def test_a_code_that_moved_is_named(self, file: DesiredAccount | None) -> None:
        error = refused(RENAME, (FEES, replace(ADVICE, code="499", updated_at=AT)), file)
        assert error.details[0] == f"412 Consultants: code was 412 and is now 499 {EDITED}."
        assert "Xero has changed" in error.message

    def test_a_deleted_account_is_reported_as_no_longer_in_xero(
        self, file: DesiredAccount | None
    ) -> None:
        error = refused(RENAME, (FEES,), file)
        assert error.details[0] == "412 Consultants: it is no longer in Xero."
        assert "Xero has changed" in error.message

    def test_an_archived_account_is_reported_with_its_new_status(
        self, file: DesiredAccount | None
    ) -> None:
        gone = replace(ADVICE, status=ARCHIVED, updated_at=AT)
        error = refused(RENAME, (FEES, gone), file)
        assert (
            error.details[0] == f"412 Consultants: status was ACTIVE and is now ARCHIVED {EDITED}."
        )
        assert "no longer needed" not in " ".join(error.details)
        by_us = refused(RENAME, (FEES, gone), file, {ADVICE.account_id: AT})
        assert by_us.details[0] == (
            "412 Consultants: status was ACTIVE and is now ARCHIVED (changed by an apply on "
            "3 November 2026 at 09:05 UTC)."
        )


@pytest.mark.parametrize("same", [True, False], ids=["same file", "alone"])
def test_an_edit_of_an_account_to_archive_is_reported_once(*, same: bool) -> None:
    gone = entry("412", "Consulting", status=ARCHIVED)
    edited = replace(ADVICE, name="Advice", type="OVERHEADS", updated_at=AT)
    error = refused(gone, (FEES, edited), gone if same else None)
    assert error.details == (
        f'412 Consulting: name is now "Advice"; type was EXPENSE and is now OVERHEADS {EDITED}.',
    )


def test_a_field_that_the_file_no_longer_mentions_is_not_reported_as_done() -> None:
    both = entry("412", "Consultants", description="new")
    error = refused(both, (FEES, ADVICE), RENAME)
    assert error.details == ('412 Consultants: description: the file no longer asks for "new".',)
    assert "accounts.yaml does not ask for what this plan does" in error.message


def test_a_field_that_the_file_now_keeps_as_xero_has_it_is_reported_as_such() -> None:
    both = entry("412", "Consultants", description="new")
    error = refused(both, (FEES, ADVICE), entry("412", "Consultants", description="old"))
    (said,) = error.details
    assert said == (
        '412 Consultants: description: the plan makes it "new", the file asks for "old"; Xero '
        "already has that."
    )
