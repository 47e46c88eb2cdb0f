"""Open questions about Xero, and the report that answers them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from xerosync.xero_behaviour import (
    LONGEST_TEXT,
    MOST_TEXTS,
    OTHER,
    QUESTIONS,
    Behaviour,
    BehaviourError,
    Question,
    XeroAnswer,
    assumption,
    from_json,
)

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "schema/xero-behaviour.schema.json").read_text("utf-8")
)
REPORT = Behaviour(
    date="2026-11-27",
    country="NZ",
    source="demo company",
    findings={
        Question.CLEAR_DESCRIPTION: XeroAnswer("refused", 400, ("Description is required.",)),
        Question.RETYPE_IN_CLASS: XeroAnswer("accepted", 200),
        Question.BANK_TAX: XeroAnswer(OTHER, 500),
    },
    xerosync="9.9.9",
    main_job={"pull": "ok", "applied": "ok"},
    not_asked={Question.SYSTEM_RENAME: "The organisation has no such account."},
    left_behind=("ZX1 doctor's account",),
)


def test_a_report_is_read_back_from_its_json_unchanged() -> None:
    assert from_json(json.loads(json.dumps(REPORT.to_json()))) == REPORT


def test_the_published_schema_describes_the_report() -> None:
    jsonschema_rs.validator_for(SCHEMA, validate_formats=True).validate(REPORT.to_json())


def test_the_schema_has_the_questions_and_answers_of_the_table() -> None:
    listed = {
        name: (one["description"], one["properties"]["xero"]["enum"])
        for name, one in SCHEMA["properties"]["questions"]["properties"].items()
    }
    assert listed == {str(q): (a.asked, [*a.answers, OTHER]) for q, a in QUESTIONS.items()}


def test_every_question_is_in_the_table_and_has_two_answers() -> None:
    assert set(QUESTIONS) == set(Question)
    for asked in QUESTIONS.values():
        assert len(set(asked.answers)) == len(asked.answers) >= 2
        assert OTHER not in asked.answers
        assert set(asked.assumed_in.values()) <= set(asked.answers)


def test_an_answer_that_cannot_be_classified_is_unknown() -> None:
    assert REPORT.answer(Question.CLEAR_DESCRIPTION) == "refused"
    assert REPORT.answer(Question.BANK_TAX) is None
    assert REPORT.answer(Question.NAME_CASE) is None
    assert REPORT.texts(Question.CLEAR_DESCRIPTION) == ("Description is required.",)
    assert REPORT.texts(Question.NAME_CASE) == ()


def test_a_difference_depends_on_the_country() -> None:
    assert assumption(Question.CREDIT_CARD, "AU") == "refused"
    assert assumption(Question.CREDIT_CARD, "NZ") == "accepted"
    assert [str(q) for q in Question if REPORT.differs(q)] == ["clear_description", "bank_tax"]


def test_questions_of_a_later_version_are_ignored() -> None:
    document = REPORT.to_json() | {"format_version": "1.7", "weather": "fine"}
    document["questions"]["rain"] = {"xero": "wet"}
    assert from_json(document) == REPORT


def test_too_many_or_too_long_messages_are_cut() -> None:
    document = REPORT.to_json()
    document["questions"]["bank_tax"]["texts"] = ["x" * 5000] * 500
    texts = from_json(document).texts(Question.BANK_TAX)
    assert (len(texts), len(texts[0])) == (MOST_TEXTS, LONGEST_TEXT)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ([], "The document is not an object."),
        ({"format_version": "2.0"}, "format_version is not 1.0, nor a later 1.x."),
        ({"format_version": 1}, "format_version is not text."),
        ({"source": "hearsay"}, "source is neither 'demo company' nor 'sandbox'."),
        ({"date": "27.11.2026"}, "date is not a date such as 2026-11-27."),
        ({"country": "nz"}, "country is not a code of two capital letters, such as NZ."),
        ({"questions": None}, "questions is not an object."),
        ({"questions": {"bank_tax": 7}}, "questions.bank_tax is not an object."),
        ({"questions": {"bank_tax": {}}}, "questions.bank_tax.xero is missing."),
        (
            {"questions": {"bank_tax": {"xero": "maybe"}}},
            "questions.bank_tax.xero is not one of refused, accepted, ignored, other.",
        ),
        (
            {"questions": {"bank_tax": {"xero": "refused", "status": True}}},
            "questions.bank_tax.status is not an HTTP status.",
        ),
        (
            {"questions": {"bank_tax": {"xero": "refused", "texts": "no"}}},
            "questions.bank_tax.texts is not a list of strings.",
        ),
        ({"main_job": {"pull": 1}}, "main_job.pull is not text."),
        ({"left_behind": [1]}, "left_behind is not a list of strings."),
    ],
)
def test_a_document_that_is_not_a_report_is_refused_with_a_reason(
    change: Any, message: str
) -> None:
    document = REPORT.to_json() | change if isinstance(change, dict) else change
    with pytest.raises(BehaviourError) as error:
        from_json(document)
    assert str(error.value) == message
