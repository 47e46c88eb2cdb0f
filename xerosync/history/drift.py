"""Separate drift, changed in Xero, from changes to the file that have not been applied yet.

Without the journal of a last apply, every difference counts as drift.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from xerosync.history.baseline import Baseline, same
from xerosync.history.origin import add_origins
from xerosync.model import Account, Chart, Source
from xerosync.plan.plan import Blocked, Change, Origin, Plan

_IN_XERO = (Origin.XERO, Origin.BOTH)


@dataclass(frozen=True, slots=True)
class Drift:
    """How one organisation differs from its file; `plan` would bring it back.

    `since` is when the last apply ended, None where no journal has it. `drifted` and
    `blocked` are the differences, and `added` the accounts that are new in Xero since then
    and not in the file. `pending` counts what was changed in the file only, or left over.
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
        return not self.count

    @property
    def count(self) -> int:
        """How many accounts have drifted."""
        return len(self.drifted) + len(_entries(self.blocked)) + len(self.added)


def compare(chart: Chart, plan: Plan, base: Baseline | None) -> Drift:
    """Return the drift in a plan that was made from this chart."""
    explained = add_origins(plan, base, chart)
    if base is None:
        return Drift(explained, None, explained.changes, plan.blocked, (), 0)
    unedited = {a.account_id for a in chart.accounts if same(a, base.accounts.get(a.account_id))}
    drifted = tuple(c for c in explained.changes if c.origin in _IN_XERO)
    pending = [b for b in plan.blocked if _from_file(b, base, unedited)]
    return Drift(
        plan=explained,
        since=base.at,
        drifted=drifted,
        blocked=tuple(b for b in plan.blocked if b not in pending),
        added=tuple(
            account
            for account in plan.unmanaged
            if account.account_id not in base.accounts and account.account_id not in base.unsure
        ),
        pending=len(explained.changes) - len(drifted) + len(_entries(pending)),
    )


def _entries(blocked: Iterable[Blocked]) -> set[tuple[Source, str, str, str]]:
    """Return one item for each blocked account, which several rules may block."""
    return {(b.source, b.code, b.name, b.account_id) for b in blocked}


def _from_file(blocked: Blocked, base: Baseline, unedited: set[str]) -> bool:
    """Whether a blocked change comes from the file only."""
    if blocked.account_id:
        return blocked.account_id in unedited
    return not any((a.code, a.name) == (blocked.code, blocked.name) for a in base.accounts.values())
