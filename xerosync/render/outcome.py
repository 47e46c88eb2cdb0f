"""The outcomes of steps as lines for a terminal, and the summary of an apply."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.text import Text

from xerosync.apply.outcome import Outcome, Result
from xerosync.plan.plan import Action, Plan
from xerosync.text import counted, visible

_SIGNS = {
    Result.DONE: ("ok", "green"),
    Result.FELL_BACK: ("ok", "yellow"),
    Result.SKIPPED: ("--", "yellow"),
    Result.UNKNOWN: ("unknown", "yellow"),
    Result.FAILED: ("FAILED", "red"),
}


def outcome_line(plan: Plan, outcome: Outcome, *, without: Collection[str] = ()) -> Text:
    """Return the outcome of one step on one line, with its messages below it.

    Messages in `without` are left out, because they were shown before.
    """
    step = outcome.step
    change = plan.changes[step.change]
    sign, style = _SIGNS[outcome.result]
    line = Text(f"{sign:>6} ", style)
    line.append(visible(f"{step.operation} {change.label}"))
    if outcome.result is Result.FELL_BACK and step.fallback:
        line.append(f": {step.fallback.past} instead")
    if step.purpose:
        line.append(visible(f" ({step.purpose})"), "dim")
    if outcome.settled:
        line.append(" (no clear answer to the call, but Xero shows that it was done)", "dim")
    messages = [message for message in outcome.messages if message not in without]
    if messages:
        where = f" ({change.source})" if change.source.line else ""
        line.append(visible(where), "dim")
    for message in messages:
        line.append(f"\n       {visible(message)}")
    return line


def applied_line(plan: Plan, outcomes: Sequence[Outcome], *, named: bool = False) -> str:
    """Return the summary of an apply. An account archived instead of deleted counts as archived.

    If `named`, add the name of the organisation.
    """
    left = {outcome.step.change for outcome in outcomes if not outcome.good}
    actions = {
        index: change.action for index, change in enumerate(plan.changes) if index not in left
    }
    instead = 0
    for outcome in outcomes:
        step = outcome.step
        action = step.fallback if outcome.result is Result.FELL_BACK else step.operation
        if actions.get(step.change) is Action.DELETE and action is Action.ARCHIVE:
            actions[step.change] = action
            instead += 1
    done = list(actions.values())
    counts = ", ".join(f"{done.count(action)} {action.past}" for action in Action)
    refused = f" ({instead} archived instead of deleted)" if instead else ""
    undone = {o.step.change for o in outcomes if not o.good and o.result is not Result.UNKNOWN}
    unknown = left - undone
    rest = f"; {counted(len(undone), 'change')} not done" if undone else ""
    rest += f"; the result of {counted(len(unknown), 'change')} is unknown" if unknown else ""
    where = f" in {visible(plan.organisation.name or plan.file)}" if named else ""
    return f"Applied: {counts}{where}{refused}{rest}."
