"""A report on Xero's behaviour as one HTML page without a script."""

from __future__ import annotations

from xerosync.render.doctor.behaviour_view import BehaviourView
from xerosync.render.html_page import asset, render


def is_report_page(text: str) -> bool:
    """Whether a text looks like a page that `report_as_html` has returned."""
    return "<title>How Xero behaves: " in text.partition("<style>")[0]


def report_as_html(view: BehaviourView) -> str:
    """Return the report as an HTML page."""
    return render(
        "behaviour.html.j2",
        asset("plan.css") + asset("result.css") + asset("behaviour.css"),
        view=view,
    )
