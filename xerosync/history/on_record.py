"""Whether an apply that finds nothing to do should write a journal.

Later plans compare the file with what it asked for at the last apply, so even an apply that
changes nothing matters. Its journal is written only if it would say something new, so that a
nightly apply does not fill the folder.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from xerosync.desired import DesiredChart, Source
from xerosync.history.folder import JournalIndex, last_runs
from xerosync.history.settled import match_again
from xerosync.model import Account, Chart
from xerosync.plan.plan import Plan


def is_new(plan: Plan, current: Chart, index: JournalIndex) -> bool:
    """Whether an apply of this plan should be recorded although the plan has no steps.

    False if the apply would only repeat the last recorded run, and for a rollback.
    """
    if plan.steps or plan.desired.partial:
        return False
    runs = last_runs(index, plan.organisation.tenant_id, lambda _: None)
    if not runs or not (last := runs[-1]).whole or last.desired is None or last.desired.partial:
        return True
    return (
        Path(last.file).name != Path(plan.file).name
        or last.left != plan.left
        or last.desired.unmanaged != plan.desired.unmanaged
        or _managed(last.desired, last.accounts) != _managed(plan.desired, current.accounts)
    )


def _managed(desired: DesiredChart, accounts: tuple[Account, ...]) -> list[tuple[object, ...]]:
    """Return the entries, each with the id, the status and the managed values of its account."""
    managed: list[tuple[object, ...]] = []
    for one in match_again(desired, accounts) or ():
        entry, account = replace(one.desired, source=Source()), one.account
        if account:
            values = {name: account.value(name) for name in entry.values}
            managed.append((entry, account.account_id, account.status, values))
        else:
            managed.append((entry,))
    return managed
