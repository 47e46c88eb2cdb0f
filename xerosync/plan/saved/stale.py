"""Check that a plan is not stale, by comparing it with a plan made now.

A plan is stale if it would now do or block something else. It is also stale, even if it would still
end the same, if somebody edited in Xero a field that it changes, or the code, name or type of an
account that it restores, archives or deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from xerosync.desired import DesiredChart
from xerosync.errors import ChartError, InvalidPlan, StalePlan, WrongOrganisation
from xerosync.model import Chart
from xerosync.plan.build import build
from xerosync.plan.plan import Blocked, Change, Plan
from xerosync.plan.saved.changed_since import Applied, difference, edited, is_done, not_needed
from xerosync.plan.usage import AsReviewed
from xerosync.text import full_stop

_NOTHING: Applied = MappingProxyType({})


def check_made_for_xero(saved: Plan) -> None:
    """Raise `InvalidPlan` for a plan made against a CSV file instead of Xero."""
    if not saved.organisation.tenant_id:
        raise InvalidPlan(
            f"This plan of {saved.file} was made against a CSV, not against Xero, and cannot be "
            "applied.",
            "Nothing was sent. Plan again without --current, review the new plan, and apply it.",
        )


def again(saved: Plan, current: Chart, applied: Applied = _NOTHING) -> Plan:
    """Return a fresh plan for the same desired accounts, which does exactly what `saved` does.

    Raises `StalePlan` with the reasons if `saved` is stale, `InvalidPlan` if it was made against a
    CSV, and `WrongOrganisation` if `current` is the chart of another organisation.
    """
    _check_same_books(saved, current)
    fresh = _build_again(saved, current, saved.desired)
    _refuse(saved, differences(saved, fresh, current, applied))
    return fresh


def check(plan: Plan, current: Chart) -> None:
    """Raise `StalePlan`, with the reasons, if a plan would now do something else.

    This is the check before the first write: somebody may have edited Xero since the plan was made.
    """
    fresh = _build_again(plan, current, plan.desired, made="made")
    fresh = _without(fresh, {_key(change) for change in plan.deferred})
    others = {_identity(blocked) for blocked in plan.deferred_blocked}
    fresh = replace(fresh, blocked=tuple(b for b in fresh.blocked if _identity(b) not in others))
    _refuse(plan, differences(plan, fresh, current), made="made")


def made_again(reviewed: Plan, current: Chart, make: Callable[[], Plan]) -> Plan:
    """Return the plan that `make` makes from the current chart, if it does the same as `reviewed`.

    Only changes, blocks and steps are compared. Raises `StalePlan` with the reasons if they differ.
    """
    fresh = _made(reviewed, make, "made")
    _refuse(reviewed, differences(reviewed, fresh, current), made="made")
    return fresh


def as_in_file(
    saved: Plan, current: Chart, desired: DesiredChart, applied: Applied = _NOTHING
) -> Plan:
    """Return the part of a saved plan that is left to do, if the present file asks for all of it.

    Changes that are already made are left out. `deferred` has the further changes that the file
    asks for; they are not made. The file's present limits apply. Raises the same errors as `again`.
    """
    _check_same_books(saved, current)
    fresh = _build_again(saved, current, desired, changed="Xero, the file or its standard")
    planned, now = _by_account(saved), _by_account(fresh)
    done = {key for key, one in planned.items() if key not in now and is_done(one, current)}
    plan = _only(saved, fresh)
    kept = {_identity(blocked) for blocked in plan.blocked}
    rest = _without(saved, done)
    rest = replace(rest, blocked=tuple(b for b in rest.blocked if _identity(b) in kept))
    found = _missing_needs(fresh, plan.deferred) + differences(rest, plan, current, applied)
    if found and _stale_by_itself(rest, current):
        _refuse(saved, found)
    if found:
        raise StalePlan(
            f"{desired.file} does not ask for what this plan does, so it was not applied:",
            f"Nothing was sent to {full_stop(saved.organisation.name)} The file, or a standard that"
            " it extends, was changed after the plan was saved: plan again, review the new plan,"
            " and apply it.",
            found,
        )
    return plan


def differences(
    saved: Plan, fresh: Plan, current: Chart, applied: Applied = _NOTHING
) -> tuple[str, ...]:
    """Return a sentence for each difference between what the two plans would do or block."""
    then, now = _by_account(saved), _by_account(fresh)
    found = [
        difference(change, now[key], applied)
        if key in now
        else not_needed(change, fresh, current, applied)
        for key, change in then.items()
    ]
    found += [
        f"{change.label}: would now also be {change.action.past}{edited(change.account, applied)}."
        for key, change in now.items()
        if key not in then
    ]
    before, after = {_identity(b) for b in saved.blocked}, {_identity(b) for b in fresh.blocked}
    found += [
        f"{blocked.label}: now blocked ({blocked.rule}): {blocked.reason}"
        for blocked in fresh.blocked
        if _identity(blocked) not in before
    ]
    found += [
        f"{blocked.label}: no longer blocked ({blocked.rule})."
        for blocked in saved.blocked
        if _identity(blocked) not in after
    ]
    found = [sentence for sentence in found if sentence]
    if not found and _calls(saved) != _calls(fresh):
        found.append("The same changes would now take other steps, such as other temporary codes.")
    return tuple(found)


def _check_same_books(saved: Plan, current: Chart) -> None:
    then, now = saved.organisation, current.organisation
    check_made_for_xero(saved)
    if then.tenant_id != now.tenant_id:
        raise WrongOrganisation(
            f"This plan of {saved.file} was made for {then.name} ({then.tenant_id}), but the "
            f"credentials are for {now.name} ({now.tenant_id}).",
            "Nothing was compared and nothing was sent. Use the credentials of "
            f"{full_stop(then.name)} If it is a demo company that was reset, it may be another "
            "organisation now: plan again.",
        )


def _build_again(
    plan: Plan, current: Chart, desired: DesiredChart, *, made: str = "saved", changed: str = "Xero"
) -> Plan:
    return _made(plan, lambda: build(current, desired, AsReviewed(plan)), made, changed)


def _made(plan: Plan, make: Callable[[], Plan], made: str, changed: str = "Xero") -> Plan:
    """Return the plan that `make` makes. Raises `StalePlan` in place of a `ChartError`.

    In messages, `made` is "saved" or "made", and `changed` is what may have changed since then.
    """
    try:
        return make()
    except ChartError as error:
        raise StalePlan(
            f"{changed} has changed since this plan of {plan.file} was {made}, so it was not "
            "applied. A new plan is not possible until these problems are resolved:",
            f"Nothing was sent to {full_stop(plan.organisation.name)} Resolve them, plan again, "
            "review the new plan, and apply it.",
            tuple(problem.message for problem in error.problems),
        ) from error


def _refuse(plan: Plan, found: tuple[str, ...], *, made: str = "saved") -> None:
    if found:
        raise StalePlan(
            f"Xero has changed since this plan of {plan.file} was {made}, so it was not applied:",
            f"Nothing was sent to {full_stop(plan.organisation.name)} Plan again, review the new "
            "plan, and apply it.",
            found,
        )


def _without(plan: Plan, keys: Collection[str]) -> Plan:
    """Return a plan without some of its changes and their steps."""
    kept = [index for index, change in enumerate(plan.changes) if _key(change) not in keys]
    if len(kept) == len(plan.changes):
        return plan
    indexes = {old: new for new, old in enumerate(kept)}
    steps = [step for step in plan.steps if step.change in indexes]
    numbers = {step.number: number for number, step in enumerate(steps, start=1)}
    return replace(
        plan,
        changes=tuple(plan.changes[index] for index in kept),
        steps=tuple(
            replace(
                step,
                number=numbers[step.number],
                change=indexes[step.change],
                needs=tuple(numbers[number] for number in step.needs if number in numbers),
            )
            for step in steps
        ),
    )


def _only(saved: Plan, fresh: Plan) -> Plan:
    """Return `fresh`, but move its changes to `deferred` if `saved` leaves their accounts alone."""
    planned = _by_account(saved)
    deferred = tuple(change for key, change in _by_account(fresh).items() if key not in planned)
    plan = _without(fresh, {_key(change) for change in deferred})
    blocked = _blocked_of(saved, fresh)
    others = tuple(one for one in fresh.blocked if one not in blocked)
    return replace(plan, blocked=blocked, deferred=deferred, deferred_blocked=others)


def _stale_by_itself(saved: Plan, current: Chart) -> bool:
    """Whether a saved plan would be stale even if its chart file were unchanged."""
    try:
        fresh = build(current, saved.desired, AsReviewed(saved))
    except ChartError:
        return True
    return bool(differences(saved, _only(saved, fresh), current))


def _missing_needs(fresh: Plan, deferred: Collection[Change]) -> tuple[str, ...]:
    """Return a sentence for each step that needs a change in `deferred`, which will not be made."""
    left_out = {_key(change) for change in deferred}
    change_of = {step.number: fresh.changes[step.change] for step in fresh.steps}
    return tuple(
        f"{change_of[step.number].label}: would now first need the change to "
        f"{change_of[number].label}, which this plan does not make."
        for step in fresh.steps
        for number in step.needs
        if _key(change_of[step.number]) not in left_out and _key(change_of[number]) in left_out
    )


def _blocked_of(saved: Plan, fresh: Plan) -> tuple[Blocked, ...]:
    """Return the blocks of `fresh` that concern a change or a block of `saved`."""
    before = {_identity(blocked) for blocked in saved.blocked}
    ids = {change.account_id for change in saved.changes if change.account_id}
    labels = {change.label for change in saved.changes}
    return tuple(
        b
        for b in fresh.blocked
        if _identity(b) in before or b.account_id in ids or b.label in labels
    )


def _calls(plan: Plan) -> list[list[object]]:
    calls: list[list[object]] = [[] for _ in plan.changes]
    for step in plan.steps:
        calls[step.change].append(
            (step.operation, step.account_id, dict(step.values), step.purpose, step.fallback)
        )
    return calls


def _by_account(plan: Plan) -> Mapping[str, Change]:
    return {_key(change): change for change in plan.changes}


def _key(change: Change) -> str:
    return change.account_id or f"{change.action} {change.code} {change.name}"


def _identity(blocked: Blocked) -> tuple[str, ...]:
    return (blocked.rule, blocked.account_id, blocked.code, blocked.name)
