"""Plans that were made → reviewed, sent step by step, journalled, and proved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from xerosync.apply.execute import run
from xerosync.apply.ledger import Ledger
from xerosync.apply.outcome import Outcome, Result
from xerosync.cli.closing import close, interrupted, verdict
from xerosync.cli.progress import bar
from xerosync.cli.session import Session
from xerosync.cli.signals import stopping
from xerosync.cli.state import new_run
from xerosync.cli.terminal import Terminal
from xerosync.errors import BlockedChanges, ExitCode, Interrupted, NotConfirmed, XerosyncError
from xerosync.history.journal import Journal, probe
from xerosync.plan import estimate, limits
from xerosync.plan.plan import Plan
from xerosync.plan.serialize import digest_of, to_document
from xerosync.render.outcome import applied_line, outcome_line
from xerosync.text import visible, visible_json

AGAIN = "Run the same command again: it goes on with what is left."
_MEND = {False: "Mend them in the file", True: "Settle them in Xero"}
PLAN_AGAIN = "This saved plan is used up. Plan again: the new plan holds what is left."


def check_confirmable(terminal: Terminal, *, approved: bool) -> None:
    """Refuse, before any call, when somebody must say yes and nobody can be asked."""
    if not approved and not terminal.interactive:
        raise NotConfirmed(
            "Nobody can be asked: this is not a terminal.",
            "Give --yes, or save a plan with `xerosync plan --out PLAN.json`, have it "
            "reviewed, and run `xerosync apply PLAN.json`. Nothing was sent.",
        )


class Execution:
    """The plans of one command, with their open ledgers, on their way to Xero.

    `saved` are the plans as they were approved, () when they are made now; `created_at` is
    when they were saved. Raises as
    `journal.probe` when the run could not be journalled.
    """

    def __init__(
        self,
        session: Session,
        result: Path | None,
        *,
        as_json: bool,
        saved: tuple[Plan, ...] = (),
        created_at: str = "",
    ) -> None:
        self._session = session
        self._terminal = session.terminal
        self._path = result or new_run()
        self._as_json = as_json
        self._saved = saved
        self._created_at = created_at
        self._work: list[tuple[Plan, Ledger]] = []
        self._bounds: list[tuple[Plan, int | None]] = []
        probe(self._path)

    def add(self, plan: Plan, ledger: Ledger) -> None:
        """Take in one plan."""
        self._work.append((plan, ledger))

    def bound(self, calls_left: int | None) -> None:
        """Hold the plan that was added last to the calls that Xero still allows today."""
        self._bounds.append((self._work[-1][0], calls_left))

    def review(self, allowed: Mapping[str, int], *, skip_blocked: bool, approved: bool) -> None:
        """Show every plan, hold it against blocks and limits, and ask.

        Raises `BlockedChanges`, `LimitExceeded`, `TooFewCalls` or `NotConfirmed`; nothing
        was sent then.
        """
        plans = [plan for plan, _ in self._work]
        if self._as_json:
            document = to_document(plans, datetime.now(UTC))
            self._event(json.dumps({"event": "plan", **document}, ensure_ascii=False) + "\n")
        else:
            for plan in plans:
                self._terminal.show(plan)
        for plan in plans:
            if plan.blocked and not skip_blocked:
                raise BlockedChanges(
                    f"{plan.file}: {plan.summary['blocked']} of the changes cannot be done "
                    "(see the blocked ones above).",
                    f"{_MEND[plan.desired.partial]}, or apply the rest with --skip-blocked. "
                    "Nothing was sent.",
                )
            limits.enforce(plan, allowed)
        for plan, calls_left in self._bounds:
            estimate.check(plan, calls_left)
        if not approved and any(plan.steps for plan in plans):
            self._ask([plan.organisation.name for plan in plans if plan.steps])

    def run(self) -> int:
        """Send the plans, one organisation after the other, and prove each.

        Raises what kept a plan from being whole once all that is in flight is recorded;
        of several, the gravest, and the others are said.
        """
        if not any(plan.steps for plan, _ in self._work):
            if any(plan.blocked for plan, _ in self._work):
                self._say("Nothing was sent: all that is to be done is blocked.")
            return ExitCode.OK
        journal = Journal(
            self._path, lambda: datetime.now(UTC), self._event if self._as_json else None
        )
        try:
            with stopping(self._session.stop, self._terminal):
                failures = [
                    failure
                    for plan, ledger in self._work
                    if plan.steps and (failure := self._run_one(plan, ledger, journal))
                ]
        finally:
            journal.close()
            self._say(f"Journal: {journal.path}", "dim")
        if not failures:
            return ExitCode.OK
        gravest = max(failures, key=lambda failure: isinstance(failure, Interrupted))
        for failure in failures:
            if failure is not gravest:
                self._say(f"Error: {failure.message}\n  {failure.hint}")
        raise gravest

    def _ask(self, names: list[str]) -> None:
        """Let pass only who types `yes`."""
        where = ", ".join(visible(name) for name in names)
        self._terminal.err.print(f"Apply this to {where}? Only `yes` is taken: ", end="")
        try:
            answer = input()
        except EOFError:
            self._terminal.err.print()
            answer = ""
        except KeyboardInterrupt:
            self._terminal.err.print()
            raise Interrupted("Not confirmed: nothing was sent.") from None
        if answer.strip() != "yes":
            raise NotConfirmed("Not confirmed: nothing was sent.")

    def _run_one(self, plan: Plan, ledger: Ledger, journal: Journal) -> XerosyncError | None:
        stop, settings = self._session.stop, self._session.settings
        again = PLAN_AGAIN if self._saved else AGAIN
        if stop.is_set():
            return interrupted(plan, len(plan.steps), again=again)
        digest = digest_of(self._saved or [plan for plan, _ in self._work])
        try:
            journal.begin(
                plan,
                digest=digest,
                created_at=self._created_at,
                actor=settings.actor,
                commit=settings.commit,
                approver=settings.approver,
                job=settings.job,
            )
        except XerosyncError as error:
            return error
        outcomes: list[Outcome] = []
        with self._progress(plan) as tell:
            for outcome in run(plan, ledger, journal, stop=stop):
                outcomes.append(outcome)
                tell(outcome)

        def show(outcome: Outcome) -> None:
            self._safely(lambda: self._terminal.err.print(outcome_line(plan, outcome)))

        ending = close(plan, ledger, journal, outcomes, stop=stop, tell=show)
        if not self._as_json:
            self._safely(lambda: self._sum(plan, ending.outcomes))
        failure = verdict(plan, ending, again=again)
        if failure is None:
            self._say("Read again: Xero is as planned.")
        return failure

    def _sum(self, plan: Plan, outcomes: tuple[Outcome, ...]) -> None:
        """Put what failed, and the sum, on stdout too: the lines before went to stderr."""
        out = self._terminal.out
        failed = [outcome for outcome in outcomes if not outcome.good]
        if not (out.is_terminal and self._terminal.err.is_terminal):
            said: set[str] = set()
            for outcome in sorted(failed, key=lambda o: o.step.number):
                out.print(outcome_line(plan, outcome, without=said))
                if outcome.result is Result.SKIPPED:
                    said.update(outcome.messages)
        self._terminal.sentence(applied_line(plan, outcomes))

    @contextmanager
    def _progress(self, plan: Plan) -> Iterator[Callable[[Outcome], None]]:
        """Show a bar on a terminal; gives what shows one outcome."""
        progress = bar(self._terminal.err, self._session.wait)
        task = progress.add_task("Applying", total=len(plan.steps))

        said: set[str] = set()

        def tell(outcome: Outcome) -> None:
            line = outcome_line(plan, outcome, without=said)
            self._safely(lambda: progress.console.print(line))
            self._safely(lambda: progress.advance(task))
            if outcome.result is Result.SKIPPED:
                said.update(outcome.messages)

        self._safely(progress.start)
        try:
            yield tell
        finally:
            self._safely(progress.stop)

    def _event(self, line: str) -> None:
        """Write one line of JSON to stdout, at once."""

        def write() -> None:
            self._terminal.data(visible_json(line))
            self._terminal.out.file.flush()

        self._safely(write)

    def _say(self, sentence: str, style: str = "") -> None:
        self._safely(lambda: self._terminal.say(sentence, style))

    def _safely(self, write: Callable[[], object]) -> None:
        """Write; a reader that has left is no reason to stop in the middle of the books.

        Rich leaves with `SystemExit` when its pipe is broken.
        """
        with suppress(OSError, ValueError, SystemExit):
            write()
