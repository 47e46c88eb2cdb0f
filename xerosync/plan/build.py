"""(current, desired) → Plan: what would happen to one organisation, and all there is to say of it.

The stages, each its own module: tax rates resolved, entries matched to accounts, what must
not be touched left out, the difference taken, Xero's rules checked, codes and names proved
free, and the steps ordered. This module only puts them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xerosync.model import Chart, DesiredChart, Status, code_order
from xerosync.plan import conflicts, rules, scope, tax_rates
from xerosync.plan.diff import diff
from xerosync.plan.explain import cautions, found_by, meaning
from xerosync.plan.matching import Match, match
from xerosync.plan.ordering import order
from xerosync.plan.organisation import check_organisation
from xerosync.plan.plan import Blocked, Change, Plan


def build(current: Chart, desired: DesiredChart) -> Plan:
    """Plan the way from the current chart to the desired one.

    The same input gives the same plan. Raises `WrongOrganisation` for other books, and
    `ChartError` where it is ambiguous which account an entry speaks of.
    """
    check_organisation(desired.organisation, current.organisation)
    rates = tax_rates.TaxRates(current.tax_rates)
    desired = tax_rates.resolve(desired, rates)
    matches = match(current, desired)
    in_scope = scope.scope(current, matches, desired)
    candidates = diff(in_scope.matches, in_scope.to_archive)
    allowed, blocked = _check(current, candidates, rates)
    found = {id(m.desired): m for m in matches}
    changes = tuple(
        _explain(_name_rates(change, rates), found.get(id(change.desired)), desired)
        for change in allowed
    )
    compared = len(in_scope.matches) + len(in_scope.idle) + len(in_scope.to_archive)
    return Plan(
        organisation=current.organisation,
        desired=desired,
        changes=changes,
        blocked=blocked,
        unmanaged=in_scope.unmanaged,
        unchanged=compared - len(candidates),
        active=sum(account.status == Status.ACTIVE for account in current.accounts),
        steps=order(current, changes, desired.delete_refused),
    )


def _check(
    current: Chart, candidates: Sequence[Change], rates: tax_rates.TaxRates
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
    held = conflicts.check(current, allowed, stuck)
    allowed = [change for index, change in enumerate(allowed) if index not in held]
    everything = sorted(
        [*blocked, *held.values()], key=lambda b: (code_order(b.code), b.name, b.rule)
    )
    return allowed, tuple(everything)


def _name_rates(change: Change, rates: tax_rates.TaxRates) -> Change:
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
