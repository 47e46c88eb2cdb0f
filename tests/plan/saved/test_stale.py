"""What makes a saved plan stale, what does not, and what the error says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import ARCHIVED, DELETED, ORGANISATION, RATES, account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount, Limits, Unmanaged
from xerosync.errors import StalePlan, WrongOrganisation
from xerosync.model import Account, Chart, TaxRate
from xerosync.plan.build import build
from xerosync.plan.saved import stale

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
    """Return the error for a plan made before and applied after, "" if it is still valid."""
    saved = build(before, wanted(*entries, unmanaged=unmanaged))
    try:
        fresh = stale.again(saved, after)
    except StalePlan as error:
        return " ".join((error.message, *error.details))
    assert fresh.steps == saved.steps
    return ""


def now(*accounts: Account) -> Chart:
    return chart(*accounts)


def test_a_plan_is_not_stale_if_nothing_changed() -> None:
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
def test_an_unrelated_edit_does_not_make_a_plan_stale(edited: Chart) -> None:
    assert said(CURRENT, edited, RENAME) == ""


def test_an_edit_of_a_planned_field_makes_a_plan_stale_and_both_values_are_named() -> None:
    text = said(CURRENT, now(replace(SALES, name="Income", updated_at=AT), RENT), RENAME)
    assert '200 Takings: name was "Sales" and is now "Income"' in text
    assert "edited in Xero on 3 November 2026 at 09:05 UTC; Xero does not say who" in text


def test_an_edit_of_another_managed_field_makes_a_plan_stale() -> None:
    both = entry("200", "Takings", description="old")
    text = said(CURRENT, now(replace(SALES, description="new"), RENT), both)
    assert 'description is now "new"' in text


def test_a_change_already_made_in_xero_makes_a_plan_stale_and_the_time_is_named() -> None:
    text = said(CURRENT, now(replace(SALES, name="Takings", updated_at=AT), RENT), RENAME)
    assert "200 Takings: update is no longer needed (edited in Xero on 3 Nov" in text


def test_a_field_already_changed_in_xero_makes_a_plan_stale() -> None:
    both = entry("200", "Takings", description="new")
    text = said(CURRENT, now(replace(SALES, description="new"), RENT), both)
    assert "description is already as planned" in text


def test_archiving_a_planned_account_makes_a_plan_stale() -> None:
    text = said(CURRENT, now(replace(SALES, status=ARCHIVED), RENT), RENAME)
    assert "200 Takings: status was ACTIVE and is now ARCHIVED" in text
    assert "now blocked (another-account)" in text


def test_deleting_a_planned_account_makes_a_plan_stale() -> None:
    text = said(CURRENT, now(RENT), new("200", "Takings"))
    assert "200 Takings: it is no longer in Xero." in text
    assert "would now also be created" in text


def test_creating_a_planned_account_makes_a_plan_stale() -> None:
    assert "create is no longer needed" in said(
        CURRENT, now(SALES, RENT, account("500")), new("500")
    )


def test_a_planned_name_that_was_taken_makes_a_plan_stale_and_the_block_is_named() -> None:
    text = said(CURRENT, now(SALES, RENT, account("9", "Takings")), RENAME)
    assert "now blocked (name-held)" in text
    assert "9 Takings" in text


def test_a_change_that_is_no_longer_blocked_makes_a_plan_stale() -> None:
    before = now(SALES, RENT, account("9", "Takings"))
    assert "no longer blocked (name-held)" in said(before, CURRENT, RENAME)


def test_one_more_account_to_archive_makes_a_plan_stale() -> None:
    text = said(
        CURRENT, now(SALES, RENT, account("400")), RENAME, entry("300"), unmanaged=Unmanaged.ARCHIVE
    )
    assert "400 Account 400: would now also be archived." in text


def test_a_temporary_code_that_was_taken_makes_a_plan_stale() -> None:
    swap = (entry("300", "Sales", account_id="id-200"), entry("200", "Rent", account_id="id-300"))
    text = said(CURRENT, now(SALES, RENT, account("XSTMP1", "Odd")), *swap)
    assert "other temporary codes" in text


def test_an_entry_that_has_become_ambiguous_makes_a_plan_stale() -> None:
    move = entry("210", "Sales", previously=("200",))
    text = said(CURRENT, now(SALES, RENT, account("210", "Other")), move)
    assert "A new plan is not possible until these problems are resolved" in text
    assert "two accounts for one entry" in text


def test_a_renamed_tax_rate_does_not_make_a_plan_stale() -> None:
    renamed = [TaxRate(r.tax_type, f"{r.name} (new)", r.status, r.applies_to) for r in RATES]
    by_name = entry("200", tax_type="15% GST on Expenses")
    after = replace(CURRENT, tax_rates=tuple(renamed))
    assert said(CURRENT, after, by_name) == ""


def test_a_delete_is_not_stale_if_the_account_was_archived() -> None:
    gone = entry("200", status=DELETED)
    assert said(CURRENT, now(replace(SALES, status=ARCHIVED), RENT), gone) == ""


def test_a_plan_for_another_organisation_is_refused_as_such() -> None:
    saved = build(CURRENT, wanted(RENAME))
    other = replace(CURRENT, organisation=replace(ORGANISATION, tenant_id="tenant-2"))
    with pytest.raises(WrongOrganisation) as caught:
        stale.again(saved, other)
    assert "tenant-1" in str(caught.value)
    assert "tenant-2" in str(caught.value)


def test_a_file_that_asks_for_another_value_is_refused_with_both_values() -> None:
    saved = build(CURRENT, wanted(entry("200", "Takings")))
    with pytest.raises(StalePlan) as stale_plan:
        stale.as_in_file(saved, CURRENT, wanted(entry("200", "Turnover")))
    assert stale_plan.value.details == (
        '200 Takings: name: the plan makes it "Takings", the file asks for "Turnover".',
    )


def refused_in_file(
    saved: DesiredAccount, file: tuple[DesiredAccount, ...], *now: Account
) -> tuple[str, ...]:
    """Plan an entry against `CURRENT`; return why a file that asks for others refuses it."""
    plan = build(CURRENT, wanted(saved))
    with pytest.raises(StalePlan) as stale_plan:
        stale.as_in_file(plan, chart(*now), wanted(*file))
    return stale_plan.value.details


EDITED = "(edited in Xero on 3 November 2026 at 09:05 UTC; Xero does not say who)"


def test_a_plan_is_refused_if_its_file_has_taken_over_an_edit_in_xero() -> None:
    edited = replace(SALES, name="Income", updated_at=AT)
    assert refused_in_file(RENAME, (entry("200", "Income"),), edited, RENT)[0] == (
        '200 Takings: name: the plan makes it "Takings", the file asks for "Income"; Xero already '
        f"has that {EDITED}."
    )


def test_a_changed_file_is_reported_without_an_edit_made_before_the_plan() -> None:
    """The account was last edited before the plan was made."""
    long_ago = replace(SALES, updated_at=AT)
    plan = build(chart(long_ago, RENT), wanted(RENAME))
    for file, said in (
        (
            wanted(entry("200", "Sales")),
            (
                '200 Takings: name: the plan makes it "Takings", the file asks for "Sales"; '
                "Xero already has that."
            ),
        ),
        (wanted(entry("200")), '200 Takings: name: the file no longer asks for "Takings".'),
        (wanted(), "200 Takings: the file no longer has this entry."),
        (
            wanted(entry("200", "Turnover")),
            '200 Takings: name: the plan makes it "Takings", the file asks for "Turnover".',
        ),
    ):
        with pytest.raises(StalePlan) as stale_plan:
            stale.as_in_file(plan, chart(long_ago, RENT), file)
        assert stale_plan.value.details == (said,)
        assert "does not ask for what this plan does" in stale_plan.value.message


def test_a_plan_is_refused_if_its_file_now_keeps_an_account_active() -> None:
    gone = entry("200", "Sales", status=ARCHIVED)
    assert refused_in_file(gone, (entry("200", "Sales"),), SALES, RENT) == (
        "200 Sales: the file now asks for it to be active; Xero already has that.",
    )


def test_a_new_account_with_another_name_in_the_file_is_refused_with_both_names() -> None:
    hire = account("500", "Hire")
    assert refused_in_file(new("500", "Rent Received"), (new("500", "Hire"),), hire)[0] == (
        '500 Rent Received: name: the plan makes it "Rent Received", the file asks for "Hire"; '
        "Xero already has that."
    )


def test_a_new_account_whose_code_was_taken_names_the_account_that_has_it() -> None:
    rent = new("500", "Rent Received")
    details = refused_in_file(rent, (rent,), account("500", "Hire"))
    assert details[0] == "500 Rent Received: its entry now matches 500 Hire in Xero."


def test_a_file_that_no_longer_archives_an_account_is_refused_with_the_reason() -> None:
    plan = build(CURRENT, wanted(RENAME, unmanaged=Unmanaged.ARCHIVE, limits=Limits(archives=9)))
    for file, said in (
        (wanted(RENAME), "the file no longer archives what it leaves out"),
        (
            wanted(RENAME, entry("300", "Rent"), unmanaged=Unmanaged.ARCHIVE),
            "the file now has an entry for it",
        ),
    ):
        with pytest.raises(StalePlan) as stale_plan:
            stale.as_in_file(plan, CURRENT, file)
        assert stale_plan.value.details == (f"300 Rent: {said}.",)


def test_an_entry_that_was_rewritten_and_whose_account_is_gone_is_still_in_the_file() -> None:
    details = refused_in_file(RENAME, (new("200", "Turnover"),), RENT)
    assert details == (
        '200 Takings: name: the plan makes it "Takings", the file asks for "Turnover".',
    )
