"""The outcome of a step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xerosync.model import Account
from xerosync.plan.plan import Step


class Result(StrEnum):
    """How a step ended."""

    DONE = "done"
    FELL_BACK = "fell back"
    """Xero rejected it, and the fallback of the file was done."""
    FAILED = "failed"
    """Xero rejected it, or it did not take effect."""
    UNKNOWN = "unknown"
    """It was sent, but neither its answer nor the chart could be read."""
    SKIPPED = "skipped"
    """It was not sent: a step that it needs did not succeed, or the run was stopped."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one step: the account as Xero then had it, or every message from Xero.

    `settled` means that the answer was lost and the result was read from the chart.
    `refused` means that Xero understood the call and rejected it.
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
        """Whether the steps that need this one may be sent."""
        return self.result is Result.DONE

    @property
    def good(self) -> bool:
        """Whether the step did what the file asks for, by its fallback or not."""
        return self.result in (Result.DONE, Result.FELL_BACK)
