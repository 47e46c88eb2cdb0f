"""Before the first call that changes Xero: blocks, safety limits and today's quota."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ARCHIVED, account, chart, entry, wanted

from xerosync.apply.preflight import check
from xerosync.desired import Limits
from xerosync.errors import BlockedChanges, LimitExceeded, TooFewCalls
from xerosync.plan.build import build
from xerosync.plan.plan import Plan

CURRENT = chart(account("200"), account("820", system_account="GST"))


def planned(*, blocked: bool = False, partial: bool = False) -> Plan:
    entries = [entry("200", "Shoes")] + [entry("820", status=ARCHIVED)] * blocked
    return build(CURRENT, replace(wanted(*entries, limits=Limits(archives=0)), partial=partial))


def archiving() -> Plan:
    return build(CURRENT, wanted(entry("200", status=ARCHIVED), limits=Limits(archives=0)))


def test_a_plan_without_blocks_or_exceeded_limits_passes() -> None:
    check(planned(), {}, skip_blocked=False, calls_left=9)
    check(planned(), {}, skip_blocked=False)


@pytest.mark.parametrize("partial", [False, True])
def test_a_plan_with_blocked_changes_is_refused_unless_they_are_skipped(*, partial: bool) -> None:
    blocked = planned(blocked=True, partial=partial)
    with pytest.raises(BlockedChanges) as refused:
        check(blocked, {}, skip_blocked=False)
    assert refused.value.message == (
        "accounts.yaml: 1 change cannot be made (see the blocked one above)."
    )
    assert refused.value.hint.startswith(
        "Resolve it as said there, and plan again, or apply the rest with --skip-blocked. Nothing"
    )
    check(blocked, {}, skip_blocked=True)


def test_skipping_is_not_suggested_if_all_changes_of_a_plan_are_blocked() -> None:
    entries = (entry("200", ""), entry("820", status=ARCHIVED))
    all_blocked = build(CURRENT, wanted(*entries))
    with pytest.raises(BlockedChanges, match="2 changes cannot be made") as refused:
        check(all_blocked, {}, skip_blocked=False)
    assert refused.value.message.endswith("(see the blocked ones above).")
    assert refused.value.hint.startswith(
        "Resolve them as said there, and plan again. Nothing was sent to"
    )


def test_a_plan_that_exceeds_a_limit_is_refused_unless_the_limit_is_raised() -> None:
    with pytest.raises(LimitExceeded, match=r"limits\.archives allows 0"):
        check(archiving(), {}, skip_blocked=False)
    check(archiving(), {"archives": 1}, skip_blocked=False)


def test_limits_are_checked_before_the_quota() -> None:
    with pytest.raises(TooFewCalls, match="Xero allows only 3 more"):
        check(planned(), {}, skip_blocked=False, calls_left=3)
    with pytest.raises(LimitExceeded):
        check(archiving(), {}, skip_blocked=False, calls_left=3)
