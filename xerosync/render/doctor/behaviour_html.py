"""A report on Xero's behaviour as one HTML page, which stands alone and has no script."""

from __future__ import annotations

from xerosync.render.doctor.behaviour_view import BehaviourView
from xerosync.render.html_page import asset, render


def report_as_html(view: BehaviourView) -> str:
    """Return the page."""
    return render(
        "behaviour.html.j2",
        asset("plan.css") + asset("result.css") + asset("behaviour.css"),
        view=view,
    )
