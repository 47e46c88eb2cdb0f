"""What still uses the accounts that a plan changes: which changes it matters to."""

from __future__ import annotations

from dataclasses import replace

from xerosync.plan.plan import Action, Change, Plan
from xerosync.usage import Usage, UsageRead

_FIELDS = ("type", "tax_type", "code")
"""The fields whose change reaches what uses the account."""


def matters(change: Change) -> bool:
    """Whether it matters to a change what still uses its account."""
    if change.account is None:
        return False
    gone = change.action in (Action.ARCHIVE, Action.DELETE)
    return gone or any(map(change.field, _FIELDS))


def with_usage(plan: Plan, usage: Usage, *, names: bool = False) -> Plan:
    """Return a plan with what uses the accounts, with the names of contacts only if asked for."""
    return replace(
        plan,
        changes=tuple(
            replace(change, usage=usage.of(change.account_id, names=names))
            if matters(change)
            else change
            for change in plan.changes
        ),
        usage=UsageRead(usage.as_at, usage.unknown),
    )
