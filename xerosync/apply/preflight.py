"""The checks before the first call that changes Xero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xerosync.apply.ledger import Ledger
from xerosync.errors import BlockedChanges, UsageError
from xerosync.model import Organisation
from xerosync.plan import estimate, limits
from xerosync.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan of one organisation with its open ledger, ready to be applied.

    `calls_left` is how many calls Xero allows today, None where that is not to be checked.
    """

    plan: Plan
    ledger: Ledger
    calls_left: int | None = None


def check_once(prepared: Sequence[Prepared], organisation: Organisation, file: str) -> None:
    """Raise `UsageError` if another file is for this organisation too.

    The second plan would not know what the first one changes.
    """
    for one in prepared:
        if one.plan.organisation.tenant_id == organisation.tenant_id:
            raise UsageError(
                f"{one.plan.file} and {file} are both for {organisation.name}.",
                "One file is one organisation: put all its accounts in one file.",
            )


def check(prepared: Sequence[Prepared], allowed: Mapping[str, int], *, skip_blocked: bool) -> None:
    """Check every plan against blocked changes, its safety limits and today's quota.

    Raises `BlockedChanges`, `LimitExceeded` or `TooFewCalls`.
    """
    for plan in (one.plan for one in prepared):
        if plan.blocked and not skip_blocked:
            where = "Resolve them in Xero" if plan.desired.partial else "Fix them in the file"
            raise BlockedChanges(
                f"{plan.file}: {plan.summary['blocked']} of the changes cannot be done "
                "(see the blocked ones above).",
                f"{where}, or apply the rest with --skip-blocked. Nothing was sent.",
            )
        limits.enforce(plan, allowed)
    for one in prepared:
        estimate.check(one.plan, one.calls_left)
