"""Blocked changes, exceeded limits and warnings as problems in chart files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xerosync.desired import Source
from xerosync.errors import Problem
from xerosync.organisations.review import Review
from xerosync.plan.blocks import limits
from xerosync.plan.plan import Blocked, Change, Plan
from xerosync.render.account_usage import brief_usage, usage_sentence
from xerosync.render.problems import CheckedFile
from xerosync.render.review import phrases


def checked_plans(plans: Sequence[Plan]) -> list[CheckedFile]:
    """Return the chart file of each plan, with the problems of the plan.

    A problem of several organisations is listed once, with the first file: forges show only a few.
    """
    if len(plans) == 1:
        return [CheckedFile(plans[0].file, 0, tuple(problems(plans[0])))]
    found: dict[str, list[Problem]] = {plan.file: list(_limits(plan)) for plan in plans}
    review = Review.of(plans)
    for one in review.groups:
        where = f" (in {phrases.where_in_full(review, one.plans)})"
        file = plans[one.plans[0]].file
        if one.blocked:
            found[file].append(_blocked(one.blocked, file, where))
        elif one.change:
            used = phrases.used(review, one) if phrases.brief_used(review, one) else ""
            found[file].extend(_warnings(one.change, file, used, where))
    for reach in review.too_far:
        change, file = reach.group.change, plans[reach.group.plans[0]].file
        place = reach.group.standard if reach.group.standard.file or not change else change.source
        hint = f"An apply needs {reach.breach.flag}."
        found[file].append(_at(place, file, "limit", reach.breach.message, hint))
    return [CheckedFile(file, 0, tuple(listed)) for file, listed in found.items()]


def problems(plan: Plan) -> Iterator[Problem]:
    """Yield blocked changes and exceeded limits as errors, and warnings as warnings."""
    for item in plan.blocked:
        yield _blocked(item, plan.file)
    yield from _limits(plan)
    for change in plan.changes:
        used = change.usage and brief_usage(change.usage) and usage_sentence(change.usage)
        yield from _warnings(change, plan.file, used or "")


def _blocked(item: Blocked, file: str, where: str = "") -> Problem:
    return _at(item.source, file, item.rule, f"{item.label}: {item.reason}{where}", item.hint)


def _limits(plan: Plan) -> Iterator[Problem]:
    for breach in limits.check(plan):
        hint = f"An apply needs {breach.flag}."
        yield _at(Source(), plan.file, "limit", breach.message, hint)


def _warnings(change: Change, file: str, used: str, where: str = "") -> Iterator[Problem]:
    """Yield the warnings of a change. The first one adds `used`: what still uses the account."""
    for number, warning in enumerate(change.warnings):
        said = f"{warning} {used}" if used and number == 0 else warning
        found = _at(change.source, file, "look-first", f"{change.label}: {said}{where}")
        yield replace(found, severity="warning")


def _at(source: Source, file: str, rule: str, message: str, hint: str = "") -> Problem:
    return Problem(source.file or file, source.line, source.column, rule, message, hint)
