"""How an answer of Xero's becomes the answer to a question."""

from __future__ import annotations

from typing import Any

import pytest

from xerosync.doctor.demo.answers import deleted, judged, refused, stored
from xerosync.doctor.demo.port import (
    NotAllowed,
    NotAsked,
    RawAnswer,
    Unanswered,
    required,
)
from xerosync.xero_behaviour import OTHER

NO = RawAnswer(400, {}, ("No.",))


def done(**account: Any) -> RawAnswer:
    return RawAnswer(200, {"Accounts": [account]})


def test_a_success_counts_only_if_the_answer_shows_it() -> None:
    assert judged(done(Name="B"), "accepted", Name="B").answer == "accepted"
    assert judged(done(Name="A"), "accepted", Name="B").answer == OTHER
    assert judged(RawAnswer(200), "accepted", Name="B").answer == OTHER
    refused = judged(NO, "accepted", Name="B")
    assert (refused.answer, refused.status, refused.texts) == ("refused", 400, ("No.",))


def test_a_validation_error_in_a_success_is_a_refusal() -> None:
    failed = RawAnswer(200, {"Accounts": [{"Name": "B"}]}, ("Please enter a unique Name.",))
    assert judged(failed, "accepted", Name="B").answer == "refused"


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (done(AddToWatchlist=True), "stored"),
        (done(AddToWatchlist=False), "ignored"),
        (done(Name="B"), "ignored"),
        (NO, "refused"),
    ],
)
def test_a_field_is_stored_ignored_or_refused(answer: RawAnswer, word: str) -> None:
    assert stored(answer, "AddToWatchlist", value=True).answer == word


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (done(Status="DELETED"), "deleted"),
        (RawAnswer(204), "deleted"),
        (done(Status="ARCHIVED"), OTHER),
        (NO, "refused"),
    ],
)
def test_the_answer_to_a_delete_is_deleted_refused_or_other(answer: RawAnswer, word: str) -> None:
    assert deleted(answer).answer == word


@pytest.mark.parametrize("status", [404, 405, 412, 413, 415, 501])
def test_a_failure_without_a_reason_is_not_a_refusal(status: int) -> None:
    """Such a status may say that the call was wrong, and nothing about the question."""
    silent = RawAnswer(status)
    for answer in (
        judged(silent, "accepted", Name="B"),
        deleted(silent),
        stored(silent, "Name", "B"),
        refused(silent),
    ):
        assert (answer.answer, answer.status) == (OTHER, status)
    assert refused(RawAnswer(status, {}, ("No.",))).answer == "refused"


def test_a_bad_request_is_a_refusal_also_without_a_reason() -> None:
    assert judged(RawAnswer(400), "accepted", Name="B").answer == "refused"


@pytest.mark.parametrize("status", [200, 204, 304, 400, 404, 405, 412, 501])
def test_statuses_that_answer_the_question_are_accepted(status: int) -> None:
    assert required(RawAnswer(status)).status == status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, Unanswered), (307, Unanswered), (401, NotAllowed),
        (403, NotAllowed), (408, Unanswered), (429, Unanswered),
        (500, Unanswered), (502, Unanswered), (503, Unanswered),
    ],
)  # fmt: skip
def test_statuses_that_do_not_answer_the_question_are_rejected(
    status: int, kind: type[NotAsked]
) -> None:
    with pytest.raises(kind):
        required(RawAnswer(status, {}, ("Down for maintenance",)))
