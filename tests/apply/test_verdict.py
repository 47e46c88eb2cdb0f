"""The end of a run: what is still unknown is settled, and the verdict names the gravest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from builders import DELETED, account, chart, entry, wanted
from fakes import FakeCall, FakeLedger

from apply.recording import failing, reads
from xerosync.apply.outcome import Outcome, Result
from xerosync.cli.closing import Ending, close, verdict
from xerosync.errors import (
    AppliedInPart,
    Interrupted,
    ProofFailed,
    Unavailable,
    XerosyncError,
)
from xerosync.history import runs
from xerosync.history.journal import Journal
from xerosync.plan.build import build

CURRENT = chart(account("200"), account("201"))
PLAN = build(CURRENT, wanted(entry("200", "Shoes"), entry("201", "Boots")))
DONE = tuple(Outcome(step, Result.DONE) for step in PLAN.steps)
AGAIN = "Run again."


def applied(hook: object = None) -> FakeLedger:
    ledger = FakeLedger(CURRENT)
    ledger.update("id-200", {"name": "Shoes"}, key="a")
    ledger.update("id-201", {"name": "Boots"}, key="b")
    return FakeLedger(ledger.chart(), before=hook)  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:

    opened = Journal(tmp_path / "run.jsonl", lambda: datetime(2026, 11, 3, tzinfo=UTC))
    opened.begin(PLAN, digest="d", actor="", commit="")
    for step in PLAN.steps:
        opened.sending(step, PLAN.changes[step.change].account, f"k{step.number}")
    return opened


def end(
    ledger: FakeLedger, journal: Journal, *outcomes: Outcome, stop: Event | None = None
) -> Ending:
    told: list[Outcome] = []
    ending = close(PLAN, ledger, journal, outcomes, stop=stop or Event(), tell=told.append)
    changed = [a for a, b in zip(ending.outcomes, outcomes, strict=True) if a is not b]
    assert told == changed
    return ending


def test_a_whole_run_is_proved(journal: Journal) -> None:
    ending = end(applied(), journal, *DONE)
    assert ending == Ending(DONE)
    assert verdict(PLAN, ending, again=AGAIN) is None
    assert runs.read(journal.path)[0].proof == "as planned"


def test_what_was_unknown_is_settled_by_the_last_reading_and_recorded(journal: Journal) -> None:
    unknown = Outcome(PLAN.steps[0], Result.UNKNOWN, None, ("Not known.",))
    ending = end(applied(), journal, unknown, DONE[1])
    assert ending.outcomes[0].result is Result.DONE
    assert verdict(PLAN, ending, again=AGAIN) is None
    assert runs.read(journal.path)[0].calls[0].result is Result.DONE


def test_a_wish_to_stop_does_not_keep_the_chart_from_being_read(journal: Journal) -> None:
    stop = Event()
    stop.set()

    def refuse_when_stopped(call: FakeCall) -> None:
        if stop.is_set():
            raise Interrupted("Stopped while waiting for Xero.")

    skipped = Outcome(PLAN.steps[1], Result.SKIPPED)
    ending = end(applied(refuse_when_stopped), journal, DONE[0], skipped, stop=stop)
    assert ending.unread == ""
    assert ending.stopped
    assert stop.is_set()
    failure = verdict(PLAN, ending, again=AGAIN)
    assert isinstance(failure, Interrupted)
    assert "1 of 2 steps were not sent" in failure.message
    assert failure.hint == AGAIN


def test_stopped_while_the_proof_was_read(journal: Journal) -> None:
    stop = Event()

    def interrupt(call: FakeCall) -> None:
        stop.set()
        raise Interrupted("Stopped while waiting for Xero.")

    ending = end(applied(interrupt), journal, *DONE, stop=stop)
    failure = verdict(PLAN, ending, again=AGAIN)
    assert isinstance(failure, Interrupted)
    assert "all steps were sent" in failure.message


def test_stopped_when_all_was_done_already_is_a_success(journal: Journal) -> None:
    stop = Event()
    stop.set()
    assert verdict(PLAN, end(applied(), journal, *DONE, stop=stop), again=AGAIN) is None


def test_a_chart_that_cannot_be_read_is_no_proof(journal: Journal) -> None:
    ending = end(applied(failing(Unavailable("Xero is down."), reads)), journal, *DONE)
    failure = verdict(PLAN, ending, again=AGAIN)
    assert isinstance(failure, ProofFailed)
    assert "Xero is down." in failure.message
    assert runs.read(journal.path)[0].proof == "not read: Xero is down."


def test_a_chart_that_is_not_as_planned(journal: Journal) -> None:
    ledger = applied()
    ledger.update("id-200", {"name": "Shirts"}, key="c")
    failure = verdict(PLAN, end(ledger, journal, *DONE), again=AGAIN)
    assert isinstance(failure, ProofFailed)
    assert "name is Shirts and not Shoes" in failure.details[0]


def test_a_run_in_part(journal: Journal) -> None:
    failed = Outcome(PLAN.steps[1], Result.FAILED, None, ("No.",))
    failure = verdict(PLAN, end(applied(), journal, DONE[0], failed), again=AGAIN)
    assert isinstance(failure, AppliedInPart)
    assert AGAIN in failure.hint


def test_a_journal_that_lacks_its_end_is_told_last(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise XerosyncError("The journal cannot be written.")

    monkeypatch.setattr(journal, "end", full)
    failure = verdict(PLAN, end(applied(), journal, *DONE), again=AGAIN)
    assert failure
    assert failure.exit_code == 1
    assert "Xero is as planned, but the journal lacks its end" in failure.message


def test_a_refused_delete_says_what_to_write_instead(tmp_path: Path) -> None:
    plan = build(CURRENT, wanted(entry("200", status=DELETED)))
    refused = Outcome(plan.steps[0], Result.FAILED, None, ("It has transactions.",), refused=True)
    failure = verdict(plan, Ending((refused,)), again=AGAIN)
    assert isinstance(failure, AppliedInPart)
    assert failure.hint.startswith("Xero keeps an account that has transactions")
    assert "status: ARCHIVED" in failure.hint
