"""The end of a run: unknown outcomes are settled, and the verdict is the gravest failure."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from uuid import UUID

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, wanted
from fakes import FakeCall, FakeLedger

from apply.recording import Recorded, failing, reads, results
from xerosync.apply.outcome import Outcome, Result
from xerosync.apply.verdict import RunEnd, finish, verdict
from xerosync.desired import DeleteRefused, Limits
from xerosync.errors import (
    AppliedInPart,
    Interrupted,
    OutcomeUnknown,
    ProofFailed,
    Unavailable,
    XerosyncError,
)
from xerosync.plan.build import build
from xerosync.plan.plan import Action
from xerosync.render.outcome import applied_line

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
def journal() -> Recorded:
    return Recorded()


def end(
    ledger: FakeLedger, journal: Recorded, *outcomes: Outcome, stop: Event | None = None
) -> RunEnd:
    shown: list[Outcome] = []
    ended = finish(PLAN, ledger, journal, outcomes, stop=stop or Event(), show=shown.append)
    changed = [a for a, b in zip(ended.outcomes, outcomes, strict=True) if a is not b]
    assert shown == changed
    return ended


def test_a_complete_run_is_proved(journal: Recorded) -> None:
    ended = end(applied(), journal, *DONE)
    assert ended == RunEnd(DONE)
    assert verdict(PLAN, ended, again=AGAIN) is None
    assert journal.proofs == ["as planned"]


def test_an_unknown_outcome_is_settled_by_the_last_reading_and_journalled(
    journal: Recorded,
) -> None:
    unknown = Outcome(PLAN.steps[0], Result.UNKNOWN, None, ("Not known.",))
    ended = end(applied(), journal, unknown, DONE[1])
    assert ended.outcomes[0].result is Result.DONE
    assert verdict(PLAN, ended, again=AGAIN) is None
    assert journal.outcomes == [ended.outcomes[0]]


def test_an_unknown_result_is_not_said_to_be_a_failure() -> None:
    unknown, first = Outcome(PLAN.steps[0], Result.UNKNOWN), Outcome(PLAN.steps[0], Result.FAILED)
    unsure = verdict(PLAN, RunEnd((unknown, DONE[1]), unread="no"), again=AGAIN)
    assert unsure is not None
    assert "it is not known whether everything was applied" in unsure.message
    assert applied_line(PLAN, (unknown, DONE[1])).endswith("; the result of 1 change is unknown.")
    failed = verdict(PLAN, RunEnd((unknown, Outcome(PLAN.steps[1], Result.FAILED))), again=AGAIN)
    assert failed is not None
    assert "not everything was applied; what failed, and why, is above" in failed.message
    assert applied_line(PLAN, (unknown, first)).endswith("; 1 change not done.")


def test_a_request_to_stop_does_not_prevent_the_last_reading(journal: Recorded) -> None:
    stop = Event()
    stop.set()

    def refuse_when_stopped(call: FakeCall) -> None:
        if stop.is_set():
            raise Interrupted("Stopped while waiting for Xero.")

    skipped = Outcome(PLAN.steps[1], Result.SKIPPED)
    ended = end(applied(refuse_when_stopped), journal, DONE[0], skipped, stop=stop)
    assert ended.unread == ""
    assert ended.stopped
    assert stop.is_set()
    failure = verdict(PLAN, ended, again=AGAIN)
    assert isinstance(failure, Interrupted)
    assert "1 of 2 steps was not sent" in failure.message
    assert failure.hint == AGAIN


def test_a_run_stopped_during_the_last_reading_is_interrupted(journal: Recorded) -> None:
    stop = Event()

    def interrupt(call: FakeCall) -> None:
        stop.set()
        raise Interrupted("Stopped while waiting for Xero.")

    ended = end(applied(interrupt), journal, *DONE, stop=stop)
    failure = verdict(PLAN, ended, again=AGAIN)
    assert isinstance(failure, Interrupted)
    assert "every step was sent" in failure.message


def test_a_run_stopped_after_its_last_step_is_a_success(journal: Recorded) -> None:
    stop = Event()
    stop.set()
    assert verdict(PLAN, end(applied(), journal, *DONE, stop=stop), again=AGAIN) is None


def test_a_chart_that_cannot_be_read_proves_nothing(journal: Recorded) -> None:
    ended = end(applied(failing(Unavailable("Xero is down."), reads)), journal, *DONE)
    failure = verdict(PLAN, ended, again=AGAIN)
    assert isinstance(failure, ProofFailed)
    assert "Xero is down." in failure.message
    assert journal.proofs == ["the chart could not be read: Xero is down."]


def test_the_hints_after_a_rollback_name_the_rollback_command_and_not_plan() -> None:
    """`xerosync plan` is about the file, and finds all that the rollback undid."""
    plan = replace(PLAN, desired=replace(PLAN.desired, file="my run.jsonl", partial=True))
    edited = Outcome(plan.steps[0], Result.SKIPPED, edited=True)
    for ended in (RunEnd((), unread="down"), RunEnd((), ("one",)), RunEnd((edited,))):
        failure = verdict(plan, ended, again=AGAIN)
        assert failure
        assert "`xerosync rollback 'my run.jsonl'`" in failure.hint
        assert "xerosync plan" not in failure.hint


def test_the_hints_of_a_plan_name_its_file_unless_it_is_the_usual_one() -> None:
    edited = Outcome(PLAN.steps[0], Result.SKIPPED, edited=True)
    for file, named in (("accounts.yaml", ""), ("my clients/a.yaml", " -f 'my clients/a.yaml'")):
        plan = replace(PLAN, desired=replace(PLAN.desired, file=file))
        for ended in (RunEnd((), unread="down"), RunEnd((), ("one",)), RunEnd((edited,))):
            failure = verdict(plan, ended, again=AGAIN)
            assert failure
            assert f"`xerosync plan{named}`" in failure.hint


def test_a_chart_that_is_not_as_planned_fails_the_proof(journal: Recorded) -> None:
    ledger = applied()
    ledger.update("id-200", {"name": "Shirts"}, key="c")
    failure = verdict(PLAN, end(ledger, journal, *DONE), again=AGAIN)
    assert isinstance(failure, ProofFailed)
    assert 'name is "Shirts" and not "Shoes"' in failure.details[0]


def test_a_partial_run_says_how_to_go_on(journal: Recorded) -> None:
    failed = Outcome(PLAN.steps[1], Result.FAILED, None, ("No.",))
    failure = verdict(PLAN, end(applied(), journal, DONE[0], failed), again=AGAIN)
    assert isinstance(failure, AppliedInPart)
    assert AGAIN in failure.hint


def test_a_failure_that_stopped_the_run_says_first_what_to_do_about_it(journal: Recorded) -> None:
    hints = ("Add the scope.",)
    failed = Outcome(PLAN.steps[0], Result.FAILED, None, ("No scope.",), hints=hints)
    skipped = Outcome(PLAN.steps[1], Result.SKIPPED, None, ("No scope.",), hints=hints)
    failure = verdict(PLAN, end(FakeLedger(CURRENT), journal, failed, skipped), again=AGAIN)
    assert failure
    assert failure.hint == f"Add the scope. {AGAIN}"


def test_advice_to_report_several_failures_is_given_once(journal: Recorded) -> None:
    """The id may be that of a reading which failed too, and not that of the outcome's call."""
    ids = [str(UUID(int=n)) for n in range(2)]
    for of_call, in_hint in ((ids, ids), (["c-0", "c-1"], ids), (["c-0", "c-1"], ["c-0", "c-1"])):
        failed = [
            Outcome(step, Result.FAILED, None, ("No.",), call, (f"Report it with the id {known}.",))
            for step, call, known in zip(PLAN.steps[:2], of_call, in_hint, strict=True)
        ]
        failure = verdict(PLAN, end(FakeLedger(CURRENT), journal, *failed), again=AGAIN)
        assert failure
        assert failure.hint == f"Report it with the id {in_hint[1]}. {AGAIN}"


def full(*_: object) -> None:
    raise XerosyncError("The journal cannot be written.")


def test_an_incomplete_journal_is_the_least_grave_failure(
    journal: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "end", full)
    failure = verdict(PLAN, end(applied(), journal, *DONE), again=AGAIN)
    assert failure
    assert failure.exit_code == 1
    assert "Xero is as planned, but the journal is incomplete" in failure.message


def test_an_incomplete_journal_hides_no_difference_from_the_plan(
    journal: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "ended", full)
    ledger = applied()
    ledger.update("id-200", {"name": "Shirts"}, key="c")
    unknown = Outcome(PLAN.steps[1], Result.UNKNOWN, None, ("Not known.",))
    ended = end(ledger, journal, DONE[0], unknown)
    assert 'name is "Shirts" and not "Shoes"' in ended.differences[0]


def test_a_refused_delete_says_what_to_write_instead() -> None:
    plan = build(CURRENT, wanted(entry("200", status=DELETED)))
    refused = Outcome(plan.steps[0], Result.FAILED, None, ("It has transactions.",), refused=True)
    failure = verdict(plan, RunEnd((refused,)), again=AGAIN)
    assert isinstance(failure, AppliedInPart)
    assert failure.hint.startswith("Xero keeps an account that has transactions")
    assert "status: ARCHIVED" in failure.hint
    assert "repeating invoice" in failure.hint, "that would refuse the archive too"
    assert AGAIN not in failure.hint


@pytest.mark.parametrize("fallback", [False, True])
def test_a_refused_archive_says_what_locks_the_account(fallback: bool) -> None:
    """Sent again it would be refused again, so the message says what to change."""
    asked = DeleteRefused.ARCHIVE if fallback else DeleteRefused.FAIL
    gone = entry("200", status=DELETED if fallback else ARCHIVED)
    plan = build(CURRENT, wanted(gone, delete_refused=asked))
    refused = Outcome(plan.steps[0], Result.FAILED, None, ("It is in use.",), refused=True)
    failure = verdict(plan, RunEnd((refused,)), again=AGAIN)
    assert isinstance(failure, AppliedInPart)
    assert "remove it from there in Xero, or keep the account active" in failure.hint
    assert "repeating invoice" in failure.hint
    assert AGAIN not in failure.hint


def test_any_refusal_says_to_change_something_and_never_to_run_again() -> None:
    refused = Outcome(PLAN.steps[0], Result.FAILED, None, ("Enter a unique Name.",), refused=True)
    waiting = Outcome(PLAN.steps[1], Result.SKIPPED)
    failure = verdict(PLAN, RunEnd((refused, waiting)), again=AGAIN)
    assert isinstance(failure, AppliedInPart)
    assert failure.hint == (
        "Correct what Xero refused above, in the file or in Xero. Then make a new plan: it has "
        "what is left."
    )


def test_a_refusal_keeps_its_advice_beside_a_hint_of_another_failure() -> None:
    full = replace(
        Outcome(PLAN.steps[0], Result.FAILED, None, ("Name is taken.",), refused=True),
        hints=("", "Make room."),
    )
    failure = verdict(PLAN, RunEnd((full,)), again=AGAIN)
    assert failure
    assert failure.hint.startswith("Make room. Correct what Xero refused above")
    assert AGAIN not in failure.hint


def test_an_archive_in_place_of_a_refused_delete_is_settled_as_an_archive(
    journal: Recorded,
) -> None:
    """The delete is refused, and Xero archives the account, but neither says so nor answers."""
    current = chart(account("400"))
    desired = wanted(
        entry("400", status=DELETED),
        delete_refused=DeleteRefused.ARCHIVE,
        limits=Limits(deletes=1),
    )
    plan = build(current, desired)

    def no_answer(call: FakeCall) -> None:
        if call.method == "set_status":
            raise OutcomeUnknown("Whether Xero took the archive is not known.")

    def down(call: FakeCall) -> None:
        if call.method == "accounts":
            raise Unavailable("Xero is down.")

    ledger = FakeLedger(current, before=down, after=no_answer, used=frozenset({"id-400"}))
    outcomes = tuple(results(plan, ledger, journal).values())
    assert [one.result for one in outcomes] == [Result.UNKNOWN]
    assert "Xero refused to delete" in outcomes[0].messages[0]
    ended = finish(plan, ledger, journal, outcomes, stop=Event(), show=lambda _: None)
    assert verdict(plan, ended, again=AGAIN) is None
    calls = [(one.step.operation, one.result) for one in journal.outcomes]
    assert calls[-1] == (Action.ARCHIVE, Result.DONE)
    assert "0 deleted" in applied_line(plan, ended.outcomes)
    assert "(1 archived instead of deleted)" in applied_line(plan, ended.outcomes)
