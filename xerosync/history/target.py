"""What an apply does to one organisation: what its chart file asks for, or a saved plan.

The same steps serve an apply to one organisation and an apply to many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event

from xerosync.apply.journal_writer import Provenance
from xerosync.apply.ledger import Ledger
from xerosync.apply.preflight import Prepared
from xerosync.apply.run import Display, Runner
from xerosync.desired import DesiredChart, Source
from xerosync.history.applied_once import Approval
from xerosync.history.baseline import left_by_applies, read_baseline
from xerosync.history.folder import JournalIndex, last_runs, runs_about
from xerosync.history.journal import Journal
from xerosync.history.known_names import with_known_names
from xerosync.history.origin import add_origins
from xerosync.history.settled import match_again
from xerosync.model import Account, Chart, Organisation
from xerosync.plan.build import build, build_reading
from xerosync.plan.organisation import check_organisation
from xerosync.plan.plan import Plan
from xerosync.plan.saved import stale
from xerosync.plan.saved.serialize import digest_of
from xerosync.plan.usage import AsReviewed, ReadUsage
from xerosync.text import timestamp
from xerosync.workspace import copy_of_journal


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

    def organisation(self, ledger: Ledger) -> Organisation:
        """Return the organisation. Raises `WrongOrganisation` if the target is for another one."""
        organisation = ledger.organisation()
        check_organisation(self.desired.organisation, organisation)
        return organisation

    def prepare(
        self, ledger: Ledger, index: JournalIndex, warn: Callable[[str], None], *, usage: bool
    ) -> tuple[Target, Prepared]:
        """Read Xero and the journals, and return the plan to review and to apply.

        The plan is made from the returned target, which has each `known_as` filled in. To plan the
        same once more, use that target. With `usage`, what still uses the accounts is read, too.
        Raises `WrongOrganisation`, or `StalePlan` if a saved plan was applied or is out of date.
        """
        organisation = self.organisation(ledger)
        if self.approval:
            self.approval.check(runs_about(index, organisation.tenant_id, lambda _: None))
        current = ledger.chart()
        base = read_baseline(organisation.tenant_id, self.desired.file, warn, index)
        target = replace(self, desired=with_known_names(self.desired, base))
        read = partial(ledger.usage, current.accounts) if usage else None
        plan = add_origins(target.plan(current, index, warn, read), base, current)
        to_record = _should_be_recorded(plan, current, index)
        return target, Prepared(plan, ledger, current, to_record, usage)

    def plan(
        self,
        current: Chart,
        index: JournalIndex,
        warn: Callable[[str], None],
        known: ReadUsage | Plan | None,
    ) -> Plan:
        """Return a plan against a chart. Raises `StalePlan` if the saved plan is out of date.

        What uses the accounts comes from `known`: a function that reads it from Xero, or the plan
        that was reviewed. With None, it is not known. A saved plan ignores `known`.
        """
        if self.saved is None:
            if isinstance(known, Plan):
                return build(current, self.desired, AsReviewed(known))
            return build_reading(current, self.desired, known)
        applied = left_by_applies(current, warn, index)
        if self.is_file:
            return stale.as_in_file(self.saved(), current, self.desired, applied)
        return stale.again(self.saved(), current, applied)


@dataclass(frozen=True, slots=True)
class Runners:
    """Opens the runner of each organisation of a command.

    `provenance` says who applies, and `again` how to go on after a failure. The plans were made at
    `made_at`.
    """

    provenance: Provenance
    made_at: datetime
    again: str
    warn: Callable[[str], None]

    @contextmanager
    def open(
        self,
        target: Target,
        plan: Plan,
        path: Path,
        display: Display,
        stop: Event,
        *,
        closed: Callable[[Path], None],
        also: Callable[[str], None] | None = None,
    ) -> Iterator[Runner]:
        """Yield a runner that writes the journal at a path.

        `also` gets each line. At the end, `closed` gets the path, unless nothing was written.
        """
        copy = copy_of_journal(path)
        journal = Journal(path, lambda: datetime.now(UTC), also, copy=copy, warn=self.warn)
        approval, created_at = target.approval, timestamp(self.made_at)
        if approval:
            digest, created_at = approval.digest, approval.created_at
        else:
            digest = digest_of([plan], created_at)
        provenance = replace(self.provenance, digest=digest, created_at=created_at)
        use = partial(approval.use, path, self.warn) if approval else lambda: None
        try:
            yield Runner(journal, provenance, display, stop, self.again, use)
        finally:
            journal.close()
            if journal.begun:
                closed(path)


def _should_be_recorded(plan: Plan, current: Chart, index: JournalIndex) -> bool:
    """Whether an apply of a plan without steps writes a journal all the same.

    Later plans compare the file with what it asked for at the last apply. So a journal is written
    if it would say something new, and not otherwise: a nightly apply must not fill the folder.
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
