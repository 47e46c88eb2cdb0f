"""The safety limits: what counts, from where, and the flag that allows more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted

from xerosync.desired import DesiredAccount, Limits, Unmanaged
from xerosync.errors import LimitExceeded, UsageError
from xerosync.model import Account
from xerosync.plan.blocks import limits
from xerosync.plan.build import build
from xerosync.plan.plan import Plan


def accounts(count: int) -> list[Account]:
    return [account(str(100 + n)) for n in range(count)]


def plan_of(count: int, *entries: DesiredAccount, given: Limits | None = None) -> Plan:
    return build(chart(*accounts(count)), wanted(*entries, limits=given))


def renames(count: int) -> list[DesiredAccount]:
    return [entry(str(100 + n), f"Renamed {n}") for n in range(count)]


def archives(count: int) -> list[DesiredAccount]:
    return [entry(str(100 + n), status=ARCHIVED) for n in range(count)]


def breached(plan: Plan, **allow: int) -> list[str]:
    return [breach.limit for breach in limits.check(plan, allow)]


def test_five_archives_pass_and_six_do_not() -> None:
    assert breached(plan_of(100, *archives(5))) == []
    assert breached(plan_of(100, *archives(6))) == ["archives"]


def test_deletes_count_as_archives_and_need_a_limit_of_their_own() -> None:
    gone = [entry(str(100 + n), status=DELETED) for n in range(6)]
    assert breached(plan_of(100, gone[0])) == ["deletes"]
    assert breached(plan_of(100, *gone), deletes=6) == ["archives"]
    assert breached(plan_of(100, gone[0], given=Limits(deletes=1))) == []


def test_changes_that_a_saved_plan_leaves_to_another_plan_count_too() -> None:
    """Seven archives saved as a plan of four and one of three would pass a limit of five."""
    whole = plan_of(100, *archives(7))
    parts = [replace(whole, changes=part) for part in (whole.changes[:4], whole.changes[4:])]
    assert [breached(part) for part in parts] == [[], []]
    part = replace(parts[0], deferred=whole.changes[4:])
    assert breached(part) == ["archives"]
    assert breached(part, archives=7) == []


def test_accounts_archived_by_unmanaged_archive_count() -> None:
    plan = build(chart(*accounts(9)), wanted(unmanaged=Unmanaged.ARCHIVE))
    assert breached(plan) == ["archives"]


@pytest.mark.parametrize(
    ("active", "changed", "passes"),
    [(10, 3, True), (10, 4, False), (11, 3, True), (100, 30, True), (100, 31, False),
     (9, 9, True), (1000, 301, False)],
)  # fmt: skip
def test_30_percent_pass_from_10_accounts_up(active: int, changed: int, passes: bool) -> None:
    assert (breached(plan_of(active, *renames(changed))) == []) == passes


def test_a_share_just_above_the_limit_is_rounded_up() -> None:
    (breach,) = limits.check(plan_of(1000, *renames(301)))
    assert breach.found == 31
    assert breach.flag == "--allow change_percent=31"
    assert breached(plan_of(1000, *renames(301)), change_percent=31) == []


def test_archived_accounts_do_not_count_as_active() -> None:
    asleep = [account(str(500 + n), status=ARCHIVED) for n in range(90)]
    plan = build(chart(*accounts(10), *asleep), wanted(*renames(4)))
    assert breached(plan) == ["change_percent"]


def test_creating_a_whole_chart_in_an_empty_organisation_exceeds_no_limit() -> None:
    everything = [new(str(n)) for n in range(1000, 1200)]
    strict = Limits(archives=0, deletes=0, change_percent=0)
    assert breached(build(chart(), wanted(*everything, limits=strict))) == []
    system = [account(str(n), system_account="GST", type="CURRLIAB") for n in range(12)]
    assert breached(build(chart(*system), wanted(*everything, limits=strict))) == []


def test_restores_never_count() -> None:
    asleep = [account(str(n), status=ARCHIVED) for n in range(50)]
    awake = [entry(str(n), f"Name {n}") for n in range(50)]
    assert breached(build(chart(*asleep, *accounts(20)), wanted(*awake))) == []


def test_the_error_names_each_limit_its_numbers_and_the_exact_flags() -> None:
    plan = plan_of(10, *archives(7))
    with pytest.raises(LimitExceeded) as caught:
        limits.enforce(plan, {})
    assert "7 accounts would be archived or deleted; limits.archives allows 5." in str(caught.value)
    assert "7 of 10 active accounts (70%)" in str(caught.value)
    assert "limits.change_percent allows 30%." in str(caught.value)
    assert caught.value.hint.endswith("--allow archives=7 --allow change_percent=70")
    with pytest.raises(LimitExceeded) as caught:
        limits.enforce(plan, {"archives": 6, "change_percent": 60})
    assert "; --allow archives allows 6." in str(caught.value)
    assert "; --allow change_percent allows 60%." in str(caught.value)


def test_the_flags_in_the_error_allow_exactly_this_plan() -> None:
    plan = plan_of(10, *archives(7))
    flags = [breach.flag.removeprefix("--allow ") for breach in limits.check(plan)]
    limits.enforce(plan, limits.parse_allow(flags))
    with pytest.raises(LimitExceeded):
        limits.enforce(plan_of(10, *archives(8)), limits.parse_allow(flags))


def test_a_flag_can_also_lower_a_limit() -> None:
    assert breached(plan_of(100, *archives(2)), archives=1) == ["archives"]


@pytest.mark.parametrize(
    "flag",
    [
        "", "archives", "archives=", "archives=-1", "archives=x", "renames=3", "archives=٣",
        pytest.param(f"archives={'9' * 5000}", id="more digits than Python reads"),
    ],
)  # fmt: skip
def test_an_invalid_flag_is_a_usage_error(flag: str) -> None:
    with pytest.raises(UsageError) as caught:
        limits.parse_allow([flag])
    assert "archives, deletes, change_percent" in caught.value.hint


def test_flags_are_read_by_name() -> None:
    assert limits.parse_allow(["archives=12", "change_percent=50"]) == {
        "archives": 12,
        "change_percent": 50,
    }


def test_only_active_accounts_count_for_the_share_that_changes() -> None:
    """Twelve archived accounts that change are no part of eleven active ones."""
    resting = [account(str(500 + n), status=ARCHIVED) for n in range(12)]
    edits = [
        entry(str(500 + n), f"Old {n}", status=ARCHIVED, account_id=f"id-{500 + n}")
        for n in range(12)
    ]
    plan = build(chart(*accounts(11), *resting), wanted(*edits, *renames(3)))
    assert plan.summary["update"] == 15
    assert breached(plan) == []
    (breach,) = limits.check(plan, {"change_percent": 27})
    assert breach.message.startswith("3 of 11 active accounts (28%) would be updated")
