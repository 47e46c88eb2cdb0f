"""Ask a demo company every open question, do the main job, clean up, and report.

The main job is what xerosync is for: pull, plan, apply and roll back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from secrets import token_hex
from typing import Protocol

from xerosync import __version__
from xerosync.doctor.demo.cases import CASES, Case
from xerosync.doctor.demo.clean_up import CleanUp, Remains
from xerosync.doctor.demo.demo_books import MOST_CALLS, DemoBooks
from xerosync.doctor.demo.port import NotAsked, Unanswered, text
from xerosync.doctor.demo.scrub import scrubbed
from xerosync.doctor.demo.throw_away import is_free, is_throw_away
from xerosync.errors import (
    CleanUpIncomplete,
    Interrupted,
    NoDemoCompany,
    TooFewCalls,
    XerosyncError,
)
from xerosync.text import counted
from xerosync.xero_behaviour import (
    FROM_DEMO_COMPANY,
    FROM_SANDBOX,
    QUESTIONS,
    Behaviour,
    Question,
    XeroAnswer,
)

_COUNTRY, _UNKNOWN = re.compile("[A-Z]{2}"), "ZZ"
_OWN_RATE = re.compile(r"TAX[0-9]")
"""How the TaxType of an organisation's own tax rate begins, such as TAX001."""
_IN_A_ROW = 5
"""After Xero has left this many questions in a row unanswered, no more are asked."""


class Progress(Protocol):
    """Shows how far a run has come. Its methods never raise."""

    def doing(self, number: int, total: int, what: str) -> None:
        """Show what the run does now: part `number` of `total`."""


@dataclass(slots=True)
class DemoRun:
    """One run of the questions.

    `main_job` does the main job, given the answers, and returns how each part ended. `wait` waits
    the given number of seconds before the clean-up repeats a call. `calls_left` is how many calls
    Xero still allows today, None if that is unknown.
    """

    books: DemoBooks
    progress: Progress
    wait: Callable[[float], None]
    main_job: Callable[[Mapping[Question, XeroAnswer]], Mapping[str, str]]
    cases: Mapping[Question, Case] = field(default_factory=lambda: CASES)
    calls_left: int | None = None

    def run(self, today: date, *, local: bool) -> Behaviour:
        """Ask, do the main job, clean up, and return the report.

        `local` is whether a sandbox on this machine answers, and not Xero.

        Raises `TooFewCalls` before anything is sent. Later, raises `NoDemoCompany`,
        `CleanUpIncomplete`, `Interrupted` or another error that ended the run. What the run made
        is cleaned up as far as Xero allows, except after `NoDemoCompany`.
        """
        books = self.books
        if self.calls_left is not None and self.calls_left < MOST_CALLS:
            raise TooFewCalls(
                f"Xero allows only {counted(self.calls_left, 'more call')} to this organisation"
                f" today, and the questions may take {MOST_CALLS}.",
                "Run again tomorrow. Nothing was sent.",
            )
        findings: dict[Question, XeroAnswer] = {}
        not_asked: dict[Question, str] = {}
        main_job: Mapping[str, str] = {}
        failure: Exception | KeyboardInterrupt | None = None
        try:
            self._begin()
            self._ask(findings, not_asked)
            self.progress.doing(len(self.cases) + 1, self._total, "The main job: plan and apply.")
            main_job = self.main_job(findings)
            failure = books.refused
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 whatever it is, clean up
            failure = error
        left = self._clean_up(failure)
        if books.stop.is_set() and failure is None:
            failure = Interrupted("")
        if left.disturbed and failure is None:
            failure = _interfered(left)
        if ended := books.refused or failure:
            explained = self._explained(ended, left)
            raise explained from (None if explained is ended else ended)
        if left.failed:
            raise _incomplete(left, "")
        names, country = self._names(), books.organisation.country_code
        return Behaviour(
            today.isoformat(),
            country if _COUNTRY.fullmatch(country) else _UNKNOWN,
            FROM_SANDBOX if local else FROM_DEMO_COMPANY,
            {
                q: XeroAnswer(f.answer, f.status, scrubbed(f.texts, names))
                for q, f in findings.items()
            },
            __version__,
            {part: " ".join(scrubbed((outcome,), names)) for part, outcome in main_job.items()},
            {q: " ".join(scrubbed((why,), names)) for q, why in not_asked.items()},
            left.archived,
        )

    @property
    def _total(self) -> int:
        return len(self.cases) + 2

    def _begin(self) -> None:
        """Clean up what an earlier run left, and choose names that are free."""
        books = self.books
        left = CleanUp(books, self.wait).run()
        if left.failed:
            raise _incomplete(left, "An earlier run was not cleaned up.")
        accounts = books.read_list("/Accounts", "Accounts")
        taken = [text(one, key) for one in accounts for key in ("Code", "Name")]
        run = next(run for run in iter(lambda: token_hex(2), "") if is_free(run, taken))
        books.begin(run, accounts, books.read_list("/TaxRates", "TaxRates"))

    def _ask(self, findings: dict[Question, XeroAnswer], not_asked: dict[Question, str]) -> None:
        """Ask each question, but stop if too many in a row are unanswered."""
        in_a_row = 0
        for number, (question, case) in enumerate(self.cases.items(), start=1):
            self.progress.doing(number, self._total, QUESTIONS[question].asked)
            if in_a_row == _IN_A_ROW:
                not_asked[question] = (
                    f"None of the {_IN_A_ROW} questions before this one got an answer."
                )
                continue
            try:
                findings[question] = case(self.books)
            except NotAsked as reason:
                not_asked[question] = str(reason)
                in_a_row = in_a_row + 1 if isinstance(reason, Unanswered) else 0
            else:
                in_a_row = 0

    def _clean_up(self, failure: BaseException | None) -> Remains:
        """Clean up, even if the user has asked the run to stop, and return what is left."""
        if not self.books.started or isinstance(failure, NoDemoCompany):
            return Remains(failed=self.books.made.labels())
        self.progress.doing(self._total, self._total, "Clean up.")
        stop, stopped = self.books.stop, self.books.stop.is_set()
        try:
            while True:
                stop.clear()
                try:
                    return CleanUp(self.books, self.wait).run()
                except Interrupted:
                    stopped = True
        except XerosyncError as error:
            return Remains(failed=(error.message, *self.books.made.labels()))
        finally:
            if stopped:
                stop.set()

    def _explained(self, failure: BaseException, left: Remains) -> BaseException:
        """Return the error of a run that did not end well, with what is left in the books."""
        if isinstance(failure, NoDemoCompany):
            failure.details = left.failed
            if left.failed:
                failure.hint += " What is listed above was not cleaned up: in Xero, delete, archive"
                failure.hint += " or rename it, in the books where the run began."
            return failure
        if left.failed and not isinstance(failure, CleanUpIncomplete):
            return _incomplete(left, getattr(failure, "message", "The run failed."))
        clean = "This run left no throw-away account."
        if left.archived:
            these = ", ".join(f"“{one}”" for one in left.archived)
            clean = f"Xero refused to delete these, so they are archived: {these}."
        if isinstance(failure, KeyboardInterrupt | Interrupted):
            return Interrupted("Stopped: no report was written.", clean)
        if isinstance(failure, NotAsked):
            return XerosyncError(f"The questions could not be asked: {failure}", clean)
        if isinstance(failure, XerosyncError) and self.books.started:
            failure.hint = f"{failure.hint} {clean}".strip()
        return failure

    def _names(self) -> Iterable[str]:
        """Return the names and numbers in the books, which are scrubbed from the report's texts."""
        books = self.books
        named = books.organisation
        ours = {text(o, "Name") for o in books.accounts if is_throw_away("", text(o, "Name"))}
        theirs = {text(one, "Name") for one in books.accounts} - ours
        numbers = {text(one, "BankAccountNumber") for one in books.accounts}
        rates = {text(r, "Name") for r in books.tax_rates if _OWN_RATE.match(text(r, "TaxType"))}
        return (named.name, named.short_code, named.tenant_id, *theirs, *numbers, *rates)


def _interfered(left: Remains) -> XerosyncError:
    return XerosyncError(
        "Somebody else deleted throw-away accounts that the questions needed, or made some at the"
        f" same time: {', '.join(left.disturbed)}. Xero's answers may be wrong, so no report was"
        " written.",
        "Probably `xerosync doctor --demo-company` ran twice at once, or the demo company was"
        " reset. Wait until nothing else is using it, then run again.",
    )


def _incomplete(left: Remains, why: str) -> CleanUpIncomplete:
    message = "The clean-up is incomplete: the demo company may not yet be as it was."
    return CleanUpIncomplete(
        f"{why} {message}".strip(),
        "Run `xerosync doctor --demo-company` again: it cleans up first. If something still"
        " remains, delete or archive it in Xero; rename what still has a temporary name.",
        left.failed,
    )
