"""Plans that were made → reviewed, sent step by step, journalled, and proved."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from xerosync import limits
from xerosync.apply import run
from xerosync.cli.session import STATE, Session
from xerosync.cli.signals import stopping
from xerosync.cli.terminal import Terminal
from xerosync.document import to_document
from xerosync.errors import (
    AppliedInPart,
    BlockedChanges,
    ExitCode,
    Interrupted,
    NotConfirmed,
    ProofFailed,
    XerosyncError,
)
from xerosync.journal import Journal
from xerosync.ledger import Ledger
from xerosync.outcome import Outcome, Result
from xerosync.plan import Plan
from xerosync.proof import AS_PLANNED, prove, undone
from xerosync.render.text import applied_line, outcome_line
from xerosync.visible import visible

RUNS = STATE / "runs"


def check_confirmable(terminal: Terminal, *, approved: bool) -> None:
    """Refuse, before any call, when somebody must say yes and nobody can be asked."""
    if not approved and not terminal.interactive:
        raise NotConfirmed(
            "Nobody can be asked: this is not a terminal.",
            "Give --yes, or save a plan with `xerosync plan --out PLAN.json`, have it "
            "reviewed, and run `xerosync apply PLAN.json`. Nothing was sent.",
        )


class Execution:
    """The plans of one command, with their open ledgers, on their way to Xero."""

    def __init__(self, session: Session, result: Path | None, *, as_json: bool) -> None:
        self._session = session
        self._terminal = session.terminal
        self._result = result
        self._as_json = as_json
        self._work: list[tuple[Plan, Ledger]] = []
        self._journal: Journal | None = None

    def add(self, plan: Plan, ledger: Ledger) -> None:
        """Take in one plan."""
        self._work.append((plan, ledger))

    def review(self, allowed: Mapping[str, int], *, skip_blocked: bool, approved: bool) -> None:
        """Show every plan, hold it against blocks and limits, and ask.

        Raises `BlockedChanges`, `LimitExceeded` or `NotConfirmed`; nothing was sent then.
        """
        plans = [plan for plan, _ in self._work]
        if self._as_json:
            document = to_document(plans, datetime.now(UTC))
            self._terminal.data(_one_line({"event": "plan", **document}))
        else:
            for plan in plans:
                self._terminal.show(plan)
        for plan in plans:
            if plan.blocked and not skip_blocked:
                raise BlockedChanges(
                    f"{plan.file}: {plan.summary['blocked']} of the changes cannot be done "
                    "(see the blocked ones above).",
                    "Mend them in the file, or apply the rest with --skip-blocked. Nothing "
                    "was sent.",
                )
            limits.enforce(plan, allowed)
        if not approved and any(plan.steps for plan in plans):
            names = ", ".join(visible(plan.organisation.name) for plan in plans if plan.steps)
            self._terminal.err.print(f"Apply this to {names}? Only `yes` is taken: ", end="")
            if input().strip() != "yes":
                raise NotConfirmed("Not confirmed: nothing was sent.")

    def run(self) -> int:
        """Send the plans, one organisation after the other, and prove each.

        Raises `Interrupted`, `AppliedInPart` or `ProofFailed` once all that is in flight
        is recorded.
        """
        if not any(plan.steps for plan, _ in self._work):
            return ExitCode.OK
        self._journal = Journal(
            self._result or _new_run(),
            lambda: datetime.now(UTC),
            self._terminal.data if self._as_json else None,
        )
        try:
            failures = [
                failure
                for plan, ledger in self._work
                if plan.steps and (failure := self._run_one(plan, ledger, self._journal))
            ]
        finally:
            self._journal.close()
            self._terminal.say(f"Journal: {self._journal.path}", "dim")
        if failures:
            raise failures[0]
        return ExitCode.OK

    def _run_one(self, plan: Plan, ledger: Ledger, journal: Journal) -> XerosyncError | None:
        stop = self._session.stop
        if stop.is_set():
            return _interrupted(plan, len(plan.steps))
        settings = self._session.settings
        journal.begin(plan, actor=settings.actor, commit=settings.commit)
        outcomes: list[Outcome] = []
        with stopping(stop, self._terminal), self._progress() as progress:
            task = progress.add_task("Applying", total=len(plan.steps))
            for outcome in run(plan, ledger, journal, stop=stop):
                outcomes.append(outcome)
                progress.console.print(outcome_line(plan, outcome))
                progress.advance(task)
        return self._close(plan, ledger, journal, outcomes)

    def _close(
        self, plan: Plan, ledger: Ledger, journal: Journal, outcomes: list[Outcome]
    ) -> XerosyncError | None:
        """Read the chart again, record the proof, and say how the run ended."""
        stopped = self._session.stop.is_set()
        self._session.stop.clear()
        try:
            chart = ledger.chart()
            differences = prove(plan, outcomes, chart)
            journal.end("; ".join(differences) or AS_PLANNED, chart.accounts)
            unread = ""
        except XerosyncError as error:
            differences, unread = (), error.message
            journal.end(f"not read: {error.message}", ())
        if stopped:
            self._session.stop.set()
        if not self._as_json:
            self._sum(plan, outcomes)
        skipped = [o for o in outcomes if o.result is Result.SKIPPED]
        if stopped and skipped:
            return _interrupted(plan, len(skipped))
        if undone(outcomes):
            return AppliedInPart(
                f"{plan.file}: applied in part; see above what failed and why.",
                "Run the same command again: it goes on with what is left. "
                + " ".join(differences),
            )
        if unread:
            return ProofFailed(
                f"{plan.file}: every step succeeded, but the chart could not be read again to "
                f"prove it: {unread}",
                "Run `xerosync plan`: it must find no changes.",
            )
        if differences:
            return ProofFailed(
                f"{plan.file}: every step succeeded, and yet the chart is not as planned. "
                + " ".join(differences),
                "Somebody edited it meanwhile, or Xero ignored a field. Plan again and look.",
            )
        self._terminal.say("Read again: Xero is as planned.")
        return None

    def _sum(self, plan: Plan, outcomes: list[Outcome]) -> None:
        """Put what failed, and the sum, on stdout too: the lines before went to stderr."""
        out = self._terminal.out
        failed = [o for o in outcomes if o.result not in (Result.DONE, Result.FELL_BACK)]
        if not (out.is_terminal and self._terminal.err.is_terminal):
            for outcome in sorted(failed, key=lambda o: o.step.number):
                out.print(outcome_line(plan, outcome))
        out.print(applied_line(plan, outcomes))

    def _progress(self) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._terminal.err,
            transient=True,
            disable=not self._terminal.err.is_terminal,
        )


def _interrupted(plan: Plan, left: int) -> Interrupted:
    return Interrupted(
        f"{plan.file}: stopped. What was in flight is finished and recorded; {left} of "
        f"{len(plan.steps)} steps were not sent.",
        "Run the same command again: it goes on with what is left.",
    )


def _new_run() -> Path:
    return RUNS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.jsonl"


def _one_line(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"
