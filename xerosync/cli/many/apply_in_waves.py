"""Apply to many organisations: plan them in parallel, ask once, and apply in waves.

Little of an organisation is kept in memory between its plan and its apply. Its accounts are read
again before the apply; if the plan would then do something else, only that organisation is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from threading import Event, Lock

from xerosync.apply import preflight
from xerosync.apply.journal_writer import Provenance
from xerosync.apply.run import Runner
from xerosync.cli.apply_source import ApplyOptions, ToApply
from xerosync.cli.many.apply_display import ManyRuns
from xerosync.cli.many.apply_result import Journals
from xerosync.cli.many.run import SignIns, once, open_sign_ins, read_each
from xerosync.cli.progress import RunDisplay
from xerosync.cli.questions import confirm_apply
from xerosync.cli.session import Session
from xerosync.cli.signals import StopEach, nothing_sent, stopping
from xerosync.desired import DesiredChart
from xerosync.errors import Interrupted, XerosyncError
from xerosync.history.baseline import read_baseline
from xerosync.history.folder import JournalIndex, last_was_proved, runs_about
from xerosync.history.journal import Journal
from xerosync.history.known_names import with_known_names
from xerosync.history.on_record import is_new
from xerosync.history.origin import plan_since
from xerosync.history.target import Target
from xerosync.model import Chart, TaxRate
from xerosync.organisations.distinct import distinct_plans
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.reach import enforce_reach
from xerosync.organisations.review import Review
from xerosync.organisations.run import check_each
from xerosync.organisations.waves import (
    Candidate,
    Ended,
    absent_tags,
    arrange,
    check_tags,
    error_of,
    run_waves,
)
from xerosync.plan import estimate
from xerosync.plan.plan import Plan, without_charts
from xerosync.plan.saved import stale
from xerosync.text import counted, first_few, full_stop, series
from xerosync.workspace import copy_of_journal, lock
from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES

GO_ON = "Run the same command again for what was not begun, and plan again for the rest."

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """The reviewed plan of one organisation, and what is needed to plan again.

    `unproved` is whether the organisation's last run was incomplete or not verified. `to_record` is
    whether the plan goes into a journal although it has no steps.
    """

    target: Target
    plan: Plan
    desired: DesiredChart
    tax_rates: tuple[TaxRate, ...]
    calls_left: int | None
    unproved: bool
    to_record: bool


@dataclass(slots=True)
class ManyApply:
    """One apply to several organisations."""

    session: Session
    display: RunDisplay
    asked: ApplyOptions
    journals: Journals
    made_at: datetime
    provenance: Provenance
    again: str
    index: JournalIndex = field(init=False)
    _rates: dict[tuple[TaxRate, ...], tuple[TaxRate, ...]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _warn: Callable[[str], None] = field(init=False)

    def __post_init__(self) -> None:
        self._warn = once(self.session.terminal.say)

    def run(self, source: ToApply) -> None:
        """Plan, show, ask and apply. At the end, raises an error if an organisation failed."""
        targets, self.index = source.targets, source.index
        if not source.sharded:
            check_tags(self.asked.waves, source.known_tags, saved=source.is_saved)
        by_desired = {id(target.desired): target for target in targets}
        threads = max(1, min(self.asked.workers, len(targets)))
        also = ALL_USAGE_SCOPES if self.asked.usage else ()
        with open_sign_ins(self.session, threads, read_only=False, also=also) as sign_ins:
            with nothing_sent():
                found, unplanned = read_each(
                    self.session,
                    sign_ins,
                    [target.desired for target in targets],
                    lambda desired: self._plan(sign_ins, by_desired[id(desired)]),
                    "planned",
                )
                planned, refused, waves = self._review(
                    found, (*source.left_out, *source.refused, *unplanned)
                )
                if waves and self.asked.ask:
                    names = [planned[one].plan.organisation.name for wave in waves for one in wave]
                    confirm_apply(self.session.terminal, names, len(waves))
            ended = self._apply(sign_ins, planned, waves)
        self._tell(source, planned, ended, (*source.refused, *unplanned, *refused))

    def _plan(self, sign_ins: SignIns, target: Target) -> Planned:
        """Plan one organisation, and keep what is needed to show it and to plan it again."""
        ledger = sign_ins.ledger(target.desired)
        current = ledger.chart()
        tenant_id = current.organisation.tenant_id
        if target.approval:
            target.approval.check(list(runs_about(self.index, tenant_id, lambda _: None)))
        base = read_baseline(tenant_id, target.desired.file, self._warn, self.index)
        read = partial(ledger.usage, current.accounts) if self.asked.usage else None
        make = partial(target.plan, current, self.index, self._warn, read)
        plan = plan_since(base, target.desired, current, make)
        with self._lock:
            rates = self._rates.setdefault(current.tax_rates, current.tax_rates)
        return Planned(
            target,
            plan if self.display.as_json else without_charts(plan),
            with_known_names(target.desired, base),
            rates,
            None if self.asked.start_anyway else ledger.calls_left_today,
            unproved=bool(plan.steps) and not last_was_proved(self.index, tenant_id),
            to_record=is_new(plan, current, self.index),
        )

    def _review(
        self, found: Sequence[Planned], failed: Sequence[FailedOrganisation]
    ) -> tuple[tuple[Planned, ...], tuple[FailedOrganisation, ...], tuple[tuple[int, ...], ...]]:
        """Show all plans; return the plans that may be applied, what is refused, and the waves."""
        found, twice = distinct_plans(found, lambda one: one.plan, alone=not failed)
        failed = (*failed, *twice)
        plans = [one.plan for one in found]
        planned, refused = check_each(
            found, lambda one: one.plan, lambda one: self.asked.check(one.plan, one.calls_left)
        )
        waves = self._waves(planned)
        ids = [[planned[one].plan.organisation.tenant_id for one in wave] for wave in waves]
        self.display.plans(plans, self.made_at, failed, ids)
        self.display.besides(plans)
        enforce_reach(Review.of(plans, failed).groups, plans, self.asked.allowed)
        if refused:
            names = first_few([one.label for one in refused], _NAMED)
            self.display.say(f"Not applied: {full_stop(names)} The apply ends with the reasons.")
        if len(waves) > 1:
            names = "; then ".join(self._names_of(planned, wave) for wave in waves)
            self.display.say(f"Waves: {full_stop(names)}")
        tags = (tag for wave in waves for one in wave for tag in planned[one].target.desired.tags)
        if waves and (absent := absent_tags(self.asked.waves, tags)):
            self.display.say(
                "--waves: no organisation that this run would change has the tag"
                f" {series(absent, 'or')}."
                + (" All are in one wave." if len(waves) == 1 and len(waves[0]) > 1 else "")
            )
        if not waves and any(one.plan.blocked for one in planned):
            which = "all other changes are" if refused else "every change is"
            self.display.say(f"Nothing was sent: {which} blocked.")
        return planned, (*twice, *refused), waves

    def _waves(self, planned: Sequence[Planned]) -> tuple[tuple[int, ...], ...]:
        """Return the waves of the organisations with changes, as indexes into `planned`."""
        changed = [index for index, one in enumerate(planned) if one.plan.steps]
        candidates = [
            Candidate(planned[index].target.desired.tags, planned[index].unproved)
            for index in changed
        ]
        return tuple(
            tuple(changed[one] for one in wave) for wave in arrange(candidates, self.asked.waves)
        )

    def _names_of(self, planned: Sequence[Planned], wave: Sequence[int]) -> str:
        return first_few([planned[one].plan.organisation.name for one in wave], _NAMED)

    def _apply(
        self, sign_ins: SignIns, planned: Sequence[Planned], waves: Sequence[Sequence[int]]
    ) -> Ended:
        """Apply the waves. Unless stopped, journal `to_record` plans, too. Return how all ended."""
        unchanged = [
            index for index, one in enumerate(planned) if one.to_record and not one.plan.steps
        ]
        stop = StopEach(self.session.stop)
        shown = ManyRuns(self.session.terminal, self.session.wait, as_json=self.display.as_json)

        def apply(one: int) -> None:
            failed = True
            try:
                with stop.one() as own:
                    self._apply_one(sign_ins, planned[one], own, shown)
                failed = False
            finally:
                shown.ended(failed=failed)

        def begun(number: int) -> None:
            names = full_stop(self._names_of(planned, waves[number]))
            wave = f"Wave {number + 1} of {len(waves)}: {names}" if len(waves) > 1 else ""
            shown.begin_wave(wave, len(waves[number]))

        try:
            with stopping(stop, self.session.terminal), shown:
                ended = run_waves(waves, apply, sign_ins.pool, stop, begun)
                shown.end_wave()
                if not (ended.stops or stop.is_set()):
                    recorded = run_waves([unchanged], apply, sign_ins.pool, stop)
                    ended.failed |= recorded.failed
                    ended.stopped |= recorded.stopped
                    ended.not_begun += recorded.not_begun
        finally:
            for sentence in self.journals.sentences():
                self.display.say(sentence, "dim")
        return ended

    def _apply_one(self, sign_ins: SignIns, one: Planned, stop: Event, shown: ManyRuns) -> None:
        """Plan again and apply. Raises `StalePlan` if the new plan would do something else."""
        organisation, target = one.plan.organisation, one.target
        with sign_ins.using(target.desired), lock(organisation, self._warn):
            ledger = sign_ins.ledger(target.desired, organisation, stop)
            accounts = ledger.accounts(then=estimate.first_calls(one.plan))
            current = Chart(organisation, accounts, one.tax_rates)
            plan = stale.made_again(
                one.plan,
                current,
                lambda: target.plan(current, self.index, lambda _: None, one.plan, one.desired),
            )
            preflight.check_usage(plan, ledger, accounts, read=self.asked.usage)
            path = self.journals.new(plan.file)
            journal = Journal(
                path, lambda: datetime.now(UTC), copy=copy_of_journal(path), warn=self._warn
            )
            approval = target.approval
            runner = Runner(
                journal,
                target.provenance(self.provenance, plan, self.made_at),
                shown,
                stop,
                self.again,
                partial(approval.use, path, self._warn) if approval else lambda: None,
            )
            try:
                if plan.steps:
                    runner.send(plan, ledger, current)
                else:
                    runner.record(plan, current)
            finally:
                journal.close()
                self.journals.ended(path)

    def _tell(
        self,
        source: ToApply,
        planned: Sequence[Planned],
        ended: Ended,
        refused: Sequence[FailedOrganisation],
    ) -> None:
        """Report how the apply ended. Raises an error if an organisation failed or was stopped."""
        again = "and plan again" if source.is_saved else "and run again"
        if source.is_folder and not source.left_out:
            again = "and run again for what was not begun, and plan again for the rest"
        error = error_of(
            ended,
            [one.plan for one in planned],
            [*map(_not_in_plan, source.left_out), *refused],
            interrupted=self.session.stop.is_set(),
            go_on=GO_ON if source.is_folder else self.again,
            again=again,
        )
        if ended.applied and not isinstance(error, Interrupted):
            self.display.say(
                f"Applied to {counted(len(ended.applied), 'organisation')}, and checked: Xero is "
                "as planned there."
            )
        if error:
            raise error


def _not_in_plan(one: FailedOrganisation) -> FailedOrganisation:
    """Return the failure of an organisation that the saved plan leaves out."""
    why = one.error.message.removeprefix(f"{one.file}: ")
    error = XerosyncError(f"Not in the saved plan: {why}", one.error.hint)
    error.exit_code = one.error.exit_code
    return replace(one, error=error)
