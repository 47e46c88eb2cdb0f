"""What makes a saved plan stale, what does not, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import ARCHIVED, DELETED, ORGANISATION, RATES, account, chart, entry, new, wanted

from xerosync.errors import StalePlan, WrongOrganisation
from xerosync.model import Account, Chart, DesiredAccount, TaxRate, Unmanaged
from xerosync.plan import stale
from xerosync.plan.build import build

AT = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)
SALES = account("200", "Sales", description="old")
RENT = account("300", "Rent")
CURRENT = chart(SALES, RENT)
RENAME = entry("200", "Takings")


def said(
    before: Chart,
    after: Chart,
    *entries: DesiredAccount,
    unmanaged: Unmanaged = Unmanaged.KEEP,
) -> str:
    """Give what is said of a plan made before and applied after; "" when it may go on."""
    saved = build(before, wanted(*entries, unmanaged=unmanaged))
    try:
        fresh = stale.again(saved, after)
    except StalePlan as error:
        return " ".join((error.message, *error.details))
    assert fresh.steps == saved.steps
    return ""


def now(*accounts: Account) -> Chart:
    return chart(*accounts)


def test_the_same_books_make_no_plan_stale() -> None:
    assert said(CURRENT, CURRENT, RENAME, new("500")) == ""


@pytest.mark.parametrize(
    "edited",
    [
        now(SALES, replace(RENT, name="Lease", updated_at=AT)),
        now(SALES, replace(RENT, status=ARCHIVED)),
        now(SALES),
        now(SALES, RENT, account("400", "Brand new")),
        now(replace(SALES, description="new"), RENT),
        now(replace(SALES, updated_at=AT), RENT),
        now(RENT, SALES),
    ],
    ids=[
        "another account renamed", "another archived", "another gone", "one added",
        "another field of the same account", "only its date", "another order",
    ],
)  # fmt: skip
def test_an_unrelated_edit_does_not(edited: Chart) -> None:
    assert said(CURRENT, edited, RENAME) == ""


def test_a_field_that_somebody_changed_meanwhile_does_and_both_values_are_told() -> None:
    text = said(CURRENT, now(replace(SALES, name="Income", updated_at=AT), RENT), RENAME)
    assert "200 Takings: name was Sales and is now Income" in text
    assert "edited in Xero on 3 November 2026 at 09:05 UTC; Xero does not say who" in text


def test_a_managed_field_that_was_right_and_is_not_does() -> None:
    both = entry("200", "Takings", description="old")
    text = said(CURRENT, now(replace(SALES, description="new"), RENT), both)
    assert "description is now new" in text


def test_a_change_that_somebody_has_made_already_does_and_when_is_told() -> None:
    text = said(CURRENT, now(replace(SALES, name="Takings", updated_at=AT), RENT), RENAME)
    assert "200 Takings: update is no longer needed (edited in Xero on 3 Nov" in text


def test_a_field_of_a_change_that_is_already_as_planned_does() -> None:
    both = entry("200", "Takings", description="new")
    text = said(CURRENT, now(replace(SALES, description="new"), RENT), both)
    assert "description is already as planned" in text


def test_an_account_that_was_archived_meanwhile_does() -> None:
    text = said(CURRENT, now(replace(SALES, status=ARCHIVED), RENT), RENAME)
    assert "was to be updated, and would now be restored" in text


def test_an_account_that_is_gone_does() -> None:
    text = said(CURRENT, now(RENT), new("200", "Takings"))
    assert "update is no longer needed" in text
    assert "would now also be created" in text


def test_a_new_account_that_somebody_has_made_does() -> None:
    assert "create is no longer needed" in said(
        CURRENT, now(SALES, RENT, account("500")), new("500")
    )


def test_a_name_that_somebody_has_taken_does_and_the_block_is_told() -> None:
    text = said(CURRENT, now(SALES, RENT, account("9", "Takings")), RENAME)
    assert "now blocked (name-held)" in text
    assert "9 Takings" in text


def test_a_block_that_has_gone_does() -> None:
    before = now(SALES, RENT, account("9", "Takings"))
    assert "no longer blocked (name-held)" in said(before, CURRENT, RENAME)


def test_one_more_account_to_archive_does() -> None:
    text = said(
        CURRENT, now(SALES, RENT, account("400")), RENAME, entry("300"), unmanaged=Unmanaged.ARCHIVE
    )
    assert "400 Account 400: would now also be archived." in text


def test_a_temporary_code_that_is_taken_now_does() -> None:
    swap = (entry("300", "Sales", account_id="id-200"), entry("200", "Rent", account_id="id-300"))
    text = said(CURRENT, now(SALES, RENT, account("XSTMP1", "Odd")), *swap)
    assert "other temporary codes" in text


def test_books_in_which_an_entry_has_become_ambiguous_do() -> None:
    move = entry("210", "Sales", previously=("200",))
    text = said(CURRENT, now(SALES, RENT, account("210", "Other")), move)
    assert "cannot be planned again" in text
    assert "two accounts where the entry means one" in text


def test_a_renamed_tax_rate_does_not() -> None:
    renamed = [TaxRate(r.tax_type, f"{r.name} (new)", r.status, r.applies_to) for r in RATES]
    by_name = entry("200", tax_type="15% GST on Expenses")
    after = replace(CURRENT, tax_rates=tuple(renamed))
    assert said(CURRENT, after, by_name) == ""


def test_a_delete_of_an_account_archived_meanwhile_goes_on() -> None:
    gone = entry("200", status=DELETED)
    assert said(CURRENT, now(replace(SALES, status=ARCHIVED), RENT), gone) == ""


def test_a_plan_of_another_organisation_is_refused_as_that() -> None:
    saved = build(CURRENT, wanted(RENAME))
    other = replace(CURRENT, organisation=replace(ORGANISATION, tenant_id="tenant-2"))
    with pytest.raises(WrongOrganisation) as caught:
        stale.again(saved, other)
    assert "tenant-1" in str(caught.value)
    assert "tenant-2" in str(caught.value)


def test_a_file_that_asks_for_another_value_is_told_with_both() -> None:
    saved = build(CURRENT, wanted(entry("200", "Takings")))
    with pytest.raises(StalePlan) as stale_plan:
        stale.as_in_file(saved, CURRENT, wanted(entry("200", "Turnover")))
    assert stale_plan.value.details == (
        "200 Takings: name: the plan makes it Takings, the file asks for Turnover.",
    )
