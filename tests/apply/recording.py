"""A journal and a display in memory, and plans run against a ledger in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event, Lock

from fakes import FakeCall, FakeLedger

from xerosync.apply.execute import execute_steps
from xerosync.apply.journal_writer import Provenance
from xerosync.apply.outcome import Outcome, Result
from xerosync.errors import XerosyncError
from xerosync.model import Account
from xerosync.plan.plan import Plan, Step


class Recorded:
    """Keeps what a run journals, in order; after `full_after` lines, writing fails."""

    def __init__(self, full_after: int = 1_000_000) -> None:
        self.sent: list[tuple[Step, Account | None, str]] = []
        self.outcomes: list[Outcome] = []
        self.lines: list[tuple[str, int]] = []
        self.begun: list[tuple[Plan, Provenance]] = []
        self.found: list[tuple[Account, ...]] = []
        self.proofs: list[str] = []
        self._room = full_after
        self._lock = Lock()

    def begin(self, plan: Plan, provenance: Provenance, accounts: Iterable[Account] = ()) -> None:
        self.begun.append((plan, provenance))
        self.found.append(tuple(accounts))

    def sending(self, step: Step, before: Account | None, key: str) -> None:
        with self._lock:
            self._write("sending", step)
            self.sent.append((step, before, key))

    def ended(self, outcome: Outcome) -> None:
        with self._lock:
            self._write("ended", outcome.step)
            self.outcomes.append(outcome)

    def end(self, proof: str, accounts: Iterable[Account]) -> None:
        self.proofs.append(proof)

    def _write(self, what: str, step: Step) -> None:
        if not self._room:
            raise XerosyncError("The journal cannot be written (disk full).", "Make room.")
        self._room -= 1
        self.lines.append((what, step.number))


def results(
    plan: Plan, ledger: FakeLedger, record: Recorded | None = None, stop: Event | None = None
) -> dict[int, Outcome]:
    """Execute the steps of a plan, and return each outcome by its step's number."""
    outcomes = list(execute_steps(plan, ledger, record or Recorded(), stop=stop))
    found = {outcome.step.number: outcome for outcome in outcomes}
    assert len(found) == len(outcomes), "one outcome a step"
    assert set(found) == {step.number for step in plan.steps}
    return found


def done(outcomes: dict[int, Outcome]) -> set[int]:
    return {number for number, outcome in outcomes.items() if outcome.result is Result.DONE}


def failing(error: Exception, when: Callable[[FakeCall], bool]) -> Callable[[FakeCall], None]:
    """Return a hook that raises an error at some calls."""

    def hook(call: FakeCall) -> None:
        if when(call):
            raise error

    return hook


def creates(code: str) -> Callable[[FakeCall], bool]:
    """Return whether a call creates this code."""
    return lambda call: call.method == "create" and (call.values or {}).get("code") == code


def reads(call: FakeCall) -> bool:
    return not call.is_write
