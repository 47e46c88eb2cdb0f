"""Which plans an apply to many organisations may apply, in which waves, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from builders import ARCHIVED, account, chart, entry, wanted
from fakes import FakeLedger

from xerosync.apply.preflight import Prepared
from xerosync.desired import DesiredChart
from xerosync.errors import AppliedInPart, LimitExceeded, StalePlan, XerosyncError
from xerosync.history.folder import JournalIndex
from xerosync.history.target import Target
from xerosync.model import Chart
from xerosync.organisations.apply_to_many import ApplyOptions, ManyPlanned, Planned
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.waves import Ended, parse_waves
from xerosync.plan.build import build

SHOES = wanted(entry("200", "Shoes"))
NOTHING = wanted()
LEFT_OUT = FailedOrganisation("far.yaml", "Far Ltd", XerosyncError("far.yaml: Not connected."))


def options(waves: str = "all", allowed: Mapping[str, int] | None = None) -> ApplyOptions:
    return ApplyOptions(allowed or {}, parse_waves(waves), workers=1)


def books(name: str) -> Chart:
    current = chart(account("200"), account("201"))
    return replace(current, organisation=replace(current.organisation, tenant_id=name, name=name))


def planned(name: str, desired: DesiredChart, left: int | None = None, **given: bool) -> Planned:
    ledger = FakeLedger(books(name))
    current = ledger.chart()
    target = Target(replace(desired, file=f"{name}.yaml"))
    one = Prepared(build(current, target.desired), ledger, current, **given)
    return Planned.of(target, one, left, JournalIndex(Path("none")), brief=True)


def of(
    *found: Planned,
    asked: ApplyOptions | None = None,
    left_out: tuple[FailedOrganisation, ...] = (),
) -> ManyPlanned:
    return ManyPlanned.of(asked or options(), found, left_out, ())


def ended(
    plans: ManyPlanned,
    apply: Callable[[Planned], None] = lambda _: None,
    waves_ended: Callable[[], None] = lambda: None,
) -> Ended:
    with ThreadPoolExecutor(1) as pool:
        return plans.run(apply, pool, Event(), lambda _: None, waves_ended)


def error_of(plans: ManyPlanned, how: Ended) -> XerosyncError | None:
    return plans.error_of(how, interrupted=False, go_on="Go on.", again="and run again")


def test_a_plan_that_needs_more_calls_than_are_left_is_refused_and_the_others_are_applied() -> None:
    plans = of(planned("one", SHOES, left=1), planned("two", SHOES))
    assert [one.name for one in plans.refused] == ["one"]
    assert [[one.name for one in wave] for wave in plans.organisations] == [["two"]]
    assert list(plans.sentences()) == ["Will not be applied: one. The reasons come at the end."]
    anyway = replace(options(), start_anyway=True)
    assert of(planned("one", SHOES, left=1), asked=anyway).refused == ()


def test_two_files_for_one_organisation_are_both_left_out() -> None:
    one = planned("one", SHOES)
    same = planned("one", replace(SHOES, tags=("other",)))
    plans = of(one, same, planned("two", SHOES))
    assert [failed.name for failed in plans.failed] == ["one", "one"]
    assert [plan.organisation.name for plan in plans.found] == ["two"]


def test_the_waves_are_named_and_a_tag_that_none_has_is_said() -> None:
    north = replace(SHOES, tags=("north",))
    found = [planned("one", SHOES), planned("two", north), planned("three", NOTHING)]
    plans = of(*found, asked=options("north,rest"))
    assert plans.waves == ((1,), (0,))
    assert list(plans.sentences()) == ["Waves: two; then one."]
    plans = of(*found, asked=options("south,rest"))
    (said,) = plans.sentences()
    assert said.startswith("--waves: no organisation that this run would change has the tag south.")
    assert said.endswith("All are in one wave.")


def test_a_change_in_too_many_books_is_refused() -> None:
    archive = wanted(entry("201", status=ARCHIVED))
    found = [planned(str(number), archive) for number in range(30)]
    with pytest.raises(LimitExceeded):
        of(*found).check_reach()
    of(*found, asked=options(allowed={"organisations": 30})).check_reach()


def test_plans_without_steps_are_journalled_after_the_waves_unless_these_stop() -> None:
    found = [planned("one", NOTHING, to_record=True), planned("two", SHOES), planned("x", NOTHING)]
    plans, applied = of(*found), list[str]()

    def note(one: Planned) -> None:
        applied.append(one.plan.organisation.name)

    how = ended(plans, note, lambda: applied.append("the waves end"))
    assert (applied, how.applied) == (["two", "the waves end", "one"], [1])
    assert error_of(plans, how) is None

    def fail(one: Planned) -> None:
        note(one)
        raise AppliedInPart("In part.")

    applied.clear()
    error = error_of(plans, ended(plans, fail))
    assert applied == ["two"]
    assert error is not None


def test_an_organisation_that_the_saved_plan_leaves_out_makes_the_apply_fail() -> None:
    plans = ManyPlanned.of(options(), [planned("one", SHOES)], (LEFT_OUT,), ())
    assert plans.not_planned == (LEFT_OUT,)
    error = error_of(plans, ended(plans))
    assert error is not None
    assert any("Not in the saved plan: Not connected." in line for line in error.details)


def test_a_plan_is_made_again_at_its_turn_and_refused_if_it_differs() -> None:
    one = planned("one", SHOES)
    index = JournalIndex(Path("none"))
    plan, current = one.again(FakeLedger(books("one")), index, usage=False)
    assert plan.steps == one.plan.steps
    assert current.tax_rates == books("one").tax_rates
    edited = replace(books("one"), accounts=(account("200", "Shoes"),))
    with pytest.raises(StalePlan):
        one.again(FakeLedger(edited), index, usage=False)
