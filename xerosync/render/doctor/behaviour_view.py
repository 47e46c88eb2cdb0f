"""The texts of a report on Xero's behaviour, for all formats.

Answers that differ from the sandbox come first.
"""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.text import counted
from xerosync.xero_behaviour import FROM_SANDBOX, QUESTIONS, Behaviour, Question, assumption

OK = "ok"
PARTS = {
    "pull": "Pull the chart into a file",
    "empty_plan": "Plan that file, with no changes",
    "changes": "Plan a change of every kind",
    "applied": "Apply the plan",
    "proved": "Read back and verify",
    "rolled_back": "Roll it back",
}
"""The steps of the main job (`doctor/demo/main_job.py`) in words."""

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """One question with the answers of the sandbox and of Xero.

    `said` has Xero's messages. `status` is the HTTP status of Xero's answer.
    """

    id: str
    asked: str
    sandbox: str
    xero: str
    status: int
    said: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class BehaviourView:
    """A report in words.

    `not_asked` has pairs: a question, and why it was not asked. `main_job` has pairs: a step of
    the main job, and its outcome. `left_behind` has the throw-away accounts that stay, archived.
    """

    title: str
    summary: str
    differing: tuple[AnsweredQuestion, ...]
    same: tuple[AnsweredQuestion, ...]
    not_asked: tuple[tuple[str, str], ...]
    main_job: tuple[tuple[str, str], ...]
    left_behind: tuple[str, ...]

    @property
    def as_assumed(self) -> bool:
        """Whether all answers are those of the sandbox, and the main job works."""
        return not self.differing and self.works

    @property
    def works(self) -> bool:
        """Whether the main job was done and each of its steps is ok."""
        return bool(self.main_job) and all(outcome == OK for _, outcome in self.main_job)


def view_of(report: Behaviour) -> BehaviourView:
    """Return a report in words."""
    answered = [_answered(report, question) for question in Question if question in report.findings]
    differing = tuple(one for one in answered if one.differs)
    same = tuple(one for one in answered if not one.differs)
    verb = "differ" if len(differing) > 1 else "differs"
    left_out = f", {len(report.not_asked)} not asked" if report.not_asked else ""
    who = "A sandbox" if report.source == FROM_SANDBOX else "A demo company of Xero"
    return BehaviourView(
        f"{who} ({report.country}), asked on {report.date}",
        f"{counted(len(answered), 'question')} answered, {len(differing) or 'none'} {verb} from "
        f"the sandbox{left_out}.",
        differing,
        same,
        tuple((QUESTIONS[question].asked, why) for question, why in report.not_asked.items()),
        tuple((PARTS.get(part, part), outcome) for part, outcome in report.main_job.items()),
        report.left_behind,
    )


def _answered(report: Behaviour, question: Question) -> AnsweredQuestion:
    one = report.findings[question]
    return AnsweredQuestion(
        str(question),
        QUESTIONS[question].asked,
        _words(assumption(question, report.country)),
        _words(one.answer),
        one.status,
        tuple(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…" for text in one.texts),
        report.differs(question),
    )


def _words(answer: str) -> str:
    return answer.replace("_", " ")
