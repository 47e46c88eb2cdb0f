"""Compare entries with their accounts, and return the changes. Rules and reasons come later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xerosync.desired import DesiredAccount
from xerosync.model import FIELDS, Account, Status, Value, code_order
from xerosync.plan import temporary
from xerosync.plan.matching.match import Match
from xerosync.plan.plan import Action, Change, FieldChange

_ORDER = {action: place for place, action in enumerate(Action)}


def diff(matches: Iterable[Match], to_archive: Iterable[Account] = ()) -> tuple[Change, ...]:
    """Return a change for each entry that has no account, or differs from its account.

    `to_archive` are accounts to archive, without an entry. Changes are sorted by action and code.
    """
    found = [change for m in matches if (change := _compare(m.desired, m.account))]
    found += [Change(Action.ARCHIVE, account, None) for account in to_archive]
    return tuple(
        sorted(found, key=lambda c: (_ORDER[c.action], code_order(c.code), c.name, c.account_id))
    )


def _compare(desired: DesiredAccount, account: Account | None) -> Change | None:
    if account is None:
        return Change(Action.CREATE, None, desired, _set_fields(desired))
    if desired.status == Status.DELETED:
        return Change(Action.DELETE, account, desired)
    fields = _changed_fields(desired, account)
    active = account.status == Status.ACTIVE
    if desired.status == Status.ACTIVE and not active:
        return Change(Action.RESTORE, account, desired, fields)
    if desired.status == Status.ARCHIVED and active:
        return Change(Action.ARCHIVE, account, desired, fields)
    return Change(Action.UPDATE, account, desired, fields) if fields else None


def _set_fields(desired: DesiredAccount) -> tuple[FieldChange, ...]:
    """Return the fields of a new account that are not empty, `initial` ones included."""
    values = {**desired.initial, **desired.values}
    return tuple(
        FieldChange(f.name, f.empty, values[f.name])
        for f in FIELDS
        if f.name in values and f.comparable(values[f.name]) != f.empty
    )


def _changed_fields(desired: DesiredAccount, account: Account) -> tuple[FieldChange, ...]:
    """Return the managed fields that differ.

    A temporary name left by an interrupted apply is changed back even if the file manages no name.
    """
    original = temporary.original_name(account.name)
    values = {"name": original, **desired.values} if original else desired.values
    return field_changes(account.values(), values)


def field_changes(
    before: Mapping[str, Value], after: Mapping[str, Value]
) -> tuple[FieldChange, ...]:
    """Return each field that both mappings have, if its values differ (see `Field.comparable`)."""
    return tuple(
        FieldChange(f.name, before[f.name], after[f.name])
        for f in FIELDS
        if f.name in before
        and f.name in after
        and f.comparable(before[f.name]) != f.comparable(after[f.name])
    )


def account_changes(then: Account, now: Account) -> tuple[FieldChange, ...]:
    """Return how an account has changed: the fields that differ, then the status if it differs."""
    status = FieldChange("status", then.status, now.status)
    fields = field_changes(then.values(), now.values())
    return fields if then.status == now.status else (*fields, status)
