"""Several organisations: each is applied to its end, and every failure is reported."""

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
    ProofFailed,
    RejectedByXero,
    StalePlan,
    XerosyncError,
)
from xerosync.model import Chart
from xerosync.plan.build import build
from xerosync.plan.plan import Plan


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
    return Prepared(plan, ledger)


def reject(call: FakeCall) -> None:
    failing(RejectedByXero(("No.",)), lambda c: (c.values or {}).get("name") == "Boots")(call)


def run(
    *ledgers: FakeLedger,
    stop: Event | None = None,
    journal: Recorded | None = None,
    shown: Shown | None = None,
) -> tuple[XerosyncError, ...]:
    runner = Runner(
        journal or Recorded(), Provenance("digest"), shown or Shown(), stop or Event(), "Run again."
    )
    return runner.run_all(prepared(ledger) for ledger in ledgers)


def test_every_organisation_is_applied_and_journalled_with_its_provenance() -> None:
    journal, shown = Recorded(), Shown()
    one, two = FakeLedger(books("one")), FakeLedger(books("two"))
    assert run(one, two, journal=journal, shown=shown) == ()
    assert [(p.file, origin) for p, origin in journal.begun] == [
        ("one.yaml", Provenance("digest")),
        ("two.yaml", Provenance("digest")),
    ]
    assert journal.proofs == ["as planned"] * 2
    assert shown.proved == {"one.yaml": True, "two.yaml": True}
    assert len(shown.outcomes) == 4


def test_a_failure_in_one_organisation_does_not_stop_the_next() -> None:
    shown = Shown()
    one, two = FakeLedger(books("one"), before=reject), FakeLedger(books("two"))
    (failure,) = run(one, two, shown=shown)
    assert isinstance(failure, AppliedInPart)
    assert failure.message.startswith("one.yaml")
    assert [len(ledger.writes) for ledger in (one, two)] == [2, 2]
    assert shown.proved == {"one.yaml": False, "two.yaml": True}


def test_every_failure_is_returned() -> None:
    one = FakeLedger(books("one"), before=reject)
    two = FakeLedger(books("two"), before=reject)
    assert [failure.message[:3] for failure in run(one, two)] == ["one", "two"]


def test_an_interruption_is_the_gravest_failure() -> None:
    stop = Event()

    def interrupt(call: FakeCall) -> None:
        if call.is_write:
            stop.set()

    one = FakeLedger(books("one"), before=reject)
    two = FakeLedger(books("two"), before=interrupt)
    three = FakeLedger(books("three"))
    gravest, *others = run(one, two, three, stop=stop)
    assert isinstance(gravest, Interrupted)
    assert {failure.message.split(".")[0] for failure in others} <= {"one", "two", "three"}
    assert any(isinstance(failure, AppliedInPart) for failure in others)


def test_a_failure_after_a_write_outranks_a_refusal() -> None:
    one, two = FakeLedger(books("one")), FakeLedger(books("two"), before=reject)
    ready = [prepared(one), prepared(two)]
    one._accounts["id-200"] = replace(one._accounts["id-200"], name="Somebody's")
    runner = Runner(Recorded(), Provenance("digest"), Shown(), Event(), "Run again.")
    gravest, other = runner.run_all(ready)
    assert isinstance(gravest, AppliedInPart)
    assert gravest.message.startswith("two.yaml")
    assert isinstance(other, StalePlan)
    assert other.hint.startswith("Nothing was sent to one.")


def test_a_request_to_stop_reaches_the_next_organisation_too() -> None:
    stop, journal = Event(), Recorded()

    def interrupt(call: FakeCall) -> None:
        if call.is_write:
            stop.set()

    one, two = FakeLedger(books("one"), before=interrupt), FakeLedger(books("two"))
    failures = run(one, two, stop=stop, journal=journal)
    assert isinstance(failures[0], Interrupted)
    assert two.writes == ()
    assert [plan.file for plan, _ in journal.begun] == ["one.yaml"]


def test_nothing_is_sent_where_the_journal_cannot_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise XerosyncError("The journal cannot be written.")

    journal, one = Recorded(), FakeLedger(books("one"))
    monkeypatch.setattr(journal, "begin", full)
    assert [failure.message for failure in run(one, journal=journal)] == [
        "The journal cannot be written."
    ]
    assert one.writes == ()


def test_a_chart_that_is_not_as_planned_is_a_failure() -> None:
    class Deaf(FakeLedger):
        """Accepts every write and forgets it."""

        def chart(self) -> Chart:
            return books("one")

    (failure,) = run(Deaf(books("one")))
    assert isinstance(failure, ProofFailed)
    assert any("name is Account 200 and not Shoes" in line for line in failure.details)


def nothing_to_do(name: str, *, to_record: bool) -> Prepared:
    current = books(name)
    desired = replace(wanted(), file=f"{name}.yaml")
    return Prepared(
        build(current, desired), FakeLedger(current), current=current, to_record=to_record
    )


def test_a_plan_without_steps_is_journalled_only_if_it_is_to_be_recorded() -> None:
    journal, one = Recorded(), nothing_to_do("one", to_record=True)
    runner = Runner(journal, Provenance("digest"), Shown(), Event(), "Run again.")
    assert runner.run_all([nothing_to_do("two", to_record=False), one]) == ()
    assert [plan.file for plan, _ in journal.begun] == ["one.yaml"]
    assert journal.proofs == ["as planned"]
    assert isinstance(one.ledger, FakeLedger)
    assert one.ledger.calls == [], "the plan was made from a reading that is seconds old"


def test_a_request_to_stop_records_nothing_more() -> None:
    journal, stop = Recorded(), Event()
    stop.set()
    runner = Runner(journal, Provenance("digest"), Shown(), stop, "Run again.")
    assert runner.run_all([nothing_to_do("one", to_record=True)]) == ()
    assert journal.begun == []


def test_an_apply_without_changes_that_cannot_be_recorded_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise XerosyncError("The journal cannot be written.")

    journal = Recorded()
    monkeypatch.setattr(journal, "end", full)
    runner = Runner(journal, Provenance("digest"), Shown(), Event(), "Run again.")
    (failure,) = runner.run_all([nothing_to_do("one", to_record=True)])
    assert failure.message == (
        "one.yaml: there was nothing to send, but this apply is not on record. "
        "The journal cannot be written."
    )


def test_an_edit_between_the_plan_and_the_first_write_is_refused_as_stale() -> None:
    """Minutes may pass until somebody answers, or until other organisations are done."""
    journal = Recorded()
    one, two = FakeLedger(books("one")), FakeLedger(books("two"))
    ready = [prepared(one), prepared(two)]
    edited = two._accounts["id-200"]
    two._accounts["id-200"] = replace(edited, name="Somebody's")
    runner = Runner(journal, Provenance("digest"), Shown(), Event(), "Run again.")
    gravest, failure = runner.run_all(ready)
    assert isinstance(gravest, AppliedInPart)
    assert gravest.message == (
        "Applied 1 of 2 organisations; the errors above say why the rest was not applied."
    )
    assert "again" not in gravest.hint, "run again, it would overwrite the edit"
    assert isinstance(failure, StalePlan)
    assert "Xero changed since this plan of two.yaml was made" in failure.message
    assert "name was Account 200 and is now Somebody's" in failure.details[0]
    assert (len(one.writes), len(two.writes)) == (2, 0)
    assert [plan.file for plan, _ in journal.begun] == ["one.yaml"]


def test_before_the_first_write_only_the_accounts_are_read_again() -> None:
    ledger, current = FakeLedger(books("one")), books("one")
    ready = replace(prepared(ledger), current=current)
    ledger.calls.clear()
    Runner(Recorded(), Provenance("digest"), Shown(), Event(), "Run again.").run_all([ready])
    assert [call.method for call in ledger.calls] == ["accounts", "update", "update", "chart"]
