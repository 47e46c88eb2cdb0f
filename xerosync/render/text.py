"""A plan → tables for a terminal: one a kind of change, then what it means, then the sum.

Everything that comes from a file or from Xero goes through `visible` and into a Rich
`Text`, never into markup. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from xerosync import limits
from xerosync.change import Action, Blocked, Change, FieldChange, Origin
from xerosync.model import FIELD, Account, Value
from xerosync.outcome import Outcome, Result
from xerosync.plan import Plan
from xerosync.visible import visible

LISTED_UNMANAGED = 10
"""So many unmanaged accounts are listed; more are counted."""

_STYLE = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.RESTORE: "cyan",
    Action.ARCHIVE: "red",
    Action.DELETE: "bold red",
}
_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.RESTORE: "restored",
    Action.ARCHIVE: "archived",
    Action.DELETE: "deleted",
}
_ORIGIN = {
    Origin.UNKNOWN: "",
    Origin.FILE: "changed in the file",
    Origin.XERO: "edited in Xero since the last apply",
    Origin.BOTH: "changed in the file and in Xero",
}


class _Notes:
    """Numbers each sentence once, however many changes it belongs to."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, bool], int] = {}

    def number(self, sentence: str, *, warning: bool) -> str:
        at = self.numbers.setdefault((sentence, warning), len(self.numbers) + 1)
        return f"!{at}" if warning else f"{at}"

    def table(self) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column(justify="right", no_wrap=True)
        table.add_column()
        for (sentence, warning), number in self.numbers.items():
            sign = Text(f"!{number}" if warning else str(number), "yellow" if warning else "dim")
            table.add_row(sign, Text(visible(sentence)))
        return table


def plan_view(plan: Plan) -> RenderableType:
    """Show one plan: its organisation, its tables, its notes and its limits; the sum is apart."""
    notes = _Notes()
    parts: list[RenderableType] = [_heading(plan)]
    for action in Action:
        changes = [change for change in plan.changes if change.action is action]
        if changes:
            parts.append(_changes(action, changes, notes))
    if plan.blocked:
        parts.append(_blocked(plan.blocked))
    temporary = [step for step in plan.steps if step.purpose]
    if temporary:
        lines = [
            f"{plan.changes[step.change].label} goes through "
            f"{' and '.join(str(value) for value in step.values.values())}: {step.purpose}."
            for step in temporary
        ]
        parts.append(_titled("On the way", [Text(visible(line)) for line in lines]))
    if notes.numbers:
        parts.append(_titled("Notes (! look first)", [notes.table()]))
    if plan.unmanaged:
        parts.append(_unmanaged(plan.unmanaged))
    breaches = limits.check(plan)
    if breaches:
        lines = [f"{breach.message} To permit it: {breach.flag}" for breach in breaches]
        parts.append(_titled("Safety limits exceeded", [Text(x, "red") for x in lines]))
    return Group(*(line for part in parts for line in (part, Text())))


def summary_line(plan: Plan) -> str:
    """Give the sum of a plan as one sentence, which scripts may look for."""
    if plan.empty:
        return f"No changes. Xero matches {visible(plan.file)}."
    count = plan.summary
    todo = ", ".join(f"{count[action]} to {action}" for action in Action)
    rest = f"{count['unchanged']} unchanged, {count['unmanaged']} unmanaged"
    blocked = f", {count['blocked']} blocked" if count["blocked"] else ""
    return f"Plan: {todo}; {rest}{blocked}."


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


def _heading(plan: Plan) -> Text:
    organisation = plan.organisation
    heading = Text(visible(organisation.name), "bold")
    facts = [organisation.short_code, organisation.country_code, organisation.base_currency]
    facts += ["demo company"] if organisation.is_demo_company else []
    known = ", ".join(fact for fact in facts if fact)
    heading.append(visible(f" ({known})" if known else ""), "dim")
    heading.append(visible(f"  from {plan.file}"), "dim")
    return heading


def _titled(title: str, parts: Iterable[RenderableType]) -> Group:
    return Group(Text(title, "bold"), *parts)


def _table(title: Text, columns: Sequence[str]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        show_edge=False,
    )
    for column in columns:
        short = column in {"", "Line"}
        table.add_column(
            column,
            no_wrap=short,
            overflow="fold",
            justify="right" if column == "Line" else "left",
            min_width=4 if column in {"Code", "Line"} else None,
            max_width=24 if column == "Account" else None,
        )
    return table


def _changes(action: Action, changes: Sequence[Change], notes: _Notes) -> Table:
    title = Text(f"{len(changes)} to {action}", f"bold {_STYLE[action]}")
    noted = any(change.reasons or change.warnings for change in changes)
    columns = ["", "Code", "Account", "Change", *(["Notes"] if noted else []), "Line"]
    table = _table(title, columns)
    for change in changes:
        numbers = [notes.number(w, warning=True) for w in change.warnings]
        numbers += [notes.number(r, warning=False) for r in change.reasons]
        source = change.source
        table.add_row(
            Text(action.glyph, _STYLE[action]),
            Text(visible(change.code)),
            Text(visible(change.name)),
            _fields(change),
            *([Text(" ".join(numbers), "dim")] if noted else []),
            Text(str(source.line) if source.line else "-", "dim"),
        )
    return table


def _fields(change: Change) -> Text:
    lines = [_field(change, changed) for changed in change.fields if _tells(change, changed)]
    origin = _ORIGIN[change.origin]
    if origin:
        lines.append(Text(origin, "dim"))
    if change.action is Action.ARCHIVE or change.action is Action.RESTORE:
        before, after = ("ACTIVE", "ARCHIVED")
        if change.action is Action.RESTORE:
            before, after = after, before
        lines.insert(0, Text(f"status: {before} → {after}"))
    return Text("\n").join(lines)


def _tells(change: Change, changed: FieldChange) -> bool:
    """Leave out what another column of the table shows already."""
    return change.account is not None or changed.field not in ("code", "name")


def _field(change: Change, changed: FieldChange) -> Text:
    line = Text(f"{FIELD[changed.field].label}: ")
    if change.account is not None:
        line.append(_value(changed.before), "red")
        line.append(" → ")
    line.append(_value(changed.after), "green")
    return line


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(value) if value else "(none)"


def _blocked(blocked: Sequence[Blocked]) -> Table:
    title = Text(f"{len(blocked)} blocked: Xero would refuse", "bold red")
    table = _table(title, ["", "Code", "Account", "Why, and the way out", "Line"])
    for item in blocked:
        why = Text(visible(item.reason))
        if item.hint:
            why.append("\n" + visible(item.hint), "cyan")
        why.append(f"\n[{item.rule}]", "dim")
        line = str(item.source.line) if item.source.line else "-"
        table.add_row(
            Text("!", "red"),
            Text(visible(item.code)),
            Text(visible(item.name)),
            why,
            Text(line, "dim"),
        )
    return table


def _unmanaged(accounts: Sequence[Account]) -> RenderableType:
    title = f"{len(accounts)} unmanaged (in Xero, not in the file; left alone)"
    listed = [
        Text(visible(f"? {account.code or '-':<10} {account.name} ({account.type})"), "dim")
        for account in accounts[:LISTED_UNMANAGED]
    ]
    more = len(accounts) - len(listed)
    if more > 0:
        listed.append(Text(f"  and {more} more: --format json lists all", "dim"))
    return _titled(title, listed)
