"""A report on Xero's behaviour as Markdown, for the pull request that adds it to xerosync."""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.render.doctor.behaviour_view import AnsweredQuestion, BehaviourView
from xerosync.render.inline import code, inline


def report_as_markdown(view: BehaviourView) -> str:
    """Return the report as Markdown."""
    lines = [f"## {inline(view.title)}", "", f"**{inline(view.summary)}**", ""]
    if view.differing:
        lines += ["### Differs from the sandbox", "", *_table(view.differing), ""]
    if view.same:
        lines += ["### Same as the sandbox", "", *_table(view.same), ""]
    if view.not_asked:
        lines += ["### Not asked", "", *_list(view.not_asked), ""]
    if view.main_job:
        lines += ["### The main job", "", *_list(view.main_job), ""]
    if view.left_behind:
        lines += ["### Left behind, archived", "", *_list((one, "") for one in view.left_behind)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(rows: Iterable[AnsweredQuestion]) -> list[str]:
    found = ["| Question | The sandbox | Xero | Xero said |", "| --- | --- | --- | --- |"]
    for row in rows:
        xero = f"**{inline(row.xero)}**" if row.differs else inline(row.xero)
        said = " / ".join(inline(text) for text in row.said)
        asked = f"{inline(row.asked)} {code(row.id)}"
        found.append(f"| {asked} | {inline(row.sandbox)} | {xero} ({row.status}) | {said} |")
    return found


def _list(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"* {inline(subject.removesuffix('.'))}{': ' if outcome else ''}{inline(outcome)}"
        for subject, outcome in rows
    ]
