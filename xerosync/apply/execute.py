"""A plan → outcomes: runs its steps through a ledger, one outcome a step.

A failed step stops only what depends on it. An attempt whose answer was lost is settled
by reading the chart. Trouble that every further step would meet (signed out, out of
calls, Xero down, a journal that cannot be written) stops the run: what is in flight
finishes, the rest is skipped.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event
from typing import Protocol

from xerosync.apply.ledger import Ledger, Written
from xerosync.apply.outcome import Outcome, Result
from xerosync.errors import (
    DayLimitReached,
    Interrupted,
    OutcomeUnknown,
    Rejected,
    SignInError,
    Unavailable,
    XerosyncError,
)
from xerosync.model import FIELD, Account, Status, code_key, name_key
from xerosync.plan.plan import Action, Plan, Step

SIDE_BY_SIDE = 5
"""Xero takes 5 calls at once from one organisation (Xero docs, API limits)."""

_STOPPED = "The run was stopped before this step."


class Record(Protocol):
    """Where a run is journalled: before each call, and after it.

    Both methods raise `XerosyncError` when they cannot write.
    """

    def sending(self, step: Step, before: Account | None, key: str) -> None:
        """Record, durably, that a step is about to be sent under an idempotency key."""

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
    runner = _Runner(plan, ledger, record, stop or Event(), new_key)
    waiting = {step.number: step for step in plan.steps}
    ended: dict[int, Outcome] = {}
    running: set[Future[Outcome]] = set()
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE, thread_name_prefix="step") as pool:
        while waiting or running:
            for step in list(waiting.values()):
                if len(running) == SIDE_BY_SIDE and not runner.halted():
                    break
                if skipped := runner.skip(step, ended):
                    del waiting[step.number]
                    ended[step.number] = runner.keep(skipped)
                    yield skipped
                elif all(number in ended for number in step.needs):
                    del waiting[step.number]
                    needed = {number: ended[number] for number in step.needs}
                    running.add(pool.submit(runner.send, step, needed))
            if running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for outcome in sorted((f.result() for f in done), key=lambda o: o.step.number):
                    ended[outcome.step.number] = outcome
                    yield outcome


def settle(outcome: Outcome, accounts: Iterable[Account]) -> Outcome:
    """Find out, from the chart read later, what became of a step that nobody knows."""
    if outcome.result is not Result.UNKNOWN:
        return outcome
    account = took_effect(outcome.step, accounts)
    if account:
        return replace(outcome, result=Result.DONE, account=account, messages=(), settled=True)
    message = "The chart shows that it did not take effect."
    return replace(outcome, result=Result.FAILED, messages=(*outcome.messages, message))


class _Runner:
    """Sends the steps of one run; `trouble` is why no further one is to be sent."""

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
        if reason := self.halted():
            return _skipped(step, reason)
        missing = [n for n in step.needs if n in ended and not ended[n].succeeded]
        if not missing:
            return None
        labels = dict.fromkeys(self.plan.changes[ended[n].step.change].label for n in missing)
        return _skipped(step, f"It needs a step that did not succeed: {', '.join(labels)}.")

    def send(self, step: Step, needed: dict[int, Outcome]) -> Outcome:
        """Send one step, and what the file wants instead where Xero refuses it."""
        before = self.plan.changes[step.change].account
        for number in step.needs:
            if needed[number].step.change == step.change:
                before = needed[number].account or before
        if not step.account_id and before and step.operation is not Action.CREATE:
            step = replace(step, account_id=before.account_id)
        outcome = self._attempt(step, before)
        if not (step.fallback and outcome.refused):
            return outcome
        instead = self._attempt(replace(step, operation=step.fallback, fallback=None), before)
        said = tuple(f"Xero refused to {step.operation}: {text}" for text in outcome.messages)
        result = Result.FELL_BACK if instead.succeeded else instead.result
        return replace(instead, step=step, result=result, messages=(*said, *instead.messages))

    def keep(self, outcome: Outcome) -> Outcome:
        """Record an outcome; one that cannot be recorded stops the run and says so."""
        try:
            self.record.ended(outcome)
        except XerosyncError as error:
            self._stop_for(error)
            if outcome.result is not Result.SKIPPED:
                return replace(outcome, messages=(*outcome.messages, error.message))
        return outcome

    def halted(self) -> str:
        """Say why nothing more is to be sent, "" when it is."""
        return self.trouble or (_STOPPED if self.stop.is_set() else "")

    def _stop_for(self, error: XerosyncError) -> None:
        self.trouble = self.trouble or f"The run was stopped: {error.message}"

    def _attempt(self, step: Step, before: Account | None) -> Outcome:
        """Make one call, with its journal entries before and after."""
        if reason := self.halted():
            return self.keep(_skipped(step, reason))
        key = "" if step.operation is Action.DELETE else self.new_key()
        try:
            self.record.sending(step, before, key)
        except XerosyncError as error:
            self._stop_for(error)
            return _skipped(step, self.trouble)
        return self.keep(self._try(step, key))

    def _try(self, step: Step, key: str) -> Outcome:
        try:
            written = self._call(step, key)
        except Rejected as error:
            return _failed(step, error.messages, error.correlation_id, refused=True)
        except OutcomeUnknown as error:
            return self._settle(step, error)
        except Interrupted as error:
            return _skipped(step, error.message)
        except XerosyncError as error:
            if isinstance(error, SignInError | DayLimitReached | Unavailable):
                self._stop_for(error)
            return _failed(step, (error.message,), getattr(error, "correlation_id", ""))
        return Outcome(step, Result.DONE, written.account, (), written.correlation_id)

    def _call(self, step: Step, key: str) -> Written:
        match step.operation:
            case Action.CREATE:
                return self.ledger.create(step.values, key=key)
            case Action.UPDATE:
                return self.ledger.update(step.account_id, step.values, key=key)
            case Action.ARCHIVE:
                return self.ledger.set_status(step.account_id, Status.ARCHIVED, key=key)
            case Action.RESTORE:
                return self.ledger.set_status(step.account_id, Status.ACTIVE, key=key)
            case Action.DELETE:
                return self.ledger.delete(step.account_id)

    def _settle(self, step: Step, lost: OutcomeUnknown) -> Outcome:
        """Find out by reading whether a write took effect whose answer was lost."""
        unknown = Outcome(step, Result.UNKNOWN, None, (lost.message,), lost.correlation_id)
        try:
            accounts = self.ledger.accounts()
        except XerosyncError as error:
            if isinstance(error, SignInError | DayLimitReached | Unavailable):
                self._stop_for(error)
            said = f"Reading the chart failed too: {error.message}"
            return replace(unknown, messages=(*unknown.messages, said))
        return settle(unknown, accounts)


def _skipped(step: Step, reason: str) -> Outcome:
    return Outcome(step, Result.SKIPPED, messages=(reason,))


def _failed(
    step: Step, messages: tuple[str, ...], correlation_id: str, *, refused: bool = False
) -> Outcome:
    return Outcome(step, Result.FAILED, None, messages, correlation_id, refused=refused)


def took_effect(step: Step, accounts: Iterable[Account]) -> Account | None:
    """Give the account as a step would have left it, if the chart shows just that."""
    if step.operation is Action.CREATE:
        code, name = code_key(str(step.values.get("code", ""))), str(step.values["name"])
        for account in accounts:
            if code_key(account.code) == code and name_key(account.name) == name_key(name):
                return account if account.status == Status.ACTIVE else None
        return None
    found = {account.account_id: account for account in accounts}.get(step.account_id)
    if step.operation is Action.DELETE:
        return None if found else Account(step.account_id, status=Status.DELETED)
    if found is None:
        return None
    if step.operation is Action.UPDATE:
        same = all(
            FIELD[name].comparable(found.value(name)) == FIELD[name].comparable(value)
            for name, value in step.values.items()
        )
        return found if same else None
    wanted = Status.ARCHIVED if step.operation is Action.ARCHIVE else Status.ACTIVE
    return found if found.status == wanted else None
