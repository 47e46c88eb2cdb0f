"""The runs of a journal → one HTML page for an auditor: it stands alone, and has no script."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync import __version__
from xerosync.history.runs import Run
from xerosync.render.journal import record
from xerosync.render.plan.html import asset, policy, template


def as_html(runs: Sequence[Run]) -> str:
    """Give the page; nothing in it acts, and it asks nothing of any server."""
    style = asset("plan.css") + asset("result.css")
    page: str = template("result.html.j2").render(
        runs=runs,
        title=", ".join(run.organisation.name for run in runs[:3]),
        head=record.head,
        counts=record.counts,
        verdict=record.verdict,
        whole=record.whole,
        outcome=record.outcome,
        changed=record.changed,
        label=record.label,
        moment=record.moment,
        version=__version__,
        style=style,
        policy=policy(style),
    )
    return page
