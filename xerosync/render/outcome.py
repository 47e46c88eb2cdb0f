"""What became of steps → lines for a terminal: one a step, and the sum of a run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from xerosync.change import Action
from xerosync.outcome import Outcome, Result
from xerosync.plan import Plan
from xerosync.visible import visible

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.RESTORE: "restored",
    Action.ARCHIVE: "archived",
    Action.DELETE: "deleted",
}


def outcome_line(plan: Plan, outcome: Outcome) -> Text:
    """Show what became of one step, on one line, with all that Xero said below it."""
    step = outcome.step
    change = plan.changes[step.change]
    style = {Result.DONE: "green", Result.SKIPPED: "yellow", Result.FELL_BACK: "yellow"}
    sign = {Result.DONE: "ok", Result.FELL_BACK: "ok", Result.SKIPPED: "--"}
    line = Text(f"{sign.get(outcome.result, 'FAILED'):>6} ", style.get(outcome.result, "red"))
    line.append(visible(f"{step.operation} {change.label}"))
    if step.purpose:
        line.append(visible(f" ({step.purpose})"), "dim")
    if outcome.settled:
        line.append(" (the answer was lost; the chart shows that it is done)", "dim")
    if outcome.messages:
        where = f" ({change.source})" if change.source.line else ""
        line.append(visible(where), "dim")
    for message in outcome.messages:
        line.append(f"\n       {visible(message)}")
    return line


def applied_line(plan: Plan, outcomes: Sequence[Outcome]) -> str:
    """Give the sum of a run as one sentence."""
    failed = {o.step.change for o in outcomes if o.result not in (Result.DONE, Result.FELL_BACK)}
    done = [change for index, change in enumerate(plan.changes) if index not in failed]
    counts = ", ".join(
        f"{sum(change.action is action for change in done)} {_DONE[action]}" for action in Action
    )
    rest = f"; {len(failed)} not done" if failed else ""
    return f"Applied: {counts}{rest}."
