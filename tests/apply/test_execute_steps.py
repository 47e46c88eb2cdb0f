"""Steps run side by side, each after those it needs, and a failure stops only what it must."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from builders import ARCHIVED, DELETED, account, chart, entry, new, wanted
from fakes import FakeCall, FakeLedger

from apply.recording import Recorded, creates, done, failing, reads, results
from xerosync.apply.execute import execute_steps
from xerosync.apply.ledger import Written
from xerosync.apply.outcome import Outcome, Result, settle
from xerosync.apply.verdict import RunEnd, verdict
from xerosync.desired import DeleteRefused, DesiredAccount, Limits
from xerosync.errors import (
    AccessDenied,
    DayLimitReached,
    Interrupted,
    LedgerError,
    OutcomeUnknown,
    RejectedByXero,
    SignInError,
    Unavailable,
    XerosyncError,
)
from xerosync.model import Chart, Value
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan
from xerosync.render.outcome import outcome_line
from xerosync.xero_limits import AT_ONCE

LOST = OutcomeUnknown("Whether Xero took the create is not known.", correlation_id="c-1")


def planned(
    current: Chart, *entries: DesiredAccount, refused: DeleteRefused = DeleteRefused.FAIL
) -> Plan:
    return build(current, wanted(*entries, delete_refused=refused, limits=Limits(deletes=9)))


def news(count: int) -> Plan:
    return planned(chart(), *(new(str(1000 + n)) for n in range(count)))


def test_every_step_is_journalled_before_and_after_its_call() -> None:
    record = Recorded()
    ledger = FakeLedger(chart(), before=lambda call: order.append(("call", call.key)))
    order: list[tuple[str, str]] = []
    outcomes = results(news(12), ledger, record)
    assert done(outcomes) == set(range(1, 13))
    keys = [key for _, _, key in record.sent]
    assert len(set(keys)) == 12
    assert sorted(call.key for call in ledger.writes) == sorted(keys)
    for number in range(1, 13):
        assert record.lines.index(("sending", number)) < record.lines.index(("ended", number))


def test_exactly_five_calls_are_in_flight_at_once() -> None:
    lock, most, now = threading.Lock(), 0, 0
    five = threading.Barrier(AT_ONCE, timeout=60)

    def before(call: FakeCall) -> None:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        five.wait()

    def after(call: FakeCall) -> None:
        nonlocal now
        with lock:
            now -= 1

    results(news(20), FakeLedger(chart(), before=before, after=after))
    assert most == AT_ONCE == 5


def test_no_step_is_sent_before_those_it_needs() -> None:
    """A cycle of codes and a chain, with calls that take random times."""
    codes = [str(n) for n in range(200, 212)]
    current = chart(*(account(code) for code in codes))
    moved = [*codes[1:6], codes[0], *codes[7:], "300"]
    plan = planned(
        current,
        *(entry(code, account_id=f"id-{held}") for held, code in zip(codes, moved, strict=True)),
    )
    assert any(step.needs for step in plan.steps)
    record = Recorded()
    ledger = FakeLedger(current, before=lambda call: time.sleep(hash(call.account_id) % 7 / 1000))
    outcomes = results(plan, ledger, record)
    assert done(outcomes) == set(outcomes)
    for step in plan.steps:
        sent = record.lines.index(("sending", step.number))
        for number in step.needs:
            assert record.lines.index(("ended", number)) < sent


def test_a_failed_step_stops_only_the_steps_that_need_it() -> None:
    current = chart(account("200"), account("201"), account("202"), account("400"))
    plan = planned(
        current,
        entry("999", account_id="id-200"),
        entry("200", account_id="id-201"),
        entry("201", account_id="id-202"),
        entry("401", account_id="id-400"),
    )
    refuse = failing(
        RejectedByXero(("Please enter a unique Code.", "And a name."), correlation_id="c-9"),
        lambda call: (call.values or {}).get("code") == "200",
    )
    outcomes = results(plan, FakeLedger(current, before=refuse))
    by_code = {str(o.step.values["code"]): o for o in outcomes.values()}
    assert by_code["999"].result is Result.DONE
    assert by_code["401"].result is Result.DONE
    assert by_code["200"].result is Result.FAILED
    assert by_code["200"].messages == ("Please enter a unique Code.", "And a name.")
    assert by_code["200"].correlation_id == "c-9"
    assert by_code["201"].result is Result.SKIPPED
    assert "200 Account 201" in by_code["201"].messages[0]


def test_a_later_step_of_an_account_gets_its_id_and_state() -> None:
    plan = planned(chart(), new("500", add_to_watchlist=True))
    record = Recorded()
    outcomes = results(plan, FakeLedger(chart()), record)
    create, update = outcomes[1], outcomes[2]
    assert create.account
    assert update.account == replace(create.account, add_to_watchlist=True)
    assert record.sent[1][0].account_id == create.account.account_id
    assert record.sent[1][1] == create.account, "what it was before is recorded"


def test_a_lost_answer_that_took_effect_is_settled_by_reading() -> None:
    ledger = FakeLedger(chart(), after=failing(LOST, creates("1001")))
    outcomes = results(news(3), ledger)
    assert done(outcomes) == {1, 2, 3}
    assert outcomes[2].settled
    assert outcomes[2].account
    assert outcomes[2].account.code == "1001"
    assert outcomes[2].correlation_id == "c-1"
    assert not outcomes[1].settled


def test_a_lost_answer_without_effect_is_a_failure() -> None:
    ledger = FakeLedger(chart(), before=failing(LOST, creates("1001")))
    outcomes = results(news(3), ledger)
    assert done(outcomes) == {1, 3}
    assert outcomes[2].result is Result.FAILED
    assert outcomes[2].messages[-1] == "The chart shows that it did not take effect."


def test_a_lost_answer_stays_unknown_and_stops_the_run_if_the_chart_cannot_be_read() -> None:
    def before(call: FakeCall) -> None:
        if creates("1000")(call):
            raise LOST
        if reads(call):
            raise Unavailable("Xero cannot be reached.")
        read.wait(5)

    read = threading.Event()
    plan = news(30)

    class Signalling(Recorded):
        def ended(self, outcome: Outcome) -> None:
            super().ended(outcome)
            read.set()

    record = Signalling()
    outcomes = results(plan, FakeLedger(chart(), before=before), record)
    assert outcomes[1].result is Result.UNKNOWN
    assert "Reading the chart failed too" in outcomes[1].messages[1]
    assert len(record.sent) <= AT_ONCE
    assert outcomes[30].result is Result.SKIPPED
    assert "Xero cannot be reached." in outcomes[30].messages[0]


@pytest.mark.parametrize(
    "error",
    [
        SignInError("Signed out.", "Sign in."),
        AccessDenied("No scope.", "Add the scope."),
        DayLimitReached("No calls left.", "Wait until tomorrow."),
        Unavailable("Down.", "Check the status page."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_every_call_would_meet_stops_the_run(error: XerosyncError) -> None:
    """The other calls are answered only after the error, or the run might end before it."""

    def before(call: FakeCall) -> None:
        if creates("1000")(call):
            raise error
        told.wait(5)

    class Signalling(Recorded):
        def ended(self, outcome: Outcome) -> None:
            super().ended(outcome)
            told.set()

    told = threading.Event()
    outcomes = results(news(30), FakeLedger(chart(), before=before), Signalling())
    assert outcomes[1].result is Result.FAILED
    assert outcomes[1].messages == (error.message,)
    skipped = [o for o in outcomes.values() if o.result is Result.SKIPPED]
    assert skipped
    assert all(o.messages == (f"The run was stopped: {error.message}",) for o in skipped)
    assert len(done(outcomes)) + len(skipped) == 29
    assert {o.hints for o in (outcomes[1], *skipped)} == {(error.hint,)}


def test_each_failed_step_says_what_to_do_about_its_own_error() -> None:
    """Three calls of one run: the first failure stops it, the others do not."""
    errors = {
        "1000": Unavailable("No proxy.", "Set its password."),
        "1001": LedgerError("Old TLS.", "Use 1.2."),
        "1002": RejectedByXero(("Not found.",), "Check the address."),
    }
    together = threading.Barrier(len(errors))

    def before(call: FakeCall) -> None:
        together.wait(5)
        raise errors[str((call.values or {})["code"])]

    outcomes = results(news(3), FakeLedger(chart(), before=before))
    hints = [outcomes[n].hints for n in (1, 2, 3)]
    assert hints == [("Set its password.",), ("Use 1.2.",), ("Check the address.",)]


def test_what_stops_a_run_at_a_reading_or_in_the_journal_says_what_to_do() -> None:
    out = SignInError("Signed out.", "Sign in.")
    plan = planned(chart(account("200", "Sales")), entry("200", "Shoes"))
    ledger = FakeLedger(chart(account("200", "Sales")), before=failing(out, reads))
    ticks = iter((0.0, 60.0, 60.0))
    (unread,) = execute_steps(plan, ledger, Recorded(), monotonic=lambda: next(ticks))
    assert (unread.result, unread.hints) == (Result.SKIPPED, (out.hint,))

    for error in (out, LedgerError("Old TLS.", "Use 1.2.")):

        def lose(call: FakeCall, error: XerosyncError = error) -> None:
            raise error if reads(call) else OutcomeUnknown("Not known.")

        assert results(news(1), FakeLedger(chart(), before=lose))[1].hints == (error.hint,)
    for room, result in ((0, Result.SKIPPED), (1, Result.DONE)):
        (full,) = results(news(1), FakeLedger(chart()), Recorded(full_after=room)).values()
        assert (full.result, full.hints) == (result, ("Make room.",))
    ledger = FakeLedger(chart(), before=failing(out, creates("1000")))
    (both,) = results(news(1), ledger, Recorded(full_after=1)).values()
    assert both.hints == ("Sign in.", "Make room.")


def test_an_error_of_one_call_stops_no_other_call() -> None:
    error = XerosyncError("An odd answer.")
    outcomes = results(news(10), FakeLedger(chart(), before=failing(error, creates("1000"))))
    assert done(outcomes) == set(range(2, 11))


def test_a_request_to_stop_lets_calls_in_flight_finish_and_sends_no_more() -> None:
    stop = threading.Event()
    five = threading.Barrier(AT_ONCE, timeout=60)

    def before(call: FakeCall) -> None:
        if five.wait() == 0:
            stop.set()
        assert stop.wait(60)

    record = Recorded()
    outcomes = results(news(20), FakeLedger(chart(), before=before), record, stop)
    assert done(outcomes) == {1, 2, 3, 4, 5}
    assert len(record.sent) == 5
    assert {o.messages for n, o in outcomes.items() if n > 5} == {
        ("The run was stopped before this step.",)
    }
    assert len(record.outcomes) == 20, "the skipped ones are recorded too"


def test_a_signal_is_handled_while_xero_does_not_answer() -> None:
    """Sent to another thread, it does not end a wait, as if it came just before the wait."""
    stop = threading.Event()
    five = threading.Barrier(AT_ONCE, timeout=60)
    heard: list[bool] = []

    def before(call: FakeCall) -> None:
        if five.wait() == 0:
            time.sleep(0.1)
            signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
            heard.append(stop.wait(20))
        assert stop.wait(60)

    handler = signal.signal(signal.SIGUSR1, lambda *_: stop.set())
    release = threading.Timer(30, stop.set)
    release.start()
    try:
        outcomes = results(news(20), FakeLedger(chart(), before=before), stop=stop)
    finally:
        release.cancel()
        signal.signal(signal.SIGUSR1, handler)
    assert heard == [True]
    assert done(outcomes) == {1, 2, 3, 4, 5}


def test_a_call_stopped_while_waiting_is_skipped() -> None:
    stop = threading.Event()
    wait = failing(Interrupted("Stopped while waiting for Xero."), creates("1000"))
    outcomes = results(news(1), FakeLedger(chart(), before=wait), stop=stop)
    assert outcomes[1].result is Result.SKIPPED


def test_a_run_stopped_before_its_start_sends_nothing() -> None:
    stop = threading.Event()
    stop.set()
    ledger = FakeLedger(chart())
    outcomes = results(news(20), ledger, stop=stop)
    assert done(outcomes) == set()
    assert ledger.calls == []


def test_a_refused_delete_falls_back_to_an_archive_if_the_file_asks_for_it() -> None:
    current = chart(account("400"), account("401"))
    plan = planned(
        current,
        entry("400", status=DELETED),
        new("402", "Account 400"),
        refused=DeleteRefused.ARCHIVE,
    )
    record = Recorded()
    ledger = FakeLedger(current, used=frozenset({"id-400"}))
    outcomes = results(plan, ledger, record)
    delete = next(o for o in outcomes.values() if o.step.operation is Action.DELETE)
    assert delete.result is Result.FELL_BACK
    assert delete.account
    assert delete.account.status == ARCHIVED
    assert "Xero refused to delete: Cannot delete an account" in delete.messages[0]
    kinds = [step.operation for step, _, _ in record.sent]
    assert kinds == [Action.DELETE, Action.ARCHIVE], "both calls are recorded"
    assert [o.result for o in record.outcomes[:2]] == [Result.FAILED, Result.DONE]
    create = next(o for o in outcomes.values() if o.step.operation is Action.CREATE)
    assert create.result is Result.SKIPPED, "an archived account still holds its name"


def test_an_account_that_is_gone_is_not_archived_in_place_of_a_delete() -> None:
    """Xero's 404 comes with a hint of its own, and says nothing about the account to correct."""

    def gone(call: FakeCall) -> None:
        raise RejectedByXero(("Not found.",), "It is gone.")

    def gone_after_the_delete(call: FakeCall) -> None:
        if call.method == "delete":
            raise RejectedByXero(("Used.",))
        gone(call)

    current = chart(account("400"))
    plan = planned(current, entry("400", status=DELETED), refused=DeleteRefused.ARCHIVE)
    for hook, said in (
        (gone, ("Not found.",)),
        (gone_after_the_delete, ("Xero refused to delete: Used.", "Not found.")),
    ):
        (outcome,) = results(plan, FakeLedger(current, before=hook)).values()
        assert outcome.messages == said
        failure = verdict(plan, RunEnd((outcome,)), again="Run again.")
        assert failure
        assert failure.hint == "It is gone. Run again."


def test_a_refused_fallback_says_why_both_calls_were_refused() -> None:
    def refuse(call: FakeCall) -> None:
        raise RejectedByXero((f"No {call.method}.",))

    current = chart(account("400"))
    plan = planned(current, entry("400", status=DELETED), refused=DeleteRefused.ARCHIVE)
    (outcome,) = results(plan, FakeLedger(current, before=refuse)).values()
    assert outcome.messages == ("Xero refused to delete: No delete.", "No set_status.")


def test_a_refused_delete_fails_if_the_file_does_not_ask_for_an_archive() -> None:
    current = chart(account("400"))
    plan = planned(current, entry("400", status=DELETED))
    ledger = FakeLedger(current, used=frozenset({"id-400"}))
    assert results(plan, ledger)[1].result is Result.FAILED
    assert len(ledger.writes) == 1


@pytest.mark.parametrize("room", range(30))
def test_a_full_disk_at_any_line_loses_no_outcome_and_sends_nothing_unjournalled(room: int) -> None:
    record, ledger = Recorded(full_after=room), FakeLedger(chart())
    outcomes = results(news(20), ledger, record)
    assert {call.key for call in ledger.writes} == {key for _, _, key in record.sent}
    assert len(done(outcomes)) == len(ledger.writes) < 20
    for number, outcome in outcomes.items():
        if number not in done(outcomes):
            assert outcome.result is Result.SKIPPED
            assert "cannot be written" in outcome.messages[0]


def test_an_outcome_that_cannot_be_journalled_has_a_message() -> None:
    outcomes = results(news(1), FakeLedger(chart()), Recorded(full_after=1))
    assert outcomes[1].result is Result.DONE
    assert "cannot be written" in outcomes[1].messages[0]


def unknown(plan: Plan) -> Outcome:
    return Outcome(plan.steps[0], Result.UNKNOWN, None, ("Not known.",))


@pytest.mark.parametrize(
    ("current", "desired", "after"),
    [
        (chart(), new("500", "Fun"), account("500", "Fun")),
        (chart(account("500")), entry("500", "Fun"), account("500", "Fun")),
        (chart(account("500")), entry("500", status=ARCHIVED), account("500", status=ARCHIVED)),
        (chart(account("500", status=ARCHIVED)), entry("500"), account("500")),
        (chart(account("500")), entry("500", status=DELETED), None),
    ],
    ids=["create", "update", "archive", "restore", "delete"],
)
def test_an_unknown_outcome_is_settled_by_a_chart_read_later(
    current: Chart, desired: DesiredAccount, after: object
) -> None:
    outcome = unknown(planned(current, desired))
    now = [a for a in [after] if a is not None]
    settled = settle(outcome, now)  # type: ignore[arg-type]
    assert settled.result is Result.DONE
    assert settled.settled
    assert settled.account
    assert settle(outcome, current.accounts).result is Result.FAILED


def test_a_known_outcome_is_left_as_it_is() -> None:
    outcome = Outcome(news(1).steps[0], Result.FAILED)
    assert settle(outcome, ()) is outcome


def test_a_bug_in_one_step_lets_the_others_finish() -> None:
    hook: Callable[[FakeCall], None] = failing(KeyError("bug"), creates("1000"))
    record = Recorded()
    with pytest.raises(KeyError):
        results(news(5), FakeLedger(chart(), before=hook), record)
    assert {o.step.number for o in record.outcomes} >= {2, 3, 4, 5}


class Confused(FakeLedger):
    """Answers a create with the id of another account, as a broken proxy might."""

    def create(self, values: Mapping[str, Value], *, key: str) -> Written:
        written = super().create(values, key=key)
        return replace(written, account=replace(written.account, account_id="id-300"))


def test_a_wrong_id_in_the_answer_to_a_create_misdirects_no_later_step() -> None:
    """The next step, which sets the watchlist, goes to the account that was created."""
    current = chart(account("300", "Rent"))
    plan = planned(current, new("210", "Hire", add_to_watchlist=True), entry("300", "Rent"))
    ledger, record = Confused(current), Recorded()
    outcomes = list(execute_steps(plan, ledger, record, accounts=current.accounts))
    assert [outcome.settled for outcome in outcomes] == [True, False]
    assert "no clear answer to the call, but Xero shows" in outcome_line(plan, outcomes[0]).plain
    (hire,) = [account for account in ledger.accounts() if account.code == "210"]
    assert hire.add_to_watchlist
    assert ledger.writes[-1].account_id == hire.account_id
    (rent,) = [account for account in ledger.accounts() if account.code == "300"]
    assert not rent.add_to_watchlist


def test_two_creates_answered_with_one_id_are_two_accounts() -> None:
    class Same(FakeLedger):
        def create(self, values: Mapping[str, Value], *, key: str) -> Written:
            written = super().create(values, key=key)
            return replace(written, account=replace(written.account, account_id="same"))

    outcomes = results(planned(chart(), new("210"), new("211")), Same(chart()))
    assert sorted(outcome.settled for outcome in outcomes.values()) == [False, True]
