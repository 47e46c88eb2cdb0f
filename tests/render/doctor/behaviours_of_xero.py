"""Reports on Xero's behaviour to render, one of them with hostile texts everywhere."""

from __future__ import annotations

from xerosync.xero_behaviour import QUESTIONS, Behaviour, Question, XeroAnswer, assumption

PARTS = ("pull", "empty_plan", "changes", "applied", "proved", "rolled_back")


def report(*differing: Question, text: str = "No.", source: str = "demo company") -> Behaviour:
    """Return a report in which these questions differ."""
    return Behaviour(
        "2026-11-27",
        "NZ",
        source,
        {
            question: XeroAnswer(asked.answers[1], 400, (text,))
            if question in differing
            else XeroAnswer(assumption(question, "NZ"), 200)
            for question, asked in QUESTIONS.items()
        },
        "9.9.9",
        dict.fromkeys(PARTS, "ok"),
    )


def hostile(attack: str) -> Behaviour:
    """Return a report in which every text of Xero's is an attack."""
    return Behaviour(
        "2026-11-27",
        "NZ",
        "demo company",
        {
            Question.CLEAR_DESCRIPTION: XeroAnswer("refused", 400, (attack, attack)),
            Question.BANK_TAX: XeroAnswer("refused", 400, (attack,)),
        },
        attack,
        {"pull": "ok", "applied": attack, attack: attack},
        {Question.SYSTEM_RENAME: attack},
        (attack,),
    )
