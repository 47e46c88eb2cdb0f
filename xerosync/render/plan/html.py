"""A plan as an HTML page that a controller reads, filters, prints and signs."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from xerosync.plan import estimate
from xerosync.plan.blocks import limits
from xerosync.plan.explain import MEANS
from xerosync.plan.impact import moves, moves_mean
from xerosync.plan.plan import Blocked, Plan
from xerosync.render import words
from xerosync.render.account_usage import usage_read
from xerosync.render.html_page import asset, render
from xerosync.render.plan.footnotes import Footnotes


def plan_as_html(plan: Plan, *, created_at: str = "", digest: str = "") -> str:
    """Return the HTML page. `created_at` and `digest` are from the plan's JSON document."""
    return render(
        "plan.html.j2",
        asset("plan.css"),
        asset("filter.js") + asset("plan.js"),
        page=_page(plan),
        plan=plan,
        created_at=created_at,
        digest=digest,
    )


def _page(plan: Plan) -> dict[str, Any]:
    """Return the values that the template needs besides the plan."""
    ordered, moved = words.in_reading_order(plan), moves(plan)
    sections = [
        {"action": action, "means": MEANS.get(action), "changes": found}
        for action in words.DESTRUCTIVE_FIRST
        if (found := [item for item in ordered if item[1].action is action])
    ]
    return {
        "facts": words.facts(plan.organisation),
        "estimate": estimate.sentence(plan),
        "usage_read": usage_read(plan),
        "address": words.chart_address(plan.organisation),
        "sections": sections,
        "moves": moved,
        "moves_mean": moves_mean(moved),
        "warnings": Footnotes(ordered).warnings,
        "breaches": limits.check(plan),
        "blocked": _by_change(plan.blocked),
        "temporary": words.temporary_values(plan),
        "no_changes": words.no_changes(plan),
    }


def _by_change(blocked: Iterable[Blocked]) -> list[list[Blocked]]:
    """Return `blocked` grouped by change: one change may break several rules."""
    found: dict[Hashable, list[Blocked]] = {}
    for one in blocked:
        found.setdefault((one.source, one.code, one.name, one.account_id), []).append(one)
    return list(found.values())
