"""What became of a step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xerosync.model import Account
from xerosync.plan.plan import Step


class Result(StrEnum):
    """How a step ended."""

    DONE = "done"
    FELL_BACK = "fell back"
    """Xero refused it, and what the file wants instead was done."""
    FAILED = "failed"
    """Xero refused it, or it did not take effect."""
    UNKNOWN = "unknown"
    """It was sent, and neither its answer nor the chart could be read."""
    SKIPPED = "skipped"
    """It was not sent: a step that it needs did not succeed, or the run was stopped."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one step: the account as Xero then had it, or all that Xero said.

    `settled` tells that the answer was lost and the chart, read again, gave the result.
    `refused` tells that Xero understood the call and said no.
    """

    step: Step
    result: Result
    account: Account | None = None
    messages: tuple[str, ...] = ()
    correlation_id: str = ""
    settled: bool = False
    refused: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the steps that need this one may run."""
        return self.result is Result.DONE

    @property
    def good(self) -> bool:
        """Whether its change is as the file wants it, as far as this step goes."""
        return self.result in (Result.DONE, Result.FELL_BACK)
