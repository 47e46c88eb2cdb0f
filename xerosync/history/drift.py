"""(the current chart, a plan, the last apply) → what changed in Xero, and what only waits.

With the journal of the last apply at hand, what the file wants and nobody has applied yet
is not drift, and an account that is new in Xero is. Without one, all that differs counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xerosync.history.origin import Baseline, explain
from xerosync.model import Account, Chart
from xerosync.plan.diff import field_changes
from xerosync.plan.plan import Blocked, Change, Origin, Plan

_WAITS = (Origin.FILE, Origin.LEFT, Origin.UNKNOWN)
"""What no edit in Xero has brought about, as far as the journals tell."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """How far one organisation is from its file; `plan` would bring it back.

    `since` is when the last apply ended, None where no journal of one is at hand.
    `drifted` and `blocked` are what differs, `added` the accounts that are new in Xero since
    then and not in the file; `pending` counts what was changed in the file alone, or is left
    over from before.
    """

    plan: Plan
    since: datetime | None
    drifted: tuple[Change, ...]
    blocked: tuple[Blocked, ...]
    added: tuple[Account, ...]
    pending: int

    @property
    def clean(self) -> bool:
        """Whether there is no drift."""
        return not (self.drifted or self.blocked or self.added)

    @property
    def count(self) -> int:
        """How many accounts have drifted."""
        stopped = {(b.source, b.code, b.name, b.account_id) for b in self.blocked}
        return len(self.drifted) + len(stopped) + len(self.added)


def compare(chart: Chart, plan: Plan, base: Baseline | None) -> Divergence:
    """Part what a plan would do by where it comes from; `chart` is what it was made of."""
    explained = explain(plan, base, chart)
    if base is None:
        return Divergence(explained, None, explained.changes, plan.blocked, (), 0)
    untouched = {a.account_id for a in chart.accounts if _same(a, base.accounts.get(a.account_id))}
    waiting = [c for c in explained.changes if c.origin in _WAITS]
    stuck = [b for b in plan.blocked if _waits(b, base, untouched)]
    return Divergence(
        plan=explained,
        since=base.at,
        drifted=tuple(c for c in explained.changes if c.origin not in _WAITS),
        blocked=tuple(b for b in plan.blocked if b not in stuck),
        added=tuple(
            account
            for account in plan.unmanaged
            if account.account_id not in base.accounts and account.account_id not in base.unsure
        ),
        pending=len(waiting) + len({(b.source, b.code, b.name, b.account_id) for b in stuck}),
    )


def _same(now: Account, then: Account | None) -> bool:
    """Tell whether an account is as the last apply left it."""
    return (
        then is not None
        and then.status == now.status
        and not field_changes(then.values(), now.values())
    )


def _waits(blocked: Blocked, base: Baseline, untouched: set[str]) -> bool:
    """Tell whether a blocked change comes from the file alone."""
    if blocked.account_id:
        return blocked.account_id in untouched
    return not any((a.code, a.name) == (blocked.code, blocked.name) for a in base.accounts.values())
