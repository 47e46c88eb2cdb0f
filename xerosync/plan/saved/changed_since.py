"""Describe how a change in an earlier plan differs from a plan made now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from xerosync.model import FIELD, Account, Chart, Status, account_key
from xerosync.plan.diff import account_changes, field_changes
from xerosync.plan.plan import Action, Change, FieldChange, Plan
from xerosync.plan.saved.file_edits import asked_instead, not_asked, why_not_asked
from xerosync.text import day_and_time, full_stop

Applied = Mapping[str, datetime]
"""When an apply last changed an account, by account id. Accounts edited later are left out."""

_IDENTITY = ("code", "name", "type")


def edits(change: Change, then: Account, now: Account | None) -> tuple[str, ...]:
    """Return a clause for each edit of the account that matters to the change."""
    if now is None:
        return ("it is no longer in Xero",)
    fields = {"status", *change.after(), *(change.desired.values if change.desired else ())}
    if change.action is not Action.UPDATE:
        fields.update(_IDENTITY)
    return tuple(c.sentence for c in account_changes(then, now) if c.field in fields)


def is_done(change: Change, current: Chart) -> bool:
    """Whether the account in Xero already is as the change would make it."""
    if change.account:
        found = found_in(current, change.account_id)
        if change.action is Action.DELETE:
            return found is None
    else:
        key = account_key(change.code, change.name)
        found = next((a for a in current.accounts if account_key(a.code, a.name) == key), None)
    if found is None:
        return False
    before = change.account.status if change.account else Status.ACTIVE
    status = change.action.status_after(before)
    return found.status == status and not field_changes(change.after(), found.values())


def found_in(current: Chart, account_id: str) -> Account | None:
    """Return the account with an id, None if the chart does not have it."""
    return next((a for a in current.accounts if a.account_id == account_id), None)


def not_needed(change: Change, fresh: Plan, current: Chart, applied: Applied) -> str:
    """Return why an earlier change is not in a fresh plan, "" if it is only blocked there."""
    account = found_in(current, change.account_id)
    since = edited(account, applied)
    if why := why_not_asked(change, fresh.desired, current):
        return full_stop(f"{change.label}: {why}{_edited_since(change.account, account, applied)}")
    if change.account and not is_done(change, current):
        if how := edits(change, change.account, account):
            return full_stop(f"{change.label}: {'; '.join(how)}{since}")
        if any(one.account_id == change.account_id for one in fresh.blocked):
            return ""
    if not change.account and any(one.label == change.label for one in fresh.blocked):
        return ""
    return f"{change.label}: {change.action} is no longer needed{since}."


def difference(then: Change, now: Change, applied: Applied) -> str:
    """Return how two changes of one account differ, "" if they do not."""
    since = _edited_since(then.account, now.account, applied)
    if then.action is not now.action:
        was, would = then.action.past, now.action.past
        return f"{then.label}: was to be {was}, and would now be {would}{since}."
    found = []
    for changed in now.fields:
        planned = then.field(changed.field)
        if planned is None:
            found.append(_unplanned(changed, then))
        elif planned.before != changed.before:
            there, name = changed.before, changed.before_label
            found.append(replace(planned, after=there, after_label=name).sentence)
        elif planned.after != changed.after:
            found.append(asked_instead(planned, changed))
    found += [
        _not_to_change(planned, now) for planned in then.fields if not now.field(planned.field)
    ]
    if then.account and now.account and then.action is not Action.UPDATE:
        found += [
            changed.sentence
            for changed in field_changes(then.account.values(), now.account.values())
            if changed.field in _IDENTITY
            and not (then.field(changed.field) or now.field(changed.field))
        ]
    return full_stop(f"{then.label}: {'; '.join(found)}{since}") if found else ""


def _unplanned(changed: FieldChange, then: Change) -> str:
    """Return why a field would change now, but not in the earlier plan."""
    before = then.account.value(changed.field) if then.account else FIELD[changed.field].empty
    if changed.before != before:
        return f"{changed.label} {changed.verb('is', 'are')} now {changed.was}"
    return f"{changed.label}: the file now also asks for {changed.becomes}"


def _not_to_change(planned: FieldChange, now: Change) -> str:
    """Return why a field would change in the earlier plan, but not now."""
    if now.desired and planned.field not in now.desired.values:
        return not_asked(planned)
    asked = now.desired.values[planned.field] if now.desired else planned.after
    differs = field_changes({planned.field: planned.after}, {planned.field: asked})
    if not differs:
        return f"{planned.label} {planned.verb('is', 'are')} already as planned"
    return f"{asked_instead(planned, differs[0])}; Xero already has that"


def _edited_since(then: Account | None, now: Account | None, applied: Applied) -> str:
    return "" if then and now and not account_changes(then, now) else edited(now, applied)


def edited(account: Account | None, applied: Applied) -> str:
    """Return a clause with the time of the account's last change, "" if the time is not known."""
    if account and (moment := applied.get(account.account_id)):
        return f" (changed by an apply on {day_and_time(moment)})"
    if account and account.updated_at:
        return f" (edited in Xero on {day_and_time(account.updated_at)}; Xero does not say who)"
    return ""
