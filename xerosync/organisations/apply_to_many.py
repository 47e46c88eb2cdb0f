"""What an apply to many organisations may do: which plans are applied, and in which waves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Event
from typing import Self

from xerosync.apply import preflight
from xerosync.apply.ledger import Ledger
from xerosync.apply.preflight import Prepared, nothing_to_send
from xerosync.errors import XerosyncError
from xerosync.history.folder import JournalIndex, last_was_proved
from xerosync.history.target import Target
from xerosync.model import Chart, Organisation, TaxRate
from xerosync.organisations.distinct import distinct_plans
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.reach_limit import enforce_reach
from xerosync.organisations.review import Review
from xerosync.organisations.run import check_each
from xerosync.organisations.waves import (
    Candidate,
    Ended,
    Part,
    absent_tags,
    arrange,
    error_of,
    run_waves,
)
from xerosync.plan import estimate
from xerosync.plan.plan import Plan, without_charts
from xerosync.plan.saved import stale
from xerosync.text import first_few, full_stop, series

_NAMED = 3
"""The most organisations that a sentence names."""


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """Options of `apply`. `usage` is False with `--no-usage`."""

    allowed: Mapping[str, int]
    waves: tuple[Part, ...]
    workers: int
    skip_blocked: bool = False
    start_anyway: bool = False
    ask: bool = False
    usage: bool = True

    def check(self, plan: Plan, calls_left: int | None) -> None:
        """Raise an error of `preflight.check` if the plan may not be applied with these options.

        `calls_left` is how many calls Xero still allows today, None if it is unknown.
        """
        left = None if self.start_anyway else calls_left
        preflight.check(plan, self.allowed, skip_blocked=self.skip_blocked, calls_left=left)


@dataclass(frozen=True, slots=True)
class Planned:
    """The reviewed plan of one organisation, and what is needed to plan again.

    `unproved` is whether the plan has steps, and the organisation's last run was incomplete or not
    verified. `to_record` is whether the plan goes into a journal although it has no steps.
    """

    target: Target
    plan: Plan
    tax_rates: tuple[TaxRate, ...]
    calls_left: int | None
    unproved: bool
    to_record: bool

    @classmethod
    def of(
        cls,
        target: Target,
        one: Prepared,
        calls_left: int | None,
        index: JournalIndex,
        *,
        brief: bool,
    ) -> Self:
        """Return what is kept of `one`. With `brief`, its plan has only what a review shows."""
        plan = one.plan
        rates = _shared(one.current.tax_rates)
        unproved = bool(plan.steps) and not last_was_proved(index, plan.organisation.tenant_id)
        kept = without_charts(plan) if brief else plan
        return cls(target, kept, rates, calls_left, unproved, one.to_record)

    def again(self, ledger: Ledger, index: JournalIndex, *, usage: bool) -> tuple[Plan, Chart]:
        """Read the accounts again, and make a new plan; return it and the chart it was made from.

        Raises `StalePlan` if the new plan would do something else, or an error of `check_usage`.
        """
        accounts = ledger.accounts(then=estimate.first_calls(self.plan))
        current = Chart(self.plan.organisation, accounts, self.tax_rates)
        plan = stale.made_again(
            self.plan, current, lambda: self.target.plan(current, index, lambda _: None, self.plan)
        )
        preflight.check_usage(plan, ledger, accounts, read=usage)
        return plan, current


@lru_cache
def _shared(rates: tuple[TaxRate, ...]) -> tuple[TaxRate, ...]:
    """Return the same object for equal tax rates. This saves memory if there are many plans."""
    return rates


@dataclass(frozen=True, slots=True)
class ManyPlanned:
    """The plans of one apply: `found` are reviewed, and of these, `planned` may be applied.

    `left_out` could not be planned when the plans were saved. `failed` cannot be planned now, or
    have two files. `refused` are organisations of `found` whose plan may not be applied. `waves`
    have the plans with changes, as indexes into `planned`.
    """

    options: ApplyOptions
    found: tuple[Plan, ...]
    left_out: tuple[FailedOrganisation, ...]
    failed: tuple[FailedOrganisation, ...]
    planned: tuple[Planned, ...]
    refused: tuple[FailedOrganisation, ...]
    waves: tuple[tuple[int, ...], ...]

    @classmethod
    def of(
        cls,
        options: ApplyOptions,
        found: Sequence[Planned],
        left_out: tuple[FailedOrganisation, ...],
        failed: tuple[FailedOrganisation, ...],
    ) -> Self:
        """Check each plan that was found, and arrange the waves of those that may be applied."""
        found, twice = distinct_plans(found, lambda one: one.plan, alone=not (left_out or failed))
        planned, refused = check_each(
            found, lambda one: one.plan, lambda one: options.check(one.plan, one.calls_left)
        )
        changed = [index for index, one in enumerate(planned) if one.plan.steps]
        waves = arrange(
            [Candidate(planned[n].target.desired.tags, planned[n].unproved) for n in changed],
            options.waves,
        )
        return cls(
            options,
            tuple(one.plan for one in found),
            left_out,
            (*failed, *twice),
            planned,
            refused,
            tuple(tuple(changed[one] for one in wave) for wave in waves),
        )

    @property
    def not_planned(self) -> tuple[FailedOrganisation, ...]:
        """The organisations that the review shows as failed."""
        return (*self.left_out, *self.failed)

    @property
    def unchanged(self) -> tuple[int, ...]:
        """The plans to put into a journal although they have no steps: indexes into `planned`."""
        plans = enumerate(self.planned)
        return tuple(index for index, one in plans if one.to_record and not one.plan.steps)

    @property
    def organisations(self) -> tuple[tuple[Organisation, ...], ...]:
        """The organisations of each wave."""
        return tuple(tuple(self.planned[n].plan.organisation for n in w) for w in self.waves)

    def named(self, number: int) -> str:
        """Return the names of the first organisations of a wave. The waves are counted from 0."""
        return first_few([one.name for one in self.organisations[number]], _NAMED)

    def check_reach(self) -> None:
        """Raise `LimitExceeded` as `enforce_reach` does."""
        groups = Review.of(self.found, self.not_planned).groups
        enforce_reach(groups, self.found, self.options.allowed)

    def sentences(self) -> Iterator[str]:
        """Yield what the review does not show: which plans are not applied, and the waves."""
        waves = self.waves
        if self.refused:
            names = first_few([one.label for one in self.refused], _NAMED)
            yield f"Will not be applied: {full_stop(names)} The reasons come at the end."
        if len(waves) > 1:
            yield f"Waves: {full_stop('; then '.join(map(self.named, range(len(waves)))))}"
        tags = (tag for w in waves for n in w for tag in self.planned[n].target.desired.tags)
        if waves and (absent := absent_tags(self.options.waves, tags)):
            yield (
                "--waves: no organisation that this run would change has the tag"
                f" {series(absent, 'or')}."
                + (" All are in one wave." if len(waves) == 1 and len(waves[0]) > 1 else "")
            )
        plans = [one.plan for one in self.planned]
        if nothing := nothing_to_send(plans, others=bool(self.refused)):
            yield nothing

    def run(
        self,
        apply: Callable[[Planned], None],
        executor: Executor,
        stop: Event,
        begun: Callable[[int], None],
        waves_ended: Callable[[], None],
    ) -> Ended:
        """Apply the waves as `run_waves` does, and call `waves_ended`.

        Unless an error or a request to stop ended the waves, journal the plans in `unchanged` too.
        Those do not count as applied.
        """

        def apply_one(index: int) -> None:
            apply(self.planned[index])

        ended = run_waves(self.waves, apply_one, executor, stop, begun)
        waves_ended()
        if not (ended.stops or stop.is_set()):
            recorded = run_waves([self.unchanged], apply_one, executor, stop)
            ended.failed |= recorded.failed
            ended.stopped |= recorded.stopped
            ended.not_begun += recorded.not_begun
        return ended

    def error_of(
        self, ended: Ended, *, interrupted: bool, go_on: str, again: str
    ) -> XerosyncError | None:
        """Return the error that the apply ends with, as `waves.error_of` does."""
        plans = [one.plan for one in self.planned]
        failures = (*map(_not_in_plan, self.left_out), *self.failed, *self.refused)
        return error_of(ended, plans, failures, interrupted=interrupted, go_on=go_on, again=again)


def _not_in_plan(one: FailedOrganisation) -> FailedOrganisation:
    """Return the failure of an organisation that the saved plan leaves out."""
    why = one.error.message.removeprefix(f"{one.file}: ")
    error = XerosyncError(f"Not in the saved plan: {why}", one.error.hint)
    error.exit_code = one.error.exit_code
    return replace(one, error=error)
