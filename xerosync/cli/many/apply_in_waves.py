"""Apply to many organisations: plan them in parallel, ask once, and apply in waves.

Little of an organisation is kept in memory between its plan and its apply. Its accounts are read
again before the apply; if the plan would then do something else, only that organisation is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from xerosync.cli.many.apply_display import ManyRuns
from xerosync.cli.many.apply_result import Journals
from xerosync.cli.many.run import SignIns, open_sign_ins, read_each
from xerosync.cli.progress import RunDisplay
from xerosync.cli.questions import confirm_apply
from xerosync.cli.session import Session
from xerosync.cli.signals import StopEach, nothing_sent, stopping
from xerosync.errors import Interrupted
from xerosync.history.target import Runners, Target
from xerosync.organisations.apply_to_many import ApplyOptions, ManyPlanned, Planned
from xerosync.organisations.to_apply import ToApply
from xerosync.organisations.waves import Ended
from xerosync.text import counted, full_stop
from xerosync.workspace import lock
from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES


@dataclass(frozen=True, slots=True)
class ManyApply:
    """One apply to several organisations."""

    session: Session
    display: RunDisplay
    options: ApplyOptions
    journals: Journals
    runners: Runners
    source: ToApply

    def run(self) -> None:
        """Plan, show, ask and apply. At the end, raises an error if an organisation failed."""
        source, options = self.source, self.options
        by_desired = {id(target.desired): target for target in source.targets}
        threads = max(1, min(options.workers, len(source.targets)))
        also = ALL_USAGE_SCOPES if options.usage else ()
        with open_sign_ins(self.session, threads, read_only=False, also=also) as sign_ins:
            with nothing_sent():
                found, unplanned = read_each(
                    self.session,
                    sign_ins,
                    [target.desired for target in source.targets],
                    lambda desired: self._plan(sign_ins, by_desired[id(desired)]),
                    "planned",
                )
                failed = (*source.refused, *unplanned)
                plans = ManyPlanned.of(options, found, source.left_out, failed)
                self._show(plans)
                if plans.waves and options.ask:
                    names = [one.name for wave in plans.organisations for one in wave]
                    confirm_apply(self.session.terminal, names, len(plans.waves))
            ended = self._apply(sign_ins, plans)
        error = plans.error_of(
            ended,
            interrupted=self.session.stop.is_set(),
            go_on=source.go_on,
            again=source.and_again(not_begun=bool(ended.not_begun)),
        )
        if ended.applied and not isinstance(error, Interrupted):
            self.display.say(
                f"Applied to {counted(len(ended.applied), 'organisation')}, and checked: Xero is "
                "as planned there."
            )
        if error:
            raise error

    def _plan(self, sign_ins: SignIns, target: Target) -> Planned:
        ledger, index = sign_ins.ledger(target.desired), self.source.index
        usage = self.options.usage
        target, prepared = target.prepare(ledger, index, self.runners.warn, usage=usage)
        return Planned.of(
            target, prepared, ledger.calls_left_today, index, brief=not self.display.as_json
        )

    def _show(self, plans: ManyPlanned) -> None:
        """Show what will be applied. Raises `LimitExceeded` if a change affects too many books."""
        ids = [[one.tenant_id for one in wave] for wave in plans.organisations]
        self.display.plans(plans.found, self.runners.made_at, plans.not_planned, ids)
        self.display.deferred(plans.found)
        plans.check_reach()
        for sentence in plans.sentences():
            self.display.say(sentence)

    def _apply(self, sign_ins: SignIns, plans: ManyPlanned) -> Ended:
        """Apply `plans` with `plans.run`, show the progress, and say where the journals are."""
        total, stop = len(plans.waves), StopEach(self.session.stop)
        shown = ManyRuns(self.session.terminal, self.session.wait, as_json=self.display.as_json)

        def apply(one: Planned) -> None:
            failed = True
            try:
                with stop.one() as own:
                    self._apply_one(sign_ins, one, own, shown)
                failed = False
            finally:
                shown.ended(failed=failed)

        def begun(number: int) -> None:
            wave = f"Wave {number + 1} of {total}: {full_stop(plans.named(number))}"
            shown.begin_wave(wave if total > 1 else "", len(plans.waves[number]))

        try:
            with stopping(stop, self.session.terminal), shown:
                return plans.run(apply, sign_ins.pool, stop, begun, shown.end_wave)
        finally:
            for sentence in self.journals.sentences():
                self.display.say(sentence, "dim")

    def _apply_one(self, sign_ins: SignIns, one: Planned, stop: Event, shown: ManyRuns) -> None:
        """Plan again and apply. Raises `StalePlan` if the new plan would do something else."""
        organisation, target = one.plan.organisation, one.target
        with sign_ins.using(target.desired), lock(organisation, self.runners.warn):
            ledger = sign_ins.ledger(target.desired, organisation, stop)
            plan, current = one.again(ledger, self.source.index, usage=self.options.usage)
            path = self.journals.new(plan.file)
            opened = self.runners.open(target, plan, path, shown, stop, closed=self.journals.ended)
            with opened as runner:
                runner.apply(plan, ledger, current)
