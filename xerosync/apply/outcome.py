"""The outcome of a step, and how the chart settles an unknown one."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from xerosync.model import Account, Status, account_key
from xerosync.plan.diff import field_changes
from xerosync.plan.plan import Action, Step


class Result(StrEnum):
    """How a step ended."""

    DONE = "done"
    FELL_BACK = "fell back"
    """Xero rejected the step, and the fallback that the file allows was done instead.

    A journal has no such result: it has the result of each call.
    """
    FAILED = "failed"
    """The step was rejected, could not be sent, or did not take effect."""
    UNKNOWN = "unknown"
    """The step was sent, but no usable answer came, and the chart could not be read."""
    SKIPPED = "skipped"
    """The step, or its fallback, was not sent.

    A step that it needs did not succeed, its account was edited in Xero, or the run was stopped.
    """


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one step: the account in Xero after the step, or why the step failed.

    `step` is the planned step, or its fallback if the fallback's first result was `UNKNOWN`.
    `messages` come from Xero, or say why the step failed or was skipped; `hints` say what to do.
    `settled` means that Xero gave no usable answer, but the chart shows that the step took effect.
    `refused` means that Xero answered that it rejects the change.
    `edited` means that the step was not sent, as somebody edited the account during the run.
    """

    step: Step
    result: Result
    account: Account | None = None
    messages: tuple[str, ...] = ()
    correlation_id: str = ""
    hints: tuple[str, ...] = ()
    settled: bool = False
    refused: bool = False
    edited: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the steps that need this step may be sent."""
        return self.result is Result.DONE

    @property
    def good(self) -> bool:
        """Whether the step, or its fallback, did what the file asks for."""
        return self.result in (Result.DONE, Result.FELL_BACK)


def settle(
    outcome: Outcome, accounts: Iterable[Account], *, existed: Container[str] = ()
) -> Outcome:
    """Return the outcome; an unknown result becomes done or failed, as the chart shows.

    A create is recognised by its code and name. The ids in `existed` are of accounts that were
    there before the step, so none of these is the created account.
    """
    if outcome.step.operation is Action.CREATE:
        accounts = [account for account in accounts if account.account_id not in existed]
    if outcome.result is not Result.UNKNOWN:
        return outcome
    if account := _effect_of(outcome.step, accounts):
        return replace(outcome, result=Result.DONE, account=account, messages=(), settled=True)
    message = "The chart shows that it did not take effect."
    return replace(outcome, result=Result.FAILED, messages=(*outcome.messages, message))


def _effect_of(step: Step, accounts: Iterable[Account]) -> Account | None:
    """Return the account if the chart shows that the step took effect, else None."""
    if step.operation is Action.CREATE:
        wanted = account_key(str(step.values.get("code", "")), str(step.values["name"]))
        found = next((a for a in accounts if account_key(a.code, a.name) == wanted), None)
    else:
        found = next((a for a in accounts if a.account_id == step.account_id), None)
    if step.operation is Action.DELETE:
        return None if found else Account(step.account_id, status=Status.DELETED)
    if found is None:
        return None
    if step.operation is Action.UPDATE:
        return None if field_changes(step.values, found.values()) else found
    return found if found.status == step.operation.status_after(Status.ACTIVE) else None
