"""What an apply costs, and when it is refused for want of calls."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import account, chart, entry, wanted

from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin
from xerosync.errors import TooFewCalls
from xerosync.model import Chart, Organisation
from xerosync.plan import estimate
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan, Step


def plan_of(creates: int) -> Plan:
    entries = tuple(
        DesiredAccount(values={"code": f"X{n}", "name": f"New {n}", "type": "EXPENSE"})
        for n in range(creates)
    )
    desired = DesiredChart(
        file="accounts.yaml", organisation=OrganisationPin(name="Acme"), accounts=entries
    )
    return build(Chart(Organisation("t", "Acme"), (), ()), desired)


def test_reads_before_and_after_are_counted() -> None:
    assert estimate.measure(plan_of(20)).count == 4 + 20 + 2


def test_a_plan_with_nothing_to_do_needs_no_calls() -> None:
    assert estimate.measure(plan_of(0)) == estimate.Estimate(0, 0)
    assert estimate.sentence(plan_of(0)) == ""


def test_a_plan_against_a_csv_cannot_be_applied_and_has_no_estimate() -> None:
    plan = replace(plan_of(20), organisation=Organisation("", "Acme"))
    assert estimate.sentence(plan) == ""


def test_a_step_with_a_fallback_counts_twice() -> None:
    step = Step(1, 0, Action.DELETE, "id", fallback=Action.ARCHIVE)
    assert estimate.measure(replace(plan_of(0), steps=(step,))).count == 4 + 2 + 2


@pytest.mark.parametrize(
    ("calls", "seconds"), [(1, 1), (5, 1), (6, 2), (27, 6), (60, 12), (61, 61), (121, 121),
        (307, 302)]
)  # fmt: skip
def test_the_time_assumes_five_calls_at_once_and_sixty_a_minute(calls: int, seconds: int) -> None:
    assert estimate.seconds(calls) == seconds


def updates(count: int) -> Plan:
    codes = [str(1000 + n) for n in range(count)]
    return build(
        chart(*(account(code) for code in codes)),
        wanted(*(entry(code, f"New {code}") for code in codes)),
    )


def test_the_accounts_are_read_again_before_each_batch_of_writes_to_existing_ones() -> None:
    assert estimate.measure(updates(5)).count == 4 + 5 + 2
    assert estimate.measure(updates(6)).count == 4 + 6 + 1 + 2
    assert estimate.measure(updates(100)).count == 4 + 100 + 19 + 2


def test_the_sentence_uses_seconds_or_minutes() -> None:
    assert estimate.sentence(plan_of(20)) == (
        "Applying it takes up to 26 calls to Xero and about 6 seconds."
    )


def test_the_limit_is_named_only_where_it_makes_an_apply_wait() -> None:
    """18 calls do not take 4 seconds at 60 calls a minute: the limit plays no part there."""
    assert "a minute" not in estimate.sentence(plan_of(52))
    assert estimate.sentence(plan_of(300)) == (
        "Applying it takes up to 306 calls to Xero and about 6 minutes: Xero allows 60 a minute."
    )


@pytest.mark.parametrize(("left", "refused"), [(None, False), (23, False), (22, True), (0, True)])
def test_a_plan_that_todays_quota_cannot_finish_is_refused(
    left: int | None, *, refused: bool
) -> None:
    plan = plan_of(20)
    if not refused:
        estimate.check(plan, left)
        return
    with pytest.raises(
        TooFewCalls, match=f"23 more calls, but Xero allows only {left} more"
    ) as caught:
        estimate.check(plan, left)
    assert "--start-anyway" in caught.value.hint
    assert caught.value.exit_code == 5


def test_a_plan_without_steps_is_never_refused() -> None:
    estimate.check(plan_of(0), 0)
