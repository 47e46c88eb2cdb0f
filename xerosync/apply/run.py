"""Apply prepared plans: one organisation after the other, each from first line to verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from xerosync.apply.execute import execute_steps
from xerosync.apply.journal_writer import JournalWriter, Provenance
from xerosync.apply.ledger import Ledger
from xerosync.apply.outcome import Outcome
from xerosync.apply.preflight import Prepared
from xerosync.apply.verdict import finish, interrupted, verdict
from xerosync.apply.verify import AS_PLANNED
from xerosync.errors import (
    AppliedInPart,
    Interrupted,
    JournalIncomplete,
    ProofFailed,
    XerosyncError,
)
from xerosync.model import Chart
from xerosync.plan.plan import Plan
from xerosync.text import counted


class Display(Protocol):
    """Shows a run to the person who started it. Its methods never raise."""

    def running(self, plan: Plan) -> AbstractContextManager[Callable[[Outcome], None]]:
        """Show that the steps of a plan are being sent; yield what shows an outcome."""
        ...

    def finished(self, plan: Plan, outcomes: Sequence[Outcome], *, proved: bool) -> None:
        """Show what was done in one organisation."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Applies the plans of one command. `again` says how to go on after a failure.

    `before_first` is called before anything is sent, and may raise to prevent it.
    """

    journal: JournalWriter
    provenance: Provenance
    display: Display
    stop: Event
    again: str
    before_first: Callable[[], None] = lambda: None

    def run_all(self, prepared: Iterable[Prepared]) -> tuple[XerosyncError, ...]:
        """Apply every plan that has steps, and return the failures, the gravest first.

        A plan without steps is journalled if it is to be recorded. A failure in one
        organisation does not stop the next; a request to stop does. If some were applied and
        another was refused, the first failure says so.
        """
        failures: list[XerosyncError] = []
        applied = 0
        for one in prepared:
            try:
                if one.plan.steps:
                    self.run(one)
                    applied += 1
                elif one.to_record:
                    self._record(one)
            except XerosyncError as failure:
                failures.append(failure)
        failures.sort(key=_gravity)
        if applied and failures and not isinstance(failures[0], _GRAVEST):
            failures.insert(0, _some_applied(applied, len(failures)))
        return tuple(failures)

    def run(self, one: Prepared) -> None:
        """Apply one plan. Raises whatever kept it from being complete and proved.

        Xero is read again first: minutes may have passed since the plan was made.
        """
        if self.stop.is_set():
            raise interrupted(one.plan, len(one.plan.steps), again=self.again)
        self.send(one.plan, one.ledger, one.check_again())

    def send(self, plan: Plan, ledger: Ledger, chart: Chart) -> None:
        """Apply one plan that was made from this chart just now. Raises as `run`."""
        self.before_first()
        self.journal.begin(plan, self.provenance, chart.accounts)
        outcomes: list[Outcome] = []
        with self.display.running(plan) as show:
            for outcome in execute_steps(
                plan, ledger, self.journal, accounts=chart.accounts, stop=self.stop
            ):
                outcomes.append(outcome)
                show(outcome)
            end = finish(plan, ledger, self.journal, outcomes, stop=self.stop, show=show)
        failure = verdict(plan, end, again=self.again)
        self.display.finished(plan, end.outcomes, proved=failure is None)
        if failure:
            raise failure

    def _record(self, one: Prepared) -> None:
        """Journal an apply that finds nothing to do, unless somebody asked to stop."""
        if self.stop.is_set() or one.current is None:
            return
        try:
            self.journal.begin(one.plan, self.provenance)
            self.journal.end(AS_PLANNED, one.current.accounts)
        except XerosyncError as error:
            raise JournalIncomplete(
                f"{one.plan.file}: there was nothing to send, but this apply is not on record. "
                f"{error.message}",
                "Resolve that, then run again.",
            ) from error


_GRAVEST = (Interrupted, AppliedInPart, ProofFailed, JournalIncomplete)
"""The failures after something was sent to the organisation, the gravest first."""


def _gravity(failure: XerosyncError) -> int:
    """Return the position of a failure among several; 0 is the gravest."""
    kinds = [place for place, kind in enumerate(_GRAVEST) if isinstance(failure, kind)]
    return kinds[0] if kinds else len(_GRAVEST)


def _some_applied(applied: int, failed: int) -> AppliedInPart:
    """Return the error of a command that applied some organisations and could not begin others."""
    return AppliedInPart(
        f"Applied {applied} of {counted(applied + failed, 'organisation')}; the errors above say "
        "why the rest was not applied.",
        "Resolve those first; `xerosync plan` then shows what is left.",
    )
