"""Apply a prepared plan: one organisation, from its first line in the journal to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
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
from xerosync.errors import JournalIncomplete, XerosyncError
from xerosync.model import Chart
from xerosync.plan.plan import Plan


class Display(Protocol):
    """Shows a run to the person who started it. Its methods never raise."""

    def running(self, plan: Plan) -> AbstractContextManager[Callable[[Outcome], None]]:
        """Show that the steps of a plan are being sent; yield a function that shows an outcome."""

    def finished(self, plan: Plan, outcomes: Sequence[Outcome], *, proved: bool) -> None:
        """Show what was done in one organisation."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Applies the plan of one organisation. `again` is the hint on how to go on after a failure.

    `before_first` is called after the journal has begun and before anything is sent. If it raises
    `XerosyncError`, nothing is sent.
    """

    journal: JournalWriter
    provenance: Provenance
    display: Display
    stop: Event
    again: str
    before_first: Callable[[], None] = lambda: None

    def run(self, one: Prepared) -> None:
        """Apply one plan. Raises an error unless the run is complete and proved.

        If the plan has steps, Xero is read again first: minutes may have passed since it was made.
        """
        if self.stop.is_set():
            raise interrupted(one.plan, len(one.plan.steps), again=self.again)
        self.apply(one.plan, one.ledger, one.check_again() if one.plan.steps else one.current)

    def apply(self, plan: Plan, ledger: Ledger, chart: Chart) -> None:
        """Apply a plan just made from this chart, or checked against it. Raises as `run` does.

        A plan without steps is only journalled.
        """
        if plan.steps:
            self._send(plan, ledger, chart)
        else:
            self._record(plan, chart)

    def _send(self, plan: Plan, ledger: Ledger, chart: Chart) -> None:
        self.journal.begin(plan, self.provenance, chart.accounts)
        # If a run ends here, before `before_first`, its saved plan can still be applied.
        try:
            self.before_first()
        except XerosyncError as error:
            with suppress(XerosyncError):
                self.journal.end(f"nothing was sent: {error.message}", ())
            raise
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

    def _record(self, plan: Plan, current: Chart) -> None:
        """Journal an apply with nothing to do. Raises `Interrupted` or `JournalIncomplete`."""
        if self.stop.is_set():
            raise interrupted(plan, 0, again=self.again)
        try:
            self.journal.begin(plan, self.provenance)
            self.journal.end(AS_PLANNED, current.accounts)
        except XerosyncError as error:
            raise JournalIncomplete(
                f"{plan.file}: there was nothing to send, but this apply is not on record. "
                f"{error.message}",
                "Resolve that, then run again.",
            ) from error
