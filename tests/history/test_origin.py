"""Drift or intention: told only where a journal shows it, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import ARCHIVED, account, chart, entry, new, wanted

from xerosync.apply.outcome import Result
from xerosync.history.origin import Baseline, baseline, explain
from xerosync.history.runs import Call, Run
from xerosync.model import Account, DesiredAccount, DesiredChart, Unmanaged
from xerosync.plan import stale
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Change, Origin, Plan

THEN = datetime(2026, 11, 1, 8, tzinfo=UTC)
ELSE = account("999", "Another", account_id="id-else")
SINCE = datetime(2026, 11, 3, 12, tzinfo=UTC)
BEFORE = datetime(2026, 10, 30, tzinfo=UTC)


def base(*accounts: Account, file: DesiredChart | None = None) -> Baseline:
    """Give the books after the last apply, and the file then: it said just that, by default."""
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
    (change,) = explain(plan(now, *entries), then, chart(*now)).changes
    return change


def test_what_the_file_changed() -> None:
    change = told(base(account("200")), (account("200"),), entry("200", "Shoes"))
    assert change.origin is Origin.FILE
    assert not any("Edited" in reason for reason in change.reasons)


def test_what_somebody_changed_in_xero_says_when_and_from_what() -> None:
    now = account("200", "Shirts", updated_at=SINCE)
    change = told(base(account("200", "Shoes")), (now,), entry("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert change.reasons[0] == (
        "Edited in Xero on 3 November 2026: after the last apply on record (1 November 2026) name "
        "was Shoes. Xero does not tell by whom."
    )


def test_both() -> None:
    now = account("200", "Shirts", updated_at=SINCE)
    wish = entry("200", "Shoes", description="New", show_in_expense_claims=True)
    change = told(base(account("200", "Shoes")), (now,), wish)
    assert change.origin is Origin.BOTH


def test_a_flag_is_spoken_as_yes_or_no() -> None:
    then = account("200", show_in_expense_claims=True)
    change = told(base(then), (account("200"),), entry("200", show_in_expense_claims=True))
    assert "expense claims was yes" in change.reasons[0]


@pytest.mark.parametrize("moment", [None, BEFORE])
def test_a_date_that_proves_nothing_is_left_out(moment: datetime | None) -> None:
    """Books that were reset hold accounts last edited before the last apply."""
    now = account("200", "Shirts", updated_at=moment)
    change = told(base(account("200", "Shoes")), (now,), entry("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert change.reasons[0].startswith(
        "Edited in Xero: after the last apply on record (1 November 2026)"
    )


def test_an_archive_in_xero_and_a_restore_in_xero() -> None:
    active, archived = account("200"), account("200", status=ARCHIVED, updated_at=SINCE)
    change = told(base(active), (archived,), entry("200"))
    assert change.origin is Origin.XERO
    assert "it was active" in change.reasons[0]
    change = told(base(archived), (active,), entry("200", status=ARCHIVED))
    assert change.origin is Origin.XERO
    change = told(base(active), (active,), entry("200", status=ARCHIVED))
    assert change.origin is Origin.FILE


def test_an_account_added_in_xero() -> None:
    change = told(base(account("100")), (account("200"),), entry("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert change.reasons[0] == "Added in Xero since the last apply on record (1 November 2026)."


def test_an_account_deleted_in_xero() -> None:
    change = told(base(account("200", "Shoes")), (), new("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert "deleted there" in change.reasons[0]
    assert told(base(), (), new("200", "Shoes")).origin is Origin.FILE


def test_without_a_baseline_nothing_is_said() -> None:
    plain = plan((account("200"),), entry("200", "Shoes"))
    assert explain(plain, None, chart()) is plain


def test_of_a_rollback_s_plan_nothing_is_said_to_come_from_a_file() -> None:
    now = account("200", "Shoes")
    undoing = build(chart(now), replace(wanted(entry("200", "Account 200")), partial=True))
    assert explain(undoing, base(now, file=wanted(SHOES)), chart(now)) is undoing


def test_where_a_change_came_from_does_not_make_a_plan_stale() -> None:
    plain = plan((account("200", "Shirts"),), entry("200", "Shoes"))
    explained = explain(plain, base(account("200", "Shoes")), chart(account("200", "Shirts")))
    assert explained != plain
    stale.check(plain, explained)
    stale.check(explained, plain)


def run(
    day: int,
    *,
    accounts: tuple[Account, ...] = (),
    tenant: str = "t",
    calls: list[Call] | None = None,
    desired: DesiredChart | None = None,
) -> Run:
    at = datetime(2026, 11, day, tzinfo=UTC)
    ended = at if accounts else None
    return Run("accounts.yaml", tenant, "d", at, calls or [], ended, "", accounts, desired=desired)


def call(operation: Action, result: Result | None, *, before: Account | None = None,
         after: Account | None = None, code: str = "200", name: str = "Shoes") -> Call:  # fmt: skip
    return Call(1, operation, before.account_id if before else "", {}, code, name, "k", before,
                result, after)  # fmt: skip


def test_the_last_chart_that_was_read_counts() -> None:
    old, fresh = account("200", "Old"), account("200", "Fresh")
    found = baseline([run(3, accounts=(fresh,)), run(1, accounts=(old,))], "t")
    assert found
    assert found.accounts == {"id-200": fresh}
    assert found.at == datetime(2026, 11, 3, tzinfo=UTC)


def test_other_books_and_no_books_give_nothing() -> None:
    assert baseline([], "t") is None
    assert baseline([run(1, accounts=(account("200"),), tenant="other")], "t") is None
    assert baseline([run(1)], "t") is None, "a run that was killed has no chart"


def test_what_a_killed_run_had_answered_counts_too() -> None:
    old, fresh = account("200", "Old"), account("200", "Fresh")
    answered = call(Action.UPDATE, Result.DONE, before=old, after=fresh)
    found = baseline([run(1, accounts=(old,)), run(2, calls=[answered])], "t")
    assert found
    assert found.accounts == {"id-200": fresh}


def test_of_what_a_killed_run_left_open_nobody_can_tell() -> None:
    """The account may be as it is by our own doing: nothing is claimed of it."""
    old = account("201", "Old")
    calls = [
        call(Action.CREATE, None),
        call(Action.UPDATE, None, before=old, code="201", name="New"),
    ]
    found = baseline([run(1, accounts=(old,)), run(2, calls=calls)], "t")
    shoes = account("200", "Shoes", account_id="id-new")
    now = (shoes, replace(old, name="New"))
    explained = explain(
        plan(now, entry("200", add_to_watchlist=True), entry("201", "Newer")), found, chart(*now)
    )
    assert [c.origin for c in explained.changes] == [Origin.UNKNOWN, Origin.UNKNOWN]
    gone = explain(plan((), new("200", "Shoes")), found, chart())
    assert gone.changes[0].origin is Origin.UNKNOWN


SHOES = entry("200", "Shoes")


def test_what_the_last_apply_was_asked_for_and_did_not_do_is_left_over() -> None:
    """A step that failed, or a run that was stopped: the file is as it was."""
    asked = wanted(SHOES, new("300", "Boots"), entry("400", status=ARCHIVED))
    still = (account("200"), account("400"))
    plain = plan(still, SHOES, new("300", "Boots"), entry("400", status=ARCHIVED))
    explained = explain(plain, base(*still, file=asked), chart(*still))
    assert [c.origin for c in explained.changes] == [Origin.LEFT] * 3
    assert all("Left over" in c.reasons[0] for c in explained.changes)


def test_what_is_left_over_and_asked_for_otherwise_is_the_file_s() -> None:
    then = base(account("200"), file=wanted(SHOES))
    assert told(then, (account("200"),), entry("200", "Boots")).origin is Origin.FILE
    more = entry("200", "Shoes", description="New")
    assert told(then, (account("200"),), more).origin is Origin.FILE
    assert told(then, (account("200"),), entry("200", "Shoes", status=ARCHIVED)).origin is (
        Origin.FILE
    )


def test_what_is_left_over_and_edited_in_xero_is_told_as_the_edit() -> None:
    now = account("200", "Shirts", updated_at=SINCE)
    assert told(base(account("200"), file=wanted(SHOES)), (now,), SHOES).origin is Origin.XERO


def test_an_entry_that_is_new_in_the_file_is_the_file_s() -> None:
    then = base(account("200"), file=wanted())
    assert told(then, (account("200"),), SHOES).origin is Origin.FILE
    assert told(then, (account("200"),), SHOES).reasons == ()


def test_what_a_rollback_took_back_is_told_as_that() -> None:
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
        "A rollback took this back on 2 November 2026; the file still asks for it."
    )
    assert told(found, (old,), entry("200", "Boots")).origin is Origin.FILE
    alone = baseline([run(2, accounts=(old,), calls=[back], desired=undoing)], "t")
    assert alone
    change = told(alone, (old,), SHOES)
    assert change.origin is Origin.LEFT
    assert change.reasons[0] == "A rollback left it so on 2 November 2026."


def test_where_the_file_of_then_is_not_known_the_edits_in_xero_are_told_and_no_more() -> None:
    found = baseline([run(1, accounts=(account("200"), account("300")))], "t")
    assert found
    now = (account("200", "Shirts", updated_at=SINCE), account("300"))
    explained = explain(plan(now, SHOES, entry("300", "X"), new("400", "Y")), found, chart(*now))
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
def test_an_account_that_the_file_gives_up(
    unmanaged: Unmanaged, entries: tuple[DesiredAccount, ...], origin: Origin
) -> None:
    then = base(account("200"), file=wanted(*entries, unmanaged=unmanaged))
    plain = build(chart(account("200")), wanted(unmanaged=Unmanaged.ARCHIVE))
    (change,) = explain(plain, then, chart(account("200"))).changes
    assert change.origin is origin


def test_an_account_renumbered_in_xero_and_so_given_up_is_not_the_file_s_doing() -> None:
    then = base(account("405", "Fees"), file=wanted(entry("405"), unmanaged=Unmanaged.ARCHIVE))
    now = account("406", "Costs", account_id="id-405", updated_at=SINCE)
    plain = build(chart(now), wanted(new("405", "Fees"), unmanaged=Unmanaged.ARCHIVE))
    create, archive = explain(plain, then, chart(now)).changes
    assert archive.origin is Origin.XERO
    assert "code was 405, name was Fees" in archive.reasons[0]
    assert create.origin is Origin.XERO
    assert "405 Fees was in Xero" in create.reasons[0]
    assert "is 406 Costs there now (edited on 3 November 2026)." in create.reasons[0]
    assert "This was 405 Fees, which the file still asks for." in archive.warnings[0]
    assert "account_id: id-405" in create.warnings[0]
    assert not any("deleted" in reason for reason in create.reasons)


def test_a_file_put_back_to_what_xero_held_has_not_changed_what_is_asked_for() -> None:
    """After a failed apply the file says again what the books had; then Xero was edited."""
    then = base(account("200"), file=wanted(SHOES))
    now = account("200", "Shirts", updated_at=SINCE)
    assert told(then, (now,), entry("200", "Account 200")).origin is Origin.XERO
    assert told(then, (now,), entry("200", "Boots")).origin is Origin.BOTH


def test_an_entry_that_finds_another_account_than_at_the_last_apply_is_doubted() -> None:
    """Somebody swapped two codes in Xero: by code alone, each name would go to the other."""
    fees, rent = account("400", "Fees"), account("404", "Rent")
    file = (entry("400", "Fees"), entry("404", "Rent"))
    then = base(fees, rent, file=wanted(*file))
    now = (
        account("404", "Fees", account_id="id-400", updated_at=SINCE),
        account("400", "Rent", account_id="id-404", updated_at=SINCE),
    )
    changes = explain(plan(now, *file), then, chart(*now)).changes
    assert [c.origin for c in changes] == [Origin.XERO, Origin.XERO]
    assert "this entry was 400 Fees, which is 404 Fees in Xero now" in changes[0].reasons[0]
    assert "account_id: id-400" in changes[0].warnings[0]
    assert "account_id: id-404" in changes[1].warnings[0]


def test_a_newcomer_under_the_code_of_an_account_that_was_renumbered_is_doubted_too() -> None:
    then = base(account("404", "Fees"), file=wanted(entry("404", "Fees")))
    moved = account("406", "Costs", account_id="id-404", updated_at=SINCE)
    change = told(then, (moved, account("404", "Misc", account_id="id-new")), entry("404", "Fees"))
    assert change.origin is Origin.XERO
    assert "this entry was 404 Fees, which is 406 Costs in Xero now" in change.reasons[0]


def test_codes_that_the_file_trades_are_the_file_s_doing() -> None:
    fees, rent = account("400", "Fees"), account("404", "Rent")
    then = base(fees, rent, file=wanted(entry("400", "Fees"), entry("404", "Rent")))
    swap = (
        entry("404", "Fees", previously=("400",)),
        entry("400", "Rent", previously=("404",)),
    )
    changes = explain(plan((fees, rent), *swap), then, chart(fees, rent)).changes
    assert [(c.origin, c.warnings) for c in changes] == [(Origin.FILE, ())] * 2


def test_codes_that_moved_in_xero_and_that_the_file_follows_are_no_news() -> None:
    """After `pull` the file says what Xero has: an edit of it is of the account it names."""
    fees, rent = account("400", "Fees"), account("404", "Rent")
    then = base(fees, rent, file=wanted(entry("400", "Fees"), entry("404", "Rent")))
    now = (account("404", "Fees", account_id="id-400"), account("400", "Rent", account_id="id-404"))
    file = (entry("400", "Rent", description="Of the yard"), entry("404", "Fees"))
    (change,) = explain(plan(now, *file), then, chart(*now)).changes
    assert change.warnings == ()
    assert change.origin is Origin.FILE


def test_a_new_entry_under_what_a_pinned_account_gave_up_is_the_file_s() -> None:
    then = base(account("404", "Fees"), file=wanted(entry("404", "Fees")))
    now = (account("404", "Fees"),)
    file = (entry("406", "Old fees", account_id="id-404"), new("404", "Fees"))
    changes = explain(plan(now, *file), then, chart(*now)).changes
    assert {c.origin for c in changes} == {Origin.FILE}
    assert all("there now" not in warning for c in changes for warning in c.warnings)


def test_an_account_that_took_the_code_of_one_that_was_deleted_is_doubted() -> None:
    fees, cleaning = account("404", "Fees"), account("408", "Cleaning")
    file = (new("404", "Fees"), entry("408", "Cleaning"))
    then = base(fees, cleaning, file=wanted(*file))
    now = (account("408", "Fees", account_id="id-404", updated_at=SINCE),)
    plain = plan(now, entry("408", "Cleaning"))
    (change,) = explain(plain, then, chart(*now)).changes
    assert change.origin is Origin.XERO
    assert "this entry was 408 Cleaning, which is not in Xero any more" in change.reasons[0]
    assert "which was 404 Fees then: this would change that one." in change.warnings[0]


def test_an_entry_that_left_its_code_to_another_has_gone_from_the_file() -> None:
    then = base(account("404", "Fees"), account("500", "Costs"),
                file=wanted(entry("404", "Fees"), entry("500", "Costs"),
                            unmanaged=Unmanaged.ARCHIVE))  # fmt: skip
    now = (account("404", "Fees"), account("500", "Costs"))
    file = wanted(entry("501", "Costs", account_id="id-500"), unmanaged=Unmanaged.ARCHIVE)
    changes = explain(build(chart(*now), file), then, chart(*now)).changes
    assert {c.origin for c in changes} == {Origin.FILE}
