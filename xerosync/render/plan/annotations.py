"""A plan as problems at the lines of its chart file, to annotate a pull request with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xerosync.errors import Problem
from xerosync.model import Source
from xerosync.plan import limits
from xerosync.plan.plan import Plan
from xerosync.render.problems import CheckedFile


def checked_plans(plans: Sequence[Plan]) -> list[CheckedFile]:
    """Return the chart file of each plan, with the problems of the plan."""
    return [CheckedFile(plan.file, 0, tuple(problems(plan))) for plan in plans]


def problems(plan: Plan) -> Iterator[Problem]:
    """Return blocked changes and exceeded limits as errors, and warnings as warnings."""

    def at(source: Source, rule: str, message: str, hint: str = "") -> Problem:
        file = source.file or plan.file
        return Problem(file, source.line, source.column, rule, message, hint)

    for item in plan.blocked:
        yield at(item.source, item.rule, f"{item.label}: {item.reason}", item.hint)
    for breach in limits.check(plan):
        yield at(Source(), "limit", breach.message, f"To permit it: {breach.flag}")
    for change in plan.changes:
        for warning in change.warnings:
            found = at(change.source, "look-first", f"{change.label}: {warning}")
            yield replace(found, severity="warning")
