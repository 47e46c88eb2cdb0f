"""The checks before the first call that changes Xero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from xerosync.apply.ledger import Ledger
from xerosync.errors import BlockedChanges
from xerosync.model import Chart
from xerosync.plan import estimate, limits, stale
from xerosync.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan of one organisation with its open ledger, ready to be applied.

    `current` is the chart that it was made from; if it is not given, the whole chart is read
    before the first write. `calls_left` is how many calls Xero allows today, None where
    that is not to be checked. `to_record` says that the apply is to be journalled although
    nothing is to be sent.
    """

    plan: Plan
    ledger: Ledger
    calls_left: int | None = None
    current: Chart | None = None
    to_record: bool = False

    def check_again(self) -> Chart:
        """Read what Xero holds now; raise `StalePlan` if the plan would do something else.

        Only the accounts are read again: one call.
        """
        if self.current:
            chart = replace(self.current, accounts=self.ledger.accounts(then=estimate.BATCH))
        else:
            chart = self.ledger.chart()
        stale.check(self.plan, chart)
        return chart


def check(one: Prepared, allowed: Mapping[str, int], *, skip_blocked: bool) -> None:
    """Check a plan against blocked changes, its safety limits and today's quota.

    Raises `BlockedChanges`, `LimitExceeded` or `TooFewCalls`.
    """
    check_plan(one.plan, allowed, skip_blocked=skip_blocked)
    estimate.check(one.plan, one.calls_left)


def check_plan(plan: Plan, allowed: Mapping[str, int], *, skip_blocked: bool) -> None:
    """Raise `BlockedChanges` or `LimitExceeded` if a plan may not be applied."""
    if plan.blocked and not skip_blocked:
        where = "Resolve them in Xero" if plan.desired.partial else "Fix them in the file"
        raise BlockedChanges(
            f"{plan.file}: {plan.summary['blocked']} of the changes cannot be made "
            "(see the blocked ones above).",
            f"{where}, or apply the rest with --skip-blocked. Nothing was sent.",
        )
    limits.enforce(plan, allowed)
