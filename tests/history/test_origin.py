"""Where a change comes from: said only where a journal shows it, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from builders import ARCHIVED, account, chart, entry, new, wanted

from xerosync.apply.outcome import Result
from xerosync.desired import DesiredAccount, DesiredChart, Source, Unmanaged
from xerosync.history.baseline import Baseline, baseline
from xerosync.history.drift import compare
from xerosync.history.origin import add_origins, plan_since
from xerosync.history.runs import Run, RunCall
from xerosync.model import Account
from xerosync.organisations.group import left_behind
from xerosync.plan.build import build
from xerosync.plan.diff import field_changes
from xerosync.plan.plan import Action, Change, Origin, Plan
from xerosync.plan.saved import serialize, stale
from xerosync.render.drift.report import as_markdown
from xerosync.text import json_text

THEN = datetime(2026, 11, 1, 8, tzinfo=UTC)
ELSE = account("999", "Another", account_id="id-else")
SINCE = datetime(2026, 11, 3, 12, tzinfo=UTC)
BEFORE = datetime(2026, 10, 30, tzinfo=UTC)


def base(*accounts: Account, file: DesiredChart | None = None) -> Baseline:
    """Return the baseline of these accounts; by default the file asked for exactly them."""
    said = [
        entry(**{**a.values(), "status": a.status, "account_id": a.account_id}) for a in accounts
    ]
    asked = file or wanted(*said)
    done = Run("accounts.yaml", "t", "d", THEN, [], THEN, "", (*accounts, ELSE), desired=asked)
    found = baseline([done], "t")
    assert found
    return found


def plan(now: tuple[Account, ...], *entries: DesiredAccount) -> Plan:
    return build(chart(*now), wanted(*entries))


def told(then: Baseline, now: tuple[Account, ...], *entries: DesiredAccount) -> Change:
    (change,) = add_origins(plan(now, *entries), then, chart(*now)).changes
    return change


def test_a_change_made_in_the_file_comes_from_the_file() -> None:
    change = told(base(account("200")), (account("200"),), entry("200", "Shoes"))
    assert change.origin is Origin.FILE
    assert not any("Edited" in reason for reason in change.reasons)


def test_an_edit_in_xero_is_shown_with_its_date_and_the_former_value() -> None:
    now = account("200", "Shirts", updated_at=SINCE)
    change = told(base(account("200", "Shoes")), (now,), entry("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert change.reasons[0] == (
        "Edited in Xero on 3 November 2026: at the last apply on record (1 November 2026), name "
        'was "Shoes". Xero does not say by whom.'
    )


def test_an_edit_in_both_places_has_both_as_origin() -> None:
    now = account("200", "Shirts", updated_at=SINCE)
    desired = entry("200", "Shoes", description="New", show_in_expense_claims=True)
    change = told(base(account("200", "Shoes")), (now,), desired)
    assert change.origin is Origin.BOTH


def test_the_former_value_of_a_flag_is_shown_as_yes_or_no() -> None:
    then = account("200", show_in_expense_claims=True)
    change = told(base(then), (account("200"),), entry("200", show_in_expense_claims=True))
    assert "expense claims were yes" in change.reasons[0]


@pytest.mark.parametrize("moment", [None, BEFORE])
def test_a_date_that_proves_nothing_is_left_out(moment: datetime | None) -> None:
    """After a reset, accounts may have been edited last before the last apply."""
    now = account("200", "Shirts", updated_at=moment)
    change = told(base(account("200", "Shoes")), (now,), entry("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert change.reasons[0].startswith(
        "Edited in Xero: at the last apply on record (1 November 2026)"
    )


def test_an_archive_or_restore_in_xero_is_an_edit_there() -> None:
    active, archived = account("200"), account("200", status=ARCHIVED, updated_at=SINCE)
    change = told(base(active), (archived,), entry("200"))
    assert change.origin is Origin.XERO
    assert "status was ACTIVE" in change.reasons[0]
    change = told(base(archived), (active,), entry("200", status=ARCHIVED))
    assert change.origin is Origin.XERO
    change = told(base(active), (active,), entry("200", status=ARCHIVED))
    assert change.origin is Origin.FILE


def test_an_account_added_in_xero_is_reported_as_added_there() -> None:
    change = told(base(account("100")), (account("200"),), entry("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert change.reasons[0] == "Added in Xero since the last apply on record (1 November 2026)."


def test_an_account_deleted_in_xero_is_reported_as_deleted_there() -> None:
    change = told(base(account("200", "Shoes")), (), new("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert "deleted there" in change.reasons[0]
    assert told(base(), (), new("200", "Shoes")).origin is Origin.FILE


def test_without_a_baseline_a_plan_stays_as_it_is() -> None:
    plain = plan((account("200"),), entry("200", "Shoes"))
    assert add_origins(plain, None, chart()) is plain


def test_the_plan_of_a_rollback_has_no_origins() -> None:
    now = account("200", "Shoes")
    undoing = build(chart(now), replace(wanted(entry("200", "Account 200")), partial=True))
    assert add_origins(undoing, base(now, file=wanted(SHOES)), chart(now)) is undoing


def test_origins_do_not_make_a_plan_stale() -> None:
    now = account("200", "Shirts")
    plain = plan((now,), entry("200", "Shoes"))
    explained = add_origins(plain, base(account("200", "Shoes")), chart(now))
    assert explained != plain
    assert stale.differences(plain, explained, chart(now)) == ()
    assert stale.differences(explained, plain, chart(now)) == ()


def run(
    day: int,
    *,
    accounts: tuple[Account, ...] = (),
    tenant: str = "t",
    calls: list[RunCall] | None = None,
    desired: DesiredChart | None = None,
) -> Run:
    at = datetime(2026, 11, day, tzinfo=UTC)
    ended = at if accounts else None
    return Run("accounts.yaml", tenant, "d", at, calls or [], ended, "", accounts, desired=desired)


def call(
    operation: Action,
    result: Result | None,
    *,
    before: Account | None = None,
    after: Account | None = None,
    code: str = "200",
    name: str = "Shoes",
) -> RunCall:
    subject = before.account_id if before else ""
    changed = field_changes(before.values(), after.values()) if before and after else ()
    values = {one.field: one.after for one in changed}
    return RunCall(1, operation, subject, values, code, name, "k", before, result, after)


def test_the_last_chart_that_was_read_is_the_baseline() -> None:
    old, fresh = account("200", "Old"), account("200", "Fresh")
    found = baseline([run(3, accounts=(fresh,)), run(1, accounts=(old,))], "t")
    assert found
    assert found.accounts == {"id-200": fresh}
    assert found.at == datetime(2026, 11, 3, tzinfo=UTC)


def test_runs_of_other_organisations_are_not_a_baseline() -> None:
    assert baseline([], "t") is None
    assert baseline([run(1, accounts=(account("200"),), tenant="other")], "t") is None
    assert baseline([run(1)], "t") is None, "a run that was killed has no chart"


def test_answered_calls_of_a_killed_run_count() -> None:
    old, fresh = account("200", "Old"), account("200", "Fresh")
    answered = call(Action.UPDATE, Result.DONE, before=old, after=fresh)
    found = baseline([run(1, accounts=(old,)), run(2, calls=[answered])], "t")
    assert found
    assert found.accounts == {"id-200": fresh}


def test_the_origin_of_a_change_is_unknown_if_a_killed_run_left_its_call_open() -> None:
    """The account may be as it is because of that run."""
    old = account("201", "Old")
    calls = [
        call(Action.CREATE, None),
        call(Action.UPDATE, None, before=old, code="201", name="New"),
    ]
    found = baseline([run(1, accounts=(old,)), run(2, calls=calls)], "t")
    shoes = account("200", "Shoes", account_id="id-new")
    now = (shoes, replace(old, name="New"))
    explained = add_origins(
        plan(now, entry("200", add_to_watchlist=True), entry("201", "Newer")), found, chart(*now)
    )
    assert [c.origin for c in explained.changes] == [Origin.UNKNOWN, Origin.UNKNOWN]
    gone = add_origins(plan((), new("200", "Shoes")), found, chart())
    assert gone.changes[0].origin is Origin.UNKNOWN


SHOES = entry("200", "Shoes")


def test_a_change_that_the_last_apply_did_not_do_is_left_over() -> None:
    """A step failed or the run was stopped, and the file has not changed since."""
    asked = wanted(SHOES, new("300", "Boots"), entry("400", status=ARCHIVED))
    still = (account("200"), account("400"))
    plain = plan(still, SHOES, new("300", "Boots"), entry("400", status=ARCHIVED))
    explained = add_origins(plain, base(*still, file=asked), chart(*still))
    assert [c.origin for c in explained.changes] == [Origin.LEFT] * 3
    assert all("Left over" in c.reasons[0] for c in explained.changes)


def test_a_left_over_change_that_the_file_now_asks_for_differently_comes_from_the_file() -> None:
    then = base(account("200"), file=wanted(SHOES))
    assert told(then, (account("200"),), entry("200", "Boots")).origin is Origin.FILE
    more = entry("200", "Shoes", description="New")
    assert told(then, (account("200"),), more).origin is Origin.FILE
    assert told(then, (account("200"),), entry("200", "Shoes", status=ARCHIVED)).origin is (
        Origin.FILE
    )


def test_a_left_over_change_that_was_edited_in_xero_comes_from_xero() -> None:
    now = account("200", "Shirts", updated_at=SINCE)
    assert told(base(account("200"), file=wanted(SHOES)), (now,), SHOES).origin is Origin.XERO


def test_a_new_entry_comes_from_the_file() -> None:
    then = base(account("200"), file=wanted())
    assert told(then, (account("200"),), SHOES).origin is Origin.FILE
    assert told(then, (account("200"),), SHOES).reasons == ()


def test_a_change_that_a_rollback_undid_says_so() -> None:
    old, fresh = account("200"), account("200", "Shoes")
    back = call(Action.UPDATE, Result.DONE, before=fresh, after=old)
    undoing = replace(wanted(entry("200", "Account 200")), partial=True)
    found = baseline(
        [
            run(1, accounts=(fresh,), desired=wanted(SHOES)),
            run(2, accounts=(old,), calls=[back], desired=undoing),
        ],
        "t",
    )
    assert found
    change = told(found, (old,), SHOES)
    assert change.origin is Origin.LEFT
    assert change.reasons[0] == (
        "A rollback undid this on 2 November 2026; the file still asks for it."
    )
    assert told(found, (old,), entry("200", "Boots")).origin is Origin.FILE
    alone = baseline([run(2, accounts=(old,), calls=[back], desired=undoing)], "t")
    assert alone
    change = told(alone, (old,), SHOES)
    assert change.origin is Origin.LEFT
    assert change.reasons[0] == "A rollback left it this way on 2 November 2026."


def test_without_the_file_of_the_last_apply_only_edits_in_xero_are_known() -> None:
    found = baseline([run(1, accounts=(account("200"), account("300")))], "t")
    assert found
    now = (account("200", "Shirts", updated_at=SINCE), account("300"))
    explained = add_origins(
        plan(now, SHOES, entry("300", "X"), new("400", "Y")), found, chart(*now)
    )
    assert {c.code: c.origin for c in explained.changes} == {
        "200": Origin.XERO,
        "300": Origin.UNKNOWN,
        "400": Origin.UNKNOWN,
    }


@pytest.mark.parametrize(
    ("unmanaged", "entries", "origin"),
    [
        (Unmanaged.ARCHIVE, (), Origin.LEFT),
        (Unmanaged.KEEP, (), Origin.FILE),
        (Unmanaged.ARCHIVE, (entry("200"),), Origin.FILE),
    ],
)
def test_an_account_that_the_file_no_longer_has_comes_from_the_file_or_is_left_over(
    unmanaged: Unmanaged, entries: tuple[DesiredAccount, ...], origin: Origin
) -> None:
    then = base(account("200"), file=wanted(*entries, unmanaged=unmanaged))
    plain = build(chart(account("200")), wanted(unmanaged=Unmanaged.ARCHIVE))
    (change,) = add_origins(plain, then, chart(account("200"))).changes
    assert change.origin is origin


def test_an_archive_due_to_a_renumbering_in_xero_comes_from_xero() -> None:
    then = base(account("405", "Fees"), file=wanted(entry("405"), unmanaged=Unmanaged.ARCHIVE))
    now = account("406", "Costs", account_id="id-405", updated_at=SINCE)
    plain = build(chart(now), wanted(new("405", "Fees"), unmanaged=Unmanaged.ARCHIVE))
    create, archive = add_origins(plain, then, chart(now)).changes
    assert archive.origin is Origin.XERO
    assert 'code was 405, name was "Fees"' in archive.reasons[0]
    assert create.origin is Origin.XERO
    assert "405 Fees was in Xero" in create.reasons[0]
    assert "is now 406 Costs (edited on 3 November 2026)." in create.reasons[0]
    assert "This account was 405 Fees, and the file still has that entry." in archive.warnings[0]
    assert "account_id: id-405" in create.warnings[0]
    assert not any("deleted" in reason for reason in create.reasons)


def test_an_entry_without_a_code_finds_by_its_id_the_account_that_it_found_before() -> None:
    """Somebody renumbered an account that the file pins; the file adds an entry with its code."""
    fees, rent = account("400", "Fees"), account("404", "Rent")
    file = (entry(None, account_id="id-400"), entry(None, account_id="id-404"))
    then = base(fees, rent, file=wanted(*file))
    now = (replace(fees, code="406", name="Costs", updated_at=SINCE), rent)
    create = told(then, now, *file, new("400", "Fees"))
    assert (create.action, create.origin) == (Action.CREATE, Origin.FILE)
    assert not any("keep the existing one" in warning for warning in create.warnings)


def test_a_file_reverted_to_what_xero_held_asks_for_nothing_new() -> None:
    """The apply failed, the file was reverted, and then Xero was edited."""
    then = base(account("200"), file=wanted(SHOES))
    now = account("200", "Shirts", updated_at=SINCE)
    assert told(then, (now,), entry("200", "Account 200")).origin is Origin.XERO
    assert told(then, (now,), entry("200", "Boots")).origin is Origin.BOTH


def test_an_entry_that_finds_another_account_than_at_the_last_apply_has_a_warning() -> None:
    """Somebody swapped two codes in Xero: by code, each entry now finds the other account."""
    fees = account("400", "Fees", description="a")
    rent = account("404", "Rent", description="b")
    file = (entry("400", description="a"), entry("404", description="b"))
    then = base(fees, rent, file=wanted(*file))
    now = (
        replace(fees, code="404", updated_at=SINCE),
        replace(rent, code="400", updated_at=SINCE),
    )
    changes = add_origins(plan(now, *file), then, chart(*now)).changes
    assert [c.origin for c in changes] == [Origin.XERO, Origin.XERO]
    assert "this entry matched 400 Fees, which is now 404 Fees in Xero" in changes[0].reasons[0]
    assert "account_id: id-400" in changes[0].warnings[0]
    assert "account_id: id-404" in changes[1].warnings[0]


def test_a_new_account_under_the_code_of_a_renumbered_one_has_a_warning() -> None:
    then = base(account("404", "Fees"), file=wanted(entry("404", "Fees")))
    moved = account("406", "Costs", account_id="id-404", updated_at=SINCE)
    change = told(then, (moved, account("404", "Misc", account_id="id-new")), entry("404", "Fees"))
    assert change.origin is Origin.XERO
    assert "this entry matched 404 Fees, which is now 406 Costs in Xero" in change.reasons[0]


def test_codes_swapped_in_the_file_come_from_the_file() -> None:
    fees, rent = account("400", "Fees"), account("404", "Rent")
    then = base(fees, rent, file=wanted(entry("400", "Fees"), entry("404", "Rent")))
    swap = (
        entry("404", "Fees", previously=("400",)),
        entry("400", "Rent", previously=("404",)),
    )
    changes = add_origins(plan((fees, rent), *swap), then, chart(fees, rent)).changes
    assert [(c.origin, c.warnings) for c in changes] == [(Origin.FILE, ())] * 2


def test_codes_that_moved_in_xero_and_in_the_file_have_no_warning() -> None:
    """After `pull` the file has the new codes, so its entries find the accounts they name."""
    fees, rent = account("400", "Fees"), account("404", "Rent")
    then = base(fees, rent, file=wanted(entry("400", "Fees"), entry("404", "Rent")))
    now = (account("404", "Fees", account_id="id-400"), account("400", "Rent", account_id="id-404"))
    file = (entry("400", "Rent", description="Of the yard"), entry("404", "Fees"))
    (change,) = add_origins(plan(now, *file), then, chart(*now)).changes
    assert change.warnings == ()
    assert change.origin is Origin.FILE


def test_a_new_entry_under_the_old_code_of_a_pinned_account_comes_from_the_file() -> None:
    then = base(account("404", "Fees"), file=wanted(entry("404", "Fees")))
    now = (account("404", "Fees"),)
    file = (entry("406", "Old fees", account_id="id-404"), new("404", "Fees"))
    changes = add_origins(plan(now, *file), then, chart(*now)).changes
    assert {c.origin for c in changes} == {Origin.FILE}
    assert all("is now" not in warning for c in changes for warning in c.warnings)


def test_an_account_that_moved_to_the_code_of_another_entry_comes_from_xero() -> None:
    """The file is as it was; its entry 404 now finds the account that was 200 Sales."""
    sales, fees = account("200", "Sales"), account("404", "Fees")
    file = (new("200", "Sales"), entry("404", "Fees", description="d"))
    then = base(sales, fees, file=wanted(*file))
    now = (
        replace(sales, code="404", name="Sales Renamed", updated_at=SINCE),
        replace(fees, code="405", updated_at=SINCE),
    )
    made = build(chart(*now), wanted(*file))
    explained = add_origins(made, then, chart(*now))
    create = next(c for c in explained.changes if c.action is Action.CREATE)
    assert create.origin is Origin.XERO
    assert "200 Sales was in Xero after the last apply on record" in create.reasons[0]
    assert "is now 404 Sales Renamed (edited on 3 November 2026)." in create.reasons[0]
    assert len(create.warnings) == 1
    assert "pin this entry to it with account_id: id-200" in create.warnings[0]
    drift = compare(chart(*now), explained, then)
    assert create in drift.drifted
    assert drift.pending == 0


@pytest.mark.parametrize("name", ["Bank Fees", "Bank fees"])
def test_a_code_changed_in_xero_is_drift_even_if_the_file_spells_the_name_otherwise(
    name: str,
) -> None:
    then = base(account("404", "Bank Fees", account_id="id-404"))
    now = chart(account("499", "Bank Fees", account_id="id-404"), ELSE)
    drift = compare(now, plan_since(then, wanted(new("404", name)), now, partial(build, now)), then)
    assert [blocked.reason for blocked in drift.blocked] == ["code was 404 and is now 499 in Xero."]
    assert drift.moved[0].hint == (
        "This is the same account. To undo the edit, add `account_id: id-404` to its entry and "
        "apply; to accept it, run `xerosync pull`."
    )
    assert (drift.moved, drift.pending) == (drift.blocked, 0)
    twice = as_markdown([drift, drift])
    assert twice.count("This is the same account.") == 1
    assert twice.count("What to do: see 1 above; the account_id is `id-404`.") == 2


def test_an_account_whose_new_name_another_has_has_not_moved() -> None:
    now = chart(account("200", "Rental"), account("300", "Rent"))
    drift = compare(now, build(now, wanted(entry("200", "Rent"))), None)
    assert [blocked.rule for blocked in drift.blocked] == ["name-held"]
    assert drift.moved == ()


def test_a_new_entry_under_a_code_that_moved_in_xero_and_the_file_comes_from_the_file() -> None:
    """The file followed the move, and has a new account under the old code and name."""
    sales = account("200", "Sales")
    then = base(sales, file=wanted(new("200", "Sales")))
    now = (replace(sales, code="210", name="Sales 2", updated_at=SINCE),)
    file = (entry("210", "Sales 2"), new("200", "Sales"))
    assert told(then, now, *file).origin is Origin.FILE


def test_an_account_that_took_the_code_of_a_deleted_one_has_a_warning() -> None:
    fees, cleaning = account("404", "Fees"), account("408", "Cleaning")
    file = (new("404", "Fees"), entry("408", "Cleaning"))
    then = base(fees, cleaning, file=wanted(*file))
    now = (account("408", "Fees", account_id="id-404", updated_at=SINCE),)
    plain = plan(now, entry("408", "Cleaning"))
    (change,) = add_origins(plain, then, chart(*now)).changes
    assert change.origin is Origin.XERO
    assert "this entry matched 408 Cleaning, which is no longer in Xero" in change.reasons[0]
    assert "(404 Fees at the last apply). This would change that account." in change.warnings[0]


def test_an_entry_removed_and_one_renumbered_both_come_from_the_file() -> None:
    then = base(account("404", "Fees"), account("500", "Costs"),
                file=wanted(entry("404", "Fees"), entry("500", "Costs"),
                            unmanaged=Unmanaged.ARCHIVE))  # fmt: skip
    now = (account("404", "Fees"), account("500", "Costs"))
    file = wanted(entry("501", "Costs", account_id="id-500"), unmanaged=Unmanaged.ARCHIVE)
    changes = add_origins(build(chart(*now), file), then, chart(*now)).changes
    assert {c.origin for c in changes} == {Origin.FILE}


def test_an_entry_that_left_the_file_is_reported() -> None:
    """Its account is unmanaged from now on, which may not be what was meant."""
    fees, rent = account("404", "Fees"), account("408", "Rent")
    then, keeps = base(fees, rent), entry("404", "Fees")
    found = add_origins(plan((fees, rent, ELSE), keeps), then, chart(fees, rent, ELSE))
    told_of = "408 Rent was removed from the file after the last apply on record (1 November 2026)"
    way_out = "to archive it, put its entry back with `status: ARCHIVED`."
    assert found.left_file == (f"{told_of} and is no longer managed; {way_out}",)
    (again,) = serialize.loads(json_text(serialize.to_document([found], THEN)))
    assert again.left_file == found.left_file


def test_an_entry_that_was_inherited_is_archived_by_the_file_or_by_a_standard() -> None:
    """The standard may have lost it, or the file may extend another standard now."""
    rent = account("408", "Rent")
    inherited = replace(entry("408", "Rent", line=2), inherited=Source("standard.yaml", 9, 5))
    then = base(rent, file=wanted(inherited))
    found = add_origins(plan((rent, ELSE)), then, chart(rent, ELSE))
    (told_of,) = found.left_file
    assert told_of == (
        "408 Rent was in the standard at the last apply on record (1 November 2026) and is no "
        "longer managed; to archive it, give it an entry with `status: ARCHIVED`, in this file or "
        "in a standard that it extends."
    )
    (one,) = left_behind([found])
    assert (one.label, one.standard) == ("408 Rent", True)


def test_an_entry_that_left_the_file_is_put_back_by_its_id_if_its_code_moved() -> None:
    """Its old code finds nothing, and an archived entry that finds nothing is satisfied."""
    rent = account("408", "Rent")
    moved = replace(rent, code="4088")
    found = add_origins(plan((moved, ELSE)), base(rent), chart(moved, ELSE))
    (advice, *_) = found.left_file
    assert advice.endswith("put its entry back with `account_id: id-408` and `status: ARCHIVED`.")
    back = plan((moved, ELSE), entry("408", "Rent", account_id="id-408", status=ARCHIVED))
    assert [c.action for c in back.changes] == [Action.ARCHIVE]
    by_code = plan((moved, ELSE), entry("408", "Rent", status=ARCHIVED))
    assert by_code.left_file[0] == (
        "4088 Rent has the name of the entry 408 Rent (`status: ARCHIVED`), for which Xero has no "
        "account. If 4088 Rent is meant, add `account_id: id-408` to the entry."
    )


TRAINING = account("480", "Staff Training", account_id="id-t")
STAFF = account("485", "Staff Subscriptions", account_id="id-s")
RENAMED = (
    replace(TRAINING, code="485", name="Staff Courses"),
    replace(STAFF, code="487", name="Magazines"),
)


def renumbered(*, by_an_earlier_run: bool) -> Baseline:
    """Return the baseline after a renumbering with new names, as its journals have it."""
    calls = [
        RunCall(n, Action.UPDATE, then.account_id, {}, now.code, now.name, before=then, after=now,
                result=Result.DONE)
        for n, (then, now) in enumerate(zip((TRAINING, STAFF), RENAMED, strict=True), start=1)
    ]  # fmt: skip
    file = wanted(new("485", "Staff Courses"), new("487", "Magazines"))
    if by_an_earlier_run:
        old = Run("a", "t", "d", BEFORE, [], BEFORE, "", (TRAINING, STAFF), desired=file)
        last = Run("a", "t", "d", THEN, [], THEN, "", RENAMED, desired=file)
        found = baseline([last, old], "t")
    else:
        found = baseline([Run("a", "t", "d", THEN, calls, THEN, "", RENAMED, desired=file)], "t")
    assert found
    return found


@pytest.mark.parametrize("by_an_earlier_run", [True, False])
def test_an_older_file_put_back_does_not_take_one_account_for_another_silently(
    by_an_earlier_run: bool,
) -> None:
    """485 is Staff Courses now; the older file's 485 is the account that is 487 now."""
    older = (new("480", "Staff Training"), new("485", "Staff Subscriptions"))
    then = renumbered(by_an_earlier_run=by_an_earlier_run)
    changes = add_origins(plan(RENAMED, *older), then, chart(*RENAMED)).changes
    create, rename = sorted(changes, key=lambda c: c.code)
    assert create.warnings[0] == (
        "According to a journal, 480 Staff Training was the account that is now 485 Staff "
        "Courses in Xero. This would create a new account instead. If the entry means 485 "
        "Staff Courses, pin it with account_id: id-t."
    )
    assert rename.warnings[0] == (
        "According to a journal, 485 Staff Subscriptions was the account that is now 487 "
        "Magazines in Xero. This would change 485 Staff Courses instead. If the entry means "
        "487 Magazines, pin it with account_id: id-s."
    )
    pinned = [replace(e, account_id=id_) for e, id_ in zip(older, ("id-t", "id-s"), strict=True)]
    kept = add_origins(plan(RENAMED, *pinned), then, chart(*RENAMED)).changes
    assert {(c.account_id, c.label) for c in kept} == {
        ("id-t", "480 Staff Training"), ("id-s", "485 Staff Subscriptions"),
    }  # fmt: skip
    assert not any("instead" in warning for c in kept for warning in c.warnings)


def test_a_new_account_in_place_of_one_that_the_file_moves_has_no_warning() -> None:
    old = entry("485A", "Staff Courses (old)", previously=("485",), status=ARCHIVED)
    then = renumbered(by_an_earlier_run=False)
    found = add_origins(plan(RENAMED, old, new("485", "Staff Courses")), then, chart(*RENAMED))
    (create,) = (c for c in found.changes if c.action is Action.CREATE)
    assert not any("instead" in warning for warning in create.warnings)


def test_an_entry_whose_code_moved_in_xero_is_not_reported_as_removed_from_the_file() -> None:
    fees = account("404", "Fees")
    moved = replace(fees, code="406")
    file = wanted(entry("404", "Fees"))
    found = add_origins(build(chart(moved), file), base(fees, file=file), chart(moved))
    assert found.unmanaged == (moved,)
    assert found.left_file == ()
