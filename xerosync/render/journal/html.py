"""The runs of a journal as one HTML page without a script, for an auditor."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync.history.runs import Run
from xerosync.render.html_page import asset, render
from xerosync.render.journal import record
from xerosync.text import to_the_second


def as_html(runs: Sequence[Run]) -> str:
    """Return the runs as an HTML page."""
    return render(
        "result.html.j2",
        asset("plan.css") + asset("result.css"),
        runs=runs,
        title=", ".join(run.organisation.name for run in runs[:3]),
        record=record,
        to_the_second=to_the_second,
    )
