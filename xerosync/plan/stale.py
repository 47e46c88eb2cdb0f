"""Whether a plan is still valid: it is compared with a plan made now.

Only what would be done counts: a plan stays valid when somebody edits an account that it
does not touch, and when another pull request is applied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from xerosync.errors import ChartError, InvalidPlan, StalePlan, WrongOrganisation
from xerosync.model import FIELD, Account, Chart, DesiredChart, Status, code_key, name_key
from xerosync.plan.build import build
from xerosync.plan.diff import field_changes
from xerosync.plan.file_edits import why_not_asked
from xerosync.plan.plan import Action, Blocked, Change, FieldChange, Plan
from xerosync.text import day_and_time

Applied = Mapping[str, datetime]
"""The accounts, by id, that are as an apply of this project left them, and when that was."""

_NOTHING: Applied = MappingProxyType({})
_IDENTITY = ("code", "name", "type")

_PLAN_AGAIN = "Nothing was sent to {}. Plan again, review it, and apply the new plan."


def check_made_for_xero(saved: Plan) -> None:
    """Raise `InvalidPlan` for a plan made against a CSV file instead of Xero."""
    if not saved.organisation.tenant_id:
        raise InvalidPlan(
            f"This plan for {saved.organisation.name} was made against a CSV, not against Xero, "
            "and cannot be applied.",
            "Nothing was sent. Plan again without --current, review it, and apply the new plan.",
        )


def again(saved: Plan, current: Chart, applied: Applied = _NOTHING) -> Plan:
    """Return a fresh plan for the same desired accounts, which does just what `saved` does.

    Raises `WrongOrganisation` for books other than those it was made for, and `StalePlan`
    with each difference.
    """
    _check_same_books(saved, current)
    fresh = _build_again(saved, current, saved.desired)
    _refuse(saved, differences(saved, fresh, current, applied))
    return fresh


def check(plan: Plan, current: Chart) -> None:
    """Raise `StalePlan`, with each difference, if a plan would now do something else.

    For the time between planning and the first write, in which somebody may have edited Xero.
    """
    fresh = _build_again(plan, current, plan.desired, made="made")
    if plan.besides:
        fresh = _without(fresh, {_key(change) for change in plan.besides})
    others = {_identity(blocked) for blocked in plan.blocked_besides}
    fresh = replace(fresh, blocked=tuple(b for b in fresh.blocked if _identity(b) not in others))
    _refuse(plan, differences(plan, fresh, current), made="made")


def made_again(reviewed: Plan, current: Chart, make: Callable[[], Plan]) -> Plan:
    """Return a plan made again from a chart read now, which does just what was reviewed.

    Of `reviewed`, only the changes, blocks and steps are needed. Raises `StalePlan` with each
    difference.
    """
    try:
        fresh = make()
    except ChartError as error:
        raise _not_possible(reviewed, error, "made") from error
    _refuse(reviewed, differences(reviewed, fresh, current), made="made")
    return fresh


def as_in_file(
    saved: Plan, current: Chart, desired: DesiredChart, applied: Applied = _NOTHING
) -> Plan:
    """Return what is left to do of a saved plan, if the file as it is now asks for all of it.

    What another apply has already done is left out, and what the file asks for besides is
    neither done nor a conflict: `besides` has it. The limits of that file count. Raises
    `WrongOrganisation`, and `StalePlan` with each difference.
    """
    _check_same_books(saved, current)
    fresh = _build_again(saved, current, desired)
    planned, now = _by_account(saved), _by_account(fresh)
    done = {key for key, one in planned.items() if key not in now and _is_done(one, current)}
    besides = tuple(change for key, change in now.items() if key not in planned)
    plan = _without(fresh, {_key(change) for change in besides})
    blocked = _blocked_of(saved, fresh)
    others = tuple(one for one in fresh.blocked if one not in blocked)
    plan = replace(plan, blocked=blocked, besides=besides, blocked_besides=others)
    kept = {_identity(blocked) for blocked in plan.blocked}
    rest = _without(saved, done)
    rest = replace(rest, blocked=tuple(b for b in rest.blocked if _identity(b) in kept))
    found = _missing_needs(fresh, besides) + differences(rest, plan, current, applied)
    if any(_changed_in_xero(change, current) for change in rest.changes):
        _refuse(saved, found)
    if found:
        raise StalePlan(
            f"{desired.file} does not ask for what this plan does, so it was not applied:",
            "Nothing was sent. The file was changed after the plan was saved: plan again, review "
            "it, and apply the new plan.",
            found,
        )
    return plan


def differences(
    saved: Plan, fresh: Plan, current: Chart | None = None, applied: Applied = _NOTHING
) -> tuple[str, ...]:
    """Return a sentence for each difference between what the two plans would do.

    With the current chart, a change that is no longer needed also says whether the file asks
    for something else, when the account was edited, and whether an apply of this project did
    it.
    """
    then, now = _by_account(saved), _by_account(fresh)
    found = []
    for key, change in then.items():
        if key not in now:
            found.append(_not_needed(change, fresh, current, applied))
        elif difference := _difference(change, now[key], applied):
            found.append(difference)
    found += [
        f"{change.label}: would now also be {change.action.past}{_edited(change.account, applied)}."
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
    if not found and _calls(saved) != _calls(fresh):
        found.append("The same changes would now take other steps, such as other temporary codes.")
    return tuple(found)


def edits(change: Change, then: Account, now: Account | None) -> tuple[str, ...]:
    """Return how an account was edited between two readings, as far as a change cares.

    The fields that the file manages count, and, unless the change only updates them, what an
    account is: its code, name and type.
    """
    if now is None:
        return ("it is no longer in Xero",)
    fields = {*change.after(), *(change.desired.values if change.desired else ())}
    if change.action is not Action.UPDATE:
        fields.update(_IDENTITY)
    found = [c.sentence for c in field_changes(then.values(), now.values()) if c.field in fields]
    if then.status != now.status:
        found.append(f"it was {then.status.lower()} and is now {now.status.lower()}")
    return tuple(found)


def _check_same_books(saved: Plan, current: Chart) -> None:
    then, now = saved.organisation, current.organisation
    check_made_for_xero(saved)
    if then.tenant_id != now.tenant_id:
        raise WrongOrganisation(
            f"This plan of {saved.file} was made for {then.name} ({then.tenant_id}), but the "
            f"credentials are for {now.name} ({now.tenant_id}).",
            "Nothing was compared and nothing was sent. A demo company may become "
            "another organisation when it is reset: plan again.",
        )


def _build_again(plan: Plan, current: Chart, desired: DesiredChart, *, made: str = "saved") -> Plan:
    try:
        return build(current, desired)
    except ChartError as error:
        raise _not_possible(plan, error, made) from error


def _not_possible(plan: Plan, error: ChartError, made: str) -> StalePlan:
    return StalePlan(
        f"Xero changed since this plan of {plan.file} was {made}, so it was not applied. "
        "A new plan is not possible until these problems are resolved:",
        f"Nothing was sent to {plan.organisation.name}. Resolve them, plan again, review the "
        "new plan, and apply it.",
        tuple(problem.message for problem in error.problems),
    )


def _refuse(plan: Plan, found: tuple[str, ...], *, made: str = "saved") -> None:
    """Raise `StalePlan` if there are differences."""
    if found:
        raise StalePlan(
            f"Xero changed since this plan of {plan.file} was {made}, so it was not applied:",
            _PLAN_AGAIN.format(plan.organisation.name),
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


def _missing_needs(fresh: Plan, besides: Collection[Change]) -> tuple[str, ...]:
    """Return a sentence for each step that needs a change which the plan leaves out."""
    left_out = {_key(change) for change in besides}
    change_of = {step.number: fresh.changes[step.change] for step in fresh.steps}
    return tuple(
        f"{change_of[step.number].label}: would now first need the change to "
        f"{change_of[number].label}, which this plan does not make."
        for step in fresh.steps
        for number in step.needs
        if _key(change_of[step.number]) not in left_out and _key(change_of[number]) in left_out
    )


def _blocked_of(saved: Plan, fresh: Plan) -> tuple[Blocked, ...]:
    """Return what is blocked now among the accounts that a saved plan changes or has blocked."""
    before = {_identity(blocked) for blocked in saved.blocked}
    ids = {change.account_id for change in saved.changes if change.account_id}
    labels = {change.label for change in saved.changes}
    return tuple(
        b
        for b in fresh.blocked
        if _identity(b) in before or b.account_id in ids or b.label in labels
    )


def _is_done(change: Change, current: Chart) -> bool:
    """Whether Xero already is as a change would leave it."""
    if change.account:
        found = _found(change.account_id, current)
        if change.action is Action.DELETE:
            return found is None
    else:
        key = code_key(change.code), name_key(change.name)
        found = next(
            (a for a in current.accounts if (code_key(a.code), name_key(a.name)) == key), None
        )
    if found is None:
        return False
    before = change.account.status if change.account else Status.ACTIVE
    status = {
        Action.ARCHIVE: Status.ARCHIVED,
        Action.RESTORE: Status.ACTIVE,
    }.get(change.action, before)
    return found.status == status and not field_changes(change.after(), found.values())


def _changed_in_xero(change: Change, current: Chart) -> bool:
    """Whether something that a change relies on has changed in Xero."""
    if change.account:
        return bool(edits(change, change.account, _found(change.account_id, current)))
    code, name = code_key(change.code), name_key(change.name)
    return any(
        (code and code_key(a.code) == code) or name_key(a.name) == name for a in current.accounts
    )


def _found(account_id: str, current: Chart) -> Account | None:
    return next((a for a in current.accounts if a.account_id == account_id), None)


def _calls(plan: Plan) -> list[list[object]]:
    """Return the calls of each change, in whatever order the changes are made."""
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


def _not_needed(change: Change, fresh: Plan, current: Chart | None, applied: Applied) -> str:
    """Return why a fresh plan does not have a change: the file asks for something else, or Xero."""
    account = _found(change.account_id, current) if current else None
    why = why_not_asked(change, fresh.desired, current) if current else ""
    if not why:
        return f"{change.label}: {change.action} is no longer needed{_edited(account, applied)}."
    return f"{change.label}: {why}{_edited_since(change.account, account, applied)}."


def _difference(then: Change, now: Change, applied: Applied) -> str:
    """Return how two changes of one account differ, "" if they do not."""
    edited = _edited_since(then.account, now.account, applied)
    if then.action is not now.action:
        was, would = then.action.past, now.action.past
        return f"{then.label}: was to be {was}, and would now be {would}{edited}."
    found = []
    for changed in now.fields:
        planned = then.field(changed.field)
        if planned is None:
            found.append(_unplanned(changed, then))
        elif planned.before != changed.before:
            found.append(f"{changed.label} was {planned.was} and is now {changed.was}")
        elif planned.after != changed.after:
            found.append(
                f"{changed.label}: the plan makes it {planned.becomes}, the file asks for "
                f"{changed.becomes}"
            )
    found += [
        f"{planned.label} is already as planned"
        for planned in then.fields
        if now.field(planned.field) is None
    ]
    if then.account and now.account and then.action is not Action.UPDATE:
        found += [
            changed.sentence
            for changed in field_changes(then.account.values(), now.account.values())
            if changed.field in _IDENTITY and not then.field(changed.field)
        ]
    return f"{then.label}: {'; '.join(found)}{edited}." if found else ""


def _unplanned(changed: FieldChange, then: Change) -> str:
    """Return why a field would now change that the plan leaves alone."""
    before = then.account.value(changed.field) if then.account else FIELD[changed.field].empty
    if changed.before != before:
        return f"{changed.label} is now {changed.was}"
    return f"{changed.label}: the file now also asks for {changed.becomes}"


def _edited_since(then: Account | None, now: Account | None, applied: Applied) -> str:
    """Return when an account was edited, "" if it is as it was when the plan was saved."""
    if then and now and then.status == now.status:
        return _edited(now, applied) if field_changes(then.values(), now.values()) else ""
    return _edited(now, applied)


def _edited(account: Account | None, applied: Applied) -> str:
    """Return when the account was last edited; Xero's API does not say by whom."""
    if account is None:
        return ""
    if moment := applied.get(account.account_id):
        return f" (changed by an apply on {day_and_time(moment)})"
    if account.updated_at is None:
        return ""
    return f" (edited in Xero on {day_and_time(account.updated_at)}; Xero does not say who)"
