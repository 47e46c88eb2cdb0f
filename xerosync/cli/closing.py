"""A run that is over → the chart read again, what became of the unknown, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event

from xerosync.apply.execute import settle
from xerosync.apply.ledger import Ledger
from xerosync.apply.outcome import Outcome, Result
from xerosync.apply.verify import AS_PLANNED, prove, undone
from xerosync.errors import AppliedInPart, Interrupted, ProofFailed, XerosyncError
from xerosync.history.journal import Journal
from xerosync.model import Chart
from xerosync.plan.plan import Action, Plan


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: its outcomes, and what the chart says that was read afterwards.

    `stopped` tells that somebody asked to stop, `unread` why the chart was not read,
    `unwritten` why the journal lacks its end.
    """

    outcomes: tuple[Outcome, ...]
    differences: tuple[str, ...] = ()
    stopped: bool = False
    unread: str = ""
    unwritten: str = ""


def close(
    plan: Plan,
    ledger: Ledger,
    journal: Journal,
    outcomes: Sequence[Outcome],
    *,
    stop: Event,
    tell: Callable[[Outcome], None],
) -> Ending:
    """Read the chart once more, settle what is unknown, and record the proof.

    `tell` is given each outcome that changed by it. A wish to stop does not keep the
    chart from being read: it was there before, and comes back after.
    """
    stopped, unwritten = stop.is_set(), ""
    stop.clear()
    chart: Chart | None = None
    differences: tuple[str, ...] = ()
    settled = tuple(outcomes)
    try:
        chart = ledger.chart()
        unread = ""
    except XerosyncError as error:
        unread = error.message
    stopped = stopped or stop.is_set()
    if stopped:
        stop.set()
    try:
        if chart:
            settled = tuple(settle(outcome, chart.accounts) for outcome in outcomes)
            for before, after in zip(outcomes, settled, strict=True):
                if after is not before:
                    tell(after)
                    journal.ended(after)
            differences = prove(plan, settled, chart)
        proof = f"not read: {unread}" if unread else "; ".join(differences) or AS_PLANNED
        journal.end(proof, chart.accounts if chart else ())
    except XerosyncError as error:
        unwritten = error.message
    return Ending(settled, differences, stopped, unread, unwritten)


def verdict(plan: Plan, ending: Ending, *, again: str) -> XerosyncError | None:
    """Say what kept the run from being whole and proved; `again` says how to go on."""
    skipped = sum(outcome.result is Result.SKIPPED for outcome in ending.outcomes)
    if ending.stopped and (skipped or ending.unread):
        return interrupted(plan, skipped, again=again)
    if undone(ending.outcomes):
        return AppliedInPart(
            f"{plan.file}: applied in part; see above what failed and why.",
            " ".join((*_ways_out(ending.outcomes), again)),
            ending.differences,
        )
    if ending.unread:
        return ProofFailed(
            f"{plan.file}: every step succeeded, but the chart could not be read again to "
            f"prove it: {ending.unread}",
            "Run `xerosync plan`: it must find no changes.",
        )
    if ending.differences:
        return ProofFailed(
            f"{plan.file}: every step succeeded, and yet the chart is not as planned:",
            "Somebody edited it meanwhile, or Xero ignored a field. Plan again and look.",
            ending.differences,
        )
    if ending.unwritten:
        return XerosyncError(
            f"{plan.file}: every step succeeded and Xero is as planned, but the journal lacks "
            f"its end. {ending.unwritten}",
            "What it holds is whole; only a rollback of what it lacks is not possible.",
        )
    return None


def _ways_out(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Say what to change where the same call would be refused again."""
    if any(o.refused and o.step.operation is Action.DELETE for o in outcomes):
        yield (
            "Xero keeps an account that has transactions: write `status: ARCHIVED` for it, or "
            "`on_delete_refused: archive` at the top of the file."
        )


def interrupted(plan: Plan, left: int, *, again: str) -> Interrupted:
    """Say that a run was stopped, and how much of it was not done."""
    rest = f"{left} of {len(plan.steps)} steps were not sent" if left else "all steps were sent"
    return Interrupted(
        f"{plan.file}: stopped. What was in flight is finished and recorded; {rest}.", again
    )
