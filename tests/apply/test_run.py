"""One organisation is applied to its end, or it is said why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Event

import pytest
from builders import account, chart, entry, wanted
from fakes import FakeCall, FakeLedger

from apply.recording import Recorded, failing
from xerosync.apply.journal_writer import Provenance
from xerosync.apply.outcome import Outcome
from xerosync.apply.preflight import Prepared
from xerosync.apply.run import Runner
from xerosync.errors import (
    AppliedInPart,
    Interrupted,
    JournalIncomplete,
    ProofFailed,
    RejectedByXero,
    StalePlan,
    XerosyncError,
)
from xerosync.model import Chart
from xerosync.plan.build import build
from xerosync.plan.plan import Plan
from xerosync.xero_limits import AT_ONCE


class Shown:
    """A display that keeps what it is asked to show."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.proved: dict[str, bool] = {}

    @contextmanager
    def running(self, plan: Plan) -> Iterator[Callable[[Outcome], None]]:
        yield self.outcomes.append

    def finished(self, plan: Plan, outcomes: Sequence[Outcome], *, proved: bool) -> None:
        self.proved[plan.file] = proved


def books(name: str) -> Chart:
    current = chart(account("200"), account("201"))
    return replace(current, organisation=replace(current.organisation, tenant_id=name, name=name))


def prepared(ledger: FakeLedger) -> Prepared:
    current = ledger.chart()
    desired = wanted(entry("200", "Shoes"), entry("201", "Boots"))
    plan = build(current, replace(desired, file=f"{current.organisation.name}.yaml"))
    return Prepared(plan, ledger, current)


def reject(call: FakeCall) -> None:
    failing(RejectedByXero(("No.",)), lambda c: (c.values or {}).get("name") == "Boots")(call)


def run(
    ledger: FakeLedger,
    *,
    stop: Event | None = None,
    journal: Recorded | None = None,
    shown: Shown | None = None,
) -> XerosyncError | None:
    """Apply the plan of one organisation, and return its failure."""
    return failure_of(prepared(ledger), runner(stop, journal, shown))


def runner(
    stop: Event | None = None, journal: Recorded | None = None, shown: Shown | None = None
) -> Runner:
    return Runner(
        journal or Recorded(), Provenance("digest"), shown or Shown(), stop or Event(), "Run again."
    )


def failure_of(one: Prepared, by: Runner) -> XerosyncError | None:
    try:
        by.run(one)
    except XerosyncError as failure:
        return failure
    return None


def test_an_organisation_is_applied_and_journalled_with_its_provenance() -> None:
    journal, shown = Recorded(), Shown()
    assert run(FakeLedger(books("one")), journal=journal, shown=shown) is None
    assert [(p.file, origin) for p, origin in journal.begun] == [("one.yaml", Provenance("digest"))]
    assert journal.proofs == ["as planned"]
    assert shown.proved == {"one.yaml": True}
    assert len(shown.outcomes) == 2


def test_a_plan_with_a_failed_step_is_applied_in_part() -> None:
    shown = Shown()
    one = FakeLedger(books("one"), before=reject)
    failure = run(one, shown=shown)
    assert isinstance(failure, AppliedInPart)
    assert failure.message.startswith("one.yaml")
    assert len(one.writes) == 2
    assert shown.proved == {"one.yaml": False}


def test_a_request_to_stop_lets_calls_in_flight_finish() -> None:
    stop = Event()

    def interrupt(call: FakeCall) -> None:
        if call.is_write:
            stop.set()

    codes = [str(number) for number in range(200, 201 + AT_ONCE)]
    ledger = FakeLedger(chart(*map(account, codes)), before=interrupt)
    current = ledger.chart()
    plan = build(current, wanted(*(entry(code, f"Shoes {code}") for code in codes)))
    failure = failure_of(Prepared(plan, ledger, current), runner(stop))
    assert isinstance(failure, Interrupted)
    assert 1 <= len(ledger.writes) <= AT_ONCE


def test_nothing_is_begun_after_a_request_to_stop() -> None:
    stop, journal, one = Event(), Recorded(), FakeLedger(books("one"))
    stop.set()
    assert isinstance(run(one, stop=stop, journal=journal), Interrupted)
    assert one.writes == ()
    assert journal.begun == []


def test_nothing_is_sent_if_the_journal_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise XerosyncError("The journal cannot be written.")

    journal, one = Recorded(), FakeLedger(books("one"))
    monkeypatch.setattr(journal, "begin", full)
    failure = run(one, journal=journal)
    assert failure
    assert failure.message == "The journal cannot be written."
    assert one.writes == ()


def test_a_saved_plan_is_used_up_after_its_journal_has_begun_and_before_anything_is_sent() -> None:
    journal, one = Recorded(), FakeLedger(books("one"))

    def use() -> None:
        assert len(journal.begun) == 1
        raise StalePlan("This plan was already applied.")

    by = replace(runner(journal=journal), before_first=use)
    assert isinstance(failure_of(prepared(one), by), StalePlan)
    assert journal.proofs == ["nothing was sent: This plan was already applied."]
    assert one.writes == ()


def test_a_saved_plan_that_was_applied_is_reported_even_if_the_journal_cannot_be_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def used(*_: object) -> None:
        raise StalePlan("This plan was already applied.")

    def full(*_: object) -> None:
        raise XerosyncError("The journal cannot be written.")

    journal = Recorded()
    monkeypatch.setattr(journal, "end", full)
    by = replace(runner(journal=journal), before_first=used)
    assert isinstance(failure_of(prepared(FakeLedger(books("one"))), by), StalePlan)


def test_a_chart_that_is_not_as_planned_is_a_failure() -> None:
    class Deaf(FakeLedger):
        """Accepts every write and forgets it."""

        def chart(self) -> Chart:
            return books("one")

    failure = run(Deaf(books("one")))
    assert isinstance(failure, ProofFailed)
    assert any('name is "Account 200" and not "Shoes"' in line for line in failure.details)


def nothing_to_do(name: str) -> Prepared:
    ledger = FakeLedger(books(name))
    current = ledger.chart()
    ledger.calls.clear()
    return Prepared(build(current, replace(wanted(), file=f"{name}.yaml")), ledger, current)


def test_a_plan_without_steps_is_recorded_without_a_call() -> None:
    journal, one = Recorded(), nothing_to_do("one")
    runner(journal=journal).run(one)
    assert isinstance(one.ledger, FakeLedger)
    assert one.ledger.calls == []
    assert [plan.file for plan, _ in journal.begun] == ["one.yaml"]
    assert journal.proofs == ["as planned"]


def test_no_journal_is_started_after_a_request_to_stop() -> None:
    journal, stop = Recorded(), Event()
    stop.set()
    with pytest.raises(Interrupted, match="there was nothing to send"):
        runner(stop, journal).run(nothing_to_do("one"))
    assert journal.begun == []


def test_an_apply_without_changes_that_cannot_be_recorded_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise XerosyncError("The journal cannot be written.")

    journal = Recorded()
    monkeypatch.setattr(journal, "end", full)
    with pytest.raises(JournalIncomplete) as failure:
        runner(journal=journal).run(nothing_to_do("one"))
    assert failure.value.message == (
        "one.yaml: there was nothing to send, but this apply is not on record. "
        "The journal cannot be written."
    )


def test_an_edit_between_the_plan_and_the_first_write_is_refused_as_stale() -> None:
    """Minutes may pass until somebody answers."""
    journal, two = Recorded(), FakeLedger(books("two"))
    ready = prepared(two)
    two._accounts["id-200"] = replace(two._accounts["id-200"], name="Somebody's")
    failure = failure_of(ready, runner(journal=journal))
    assert isinstance(failure, StalePlan)
    assert "Xero has changed since this plan of two.yaml was made" in failure.message
    assert 'name was "Account 200" and is now "Somebody\'s"' in failure.details[0]
    assert failure.hint.startswith("Nothing was sent to two.")
    assert two.writes == ()
    assert journal.begun == []


def test_before_the_first_write_only_the_accounts_are_read_again() -> None:
    ledger, current = FakeLedger(books("one")), books("one")
    ready = replace(prepared(ledger), current=current)
    ledger.calls.clear()
    runner().run(ready)
    assert [call.method for call in ledger.calls] == ["accounts", "update", "update", "chart"]
