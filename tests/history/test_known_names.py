"""An account that is archived or deleted by its code alone is the one that the last apply knew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.history.baseline import Baseline, baseline
from xerosync.history.known_names import with_known_names
from xerosync.history.runs import Run
from xerosync.model import Account
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan
from xerosync.plan.saved import serialize, stale
from xerosync.text import json_text

THEN = datetime(2026, 11, 1, 8, tzinfo=UTC)
FEES = account("404", "Bank Fees")
CLEANING = account("404", "Cleaning", account_id="id-cleaning")
REMOVED = [(DELETED, Action.DELETE), (ARCHIVED, Action.ARCHIVE)]


def base(*accounts: Account, file: DesiredChart) -> Baseline:
    found = baseline(
        [Run("accounts.yaml", "t", "d", THEN, [], THEN, "", accounts, desired=file)], "t"
    )
    assert found
    return found


def plan(now: Account, desired: DesiredAccount, then: Baseline | None) -> Plan:
    return build(chart(now), with_known_names(wanted(desired), then))


@pytest.mark.parametrize(("status", "action"), REMOVED)
def test_the_removal_of_an_account_by_a_code_that_another_now_has_is_blocked(
    status: str, action: Action
) -> None:
    then = base(FEES, file=wanted(entry("404", "Bank Fees")))
    found = plan(CLEANING, entry("404", status=status), then)
    (blocked,) = found.blocked
    assert not found.changes
    assert blocked.rule == "another-account"
    assert blocked.reason == (
        "In Xero the code 404 is Cleaning, but at the last apply on record an account with the "
        f"entry's code was named Bank Fees: this would {action} Cleaning."
    )
    assert "add `account_id: id-cleaning` to this entry" in blocked.hint
    for sure in ({"account_id": "id-cleaning"}, {"values": {"code": "404", "name": "Cleaning"}}):
        desired = replace(entry("404", status=status), **sure)
        assert [c.action for c in plan(CLEANING, desired, then).changes] == [action]


@pytest.mark.parametrize(("status", "action"), REMOVED)
def test_the_account_that_was_meant_is_removed_with_a_warning(status: str, action: Action) -> None:
    then = base(FEES, file=wanted(entry("404", "Bank Fees")))
    for known in (then, None):
        (change,) = plan(FEES, entry("404", status=status), known).changes
        assert change.action is action
        assert change.warnings[0].startswith("Found by its code alone, as the entry has no name.")
    named = plan(FEES, entry("404", "Bank Fees", status=status), then)
    assert not any("code alone" in warning for warning in named.changes[0].warnings)


def test_an_account_that_is_new_since_the_delete_is_not_deleted_too() -> None:
    """The entry is still in the file, and somebody gave its code to a new account."""
    gone = entry("404", status=DELETED)
    then = base(account("200", "Sales"), file=wanted(gone, new("200", "Sales")))
    (blocked,) = plan(CLEANING, gone, then).blocked
    assert "at the last apply on record no account had the entry's code: this" in blocked.reason
    assert "remove the entry" in blocked.hint


def test_an_account_found_by_a_former_code_is_compared_with_the_last_apply_too() -> None:
    then = base(FEES, file=wanted(entry("404", "Bank Fees")))
    gone = entry("405", status=DELETED, previously=("404",))
    assert [c.action for c in plan(FEES, gone, then).changes] == [Action.DELETE]
    assert (
        "one of the entry's codes was named Bank Fees"
        in plan(CLEANING, gone, then).blocked[0].reason
    )
    rent = base(account("405", "Rent"), FEES, file=wanted(entry("405", "Rent"), entry("404")))
    assert "one of the entry's codes was named Rent" in plan(FEES, gone, rent).blocked[0].reason


@pytest.mark.parametrize("archived_first", [True, False])
def test_of_two_accounts_with_one_code_at_the_last_apply_the_active_one_counts(
    archived_first: bool,
) -> None:
    old = account("404", "Old Fees", account_id="id-old", status=ARCHIVED)
    both = (old, FEES) if archived_first else (FEES, old)
    then = base(*both, file=wanted(entry("404", "Bank Fees")))
    (known,) = with_known_names(wanted(entry("404", status=DELETED)), then).accounts
    assert known.known_as == "Bank Fees"


def test_deleting_an_account_to_give_its_name_to_a_new_one_is_allowed() -> None:
    then = base(account("400"), file=wanted(entry("400")))
    file = wanted(entry("400", status=DELETED), new("402", "Account 400"))
    found = build(chart(account("400")), with_known_names(file, then))
    assert [c.action for c in found.changes] == [Action.CREATE, Action.DELETE]
    assert not found.blocked


def test_a_saved_plan_keeps_what_the_last_apply_knew() -> None:
    """It is planned again without a journal when it is applied."""
    then = base(FEES, file=wanted(entry("404", "Bank Fees")))
    text = json_text(
        serialize.to_document([plan(CLEANING, entry("404", status=DELETED), then)], THEN)
    )
    (saved,) = serialize.loads(text)
    assert saved.desired.accounts[0].known_as == "Bank Fees"
    stale.check(saved, chart(CLEANING))
    unknown = serialize.to_document([plan(FEES, entry("404", status=DELETED), None)], THEN)
    assert "known_as" not in json_text(unknown)
