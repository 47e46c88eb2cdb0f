"""Xeros that answer the open questions otherwise than assumed, made from the table."""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.xero_behaviour import QUESTIONS, Behaviour, Question, XeroAnswer, assumption

DATE = "2026-11-27"


def other_answers(question: Question, country: str) -> tuple[str, ...]:
    """Return the answers that the sandbox does not assume in a country."""
    assumed = assumption(question, country)
    return tuple(answer for answer in QUESTIONS[question].answers if answer != assumed)


def report(answers: Mapping[Question, str], country: str = "NZ", text: str = "") -> Behaviour:
    """Return the report of a demo company with these answers; `text` is each refusal's message."""
    return Behaviour(
        DATE,
        country,
        "demo company",
        {
            question: XeroAnswer(answer, 400, (text,) if text else ())
            if answer == "refused"
            else XeroAnswer(answer, 200)
            for question, answer in answers.items()
        },
    )


def assumed(country: str = "NZ") -> Behaviour:
    """Return the report of a Xero that is as the sandbox assumes."""
    return report({question: assumption(question, country) for question in Question}, country)


def opposite(country: str = "NZ", place: int = 0) -> Behaviour:
    """Return the report of a Xero that answers every question otherwise.

    Where there are several other answers, `place` says which one is meant; the last, if there
    are fewer.
    """
    answers = {}
    for question in Question:
        others = other_answers(question, country)
        answers[question] = others[min(place, len(others) - 1)]
    return report(answers, country)


def answers_of(behaviour: Behaviour) -> dict[str, str]:
    """Return the answers of a report as the sandbox is handed them."""
    return {str(question): found.answer for question, found in behaviour.findings.items()}
