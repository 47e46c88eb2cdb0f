"""What follows when a standard's account is found by its code alone, and a plan blocks it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import Xerosync

from xerosync.sandbox import Sandbox

STANDARD = """\
version: 1
standard: {name: Ours}
accounts:
  - {code: "404", name: Bank Fees, type: EXPENSE, tax_type: NONE}
  - {code: "433", name: Insurance, type: EXPENSE, tax_type: NONE, overridable: false}
"""
CLOUD = '  - {code: "441", name: Cloud Subscriptions, type: EXPENSE, tax_type: NONE}\n'
OVERLAY = """\
version: 1
extends: standard.yaml
organisation: {name: "Demo Company (NZ)", country: NZ}
"""
CLIENT = Path("client.yaml")


@pytest.fixture
def applied(books: Sandbox, xerosync: Xerosync) -> Sandbox:
    """Return books to which a standard was applied, all but the account that was blocked."""
    assert (found := books.store.by_code("441"))
    assert found.name == "Legal expenses"
    Path("standard.yaml").write_text(STANDARD + CLOUD, encoding="utf-8")
    CLIENT.write_text(OVERLAY, encoding="utf-8")
    said = xerosync("apply", str(CLIENT), "--yes", "--skip-blocked")
    assert said.code == 0, said.err
    return books


def pulled(xerosync: Xerosync) -> str:
    said = xerosync("pull", str(CLIENT))
    assert said.code == 0, said.err
    assert "has not been applied yet" not in said.err
    return CLIENT.read_text(encoding="utf-8")


def test_a_pull_omits_a_blocked_account_with_or_without_a_journal(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    text = pulled(xerosync)
    assert '  - {standard: "441", omit: true, reason: ""}\n' in text
    assert "name: Legal expenses" in text
    CLIENT.write_text(text.replace('reason: ""', "reason: Its own"), encoding="utf-8")
    assert xerosync("plan", str(CLIENT), "--detailed-exitcode").code == 0
    CLIENT.write_text(OVERLAY, encoding="utf-8")
    shutil.rmtree(".xerosync")
    assert pulled(xerosync) == text


def test_a_pull_omits_what_the_standard_added_since_and_a_plan_blocks(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    """The account of that code was unmanaged at the last apply."""
    added = '  - {code: "445", name: Drone Hire, type: EXPENSE, tax_type: NONE}\n'
    Path("standard.yaml").write_text(STANDARD + CLOUD + added, encoding="utf-8")
    text = pulled(xerosync)
    assert '  - {standard: "445", omit: true, reason: ""}\n' in text
    assert "name: Light, Power, Heating" in text


def blocked(xerosync: Xerosync) -> dict[str, dict[str, str]]:
    """Return what a drift report says of blocked accounts, by their codes."""
    (one,) = json.loads(xerosync("drift", str(CLIENT), "--format", "json").out)["charts"]
    return {item["code"]: item for item in one["blocked"]}


def test_drift_says_that_an_account_was_renamed_since_the_last_apply(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    """The journal shows that it is the same account, whatever its name."""
    edited = applied.store.edit("404", name="Bonk Feez")
    said = xerosync("drift", str(CLIENT), "--detailed-exitcode")
    assert said.code == 2
    assert '  404 Bank Fees: name was "Bank Fees" and is now "Bonk Feez" in Xero.\n' in said.out
    assert "another account" not in said.out
    pin = f"account_id: {edited.account_id}"
    assert "This is the same account. 404 Bank Fees is inherited" in said.out
    hint = f"To undo the edit, add `{pin}` to its override and apply"
    assert f"{hint}; to accept it, run `xerosync pull -f client.yaml`." in said.out
    assert "To change it for these books, write in client.yaml, under overrides: " in said.out
    page = xerosync("drift", str(CLIENT), "--format", "markdown").out
    assert "### Renamed in Xero\n" in page
    assert "or another account" not in page
    assert blocked(xerosync)["404"]["rule"] == "another-account"
    CLIENT.write_text(OVERLAY + f'overrides: [{{standard: "404", {pin}}}]\n', encoding="utf-8")
    assert xerosync("apply", str(CLIENT), "--yes", "--skip-blocked").code == 0
    assert (undone := applied.store.by_code("404"))
    assert undone.name == "Bank Fees"


def test_drift_offers_no_pull_where_the_standard_lets_the_books_change_nothing(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    """A pull keeps such an account as in the standard."""
    edited = applied.store.edit("433", name="Hire")
    hint = blocked(xerosync)["433"]["hint"]
    pin = f"account_id: {edited.account_id}"
    assert f"To undo the edit, add `{pin}` to its override and apply." in hint
    assert "xerosync pull" not in hint
    assert "the standard does not let these books change it" in hint


def test_a_blocked_account_that_was_renamed_and_retyped_names_both_edits(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("404", name="Bonk Feez", type="REVENUE")
    reason = blocked(xerosync)["404"]["reason"]
    assert 'name was "Bank Fees" and is now "Bonk Feez"' in reason
    assert "type was EXPENSE and is now REVENUE" in reason


def test_a_blocked_account_that_was_renamed_and_archived_names_both_edits(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("404", name="Bonk Feez", status="ARCHIVED")
    reason = blocked(xerosync)["404"]["reason"]
    assert reason == 'name was "Bank Fees" and is now "Bonk Feez" in Xero, where it is archived.'


def test_drift_of_a_renamed_account_is_accepted_by_a_pull(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("404", name="Bonk Feez")
    assert '  - {standard: "404", name: Bonk Feez, reason: ""}\n' in pulled(xerosync)


def test_another_account_in_the_place_of_a_deleted_one_is_not_said_to_be_renamed(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("404", code="4040", name="Old Charges")
    applied.store.insert(code="404", name="Uniforms")
    found = blocked(xerosync)["404"]
    assert "may be another account" in found["reason"]


def test_without_a_journal_a_renamed_account_may_be_another_one(
    applied: Sandbox, xerosync: Xerosync
) -> None:
    applied.store.edit("404", name="Bonk Feez")
    shutil.rmtree(".xerosync")
    assert "may be another account" in blocked(xerosync)["404"]["reason"]
