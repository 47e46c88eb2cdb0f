"""Plans as one HTML page that a controller reads, filters, prints and signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xerosync.plan import estimate, limits
from xerosync.plan.impact import moves
from xerosync.plan.plan import Action, Plan
from xerosync.render import words
from xerosync.render.html_page import asset, render
from xerosync.render.plan.footnotes import Footnotes

_SECTION = {
    Action.DELETE: ("Delete", "This cannot be undone."),
    Action.ARCHIVE: ("Archive", "No new transaction can use these; their history stays."),
    Action.UPDATE: ("Update", ""),
    Action.RESTORE: ("Restore", "Archived accounts that come back into use."),
    Action.CREATE: ("Create", "Accounts that Xero does not have yet."),
}
"""The title and the explanation of each kind of change."""


def plans_as_html(plans: Sequence[Plan], *, created_at: str = "", digest: str = "") -> str:
    """Return the page; `created_at` and `digest` are those of the plans' JSON document."""
    return render(
        "plan.html.j2",
        asset("plan.css"),
        asset("plan.js"),
        pages=[_page(number, plan) for number, plan in enumerate(plans, start=1)],
        title=", ".join(plan.organisation.name for plan in plans[:3]),
        created_at=created_at,
        digest=digest,
    )


def _page(number: int, plan: Plan) -> dict[str, Any]:
    """Return what the template shows of one plan; `number` counts the plans from 1."""
    ordered = words.in_reading_order(plan)
    sections = [
        {"action": action, "title": title, "means": means, "changes": found}
        for action in words.DESTRUCTIVE_FIRST
        for title, means in (_SECTION[action],)
        if (found := [item for item in ordered if item[1].action is action])
    ]
    return {
        "number": number,
        "plan": plan,
        "facts": words.facts(plan.organisation),
        "effort": estimate.sentence(plan),
        "address": words.chart_address(plan.organisation),
        "sections": sections,
        "moves": moves(plan),
        "warnings": Footnotes(ordered).warnings,
        "breaches": limits.check(plan),
        "temporary": words.temporary_values(plan),
        "no_changes": words.no_changes(plan),
    }
