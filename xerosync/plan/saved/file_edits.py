"""Explain why the present chart file no longer asks for one of the changes in a saved plan."""

from __future__ import annotations

from dataclasses import replace

from xerosync.desired import DesiredAccount, DesiredChart, Source, Unmanaged
from xerosync.errors import ChartError
from xerosync.model import Chart, Status, account_key, code_key, name_key
from xerosync.plan.diff import field_changes
from xerosync.plan.matching.match import Match, match
from xerosync.plan.plan import Change, FieldChange


def why_not_asked(change: Change, desired: DesiredChart, current: Chart) -> str:
    """Return what the file asks for instead of the change, "" if it still asks for the change.

    `desired` is the present file, with Xero's codes for its tax rates. Return "" also if an entry
    is ambiguous: it may mean several accounts.
    """
    try:
        matches = match(current, desired)
    except ChartError:
        return ""
    found, asked = _found(change, matches), change.desired
    if asked is None and found:
        return "the file now has an entry for it"
    if asked is None:
        archives = desired.unmanaged is Unmanaged.ARCHIVE
        return "" if archives else "the file no longer archives what it leaves out"
    if any(_same(one, asked) for one in desired.accounts):
        return _other_account(change, asked, found)
    return _differences(change, found) if found else "the file no longer has this entry"


def asked_instead(planned: FieldChange, asked: FieldChange) -> str:
    """Return a clause with the planned value of a field, and the value the file now asks for."""
    now = asked.becomes
    return f"{planned.label}: the plan makes it {planned.becomes}, the file asks for {now}"


def not_asked(planned: FieldChange) -> str:
    """Return a clause on a field that the file no longer sets."""
    return f"{planned.label}: the file no longer asks for {planned.becomes}"


def _other_account(change: Change, asked: DesiredAccount, found: Match | None) -> str:
    """Return a clause if a create's entry now has an account of another code or name, else ""."""
    account = found.account if found and _same(found.desired, asked) else None
    if change.account or account is None:
        return ""
    same = account_key(account.code, account.name) == account_key(change.code, change.name)
    return "" if same else f"its entry now matches {account.label} in Xero"


def _found(change: Change, matches: tuple[Match, ...]) -> Match | None:
    """Return the match with the change's account, or else with its code or its name, or None."""
    code, name = account_key(change.code, change.name)
    ours = [m for m in matches if m.account and m.account.account_id == change.account_id]
    by_code = [m for m in matches if code and code_key(m.desired.code) == code]
    by_name = [m for m in matches if name_key(m.desired.name) == name]
    return next(iter([*ours, *by_code, *by_name]), None)


def _differences(change: Change, found: Match) -> str:
    """Return how the entry differs from the change, "" if it does not."""
    entry, account = found.desired, found.account
    parts = []
    if change.desired and entry.status != change.desired.status:
        status = "active" if entry.status == Status.ACTIVE else str(entry.status).lower()
        parts.append(f"the file now asks for it to be {status}")
    if change.desired and entry.protect and not change.desired.protect:
        parts.append("it is now protected (`protect: true`)")
    planned = {field.field: field for field in change.fields}
    parts += [
        asked_instead(planned[field.field], field)
        for field in field_changes(change.after(), entry.values)
    ]
    instead = bool(parts)
    parts += [not_asked(field) for field in change.fields if field.field not in entry.values]
    there = account and account.status == entry.status
    if instead and account and there and not field_changes(entry.values, account.values()):
        parts.append("Xero already has that")
    return "; ".join(parts)


def _same(one: DesiredAccount, other: DesiredAccount) -> bool:
    return replace(one, source=Source()) == replace(other, source=Source())
