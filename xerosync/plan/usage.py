"""What a plan knows of what still uses its accounts: read now, or as an earlier plan knew it.

It is never part of what is to happen: a plan is not out of date because a balance moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from xerosync.desired import DesiredChart
from xerosync.plan import requirements
from xerosync.plan.plan import Action, Blocked, Change, Plan
from xerosync.usage import AccountUsage, Usage, UsageRead

ReadUsage = Callable[[], Usage]
"""Reads what uses the accounts of an organisation."""

_FIELDS = ("type", "tax_type", "code")
"""The fields whose change reaches what uses the account."""


def matters(change: Change) -> bool:
    """Whether it matters to a change what still uses its account."""
    if change.account is None:
        return False
    gone = change.action in (Action.ARCHIVE, Action.DELETE)
    return gone or any(map(change.field, _FIELDS))


@dataclass(frozen=True, slots=True)
class ReadNow:
    """What was just read; `names` keeps the names of contacts."""

    usage: Usage
    names: bool = False

    @property
    def read(self) -> UsageRead:
        """When it was read, and what is unknown."""
        return UsageRead(self.usage.as_at, self.usage.unknown, self.usage.calls)

    def of(self, account_id: str) -> AccountUsage:
        """Return what uses an account."""
        return self.usage.of(account_id, names=self.names)

    def check(self, change: Change, desired: DesiredChart, currency: str) -> Iterator[Blocked]:
        """Yield why what uses its account blocks a change."""
        if change.usage:
            unknown = self.usage.unknown
            yield from requirements.check(change, change.usage, unknown, desired, currency)


class LeftOut:
    """Nothing, because it was not to be read."""

    read: UsageRead | None = None

    def of(self, _account_id: str) -> AccountUsage | None:
        """Return None."""
        return None

    def check(self, change: Change, desired: DesiredChart, currency: str) -> Iterator[Blocked]:
        """Yield that it cannot be checked whether a change meets what the file asks for."""
        nothing, unknown = AccountUsage(), requirements.UNREAD
        yield from requirements.check(change, nothing, unknown, desired, currency)


class AsReviewed:
    """What an earlier plan knew, for a plan made again to compare with that one."""

    def __init__(self, plan: Plan) -> None:
        self.read = plan.usage
        self._usage = {c.account_id: c.usage for c in (*plan.changes, *plan.besides) if c.usage}
        self._blocked = requirements.of_usage((*plan.blocked, *plan.blocked_besides))

    def of(self, account_id: str) -> AccountUsage | None:
        """Return what the earlier plan knew of an account, None if nothing."""
        return self._usage.get(account_id)

    def check(self, change: Change, _desired: DesiredChart, _currency: str) -> Iterator[Blocked]:
        """Yield the blocks that the earlier plan had because of what uses the account."""
        return (one for one in self._blocked if one.account_id == change.account_id)


KnownUsage = ReadNow | LeftOut | AsReviewed


def with_usage(change: Change, known: KnownUsage | None) -> Change:
    """Return a change with what is known to use its account, where that matters."""
    return (
        replace(change, usage=known.of(change.account_id)) if known and matters(change) else change
    )
