"""The checks before the first call that changes Xero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from xerosync.apply.ledger import Ledger
from xerosync.errors import BlockedChanges
from xerosync.model import Account, Chart
from xerosync.plan import estimate
from xerosync.plan.blocks import limits, requirements
from xerosync.plan.plan import Plan
from xerosync.plan.saved import stale
from xerosync.text import counted, full_stop


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan of one organisation with its open ledger, ready to be applied.

    `current` is the chart that the plan was made from. `to_record` is whether to journal an apply
    that sends nothing. `usage` is whether to read what still uses the accounts.
    """

    plan: Plan
    ledger: Ledger
    current: Chart
    to_record: bool = False
    usage: bool = True

    def check_again(self) -> Chart:
        """Read the accounts again, and return the chart, if the plan may still be applied.

        Raises `StalePlan` if the plan would now do something else, or an error of `check_usage`.
        """
        accounts = self.ledger.accounts(then=estimate.first_calls(self.plan))
        chart = replace(self.current, accounts=accounts)
        stale.check(self.plan, chart)
        check_usage(self.plan, self.ledger, chart.accounts, read=self.usage)
        return chart


def check_usage(
    plan: Plan, ledger: Ledger, accounts: Iterable[Account], *, read: bool = True
) -> None:
    """Raise `BlockedChanges` unless all changes under `archive_requires` are known to meet it.

    If `read` is False, usage is not read, so any change under `archive_requires` is refused.
    """
    kinds = requirements.to_check_again(plan)
    if not kinds:
        return
    found = requirements.unmet(plan, ledger.usage(accounts, kinds) if read else None)
    if found:
        way_out = "Plan again: the new plan says what to do."
        if not read:
            way_out = "Leave out --no-usage, so that `archive_requires` can be checked."
        raise BlockedChanges(
            f"{plan.file}: `archive_requires` is not met, or cannot be checked:",
            f"Nothing was sent to {full_stop(plan.organisation.name)} {way_out}",
            found,
        )


def check(
    plan: Plan, allowed: Mapping[str, int], *, skip_blocked: bool, calls_left: int | None = None
) -> None:
    """Raise `BlockedChanges`, `LimitExceeded` or `TooFewCalls` if a plan may not be applied.

    `calls_left` is how many calls Xero still allows today, None if unknown or not to be checked.
    """
    if plan.blocked and not skip_blocked:
        count = plan.summary["blocked"]
        see, them = ("one", "it") if count == 1 else ("ones", "them")
        rest = ", or apply the rest with --skip-blocked" if plan.steps else ""
        raise BlockedChanges(
            f"{plan.file}: {counted(count, 'change')} cannot be made "
            f"(see the blocked {see} above).",
            f"Resolve {them} as said there, and plan again{rest}. Nothing was sent to "
            f"{full_stop(plan.organisation.name)}",
        )
    limits.enforce(plan, allowed)
    estimate.check(plan, calls_left)


def nothing_to_send(plans: Sequence[Plan], *, others: bool = False) -> str:
    """Return a sentence if the plans have nothing but blocked changes, else "".

    `others` says that more plans were refused, for other reasons.
    """
    if any(plan.steps for plan in plans) or not any(plan.blocked for plan in plans):
        return ""
    return f"Nothing was sent: {'all other changes are' if others else 'every change is'} blocked."
