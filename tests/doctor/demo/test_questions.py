"""The questions against the sandbox: as it is, and as one that answers everything otherwise."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from behaviours import answers_of, opposite, other_answers

from doctor.demo.conftest import OpenCompany
from doctor.demo.demo_company import TODAY, DemoCompany, only
from xerosync.doctor.demo.cases import CASES
from xerosync.doctor.demo.demo_books import LOOK_EVERY, MOST_CALLS
from xerosync.doctor.demo.main_job import OK, PARTS
from xerosync.network.no_reply import NoReply
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero_behaviour import OTHER, QUESTIONS, Question, from_json

NEEDS = {
    Question.IDEMPOTENCY_OTHER: (Question.IDEMPOTENCY_SAME, Question.IDEMPOTENCY_OTHER),
}
"""What must be asked before a question, if anything."""
OTHERS = [(question, answer) for question in Question for answer in other_answers(question, "NZ")]


def test_every_question_has_a_case() -> None:
    assert set(CASES) == set(Question)


@pytest.mark.parametrize("country", ["NZ", "AU", "UK", "US"])
def test_nothing_differs_from_the_sandbox_and_the_books_are_as_before(
    open_company: OpenCompany, country: str
) -> None:
    """Also within Xero's limits: 60 calls in any minute, and 150 in all."""
    company = open_company(country=country)
    company.ticking.a_call = 0.1
    before = company.chart()
    with company.run() as (run, sender):
        report = run.run(TODAY, local=True)
    assert report.findings.keys() == set(Question)
    assert [question for question in Question if report.differs(question)] == []
    assert report.main_job == dict.fromkeys(PARTS, OK)
    assert not report.not_asked
    assert not report.left_behind
    assert company.chart() == before
    assert len(sender.sent) <= run.books.calls <= MOST_CALLS
    for first, sixty_later in zip(sender.at, sender.at[60:], strict=False):
        assert sixty_later - first > 60
    assert from_json(json.loads(json.dumps(report.to_json()))) == report


@pytest.mark.parametrize("country", ["NZ", "AU", "UK", "US"])
def test_every_question_differs_if_xero_gives_the_opposite_answers(
    open_company: OpenCompany, country: str
) -> None:
    code = {"UK": "GB"}.get(country, country)
    behaviour = opposite(code)
    company = open_company(country=country, behaviour=answers_of(behaviour))
    before = company.chart()
    with company.run() as (run, sender):
        report = run.run(TODAY, local=True)
    assert {q: one.answer for q, one in report.findings.items()} == {
        q: one.answer for q, one in behaviour.findings.items()
    }
    assert all(report.differs(question) for question in Question)
    assert report.main_job == dict.fromkeys(PARTS, OK)
    assert len(sender.sent) <= run.books.calls <= MOST_CALLS
    assert set(before) <= set(company.chart())
    archived = [a for a in company.sandbox.store.accounts() if a.status == "ARCHIVED"]
    left = {f"{a.code} {a.name}" for a in archived if a.name in company.left()}
    assert set(report.left_behind) == left
    assert len(left) == len(company.left())


@pytest.mark.parametrize(("question", "answer"), OTHERS)
def test_each_different_answer_is_noticed(
    open_company: OpenCompany, question: Question, answer: str
) -> None:
    """No other answer counts as different, and the books are as before."""
    company = open_company(behaviour={str(question): answer})
    before = company.chart()
    report = company.ask(only(*NEEDS.get(question, (question,))))
    assert report.findings[question].answer == answer
    assert [q for q in Question if report.differs(q)] == [question]
    if answer == "refused" and question != Question.SCOPE_REQUESTED:
        assert report.findings[question].texts
    kept = [account for account in company.chart() if "xerosync test" not in account[2].lower()]
    assert kept == before
    assert sorted(report.left_behind) == sorted(
        f"{a.code} {a.name}" for a in company.sandbox.store.accounts() if a.name in company.left()
    )


def test_only_throw_away_accounts_are_written_to(company: DemoCompany) -> None:
    """The one exception is a system account, which gets another name and then its own again."""
    with company.run() as (run, sender):
        ids = {a.account_id: a for a in company.sandbox.store.accounts()}
        run.run(TODAY, local=True)
    to_others = []
    for request in sender.writes:
        body = json.loads(request.body or b"{}")
        of = request.url.rpartition("/")[2]
        if of in ids:
            to_others.append((ids[of].system_account, *body["Accounts"]))
        elif request.method == "PUT":
            (made,) = body.get("Accounts") or body["Items"]
            assert "xerosync test" in made["Name"].lower()
            assert made["Code"].upper().startswith("XS")
            assert len(made["Code"]) <= 10
    (role, renamed), (same, back) = to_others
    assert role == same == "ROUNDING"
    assert "xerosync test" in renamed["Name"]
    assert back == {"Name": "Rounding"}


def test_xero_says_that_it_is_a_demo_company_before_every_write(company: DemoCompany) -> None:
    with company.run() as (run, sender):
        run.run(TODAY, local=True)
    said = 0.0
    for request, at in zip(sender.sent, sender.at, strict=True):
        if request.url.endswith("/Organisation"):
            said = at
        elif request.method != "GET":
            assert at - said <= LOOK_EVERY + 1


def test_each_thing_to_do_is_shown_once_in_order(company: DemoCompany) -> None:
    company.ask(main_job=True)
    lines = company.shown.lines
    assert [number for number, _, _ in lines] == list(range(1, len(CASES) + 3))
    assert {total for _, total, _ in lines} == {len(CASES) + 2}
    assert all(first != second for (_, _, first), (_, _, second) in pairwise(lines))
    assert lines[0][2] == QUESTIONS[next(iter(CASES))].asked


@pytest.mark.parametrize("taken", ["code", "name"])
def test_the_codes_and_names_of_a_run_are_free(company: DemoCompany, taken: str) -> None:
    """Four digits that an account already has are not used again."""
    digits = iter(["0a1b", "2c3d"])
    company.sandbox.store.insert(
        code="xs0A1B777" if taken == "code" else "901",
        name="Xerosync Test 0A1B, ours" if taken == "name" else "Ours",
    )
    with (
        pytest.MonkeyPatch.context() as patch,
        company.run(only(Question.SYMBOL_FIRST), main_job=False) as (run, _),
    ):
        patch.setattr("xerosync.doctor.demo.ask_all.token_hex", lambda _: next(digits))
        run.run(TODAY, local=True)
        assert run.books.names.run == "2c3d"


OF_THE_SIGN_IN = only(
    Question.CONNECTIONS_LISTED, Question.SCOPE_REQUESTED, Question.MODIFIED_SINCE
)


@pytest.mark.parametrize("failure", [429, 408, 500, 503, 302, None])
def test_a_failure_does_not_answer_the_questions_about_the_sign_in(
    company: DemoCompany, monkeypatch: pytest.MonkeyPatch, failure: int | None
) -> None:
    """If Xero or the network fails, both questions count as not asked; the next one is asked."""
    with company.run(OF_THE_SIGN_IN, main_job=False) as (run, sender):
        send = sender.send

        def fail(request: Request) -> Reply | NoReply:
            if "/api.xro/" in request.url:
                return send(request)
            if failure is None:
                return NoReply("The connection was lost.", untouched=False)
            return Reply(failure, {}, "")

        monkeypatch.setattr(sender, "send", fail)
        report = run.run(TODAY, local=True)
    assert set(report.not_asked) == {Question.CONNECTIONS_LISTED, Question.SCOPE_REQUESTED}
    assert set(report.findings) == {Question.MODIFIED_SINCE}


@pytest.mark.parametrize("status", [301, 302, 307, 407])
def test_an_answer_of_a_proxy_is_not_taken_for_one_of_xero(
    company: DemoCompany, status: int
) -> None:
    """If a proxy answers, or a network that asks for a log-in, that is no refusal by Xero."""
    before = company.chart()

    def instead(number: int, _: Request) -> Reply | None:
        return Reply(status, {"location": "/"}, "<html>Log in") if 20 <= number < 24 else None

    with company.run(instead=instead, main_job=False) as (run, _):
        report = run.run(TODAY, local=True)
    assert not [q for q in Question if report.differs(q)]
    assert report.not_asked
    assert company.chart() == before


@pytest.mark.parametrize("status", [404, 405, 412, 413, 415])
def test_no_case_takes_a_failure_without_a_reason_for_a_refusal(
    company: DemoCompany, status: int
) -> None:
    """Here every write to an existing throw-away account fails without a reason."""
    with company.run(main_job=False) as (run, sender):

        def silent(_: int, request: Request) -> Reply | None:
            is_asked = request.method in {"POST", "DELETE"} and not run.books.cleaning
            return Reply(status, {}, "") if is_asked else None

        sender.instead = silent
        report = run.run(TODAY, local=True)
    failed = [one for one in report.findings.values() if one.status == status]
    assert len(failed) > 5
    assert {one.answer for one in failed} == {OTHER}
