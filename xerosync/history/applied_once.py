"""A saved plan is applied once: its approval is used up by the first run that acts."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync.errors import StalePlan
from xerosync.history.folder import journals
from xerosync.plan.plan import Plan
from xerosync.plan.serialize import digest_of
from xerosync.text import day_and_time
from xerosync.workspace import RUNS


def check_not_applied(saved: Sequence[Plan], created_at: str) -> None:
    """Raise `StalePlan` if a journal shows that this saved plan was applied.

    A plan with the same content that was made at another time has its own approval.
    """
    approved = digest_of(saved), created_at
    for path, runs in journals(RUNS):
        for run in runs:
            if (run.digest, run.created_at) == approved and any(call.acted for call in run.calls):
                raise StalePlan(
                    f"This plan of {run.file} was already applied on {day_and_time(run.at)} "
                    f"(journal: {path}).",
                    "Nothing was sent. Plan again: the new plan holds what is left, if anything.",
                )
