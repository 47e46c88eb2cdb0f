"""Send the steps of a plan through a ledger, with one outcome for each step.

A failed step stops only the steps that need it. Some failures would repeat with every step: no
access, no calls left, Xero down, a journal that cannot be written. Such a failure stops the run.
Calls in flight then finish, and the other steps are skipped. If the answer to a call is lost, the
accounts are read to see whether the call took effect.

People may edit accounts in Xero during the run. So the accounts are read again before a step
changes one of them, unless the last reading is at most `FRESH_SECONDS` old and fewer than `BATCH`
steps were sent since then. A step is skipped if an edit of its account matters to the change.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

from xerosync.apply.journal_writer import JournalWriter
from xerosync.apply.ledger import Ledger, Written
from xerosync.apply.outcome import Outcome, Result, settle
from xerosync.errors import (
    DayLimitReached,
    Interrupted,
    OutcomeUnknown,
    RejectedByXero,
    SignInError,
    Unavailable,
    XerosyncError,
)
from xerosync.model import Account, Status
from xerosync.plan.diff import account_changes, field_changes
from xerosync.plan.estimate import BATCH
from xerosync.plan.plan import Action, Plan, Step
from xerosync.plan.saved import changed_since
from xerosync.text import full_stop
from xerosync.xero_limits import AT_ONCE

FRESH_SECONDS = 10.0
"""The longest time from a reading of the accounts to a step that relies on the reading."""
_POLL = 0.2
"""Seconds of one wait for calls in flight: a signal (Ctrl-C) may not be handled until it ends."""
_EVERY_CALL_WOULD_FAIL = (SignInError, DayLimitReached, Unavailable)


def execute_steps(
    plan: Plan,
    ledger: Ledger,
    journal: JournalWriter,
    *,
    accounts: Iterable[Account] = (),
    stop: Event | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Outcome]:
    """Send the steps of a plan, and yield each outcome as it arrives.

    `accounts` are Xero's accounts as just read; without them, only the accounts that the plan
    changes are known. When `stop` is set, calls in flight finish and the other steps are skipped.
    """
    sender = _Sender(plan, ledger, journal, stop or Event(), monotonic)
    planned = (change.account for change in plan.changes if change.account)
    sender.accounts |= {account.account_id: account for account in (*planned, *accounts)}
    waiting = {step.number: step for step in plan.steps}
    ended: dict[int, Outcome] = {}
    running: set[Future[Outcome]] = set()
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="step") as pool:
        while waiting or running:
            for step in list(waiting.values()):
                if len(running) == AT_ONCE and not sender.halted():
                    break
                ready = all(number in ended for number in step.needs)
                if ready and sender.must_read(step):
                    if running:
                        break
                    sender.read_again()
                if skipped := sender.skip(step, ended):
                    del waiting[step.number]
                    ended[step.number] = sender.record(skipped)
                    yield skipped
                elif ready:
                    del waiting[step.number]
                    sender.sent += 1
                    needed = {number: ended[number] for number in step.needs}
                    running.add(pool.submit(sender.send, step, needed))
            if running:
                done, running = _wait(running)
                for outcome in sorted((f.result() for f in done), key=lambda o: o.step.number):
                    ended[outcome.step.number] = outcome
                    yield outcome


def _wait(running: set[Future[Outcome]]) -> tuple[set[Future[Outcome]], set[Future[Outcome]]]:
    while not (found := wait(running, _POLL, FIRST_COMPLETED)).done:
        pass
    return found.done, found.not_done


@dataclass(slots=True)
class _Sender:
    """Sends the steps of one run.

    `failure` says why no further step may be sent, and `hint` what to do about that. `accounts` are
    Xero's accounts by id, as they were last read or written; `sent` counts the steps since the last
    reading, which was at `read_at`. `edits` has, by id, the accounts that somebody edited during
    the run: the account as expected, and as it is now, None if it is gone.
    """

    plan: Plan
    ledger: Ledger
    journal: JournalWriter
    stop: Event
    monotonic: Callable[[], float]
    failure: str = ""
    hint: str = ""
    accounts: dict[str, Account] = field(default_factory=dict)
    sent: int = 0
    read_at: float = field(init=False)
    edits: dict[str, tuple[Account, Account | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.read_at = self.monotonic()

    def halted(self) -> str:
        """Return why no further step may be sent, "" if the run can go on."""
        stopped = "The run was stopped before this step." if self.stop.is_set() else ""
        return self.failure or stopped

    def skip(self, step: Step, ended: dict[int, Outcome]) -> Outcome | None:
        """Return the outcome of a step that must not be sent, None for any other step."""
        if reason := self.halted():
            return self._skipped(step, reason)
        missing = [n for n in step.needs if n in ended and not ended[n].succeeded]
        if not missing:
            return self._edited(step)
        labels = dict.fromkeys(self.plan.changes[ended[n].step.change].label for n in missing)
        what = "a step" if len(missing) == 1 else "steps"
        names = full_stop(", ".join(labels))
        return self._skipped(step, f"It needs {what} that did not succeed: {names}")

    def must_read(self, step: Step) -> bool:
        if not step.account_id or self.halted():
            return False
        return self.sent >= BATCH or self.monotonic() - self.read_at > FRESH_SECONDS

    def read_again(self) -> None:
        """Read the accounts, and note which were edited. No call may be in flight meanwhile."""
        try:
            now = {account.account_id: account for account in self.ledger.accounts(then=BATCH)}
        except XerosyncError as error:
            self._halt(error)
            return
        for account_id, expected in self.accounts.items():
            account = now.get(account_id)
            if account is None or account_changes(expected, account):
                first, _ = self.edits.get(account_id, (expected, None))
                self.edits[account_id] = first, account
        self.accounts = now
        self.sent = 0
        self.read_at = self.monotonic()

    def _edited(self, step: Step) -> Outcome | None:
        """Return a skipped outcome if the account was edited and the step must not be sent."""
        if step.account_id not in self.edits:
            return None
        change = self.plan.changes[step.change]
        if not (found := changed_since.edits(change, *self.edits[step.account_id])):
            return None
        _, now = self.edits[step.account_id]
        reason = f"Edited in Xero in the meantime: {full_stop(', '.join(found))}"
        if now is None:
            reason = "It is no longer in Xero."
        return replace(self._skipped(step, reason), edited=True)

    def send(self, step: Step, needed: dict[int, Outcome]) -> Outcome:
        """Send one step, then its fallback if Xero rejects the step; return the outcome."""
        known = self.plan.changes[step.change].account
        before = self.accounts.get(known.account_id, known) if known else None
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
        hints = *outcome.hints, *instead.hints
        instead = replace(instead, messages=(*said, *instead.messages), hints=hints)
        if instead.result is Result.UNKNOWN:
            return instead  # its `step` is the fallback: the chart shows if that took effect
        result = Result.FELL_BACK if instead.succeeded else instead.result
        return replace(instead, step=step, result=result)

    def record(self, outcome: Outcome) -> Outcome:
        """Journal an outcome and return it. If journalling fails, the run stops."""
        try:
            self.journal.ended(outcome)
        except XerosyncError as error:
            self._halt(error)
            if outcome.result is not Result.SKIPPED:
                messages = (*outcome.messages, error.message)
                return replace(outcome, messages=messages, hints=(*outcome.hints, error.hint))
        return outcome

    def _halt(self, error: XerosyncError) -> None:
        if not self.failure:
            self.failure = f"The run was stopped: {error.message}"
            self.hint = error.hint

    def _skipped(self, step: Step, reason: str) -> Outcome:
        return Outcome(step, Result.SKIPPED, messages=(reason,), hints=(self.hint,))

    def _attempt(self, step: Step, before: Account | None) -> Outcome:
        """Make one call, journalled before and after."""
        if reason := self.halted():
            return self.record(self._skipped(step, reason))
        key = "" if step.operation is Action.DELETE else str(uuid.uuid4())
        try:
            self.journal.sending(step, before, key)
        except XerosyncError as error:
            self._halt(error)
            return self._skipped(step, self.failure)
        outcome = self._try(step, key)
        if outcome.account:
            self.accounts[outcome.account.account_id] = outcome.account
            if before and set(step.values) <= {"code", "name"}:
                self._note_edit(step, before, outcome.account)
        return self.record(outcome)

    def _note_edit(self, step: Step, before: Account, answer: Account) -> None:
        """Note an edit by somebody else that the answer to a call shows.

        The call sent at most a code and a name, and Xero derives no other field from them. The
        answer has every field, so any other field that differs from `before` was edited.
        """
        edited: dict[str, Any] = {
            changed.field: changed.before
            for changed in field_changes(before.values(), answer.values())
            if changed.field not in step.values
        }
        if edited:
            self.edits[answer.account_id] = replace(answer, **edited), answer

    def _try(self, step: Step, key: str) -> Outcome:
        try:
            written = self._call(step, key)
        except RejectedByXero as error:
            said, known, hint = error.messages, error.correlation_id, error.hint
            # A hint says that the account is not there (404): no other call would help.
            return Outcome(step, Result.FAILED, None, said, known, (hint,), refused=not hint)
        except OutcomeUnknown as error:
            return self._read_back(step, error)
        except Interrupted as error:
            return self._skipped(step, error.message)
        except XerosyncError as error:
            if isinstance(error, _EVERY_CALL_WOULD_FAIL):
                self._halt(error)
            said, correlation_id = (error.message,), getattr(error, "correlation_id", "")
            return Outcome(step, Result.FAILED, None, said, correlation_id, (error.hint,))
        if step.operation is Action.CREATE:
            account = written.account
            other = self.accounts.setdefault(account.account_id, account)
            if other is not account:
                message = f"Xero answered with the id of another account ({other.label})."
                lost = OutcomeUnknown(message, correlation_id=written.correlation_id)
                return self._read_back(step, lost)
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

    def _read_back(self, step: Step, lost: OutcomeUnknown) -> Outcome:
        """Return the outcome of a write with no clear answer, as far as the chart shows it."""
        unknown = Outcome(step, Result.UNKNOWN, None, (lost.message,), lost.correlation_id)
        try:
            return settle(unknown, self.ledger.accounts(), existed=self.accounts)
        except XerosyncError as error:
            if isinstance(error, _EVERY_CALL_WOULD_FAIL):
                self._halt(error)
            message = f"Reading the chart failed too: {error.message}"
            return replace(unknown, messages=(*unknown.messages, message), hints=(error.hint,))
