"""A plan → problems at their lines of the chart file: what keeps it from being applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xerosync.errors import Problem
from xerosync.model import Source
from xerosync.plan import limits
from xerosync.plan.plan import Plan
from xerosync.render.problems import Checked, as_github, as_gitlab


def plans_as_github(plans: Sequence[Plan]) -> str:
    """Give workflow commands that annotate the lines of a pull request."""
    return as_github(_checked(plans))


def plans_as_gitlab(plans: Sequence[Plan]) -> str:
    """Give a Code Quality report, which GitLab shows with a merge request."""
    return as_gitlab(_checked(plans))


def _checked(plans: Sequence[Plan]) -> list[Checked]:
    return [Checked(plan.file, 0, tuple(problems(plan))) for plan in plans]


def problems(plan: Plan) -> Iterator[Problem]:
    """Give what is blocked and what exceeds a limit as errors, and what to look at as warnings."""

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
