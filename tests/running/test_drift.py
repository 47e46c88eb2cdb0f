"""Drift or intention: told only where a journal shows it, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import ARCHIVED, account, chart, entry, new, wanted

from xerosync import stale
from xerosync.change import Change, Operation, Origin
from xerosync.drift import Baseline, baseline, explain
from xerosync.model import Account, DesiredAccount
from xerosync.outcome import Result
from xerosync.plan import Plan, build
from xerosync.runs import Call, Run

THEN = datetime(2026, 11, 1, 8, tzinfo=UTC)
SINCE = datetime(2026, 11, 3, 12, tzinfo=UTC)
BEFORE = datetime(2026, 10, 30, tzinfo=UTC)


def base(*accounts: Account) -> Baseline:
    return Baseline({a.account_id: a for a in accounts}, THEN)


def plan(now: tuple[Account, ...], *entries: DesiredAccount) -> Plan:
    return build(chart(*now), wanted(*entries))


def told(then: Baseline, now: tuple[Account, ...], *entries: DesiredAccount) -> Change:
    (change,) = explain(plan(now, *entries), then).changes
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
        "Edited in Xero on 3 November 2026: after the last apply (1 November 2026) name was "
        "Shoes. Xero does not tell by whom."
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
    assert change.reasons[0].startswith("Edited in Xero: after the last apply (1 November 2026)")


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
    assert change.reasons[0] == "Added in Xero since the last apply (1 November 2026)."


def test_an_account_deleted_in_xero() -> None:
    change = told(base(account("200", "Shoes")), (), new("200", "Shoes"))
    assert change.origin is Origin.XERO
    assert "deleted there" in change.reasons[0]
    assert told(base(), (), new("200", "Shoes")).origin is Origin.FILE


def test_without_a_baseline_nothing_is_said() -> None:
    plain = plan((account("200"),), entry("200", "Shoes"))
    assert explain(plain, None) is plain


def test_where_a_change_came_from_does_not_make_a_plan_stale() -> None:
    plain = plan((account("200", "Shirts"),), entry("200", "Shoes"))
    explained = explain(plain, base(account("200", "Shoes")))
    assert explained != plain
    stale.check(plain, explained)
    stale.check(explained, plain)


def run(
    day: int,
    *,
    accounts: tuple[Account, ...] = (),
    tenant: str = "t",
    calls: list[Call] | None = None,
) -> Run:
    at = datetime(2026, 11, day, tzinfo=UTC)
    ended = at if accounts else None
    return Run("accounts.yaml", tenant, "d", at, calls or [], ended, "", accounts)


def call(operation: Operation, result: Result | None, *, before: Account | None = None,
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
    answered = call(Operation.UPDATE, Result.DONE, before=old, after=fresh)
    found = baseline([run(1, accounts=(old,)), run(2, calls=[answered])], "t")
    assert found
    assert found.accounts == {"id-200": fresh}


def test_of_what_a_killed_run_left_open_nobody_can_tell() -> None:
    """The account may be as it is by our own doing: nothing is claimed of it."""
    old = account("201", "Old")
    calls = [
        call(Operation.CREATE, None),
        call(Operation.UPDATE, None, before=old, code="201", name="New"),
    ]
    found = baseline([run(1, accounts=(old,)), run(2, calls=calls)], "t")
    shoes = account("200", "Shoes", account_id="id-new")
    now = (shoes, replace(old, name="New"))
    explained = explain(
        plan(now, entry("200", add_to_watchlist=True), entry("201", "Newer")), found
    )
    assert [c.origin for c in explained.changes] == [Origin.UNKNOWN, Origin.UNKNOWN]
    gone = explain(plan((), new("200", "Shoes")), found)
    assert gone.changes[0].origin is Origin.UNKNOWN
