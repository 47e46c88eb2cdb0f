"""What an apply does to one organisation: what its chart file asks for, or a saved plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from xerosync.apply.journal_writer import Provenance
from xerosync.desired import DesiredChart
from xerosync.history.applied_once import Approval
from xerosync.history.baseline import left_by_applies
from xerosync.history.folder import JournalIndex
from xerosync.model import Chart
from xerosync.plan.build import build, build_reading
from xerosync.plan.plan import Plan
from xerosync.plan.saved import stale
from xerosync.plan.saved.serialize import digest_of
from xerosync.plan.usage import AsReviewed, ReadUsage
from xerosync.text import timestamp


@dataclass(frozen=True, slots=True)
class Target:
    """What to apply to one organisation: a chart file, or a saved plan.

    `desired` names the organisation. `saved` returns the saved plan, which is applied if it is not
    stale. If `desired` was read from a chart file (`is_file`), that file must also still ask for
    every change of the saved plan.
    """

    desired: DesiredChart
    saved: Callable[[], Plan] | None = None
    approval: Approval | None = None
    is_file: bool = True

    def provenance(self, run: Provenance, plan: Plan, made_at: datetime) -> Provenance:
        """Return `run` with the digest and date of the saved plan or, without one, of `plan`."""
        if self.approval:
            return replace(run, digest=self.approval.digest, created_at=self.approval.created_at)
        created_at = timestamp(made_at)
        return replace(run, digest=digest_of([plan], created_at), created_at=created_at)

    def plan(
        self,
        current: Chart,
        index: JournalIndex,
        warn: Callable[[str], None],
        known: ReadUsage | Plan | None,
        desired: DesiredChart,
    ) -> Plan:
        """Return a plan against a chart. Raises `StalePlan` if the saved plan is out of date.

        What uses the accounts comes from `known`: a function that reads it from Xero, or the plan
        that was reviewed. With None, it is not known. A saved plan ignores `known`.
        """
        if self.saved is None:
            if isinstance(known, Plan):
                return build(current, desired, AsReviewed(known))
            return build_reading(current, desired, known)
        applied = left_by_applies(current, warn, index)
        if self.is_file:
            return stale.as_in_file(self.saved(), current, desired, applied)
        return stale.again(self.saved(), current, applied)
