"""Apply prepared plans: one organisation after the other, each from first line to verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from threading import Event
from typing import Protocol

from xerosync.apply.execute import execute_steps
from xerosync.apply.journal_writer import JournalWriter, Provenance
from xerosync.apply.outcome import Outcome
from xerosync.apply.preflight import Prepared
from xerosync.apply.verdict import finish, interrupted, verdict
from xerosync.errors import Interrupted, XerosyncError
from xerosync.plan.plan import Plan


class Display(Protocol):
    """Shows a run to the person who started it. Its methods never raise."""

    def running(self, plan: Plan) -> AbstractContextManager[Callable[[Outcome], None]]:
        """Show that the steps of a plan are being sent; yield what shows an outcome."""
        ...

    def finished(self, plan: Plan, outcomes: Sequence[Outcome], *, proved: bool) -> None:
        """Show what was done in one organisation."""


def run_all(
    prepared: Sequence[Prepared],
    journal: JournalWriter,
    provenance: Provenance,
    display: Display,
    *,
    stop: Event,
    again: str,
) -> tuple[XerosyncError, ...]:
    """Apply every plan that has steps, and return the failures, the gravest first.

    A failure in one organisation does not stop the next; a request to stop does. `again`
    says how to go on after a failure.
    """
    failures: list[XerosyncError] = []
    for one in prepared:
        if one.plan.steps:
            try:
                _run(one, journal, provenance, display, stop=stop, again=again)
            except XerosyncError as failure:
                failures.append(failure)
    return tuple(sorted(failures, key=lambda failure: not isinstance(failure, Interrupted)))


def _run(
    prepared: Prepared,
    journal: JournalWriter,
    provenance: Provenance,
    display: Display,
    *,
    stop: Event,
    again: str,
) -> None:
    """Apply one plan. Raises whatever kept it from being complete and proved."""
    plan, outcomes = prepared.plan, list[Outcome]()
    if stop.is_set():
        raise interrupted(plan, len(plan.steps), again=again)
    journal.begin(plan, provenance)
    with display.running(plan) as show:
        for outcome in execute_steps(plan, prepared.ledger, journal, stop=stop):
            outcomes.append(outcome)
            show(outcome)
        end = finish(plan, prepared.ledger, journal, outcomes, stop=stop, show=show)
    failure = verdict(plan, end, again=again)
    display.finished(plan, end.outcomes, proved=failure is None)
    if failure:
        raise failure
