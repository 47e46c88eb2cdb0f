"""An edit in Xero stays an edit until a run overwrites it or the file asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import account, chart, entry, new, wanted

from xerosync.apply.outcome import Result
from xerosync.desired import DesiredChart
from xerosync.history.baseline import Baseline, baseline
from xerosync.history.drift import compare
from xerosync.history.origin import add_origins
from xerosync.history.runs import Run, RunCall
from xerosync.history.settled import is_settled
from xerosync.model import Account, Value
from xerosync.plan.build import build
from xerosync.plan.diff import field_changes
from xerosync.plan.plan import Action, Origin

FILE = wanted(entry("200", "Shoes"), entry("300", "Boots"))
SHOES, BOOTS = account("200", "Shoes"), account("300", "Boots")
EDITED = account("300", "Sandals")
"""Boots, which somebody renamed in Xero."""


def run(
    day: int,
    *accounts: Account,
    desired: DesiredChart = FILE,
    calls: tuple[RunCall, ...] = (),
    found: tuple[Account, ...] = (),
) -> Run:
    at = datetime(2026, 11, day, tzinfo=UTC)
    return Run("f", "t", "d", at, list(calls), at, "", accounts, desired=desired, found=found)


def update(before: Account, after: Account, result: Result = Result.DONE) -> RunCall:
    found = after if result is Result.DONE else None
    key = before.account_id
    values = {c.field: c.after for c in field_changes(before.values(), after.values())}
    return RunCall(
        1, Action.UPDATE, key, values, after.code, after.name, "k", before, result, found
    )


def based(*runs: Run) -> Baseline:
    found = baseline(runs, "t")
    assert found
    return found


def origin(base: Baseline, *now: Account, file: DesiredChart = FILE) -> Origin:
    (change,) = add_origins(build(chart(*now), file), base, chart(*now)).changes
    return change.origin


def test_an_account_that_a_saved_plan_left_alone_is_still_edited_in_xero() -> None:
    renamed = account("200", "Slippers")
    merged = wanted(entry("200", "Slippers"), entry("300", "Boots"))
    second = run(2, renamed, EDITED, desired=merged, calls=(update(SHOES, renamed),))
    base = based(run(1, SHOES, BOOTS), second)
    assert base.accounts["id-200"] == renamed
    assert origin(base, renamed, EDITED, file=merged) is Origin.XERO


def test_an_account_that_a_rollback_left_alone_is_still_edited_in_xero() -> None:
    back = replace(wanted(entry("200", "Slippers")), partial=True)
    slippers = account("200", "Slippers")
    undoing = run(2, slippers, EDITED, desired=back, calls=(update(SHOES, slippers),))
    base = based(run(1, SHOES, BOOTS), undoing)
    assert base.accounts == {"id-200": slippers, "id-300": BOOTS}
    assert origin(base, SHOES, EDITED) is Origin.XERO


def test_an_account_edited_and_skipped_during_a_run_is_still_edited_in_xero() -> None:
    skipped = update(BOOTS, account("300", "Wellingtons"), Result.SKIPPED)
    asked = wanted(entry("200", "Shoes"), entry("300", "Wellingtons"))
    base = based(run(1, SHOES, BOOTS), run(2, SHOES, EDITED, desired=asked, calls=(skipped,)))
    assert origin(base, SHOES, EDITED, file=asked) is Origin.XERO


def test_an_account_deleted_in_xero_and_not_created_again_is_still_an_edit_there() -> None:
    base = based(run(1, SHOES, BOOTS), run(2, SHOES))
    assert origin(base, SHOES, file=wanted(entry("200", "Shoes"), new("300", "Boots"))) is (
        Origin.XERO
    )


def test_an_archive_in_xero_stays_an_edit_there() -> None:
    gone = replace(BOOTS, status="ARCHIVED")
    assert origin(based(run(1, SHOES, BOOTS), run(2, SHOES, gone)), SHOES, gone) is Origin.XERO


def test_a_change_that_a_run_left_undone_is_not_an_edit() -> None:
    asked = wanted(entry("200", "Shoes"), entry("300", "Wellingtons"))
    failed = update(BOOTS, account("300", "Wellingtons"), Result.FAILED)
    base = based(run(1, SHOES, BOOTS), run(2, SHOES, BOOTS, desired=asked, calls=(failed,)))
    assert origin(base, SHOES, BOOTS, file=asked) is Origin.LEFT


def test_the_values_that_a_call_wrote_are_the_baseline_although_the_file_asks_for_more() -> None:
    """As when a run is interrupted at a temporary name."""
    halfway = account("300", "XSTMP Boots")
    stopped = run(2, SHOES, halfway, calls=(update(BOOTS, halfway),))
    assert based(run(1, SHOES, BOOTS), stopped).accounts["id-300"] == halfway


def test_a_value_that_the_file_took_over_is_the_baseline() -> None:
    asked = wanted(entry("200", "Shoes"), entry("300", "Sandals"))
    base = based(run(1, SHOES, BOOTS), run(2, SHOES, EDITED, desired=asked))
    assert origin(base, SHOES, EDITED, file=FILE) is Origin.FILE


def test_accounts_and_fields_that_the_file_does_not_manage_are_as_the_run_found_them() -> None:
    other = account("999", "Other")
    described = replace(BOOTS, description="New")
    base = based(run(1, SHOES, BOOTS), run(2, SHOES, described, other))
    assert base.accounts["id-300"] == described
    assert "id-999" in base.accounts


CREATE = RunCall(1, Action.CREATE, "", dict(SHOES.values()), "200", "Shoes", "k", None)


def added(run: Run, *now: Account) -> list[str]:
    """Return the codes of the accounts that drift calls new in Xero after a run."""
    base = based(run)
    return [a.code for a in compare(chart(*now), build(chart(*now), FILE), base).added]


def test_an_account_added_in_xero_during_a_run_is_new_there() -> None:
    hand, loose = account("777", "By hand"), account("900", "Loose")
    created = replace(CREATE, result=Result.DONE, after=SHOES)
    during = run(1, SHOES, BOOTS, hand, loose, calls=(created,), found=(BOOTS, loose))
    assert added(during, SHOES, BOOTS, hand, loose) == ["777"]
    assert set(based(during).accounts) == {"id-200", "id-300", "id-900"}


def test_an_account_that_a_run_may_have_created_is_not_new_in_xero() -> None:
    unknown = run(1, SHOES, BOOTS, calls=(replace(CREATE, result=Result.UNKNOWN),), found=(BOOTS,))
    assert "id-200" in based(unknown).accounts


def test_an_account_added_in_xero_in_place_of_one_that_a_run_creates_is_an_edit_there() -> None:
    other = account("200", "Other", account_id="id-other")
    failed = replace(CREATE, result=Result.FAILED)
    base = based(run(1, other, BOOTS, calls=(failed,), found=(BOOTS,)))
    assert origin(base, other, BOOTS) is Origin.XERO


def test_an_unmanaged_account_edited_during_a_run_is_as_the_run_found_it() -> None:
    loose = account("900", "Loose")
    ends = replace(loose, name="Loose ends")
    base = based(run(1, SHOES, BOOTS, ends, found=(SHOES, BOOTS, loose)))
    assert base.accounts["id-900"] == loose
    managed = wanted(*FILE.accounts, entry("900", "Loose"))
    assert origin(base, SHOES, BOOTS, ends, file=managed) is Origin.BOTH


def test_a_run_is_settled_if_all_that_its_file_asked_for_is_there() -> None:
    assert is_settled(run(1, SHOES, BOOTS))
    assert not is_settled(run(1, SHOES, EDITED))
    assert not is_settled(run(1, SHOES))
    named = wanted(entry("200", "Shoes", tax_type="GST on Income"), entry("300", "Boots"))
    assert is_settled(run(1, SHOES, BOOTS, desired=named)), "only Xero knows the rate's code"


def test_a_code_edited_in_xero_stays_an_edit_there() -> None:
    moved = account("412", "Boots", account_id="id-300")
    base = based(run(1, SHOES, BOOTS), run(2, SHOES, moved))
    assert base.accounts["id-300"].code == "300"


def test_codes_swapped_in_xero_stay_edits_there() -> None:
    swapped = (
        account("300", "Shoes", account_id="id-200"),
        account("200", "Boots", account_id="id-300"),
    )
    base = based(run(1, SHOES, BOOTS), run(2, *swapped))
    assert [base.accounts[f"id-{code}"].code for code in ("200", "300")] == ["200", "300"]


def test_an_edit_of_a_field_that_the_run_did_not_write_stays_an_edit() -> None:
    asked = wanted(entry("200", "Shoes"), entry("300", "Wellingtons", description=""))
    after = account("300", "Wellingtons", description="By hand")
    wrote = replace(update(BOOTS, after), values={"name": "Wellingtons"})
    base = based(run(1, SHOES, BOOTS), run(2, SHOES, after, desired=asked, calls=(wrote,)))
    assert base.accounts["id-300"] == account("300", "Wellingtons")


def test_a_rollback_settles_only_the_fields_that_it_wrote() -> None:
    renamed = account("300", "Wellingtons", description="By hand")
    back = replace(wanted(entry("300", "Boots")), partial=True)
    undone = account("300", "Boots", description="By hand")
    wrote = replace(update(renamed, undone), values={"name": "Boots"})
    first = run(1, SHOES, account("300", "Wellingtons"))
    base = based(first, run(2, SHOES, undone, desired=back, calls=(wrote,)))
    assert base.accounts["id-300"] == BOOTS


def test_an_edit_after_the_run_s_own_write_stays_an_edit() -> None:
    asked = wanted(entry("200", "Shoes"), entry("300", "Wellingtons"))
    wrote = update(BOOTS, account("300", "Wellingtons"))
    base = based(run(1, SHOES, BOOTS), run(2, SHOES, EDITED, desired=asked, calls=(wrote,)))
    assert base.accounts["id-300"] == account("300", "Wellingtons")
    assert origin(base, SHOES, EDITED, file=asked) is Origin.XERO


def create(after: Account, values: dict[str, Value], *, settled: bool = False) -> RunCall:
    made = RunCall(1, Action.CREATE, "", values, after.code, after.name, "k", None, Result.DONE)
    return replace(made, after=after, settled=settled)


WELLINGTONS = wanted(entry("200", "Shoes"), entry("300", "Wellingtons"))
WROTE = update(BOOTS, account("300", "Wellingtons"))


@pytest.mark.parametrize("calls", [(), (WROTE,)], ids=["before the write", "after the write"])
def test_an_edit_during_the_first_run_on_record_is_an_edit(calls: tuple[RunCall, ...]) -> None:
    first = run(1, SHOES, EDITED, desired=WELLINGTONS, calls=calls, found=(SHOES, BOOTS))
    assert origin(based(first), SHOES, EDITED, file=WELLINGTONS) is Origin.XERO


def test_an_edit_in_the_first_run_counts_even_if_the_account_was_as_the_file_asks() -> None:
    first = run(1, SHOES, EDITED, found=(SHOES, BOOTS))
    base = based(first)
    assert base.accounts["id-300"] == BOOTS
    assert origin(base, SHOES, EDITED) is Origin.XERO


def test_a_change_that_the_first_run_left_undone_is_not_an_edit() -> None:
    first = run(1, SHOES, BOOTS, desired=WELLINGTONS, found=(SHOES, BOOTS))
    assert origin(based(first), SHOES, BOOTS, file=WELLINGTONS) is Origin.LEFT


def test_a_code_edited_during_the_first_run_is_an_edit() -> None:
    moved = account("412", "Boots", account_id="id-300")
    assert based(run(1, SHOES, moved, found=(SHOES, BOOTS))).accounts["id-300"].code == "300"


def test_an_account_deleted_in_xero_during_the_first_run_is_an_edit() -> None:
    base = based(run(1, SHOES, found=(SHOES, BOOTS)))
    assert origin(base, SHOES, file=wanted(entry("200", "Shoes"), new("300", "Boots"))) is (
        Origin.XERO
    )


@pytest.mark.parametrize("earlier", [False, True], ids=["first run", "later run"])
@pytest.mark.parametrize("status", ["ACTIVE", "ARCHIVED"])
def test_an_edit_of_an_account_that_the_run_created_is_an_edit(
    status: str, *, earlier: bool
) -> None:
    """Xero's own default for a new account is not sent, and can be edited too."""
    asked = wanted(entry("200", "Shoes"), new("300", "Boots", tax_type="NONE"))
    edited = replace(BOOTS, status=status, tax_type="INPUT2")
    made = create(BOOTS, {"code": "300", "name": "Boots", "type": "EXPENSE"})
    created = run(2, SHOES, edited, desired=asked, calls=(made,), found=(SHOES,))
    runs = (run(1, SHOES, desired=wanted(entry("200", "Shoes"))), created)
    base = based(*runs[0 if earlier else 1 :])
    assert base.accounts["id-300"] == BOOTS
    if status == "ACTIVE":
        assert origin(base, SHOES, edited, file=asked) is Origin.XERO


def test_an_edit_of_a_created_account_counts_even_if_the_answer_was_lost() -> None:
    """The account was then read after the edit."""
    asked = wanted(entry("200", "Shoes"), new("300", "Boots", description="Rubber"))
    edited = replace(BOOTS, description="By hand")
    made = create(
        edited,
        {"code": "300", "name": "Boots", "type": "EXPENSE", "description": "Rubber"},
        settled=True,
    )
    base = based(run(1, SHOES, edited, desired=asked, calls=(made,), found=(SHOES,)))
    assert base.accounts["id-300"].description == "Rubber"
    assert origin(base, SHOES, edited, file=asked) is Origin.XERO


def test_an_edit_of_an_account_that_a_killed_run_had_created_is_an_edit() -> None:
    """The later run found it, and left it alone."""
    killed = run(2, desired=FILE, calls=(replace(create(BOOTS, {}), result=None, after=None),))
    killed.ended_at = None
    later = run(3, SHOES, EDITED, found=(SHOES, BOOTS))
    base = based(run(1, SHOES, desired=wanted(entry("200", "Shoes"))), killed, later)
    assert origin(base, SHOES, EDITED) is Origin.XERO


def test_a_value_that_xero_did_not_store_is_not_an_edit() -> None:
    asked = wanted(entry("200", "Shoes"), entry("300", "Boots", add_to_watchlist=True))
    ignored = replace(update(BOOTS, BOOTS), values={"add_to_watchlist": True})
    second = run(2, SHOES, BOOTS, desired=asked, calls=(ignored,), found=(SHOES, BOOTS))
    for runs in ((second,), (run(1, SHOES, BOOTS), second)):
        assert origin(based(*runs), SHOES, BOOTS, file=asked) is Origin.LEFT


def test_an_edit_during_the_first_rollback_on_record_stays_an_edit() -> None:
    renamed = account("300", "Wellingtons")
    back = replace(wanted(entry("300", "Boots")), partial=True)
    edited = account("200", "Clogs")
    wrote = update(renamed, BOOTS)
    base = based(run(2, edited, BOOTS, desired=back, calls=(wrote,), found=(SHOES, renamed)))
    assert base.accounts == {"id-200": SHOES, "id-300": BOOTS}


def test_a_journal_of_an_older_version_has_the_accounts_of_its_calls() -> None:
    """It does not have the accounts as they were before the first write."""
    failed = replace(WROTE, result=Result.FAILED, after=None)
    first = run(1, SHOES, EDITED, desired=WELLINGTONS, calls=(failed,))
    assert based(first).accounts["id-300"] == BOOTS


def test_the_baseline_has_the_new_one_of_an_account_deleted_and_created_again() -> None:
    """Two accounts with one code would hide what the file asked for."""
    asked = wanted(entry("200", "Shoes"), new("300", "Boots"))
    again = replace(BOOTS, account_id="id-new")
    made = create(again, {"code": "300", "name": "Boots", "type": "EXPENSE"})
    second = run(2, SHOES, again, desired=asked, calls=(made,), found=(SHOES,))
    base = based(run(1, SHOES, BOOTS, desired=asked), second)
    assert base.accounts == {"id-200": SHOES, "id-new": again}
    assert base.last_applied
    assert base.last_applied.by_code == {"200": "id-200", "300": "id-new"}
