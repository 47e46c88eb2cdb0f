"""A report on Xero's behaviour for a terminal. Answers that differ from the sandbox come first."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from xerosync.render.doctor.behaviour_view import OK, AnsweredQuestion, BehaviourView
from xerosync.render.plan.text import changes_table
from xerosync.text import visible


def report_table(view: BehaviourView) -> RenderableType:
    """Return the report without its summary, which the command prints last."""
    parts: list[RenderableType] = [Text(visible(view.title), "bold")]
    if view.differing:
        parts.append(_differing(view.differing))
    if view.same:
        parts.append(_same(view.same))
    if view.not_asked:
        parts.append(_list("Not asked", view.not_asked))
    if view.main_job:
        parts.append(_list("The main job", view.main_job))
    if view.left_behind:
        title = Text("Left behind, archived, as Xero does not delete them", "bold")
        parts.append(Group(title, *(Text(f"  {visible(one)}") for one in view.left_behind)))
    return Group(*(line for part in parts for line in (part, Text())))


def _differing(rows: Iterable[AnsweredQuestion]) -> RenderableType:
    """Return a table of questions with both answers; Xero's messages are below the question."""
    title = Text("Differs from the sandbox", "bold")
    table = changes_table(title, ["Question", "The sandbox", "Xero", "Differs"])
    for row in rows:
        asked = Text(row.asked)
        for said in row.said:
            asked.append(f"\nXero: {visible(said)}", "yellow")
        table.add_row(asked, row.sandbox, Text(row.xero, "bold yellow"), Text("yes", "yellow"))
    return table


def _same(rows: Iterable[AnsweredQuestion]) -> RenderableType:
    table = changes_table(Text("Same as the sandbox", "bold"), ["Question", "Both"])
    for row in rows:
        table.add_row(row.asked, row.xero)
    return table


def _list(title: str, rows: Iterable[tuple[str, str]]) -> RenderableType:
    lines = [Text(title, "bold")]
    for subject, outcome in rows:
        line = Text(f"  {visible(subject).removesuffix('.')}: ")
        lines.append(line.append(visible(outcome), "" if outcome == OK else "yellow"))
    return Group(*lines)
