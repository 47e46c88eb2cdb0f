"""A plan → outcomes: runs its steps through a ledger, one outcome a step.

A failed step stops only what depends on it. An attempt whose answer was lost is settled
by reading the chart. Trouble that every further step would meet (signed out, out of
calls, Xero down) stops the run: what is in flight finishes, the rest is skipped.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
from typing import Protocol

from xerosync.change import Operation, Step
from xerosync.errors import (
    DayLimitReached,
    Interrupted,
    OutcomeUnknown,
    Rejected,
    SignInError,
    Unavailable,
    XerosyncError,
)
from xerosync.ledger import Ledger, Written
from xerosync.model import FIELD, Account, Status, code_key, name_key
from xerosync.outcome import Outcome, Result
from xerosync.plan import Plan

SIDE_BY_SIDE = 5
"""Xero takes 5 calls at once from one organisation (Xero docs, API limits)."""


class Record(Protocol):
    """Where a run is journalled: before each call, and after it."""

    def sending(self, step: Step, before: Account | None) -> None:
        """Record, durably, that a step is about to be sent."""

    def ended(self, outcome: Outcome) -> None:
        """Record, durably, what became of a step."""


def run(
    plan: Plan,
    ledger: Ledger,
    record: Record,
    *,
    stop: Event | None = None,
    new_key: Callable[[], str] = lambda: str(uuid.uuid4()),
) -> Iterator[Outcome]:
    """Run the steps of a plan, and give each outcome as it comes.

    Setting `stop` lets what is in flight finish and skips the rest.
    """
    stop = stop or Event()
    runner = _Runner(plan, ledger, record, stop, new_key)
    waiting = {step.number: step for step in plan.steps}
    ended: dict[int, Outcome] = {}
    running: set[Future[Outcome]] = set()
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE, thread_name_prefix="step") as pool:
        while waiting or running:
            for step in list(waiting.values()):
                if len(running) >= SIDE_BY_SIDE and not stop.is_set():
                    break
                skipped = runner.skip(step, ended)
                if skipped:
                    del waiting[step.number]
                    ended[step.number] = skipped
                    record.ended(skipped)
                    yield skipped
                elif all(number in ended for number in step.needs):
                    del waiting[step.number]
                    running.add(pool.submit(runner.send, step, ended))
            if running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for outcome in sorted((f.result() for f in done), key=lambda o: o.step.number):
                    ended[outcome.step.number] = outcome
                    yield outcome


class _Runner:
    """Sends the steps of one run."""

    def __init__(
        self,
        plan: Plan,
        ledger: Ledger,
        record: Record,
        stop: Event,
        new_key: Callable[[], str],
    ) -> None:
        self.plan = plan
        self.ledger = ledger
        self.record = record
        self.stop = stop
        self.new_key = new_key
        self.trouble = ""

    def skip(self, step: Step, ended: dict[int, Outcome]) -> Outcome | None:
        """Say why a step is not to be sent, if so."""
        if self.trouble or self.stop.is_set():
            reason = self.trouble or "The run was stopped before this step."
            return Outcome(step, Result.SKIPPED, messages=(reason,))
        missing = [n for n in step.needs if n in ended and not ended[n].succeeded]
        if not missing:
            return None
        labels = ", ".join(self.plan.changes[ended[n].step.change].label for n in missing)
        reason = f"It needs a step that did not succeed: {labels}."
        return Outcome(step, Result.SKIPPED, messages=(reason,))

    def send(self, step: Step, ended: dict[int, Outcome]) -> Outcome:
        """Send one step, with its journal entries before and after."""
        change = self.plan.changes[step.change]
        before = change.account
        created = [ended[n].account for n in step.needs if ended[n].step.change == step.change]
        for account in created:
            before = account or before
        if not step.account_id and before and step.operation is not Operation.CREATE:
            step = replace(step, account_id=before.account_id)
        self.record.sending(step, before)
        outcome = self._try(step)
        self.record.ended(outcome)
        return outcome

    def _try(self, step: Step) -> Outcome:
        try:
            written = self._call(step.operation, step)
        except Rejected as error:
            return self._fall_back(step, error) if step.fallback else self._failed(step, error)
        except OutcomeUnknown as error:
            return self._settle(step, error)
        except Interrupted as error:
            return Outcome(step, Result.SKIPPED, messages=(error.message,))
        except XerosyncError as error:
            if isinstance(error, SignInError | DayLimitReached | Unavailable):
                self.trouble = f"The run was stopped: {error.message}"
            return self._failed(step, error)
        return Outcome(step, Result.DONE, written.account, (), written.correlation_id)

    def _call(self, operation: Operation, step: Step) -> Written:
        key = self.new_key()
        match operation:
            case Operation.CREATE:
                return self.ledger.create(step.values, key=key)
            case Operation.UPDATE:
                return self.ledger.update(step.account_id, step.values, key=key)
            case Operation.ARCHIVE:
                return self.ledger.set_status(step.account_id, Status.ARCHIVED, key=key)
            case Operation.RESTORE:
                return self.ledger.set_status(step.account_id, Status.ACTIVE, key=key)
            case Operation.DELETE:
                return self.ledger.delete(step.account_id)

    def _fall_back(self, step: Step, refused: Rejected) -> Outcome:
        fallback = replace(step, operation=step.fallback or step.operation, fallback=None)
        outcome = self._try(fallback)
        said = tuple(f"Xero refused to {step.operation}: {text}" for text in refused.messages)
        result = Result.FELL_BACK if outcome.succeeded else outcome.result
        return replace(outcome, step=step, result=result, messages=(*said, *outcome.messages))

    def _settle(self, step: Step, lost: OutcomeUnknown) -> Outcome:
        """Find out by reading whether a write took effect whose answer was lost."""
        try:
            account = took_effect(step, self.ledger.accounts())
        except XerosyncError as error:
            messages = (lost.message, f"Reading the chart failed too: {error.message}")
            return Outcome(step, Result.UNKNOWN, None, messages, lost.correlation_id)
        if account is None:
            message = f"{lost.message} The chart shows that it did not take effect."
            return Outcome(step, Result.FAILED, None, (message,), lost.correlation_id)
        return Outcome(step, Result.DONE, account, (), lost.correlation_id, settled=True)

    def _failed(self, step: Step, error: XerosyncError) -> Outcome:
        messages = error.messages if isinstance(error, Rejected) else (error.message,)
        correlation_id = getattr(error, "correlation_id", "")
        return Outcome(step, Result.FAILED, None, messages, correlation_id)


def took_effect(step: Step, accounts: tuple[Account, ...]) -> Account | None:
    """Give the account as a step would have left it, if the chart shows just that."""
    if step.operation is Operation.CREATE:
        code, name = code_key(str(step.values.get("code", ""))), str(step.values["name"])
        for account in accounts:
            if code_key(account.code) == code and name_key(account.name) == name_key(name):
                return account if account.status == Status.ACTIVE else None
        return None
    found = {account.account_id: account for account in accounts}.get(step.account_id)
    if step.operation is Operation.DELETE:
        return None if found else Account(step.account_id, status=Status.DELETED)
    if found is None:
        return None
    if step.operation is Operation.UPDATE:
        same = all(
            FIELD[name].comparable(found.value(name)) == FIELD[name].comparable(value)
            for name, value in step.values.items()
        )
        return found if same else None
    wanted = Status.ARCHIVED if step.operation is Operation.ARCHIVE else Status.ACTIVE
    return found if found.status == wanted else None
