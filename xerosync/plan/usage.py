"""Add to changes what still uses their accounts: as read now, or as in an earlier plan.

A change of usage alone never makes a plan stale, as a balance may change between plan and apply.
Only `archive_requires` is checked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from xerosync.desired import DesiredChart
from xerosync.plan.blocks import requirements
from xerosync.plan.plan import Blocked, Change, Plan
from xerosync.usage import AccountUsage, Usage, UsageRead

ReadUsage = Callable[[], Usage]
"""Reads what uses the accounts of an organisation."""

_FIELDS = ("type", "tax_type", "code")
"""A change of one of these fields affects what uses the account."""


def matters(change: Change) -> bool:
    """Whether a change affects what still uses its account."""
    return change.account is not None and (change.removes or any(map(change.field, _FIELDS)))


@dataclass(frozen=True, slots=True)
class ReadNow:
    """Usage that was just read. If `names` is false, the names of contacts are left out."""

    usage: Usage
    names: bool = False

    @property
    def read(self) -> UsageRead:
        """The date of the usage, the usage that is unknown, and the number of calls."""
        return UsageRead(self.usage.as_at, self.usage.unknown, self.usage.calls)

    def of(self, account_id: str) -> AccountUsage:
        """Return what uses an account."""
        return self.usage.of(account_id, names=self.names)

    def check(self, change: Change, desired: DesiredChart, currency: str) -> Iterator[Blocked]:
        """Yield a block if the account's balance or use rules out the change, or may do so."""
        if change.usage:
            unknown = self.usage.unknown
            yield from requirements.check(change, change.usage, unknown, desired, currency)


class LeftOut:
    """The usage for a plan that does not read any: what uses an account is unknown."""

    read: UsageRead | None = None

    def of(self, _account_id: str) -> AccountUsage | None:
        """Return None, as the usage is unknown."""
        return None

    def check(self, change: Change, desired: DesiredChart, currency: str) -> Iterator[Blocked]:
        """Yield a block if the change must meet `archive_requires`, which cannot be checked."""
        nothing, unknown = AccountUsage(), requirements.UNREAD
        yield from requirements.check(change, nothing, unknown, desired, currency)


class AsReviewed:
    """The usage in an earlier plan, for a new plan that is compared with the earlier plan."""

    def __init__(self, plan: Plan) -> None:
        self.read = plan.usage
        self._usage = {c.account_id: c.usage for c in (*plan.changes, *plan.deferred) if c.usage}
        self._blocked = requirements.of_usage((*plan.blocked, *plan.deferred_blocked))

    def of(self, account_id: str) -> AccountUsage | None:
        """Return the usage of an account in the earlier plan, None if the plan has none."""
        return self._usage.get(account_id)

    def check(self, change: Change, _desired: DesiredChart, _currency: str) -> Iterator[Blocked]:
        """Yield the blocks of the earlier plan that are about the usage of the account."""
        return (one for one in self._blocked if one.account_id == change.account_id)


UsageSource = ReadNow | LeftOut | AsReviewed
"""Where a plan gets the usage of its accounts."""


def with_usage(change: Change, source: UsageSource | None) -> Change:
    """Return the change with the usage of its account, or unchanged if usage does not matter."""
    if source is None or not matters(change):
        return change
    return replace(change, usage=source.of(change.account_id))
