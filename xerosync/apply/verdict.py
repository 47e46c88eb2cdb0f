"""The end of a run: read the chart again, settle unknown outcomes, and judge the whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from xerosync.apply.journal_writer import JournalWriter
from xerosync.apply.ledger import Ledger
from xerosync.apply.outcome import Outcome, Result, settle
from xerosync.apply.verify import AS_PLANNED, prove, undone
from xerosync.errors import (
    AppliedInPart,
    Interrupted,
    JournalIncomplete,
    ProofFailed,
    XerosyncError,
)
from xerosync.model import Chart
from xerosync.plan.explain import LOCKED_BY
from xerosync.plan.plan import Action, Plan
from xerosync.text import counted
from xerosync.workspace import command_line, command_on

_DELETE_REFUSED = (
    "Xero keeps an account that has transactions: write `status: ARCHIVED` for it, or "
    "`on_delete_refused: archive` at the top of the file. Xero may also refuse to archive "
    f"an account that is used by {LOCKED_BY}: remove it from there first."
)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended: its outcomes, and how the chart afterwards differs from the plan.

    `stopped` is whether somebody asked to stop. `unread` says why the chart could not be read, and
    `unwritten` why the end of the journal could not be written; both are "" otherwise.
    """

    outcomes: tuple[Outcome, ...]
    differences: tuple[str, ...] = ()
    stopped: bool = False
    unread: str = ""
    unwritten: str = ""


def finish(
    plan: Plan,
    ledger: Ledger,
    journal: JournalWriter,
    outcomes: Sequence[Outcome],
    *,
    stop: Event,
    show: Callable[[Outcome], None],
) -> RunEnd:
    """Read the chart once more, settle unknown outcomes, and journal the proof.

    `show` is called with each outcome that the chart settles. An earlier request to stop does not
    prevent the reading: `stop` is cleared before and set again afterwards.
    """
    stopped, unread, unwritten = stop.is_set(), "", ""
    stop.clear()
    chart: Chart | None = None
    differences: tuple[str, ...] = ()
    settled = tuple(outcomes)
    existed = {change.account_id for change in plan.changes if change.account_id}
    try:
        chart = ledger.chart()
    except XerosyncError as error:
        unread = error.reason
    stopped = stopped or stop.is_set()
    if stopped:
        stop.set()
    try:
        if chart:
            settled = tuple(
                settle(outcome, chart.accounts, existed=existed) for outcome in outcomes
            )
            differences = prove(plan, settled, chart)
            for before, after in zip(outcomes, settled, strict=True):
                if after is not before:
                    show(after)
                    journal.ended(after)
        proof = "; ".join(differences) or AS_PLANNED
        if unread:
            proof = f"the chart could not be read: {unread}"
        journal.end(proof, chart.accounts if chart else ())
    except XerosyncError as error:
        unwritten = error.message
    return RunEnd(settled, differences, stopped, unread, unwritten)


def verdict(plan: Plan, end: RunEnd, *, again: str) -> XerosyncError | None:
    """Return a run's error; None if all outcomes are `good`, chart as planned, journal complete.

    `again` is the hint of the error, unless there is a better hint.
    """
    skipped = sum(outcome.result is Result.SKIPPED for outcome in end.outcomes)
    if end.stopped and (skipped or end.unread):
        return interrupted(plan, skipped, again=again)
    if undone(end.outcomes):
        return _in_part(plan, end, again)
    if end.unread:
        return ProofFailed(
            f"{plan.file}: every step succeeded, but the chart could not be read again to "
            f"prove it: {end.unread}",
            f"Run `{_plan_again(plan)}`: it should find none of these changes any more.",
        )
    if end.differences:
        return ProofFailed(
            f"{plan.file}: every step succeeded, but the chart is not as planned:",
            "Somebody edited it in the meantime, or Xero ignored a field. "
            f"Run `{_plan_again(plan)}` to see what is left.",
            end.differences,
        )
    if end.unwritten:
        return JournalIncomplete(
            f"{plan.file}: every step succeeded and Xero is as planned, but the journal is "
            f"incomplete. {end.unwritten}",
            "What the journal lacks cannot be rolled back; the rest can.",
        )
    return None


def _plan_again(plan: Plan) -> str:
    if plan.desired.partial:
        return command_on("rollback", plan.file)
    return command_line("plan", plan.file)


def _way_out(plan: Plan, outcomes: Sequence[Outcome]) -> str:
    """Return what to do about refused steps without a successful fallback, "" for none."""
    refused = [outcome.step for outcome in outcomes if outcome.refused and not outcome.good]
    if not refused:
        return ""
    sentences = []
    if any(step.operation is Action.DELETE and not step.fallback for step in refused):
        sentences.append(_DELETE_REFUSED)
    if any(Action.ARCHIVE in (step.operation, step.fallback) for step in refused):
        keep = "" if plan.desired.partial else ", or keep the account active in the file"
        sentences.append(
            f"Xero may refuse to archive an account that is used by {LOCKED_BY}: remove it from "
            f"there in Xero{keep}."
        )
    if any(step.operation not in (Action.DELETE, Action.ARCHIVE) for step in refused):
        where = "in Xero" if plan.desired.partial else "in the file or in Xero"
        sentences.append(f"Correct what Xero refused above, {where}.")
    return " ".join([*sentences, "Then make a new plan: it has what is left."])


def _in_part(plan: Plan, end: RunEnd, again: str) -> AppliedInPart:
    if any(outcome.edited for outcome in end.outcomes):
        left = "Somebody edited or deleted accounts in Xero during the run; those were left alone. "
        again = left + (
            f"Leave them as they are, or make a new plan with `{_plan_again(plan)}`: it shows "
            "what it would overwrite."
            if plan.desired.partial
            else f"Another apply would undo such an edit: run `{_plan_again(plan)}`, and add to "
            "the file whatever should stay."
        )
    else:
        again = _way_out(plan, end.outcomes) or again
    hints = {  # advice that differs only in a correlation id is given once
        re.sub("[0-9a-fA-F-]{36}", "", hint.replace(one.correlation_id, "")): hint
        for one in end.outcomes
        if not one.good
        for hint in one.hints
    }
    again = " ".join(filter(None, (*hints.values(), again)))
    unsure = all(outcome.good or outcome.result is Result.UNKNOWN for outcome in end.outcomes)
    known = "not everything was applied; what failed, and why, is above."
    unknown = "it is not known whether everything was applied. The unknown steps are above."
    return AppliedInPart(f"{plan.file}: {unknown if unsure else known}", again, end.differences)


def interrupted(plan: Plan, skipped: int, *, again: str) -> Interrupted:
    """Return the error for a run that was stopped, with how many steps were not sent."""
    rest = "every step was sent" if plan.steps else "there was nothing to send"
    if skipped:
        were = "was" if skipped == 1 else "were"
        rest = f"{skipped} of {counted(len(plan.steps), 'step')} {were} not sent"
    return Interrupted(
        f"{plan.file}: stopped. Calls in flight have finished and are journalled; {rest}.", again
    )
