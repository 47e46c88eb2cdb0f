"""A report on Xero's behaviour for a terminal. Answers that differ from the sandbox come first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from xerosync.render.doctor.behaviour_view import OK, AnsweredQuestion, BehaviourView
from xerosync.render.plan.text import changes_table, titled
from xerosync.text import visible


def report_table(view: BehaviourView) -> RenderableType:
    """Return the report without its summary, which the command prints last."""
    parts: list[RenderableType] = [Text(visible(view.title), "bold")]
    if view.differing:
        parts.append(_differing(view.differing))
    if view.same:
        parts.append(_same(view.same))
    parts += titled("Not asked", list(_lines(view.not_asked)))
    parts += titled("The main job", list(_lines(view.main_job)))
    left = [Text(f"  {visible(one)}") for one in view.left_behind]
    parts += titled("Left behind, archived, as Xero does not delete them", left)
    return Group(*(line for part in parts for line in (part, Text())))


def _differing(rows: Iterable[AnsweredQuestion]) -> RenderableType:
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


def _lines(rows: Iterable[tuple[str, str]]) -> Iterator[Text]:
    for subject, outcome in rows:
        line = Text(f"  {visible(subject).removesuffix('.')}: ")
        yield line.append(visible(outcome), "" if outcome == OK else "yellow")
