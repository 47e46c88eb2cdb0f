"""(current, desired) → Plan: what would happen to one organisation, and all there is to say of it.

The stages, each its own module: tax rates resolved, entries matched to accounts, what must
not be touched left out, the difference taken, Xero's rules checked, codes and names proved
free, and the steps ordered. This module only puts them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xerosync import policy, rules, tax, uniqueness
from xerosync.cautions import cautions
from xerosync.change import Action, Blocked, Change, Step
from xerosync.diff import diff
from xerosync.guard import check_organisation
from xerosync.matching import Match, match
from xerosync.meaning import found_by, meaning
from xerosync.model import Account, Chart, DesiredChart, Organisation, Status, code_order
from xerosync.ordering import order


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen to one organisation's chart, and what is not.

    `changes` are sorted by action, then by code; `steps` are numbered in an order that
    works. `active` is the number of active accounts in Xero, which the limits need.
    `desired` has its tax rates resolved: an apply plans again from it.
    """

    organisation: Organisation
    desired: DesiredChart
    changes: tuple[Change, ...]
    blocked: tuple[Blocked, ...]
    unmanaged: tuple[Account, ...]
    unchanged: int
    active: int
    steps: tuple[Step, ...]

    @property
    def file(self) -> str:
        """The file that the plan was made from."""
        return self.desired.file

    @property
    def summary(self) -> Mapping[str, int]:
        """How many accounts each action is for, and how many none."""
        counts = {str(action): 0 for action in Action}
        for change in self.changes:
            counts[change.action] += 1
        stopped = {(b.source, b.code, b.name, b.account_id) for b in self.blocked}
        return {
            **counts,
            "unchanged": self.unchanged,
            "unmanaged": len(self.unmanaged),
            "blocked": len(stopped),
        }

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done and nothing is blocked."""
        return not self.changes and not self.blocked


def build(current: Chart, desired: DesiredChart) -> Plan:
    """Plan the way from the current chart to the desired one.

    The same input gives the same plan. Raises `WrongOrganisation` for other books, and
    `ChartError` where it is ambiguous which account an entry speaks of.
    """
    check_organisation(desired.organisation, current.organisation)
    rates = tax.TaxRates(current.tax_rates)
    desired = tax.resolve(desired, rates)
    matches = match(current, desired)
    scope = policy.scope(current, matches, desired)
    candidates = diff(scope.matches, scope.to_archive)
    allowed, blocked = _check(current, candidates, rates)
    found = {id(m.desired): m for m in matches}
    changes = tuple(
        _explain(_name_rates(change, rates), found.get(id(change.desired)), desired)
        for change in allowed
    )
    compared = len(scope.matches) + len(scope.idle) + len(scope.to_archive)
    return Plan(
        organisation=current.organisation,
        desired=desired,
        changes=changes,
        blocked=blocked,
        unmanaged=scope.unmanaged,
        unchanged=compared - len(candidates),
        active=sum(account.status == Status.ACTIVE for account in current.accounts),
        steps=order(current, changes, desired.delete_refused),
    )


def _check(
    current: Chart, candidates: Sequence[Change], rates: tax.TaxRates
) -> tuple[list[Change], tuple[Blocked, ...]]:
    """Part the changes that Xero takes from those that it would refuse."""
    blocked: list[Blocked] = []
    allowed: list[Change] = []
    stuck: list[Change] = []
    for change in candidates:
        pin = rules.check_pin(change.desired) if change.desired and not change.account else None
        found = (pin,) if pin else rules.check(change, rates)
        blocked += found
        (stuck if found else allowed).append(change)
    held = uniqueness.check(current, allowed, stuck)
    allowed = [change for index, change in enumerate(allowed) if index not in held]
    everything = sorted(
        [*blocked, *held.values()], key=lambda b: (code_order(b.code), b.name, b.rule)
    )
    return allowed, tuple(everything)


def _name_rates(change: Change, rates: tax.TaxRates) -> Change:
    """Add the names of tax rates, which people know better than Xero's codes."""
    return replace(
        change,
        fields=tuple(
            replace(
                f,
                before_label=rates.name_of(str(f.before)),
                after_label=rates.name_of(str(f.after)),
            )
            if f.field == "tax_type"
            else f
            for f in change.fields
        ),
    )


def _explain(change: Change, found: Match | None, desired: DesiredChart) -> Change:
    """Add to a change why it is made, what it means for the books, and what is unsure."""
    return replace(
        change,
        reasons=(*(found_by(found) if found else ()), *meaning(change, desired.delete_refused)),
        warnings=cautions(change, found.former if found else None),
    )
