"""However a run ends, the books are as they were: at its end, or after the next run."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from behaviours import answers_of, opposite

from doctor.demo.conftest import OpenCompany
from doctor.demo.demo_company import (
    TODAY,
    DemoCompany,
    Killed,
    only,
    restore,
    snapshot,
)
from xerosync.doctor.demo.cases import CASES, Case
from xerosync.doctor.demo.demo_books import MOST_CALLS, DemoBooks, OutOfCalls
from xerosync.doctor.demo.made import RecordFile
from xerosync.doctor.demo.made_accounts import MadeAccounts
from xerosync.doctor.demo.port import NotAllowed, Unanswered
from xerosync.doctor.demo.throw_away import ThrowAwayNames
from xerosync.errors import (
    CleanUpIncomplete,
    ExitCode,
    Interrupted,
    TooFewCalls,
    Unavailable,
    XerosyncError,
)
from xerosync.network.no_reply import NoReply
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero_behaviour import Question, XeroAnswer


def test_killed_before_or_after_each_write_the_next_run_leaves_the_books_as_they_were(
    company: DemoCompany,
) -> None:
    """This holds with the record that the killed run left, and without one."""
    before = company.chart()
    states: dict[tuple[bytes, str | None], int] = {}

    def keep(number: int, request: Request) -> None:
        if request.method != "GET":
            states.setdefault(snapshot(company), number)

    company.ask(main_job=True, before=keep, after=keep)
    assert len(states) > 80  # not always as many: the main job writes from several threads
    for place, (state, number) in enumerate(states.items()):
        for record in {state[1], None} if place % 8 == 0 else {state[1]}:
            restore(company, (state[0], record))
            company.clean_up()
            assert company.chart() == before, f"killed at call {number}"
            assert not company.sandbox.store.items()[0]["Code"].startswith("XS")
            assert not list((company.folder / "record").glob("*"))


def test_a_run_after_a_killed_one_still_asks_everything(open_company: OpenCompany) -> None:
    """It is killed when most is left. If Xero deletes nothing, a third run may be needed."""
    for behaviour, runs in (({}, 1), (answers_of(opposite("NZ")), 2)):
        company = open_company(behaviour=behaviour)

        def kill(number: int, _: Request) -> None:
            if number == 85:
                raise Killed

        with company.run(after=kill) as (run, _), pytest.raises(Killed):
            run.run(TODAY, local=True)
        assert len(company.left()) > 10
        for _ in range(runs):
            with company.run() as (run, sender):
                report = run.run(TODAY, local=True)
            assert len(sender.sent) <= run.books.calls <= MOST_CALLS
            assert not [a for a in company.sandbox.store.accounts()
                        if a.status == "ACTIVE" and a.name in company.left()]  # fmt: skip
        assert not report.not_asked
        assert set(report.main_job.values()) == {"ok"}


@pytest.mark.parametrize("at", [33, 52, 80, 92])
def test_a_killed_run_does_nothing_more(company: DemoCompany, at: int) -> None:
    """An exception that is no error of ours stands for the kill: no handler may act on it."""
    before = company.chart()

    def kill(number: int, _: Request) -> None:
        if number >= at:
            raise Killed

    with company.run(after=kill) as (run, sender), pytest.raises(Killed):
        run.run(TODAY, local=True)
    assert len(sender.sent) - at < 5  # calls that other threads of the main job have begun
    company.clean_up()
    assert company.chart() == before


@pytest.mark.parametrize("at", [1, 4, 50, 66, 85, 92])
def test_stopped_by_a_signal_it_cleans_up(company: DemoCompany, at: int) -> None:
    before = company.chart()

    def stop(number: int, _: Request) -> None:
        if number == at:
            company.ticking.stop.set()

    with pytest.raises(Interrupted) as stopped, company.run(after=stop) as (run, _):
        run.run(TODAY, local=True)
    assert stopped.value.exit_code == ExitCode.INTERRUPTED
    assert company.chart() == before
    assert not list((company.folder / "record").glob("*"))


DELETES = ("delete_unused", "delete_archived", "delete_locked")
LIMITED = Reply(429, {"retry-after": "3", "x-rate-limit-problem": "minute"}, "")
TIME_OUT = NoReply("api.xero.com took too long to answer.", untouched=False)


@pytest.mark.parametrize(
    ("reply", "done"),
    [
        (LIMITED, False), (Reply(500, {}, ""), False), (Reply(503, {}, "<html>down</html>"), True),
        (TIME_OUT, False), (TIME_OUT, True),
    ],
)  # fmt: skip
def test_a_failure_costs_its_question_and_no_other(
    company: DemoCompany, reply: Reply | NoReply, done: bool
) -> None:
    """Whether Xero has acted on the call or not, the run goes on and cleans up."""
    before = company.chart()
    failed: list[int] = []

    def fail(number: int, request: Request) -> Reply | None:
        name = json.loads(request.body or b"{}").get("Accounts", [{}])[0].get("Name", "")
        if not name.startswith("#") or len(failed) == 2 or (done and not failed):
            return None
        return answered(number)

    def answered(number: int) -> Reply:
        failed.append(number)
        if isinstance(reply, NoReply):
            raise reply
        return reply

    def fail_after(number: int, request: Request) -> None:
        name = json.loads(request.body or b"{}").get("Accounts", [{}])[0].get("Name", "")
        if done and not failed and name.startswith("#"):
            failed.append(number)
            raise NoReply("The connection was lost.", untouched=False)

    report = company.ask(main_job=True, instead=fail, after=fail_after)
    assert failed
    assert report.not_asked.keys() == {Question.SYMBOL_FIRST}
    assert report.not_asked[Question.SYMBOL_FIRST]
    assert report.findings.keys() == set(Question) - {Question.SYMBOL_FIRST}
    assert set(report.main_job.values()) == {"ok"}
    assert company.chart() == before


def test_one_429_costs_nothing(company: DemoCompany) -> None:
    """Xero has not processed the call, so it is sent once more, after the wait it asks for."""
    hit: list[float] = []

    def once(number: int, request: Request) -> Reply | None:
        if number != 12:
            return None
        hit.append(company.ticking.now)
        return Reply(429, {"retry-after": "30", "x-rate-limit-problem": "minute"}, "")

    with company.run(main_job=False, instead=once) as (run, sender):
        report = run.run(TODAY, local=True)
    assert hit
    assert sender.at[12] - hit[0] >= 30
    assert not report.not_asked


def test_no_more_questions_are_asked_after_five_without_an_answer(company: DemoCompany) -> None:
    """After five questions in a row without an answer, the rest is left out."""

    def down(number: int, _: Request) -> Reply | None:
        return Reply(503, {}, "") if 20 < number < 27 else None

    with company.run(instead=down, main_job=False) as (run, _):
        report = run.run(TODAY, local=True)
    assert len(report.not_asked) > 10
    assert "questions before this one" in list(report.not_asked.values())[-1]
    assert not company.left()


def test_a_call_that_xero_forbids_resets_the_count_of_unanswered_questions(
    company: DemoCompany,
) -> None:
    """Xero answers that it does not allow the call, so it is not down."""
    asked: list[str] = []

    def case(fails: Exception) -> Case:
        def ask(_: DemoBooks) -> XeroAnswer:
            asked.append(str(fails))
            raise fails

        return ask

    reasons = [*[Unanswered("down")] * 4, NotAllowed("no"), *[Unanswered("down")] * 6]
    cases = dict(zip(CASES, map(case, reasons), strict=False))
    report = company.ask(cases)
    assert asked == ["down"] * 4 + ["no"] + ["down"] * 5
    assert [*report.not_asked.values()] == [
        *asked,
        "None of the 5 questions before this one got an answer.",
    ]


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_a_failing_clean_up_is_tried_again_and_then_left_to_the_next_run(
    company: DemoCompany, method: str
) -> None:
    before = company.chart()

    def fail(number: int, request: Request) -> Reply | None:
        at_end = number > 60 and request.method in {method, "DELETE"}
        return Reply(503, {}, "") if at_end else None

    with company.run(main_job=False, instead=fail) as (run, _):
        with pytest.raises(CleanUpIncomplete) as incomplete:
            run.run(TODAY, local=True)
        assert run.books.calls <= MOST_CALLS
    assert incomplete.value.exit_code == ExitCode.PARTIAL
    left = " ".join(incomplete.value.details)
    assert company.left()
    assert all(name in left for name in company.left())
    company.clean_up()
    assert company.chart() == before


def test_a_clean_up_is_judged_by_the_chart_and_not_by_the_answers(company: DemoCompany) -> None:
    """Each delete is done, and its answer is lost."""
    before = company.chart()
    lost: set[str] = set()

    def lose(number: int, request: Request) -> None:
        if request.method == "DELETE" and number > 60 and request.url not in lost:
            lost.add(request.url)
            raise NoReply("The connection was lost.", untouched=False)

    report = company.ask(after=lose)
    assert not report.left_behind
    assert company.chart() == before


def test_a_clean_up_whose_writes_time_out_stops_early(company: DemoCompany) -> None:
    """It stops after five calls in a row without an answer, and still says what is left."""
    before = company.chart()
    since: list[int] = []

    with company.run(main_job=False) as (run, sender):

        def time_out(number: int, request: Request) -> Reply | None:
            if request.method == "GET" or not (run.books.cleaning and run.books.started):
                return None
            since.append(number)
            raise TIME_OUT

        sender.instead = time_out
        with pytest.raises(CleanUpIncomplete, match="incomplete") as incomplete:
            run.run(TODAY, local=True)
    assert len(since) == 5
    assert incomplete.value.exit_code == ExitCode.PARTIAL
    assert len(company.left()) > 10
    told = " ".join(incomplete.value.details)
    assert all(name in told for name in company.left())
    assert "stopped early" in told
    company.clean_up()
    assert company.chart() == before


def test_a_chart_that_cannot_be_read_is_named_from_the_record(company: DemoCompany) -> None:
    with company.run(main_job=False) as (run, sender):

        def down(_: int, __: Request) -> Reply | None:
            is_end = run.books.cleaning and run.books.started
            return Reply(503, {}, "") if is_end else None

        sender.instead = down
        with pytest.raises(CleanUpIncomplete) as incomplete:
            run.run(TODAY, local=True)
    told = " ".join(incomplete.value.details)
    active = [a.name for a in company.sandbox.store.accounts()
              if a.name in company.left() and a.status == "ACTIVE"]  # fmt: skip
    assert active
    assert all(name in told for name in active)


@pytest.mark.parametrize("killed", [False, True])
def test_an_unreadable_chart_is_an_incomplete_clean_up_only_after_a_killed_run(
    company: DemoCompany, *, killed: bool
) -> None:
    def kill(number: int, _: Request) -> None:
        if killed and number == 50:
            raise Killed

    with suppress(Killed):
        company.ask(CASES if killed else {}, after=kill)

    def down(_: int, request: Request) -> Reply | None:
        return Reply(503, {}, "") if request.url.endswith("/Accounts") else None

    with pytest.raises(XerosyncError) as refused:
        company.ask(instead=down)
    error = refused.value
    told = "An earlier run was not cleaned up." if killed else "No question was asked, because"
    assert error.message.startswith(told)
    assert isinstance(error, CleanUpIncomplete if killed else Unavailable)
    assert error.hint.startswith("Run")
    assert bool(error.details) == killed


@pytest.mark.parametrize("at", [30, 50, 75])
def test_two_runs_at_once_from_two_folders_report_nothing_false(
    company: DemoCompany, tmp_path: Path, at: int
) -> None:
    """The clean-up that begins one run deletes what the other one is asking with."""
    before = company.chart()
    (tmp_path / "elsewhere").mkdir()
    other = DemoCompany(tmp_path / "elsewhere", company.sandbox, company.ticking)

    def begin_another(number: int, _: Request) -> None:
        if number == at:
            other.ask(only(Question.MODIFIED_SINCE))

    with pytest.raises(XerosyncError, match="Somebody else deleted") as refused:
        company.ask(main_job=True, after=begin_another)
    assert refused.value.exit_code == ExitCode.ERROR
    assert "ran twice at once" in refused.value.hint
    assert "This run left no throw-away account" in refused.value.hint
    assert company.chart() == before


def test_two_runs_at_once_are_noticed_where_xero_only_archives(
    open_company: OpenCompany, tmp_path: Path
) -> None:
    """In that case no account is gone, but there are accounts of the other run."""
    company = open_company(behaviour=dict.fromkeys(DELETES, "refused"))
    (tmp_path / "elsewhere").mkdir()
    other = DemoCompany(tmp_path / "elsewhere", company.sandbox, company.ticking)

    def begin_another(number: int, _: Request) -> None:
        if number == 50:
            other.ask(only(Question.SYMBOL_FIRST))

    with pytest.raises(XerosyncError, match="Somebody else") as refused:
        company.ask(after=begin_another)
    assert "so they are archived: “XS" in refused.value.hint
    assert ": delete me”" in refused.value.hint
    alone = company.ask(only(Question.SYMBOL_FIRST))
    assert alone.findings.keys() == {Question.SYMBOL_FIRST}


def test_an_item_that_cannot_be_deleted_is_named(company: DemoCompany) -> None:
    """What it locks stays, too, and the next run removes it all."""
    before = company.chart()

    def refuse(_: int, request: Request) -> Reply | None:
        body = {"Elements": [{"ValidationErrors": [{"Message": "Used on an invoice"}]}]}
        is_item = request.method == "DELETE" and "/Items/" in request.url
        return Reply(400, {}, json.dumps(body)) if is_item else None

    with pytest.raises(CleanUpIncomplete) as incomplete:
        company.ask(only(Question.DELETE_LOCKED), instead=refuse)
    told = " ".join(incomplete.value.details)
    assert "could not be deleted: Used on an invoice" in told
    assert company.left()
    assert all(name in told for name in company.left())
    company.clean_up()
    assert company.chart() == before
    assert len(company.sandbox.store.items()) == len(open_items(company))


def open_items(company: DemoCompany) -> list[str]:
    """Return the codes of the items that are not ours."""
    return [i["Code"] for i in company.sandbox.store.items() if not i["Code"].startswith("XS")]


def test_accounts_that_xero_does_not_delete_are_archived_named_and_left_alone(
    open_company: OpenCompany,
) -> None:
    """A second run does not try again: it would be refused again, at a call each."""
    company = open_company(behaviour=answers_of(opposite("NZ")))
    first = company.ask(only(Question.PAYMENTS_ON_EXPENSE, Question.DELETE_UNUSED))
    assert len(first.left_behind) == len(company.left()) > 0
    assert {a.status for a in company.sandbox.store.accounts() if a.name in company.left()} == {
        "ARCHIVED"
    }
    with company.run({}, main_job=False) as (run, sender):
        second = run.run(TODAY, local=True)
    assert not sender.writes
    assert second.left_behind == first.left_behind


def test_the_case_of_an_id_in_the_record_does_not_count(open_company: OpenCompany) -> None:
    company = open_company(behaviour=answers_of(opposite("NZ")))
    first = company.ask(only(Question.PAYMENTS_ON_EXPENSE, Question.DELETE_UNUSED))
    (record,) = (company.folder / "record").iterdir()
    found = json.loads(record.read_text())
    assert found["kept"]
    record.write_text(json.dumps(found | {"kept": [one.upper() for one in found["kept"]]}))
    with company.run({}, main_job=False) as (run, sender):
        assert run.run(TODAY, local=True).left_behind == first.left_behind
    assert not sender.writes


def test_two_answers_about_one_account_are_one_record_whatever_the_case_of_its_id(
    tmp_path: Path,
) -> None:
    made, names = MadeAccounts(RecordFile("t-1", tmp_path)), ThrowAwayNames("0a1b")
    for account_id in (
        "a0b1c2d3-0000-4000-8000-00000000000a",
        "A0B1C2D3-0000-4000-8000-00000000000A",
    ):
        code, name = names.new()
        made.note({"AccountID": account_id, "Code": code, "Name": name})
    assert [one.name for one in made.record.accounts] == [name]


def test_an_archived_account_that_cannot_be_deleted_is_restored_and_deleted(
    open_company: OpenCompany,
) -> None:
    company = open_company(behaviour={"delete_archived": "refused"})
    before = company.chart()
    report = company.ask(only(Question.SYMBOL_FIRST, Question.DELETE_ARCHIVED))
    assert report.findings[Question.DELETE_ARCHIVED].answer == "refused"
    assert company.chart() == before


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"accounts": 3}', '{"accounts": [{}]}', pytest.param("[" * 99_999, id="deep")],
)
def test_a_damaged_record_does_no_harm(company: DemoCompany, text: str) -> None:
    before = company.chart()

    def kill(number: int, _: Request) -> None:
        if number == 30:
            raise Killed

    with company.run(after=kill) as (run, _), pytest.raises(Killed):
        run.run(TODAY, local=True)
    restore(company, (snapshot(company)[0], text))
    company.clean_up()
    assert company.chart() == before


def test_each_name_is_recorded_before_it_is_written(company: DemoCompany) -> None:
    """The record has each name that is sent, and the system account's own name."""
    checked: list[str] = []

    def check(_: int, request: Request) -> None:
        if request.method == "GET":
            return
        text = snapshot(company)[1]
        record = json.loads(text or "{}")
        sent = json.loads(request.body or b"{}")
        recorded = [one["name"] for one in (*record["accounts"], *record["items"])]
        for element in (*sent.get("Accounts", ()), *sent.get("Items", ())):
            name = element.get("Name", "")
            if request.method == "PUT":
                assert name in recorded
                checked.append(name)
            if "(xerosync test" in name:
                assert record["system"]["name"] == "Rounding"
                checked.append(name)

    company.ask(main_job=True, before=check)
    assert len(checked) > 25


def test_without_a_record_nothing_is_written(company: DemoCompany) -> None:
    before = company.chart()
    (company.folder / "record").write_text("a file where the folder should be")
    with company.run(main_job=False) as (run, sender):
        with pytest.raises(Exception, match="cannot be written"):
            run.run(TODAY, local=True)
        assert not sender.writes
    assert company.chart() == before


@pytest.mark.parametrize(
    ("left", "said"),
    [(MOST_CALLS - 1, f"only {MOST_CALLS - 1} more calls"), (1, "only 1 more call ")],
)
def test_nothing_is_written_if_too_few_calls_are_left_today(
    company: DemoCompany, left: int, said: str
) -> None:
    with company.run() as (run, sender):
        run.calls_left = left
        with pytest.raises(TooFewCalls, match=said):
            run.run(TODAY, local=True)
        assert len(sender.sent) == 1


def test_the_last_calls_are_kept_for_the_clean_up(company: DemoCompany) -> None:
    with company.run() as (run, _):
        with pytest.raises(OutOfCalls, match="and keeps the others for the clean-up"):
            run.books.count(MOST_CALLS)
        run.books.cleaning = True
        with pytest.raises(OutOfCalls, match=f"of at most {MOST_CALLS} calls.$"):
            run.books.count(MOST_CALLS)


def test_repeated_calls_count_towards_the_limit(company: DemoCompany) -> None:
    """Two of three calls of the main job and the clean-up exceed the limit."""

    def instead(number: int, _: Request) -> Reply | None:
        return LIMITED if number > 75 and number % 3 else None

    with company.run(instead=instead) as (run, sender), suppress(CleanUpIncomplete):
        run.run(TODAY, local=True)
    assert len(sender.sent) <= run.books.calls <= MOST_CALLS


def test_a_bug_in_a_case_cleans_up_too(company: DemoCompany) -> None:
    before = company.chart()

    def broken(_: object) -> None:
        raise ZeroDivisionError

    cases: dict[Question, Callable[..., object]] = dict(CASES)
    cases[Question.MODIFIED_SINCE] = broken
    with company.run(cases) as (run, _), pytest.raises(ZeroDivisionError):  # type: ignore[arg-type]
        run.run(TODAY, local=True)
    assert company.chart() == before
