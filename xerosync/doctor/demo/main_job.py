"""Do the main job: pull, an empty plan, and a change of every kind, applied and undone.

This runs the code of the commands, in a temporary folder. Only throw-away accounts are changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from xerosync.apply import preflight
from xerosync.apply.journal_writer import Provenance
from xerosync.apply.outcome import Outcome
from xerosync.apply.preflight import Prepared
from xerosync.apply.run import Runner
from xerosync.desired import DesiredChart
from xerosync.doctor.demo.cases_of_creates import tax_for_all
from xerosync.doctor.demo.demo_books import DemoBooks
from xerosync.doctor.demo.watched_ledger import WatchedLedger
from xerosync.errors import Interrupted, ProofFailed, XerosyncError
from xerosync.history import runs
from xerosync.history.journal import Journal
from xerosync.history.rollback import add_later_edits, undo
from xerosync.model import Chart
from xerosync.plan.build import build
from xerosync.plan.diff import account_changes
from xerosync.plan.plan import Action, Plan
from xerosync.xero_behaviour import Question, XeroAnswer

OK = "ok"
PARTS = ("pull", "empty_plan", "changes", "applied", "proved", "rolled_back")
"""The parts of the main job, in the order in which they are done."""
NOT_DONE = "not done, because an earlier part failed"


class ChartFiles(Protocol):
    """Writes and reads chart files in the folder of the job."""

    def pull(self, chart: Chart) -> DesiredChart:
        """Write a new chart file from Xero's chart, and read it."""

    def load(self, text: str) -> DesiredChart:
        """Write a chart file with this text, and read it."""


@dataclass(slots=True)
class _Outcomes:
    """A `Display` that only keeps the messages of outcomes that are not `good`."""

    messages: list[str] = field(default_factory=list)

    @contextmanager
    def running(self, _: Plan) -> Iterator[Callable[[Outcome], None]]:
        yield lambda _: None

    def finished(self, _: Plan, outcomes: Sequence[Outcome], *, proved: bool) -> None:  # noqa: ARG002 the port's
        self.messages = [text for one in outcomes if not one.good for text in one.messages]


@dataclass(slots=True)
class MainJob:
    """One run of the main job; `findings` are the answers to the questions."""

    books: DemoBooks
    ledger: WatchedLedger
    files: ChartFiles
    folder: Path
    now: Callable[[], datetime]
    findings: Mapping[Question, XeroAnswer]
    _kinds: set[Action] = field(default_factory=set)

    def run(self) -> dict[str, str]:
        """Do the job, and return how each part ended: `ok`, or why not. Raises `Interrupted`."""
        done: dict[str, str] = {}
        try:
            for part in self._parts():
                done[part] = OK
        except Interrupted:
            raise
        except XerosyncError as error:
            failed = next(part for part in PARTS if part not in done)
            if failed == "applied" and isinstance(error, ProofFailed):
                done["applied"], failed = OK, "proved"
            sentences = " ".join(dict.fromkeys((error.message, *error.details)))
            done[failed] = sentences.replace(f"{self.folder}{os.sep}", "")
        return {part: done.get(part, NOT_DONE) for part in PARTS}

    def _parts(self) -> Iterator[str]:
        """Do the parts in order; yield each that is done. Raises `XerosyncError` if one fails."""
        chart = self.ledger.chart()
        pulled = self.files.pull(chart)
        yield "pull"
        nothing = build(chart, pulled)
        labels = [one.label for one in nothing.changes] + [one.label for one in nothing.blocked]
        if labels:
            raise XerosyncError(
                f"A plan of the file that was just pulled has changes, to {', '.join(labels)}."
            )
        yield "empty_plan"
        first, second = self._charts()
        _, chart = self._apply(self._plan(chart, self.files.load(first)), chart)
        before = chart
        changes = self._plan(chart, self.files.load(second))
        yield "changes"
        journal, chart = self._apply(changes, chart)
        yield "applied"
        yield "proved"
        (run,) = runs.read(journal)
        undoing = self._plan(chart, undo(run, chart.accounts))
        _, chart = self._apply(add_later_edits(undoing, run), chart)
        self._check_undone(before, chart, changes)
        yield "rolled_back"

    def _charts(self) -> tuple[str, str]:
        """Return two chart files: one that creates accounts, and one that changes them."""
        made = [self.books.names.new() for _ in range(4)]
        (code, name), (moved, _) = self.books.names.new(), self.books.names.new()
        tax = tax_for_all(self.books)
        tax_type = {"tax_type": tax["TaxType"]} if tax else {}
        accounts: list[dict[str, Any]] = [
            {"code": c, "name": n, "type": "EXPENSE", "description": "Before."} | tax_type
            for c, n in made
        ]
        changed = accounts[0] | {"name": name, "code": code, "previously": [accounts[0]["code"]]}
        changed |= {"description": "After.", "show_in_expense_claims": True}
        changed |= {"add_to_watchlist": True} | self._as_far_as_known()
        renumbered = accounts[1] | {"code": moved, "previously": [accounts[1]["code"]]}
        archived = accounts[2] | {"status": "ARCHIVED"}
        deleted = {"code": made[3][0], "name": made[3][1], "status": "DELETED"}
        return self._text(accounts), self._text([changed, renumbered, archived, deleted])

    def _as_far_as_known(self) -> dict[str, Any]:
        """Return a new type and payments flag, each only if the findings say Xero accepts it."""
        known = {question: one.answer for question, one in self.findings.items()}
        changes: dict[str, Any] = {}
        if known.get(Question.RETYPE_IN_CLASS) == "accepted":
            changes["type"] = "OVERHEADS"
        if known.get(Question.PAYMENTS_ON_EXPENSE) == "accepted":
            changes["enable_payments_to_account"] = True
        return changes

    def _text(self, accounts: list[dict[str, Any]]) -> str:
        """Return a chart file, written as JSON, which is also YAML."""
        return json.dumps(
            {
                "version": 1,
                "organisation": {"tenant_id": self.books.organisation.tenant_id},
                "on_delete_refused": "archive",
                "limits": {"deletes": 1},
                "accounts": accounts,
            }
        )

    def _plan(self, chart: Chart, desired: DesiredChart) -> Plan:
        """Return the plan. Raises `XerosyncError` if the plan is empty or may not be applied."""
        plan = build(chart, desired)
        if plan.blocked:
            reasons = " ".join(f"{one.label}: {one.reason}" for one in plan.blocked)
            raise XerosyncError(f"Changes are blocked. {reasons}")
        preflight.check(plan, {}, skip_blocked=False)
        if not plan.steps:
            raise XerosyncError("The plan is empty.")
        return plan

    def _apply(self, plan: Plan, chart: Chart) -> tuple[Path, Chart]:
        """Apply a plan; return its journal and the chart that it leaves."""
        path = self.folder / f"{len(list(self.folder.glob('*.jsonl')))}.jsonl"
        self._kinds |= {step.operation for step in plan.steps}
        journal, outcomes = Journal(path, self.now), _Outcomes()
        runner = Runner(journal, Provenance(""), outcomes, self.books.stop, "Run again.")
        try:
            runner.run(Prepared(plan, self.ledger, current=chart))
        except XerosyncError as error:
            error.details = (*outcomes.messages, *error.details)
            raise
        finally:
            journal.close()
        return path, replace(chart, accounts=self.ledger.accounts())

    def _check_undone(self, before: Chart, after: Chart, changes: Plan) -> None:
        """Raise `XerosyncError` if the rollback is incomplete, or a kind of change was not made."""
        now = {account.account_id: account for account in after.accounts}
        actions = {change.account_id: change.action for change in changes.changes}
        left = [
            one.label
            for one in before.accounts
            if (action := actions.get(one.account_id))
            and (one.account_id in now or action is not Action.DELETE)
            and (one.account_id not in now or account_changes(one, now[one.account_id]))
        ]
        if left:
            which = ", ".join(left)
            raise XerosyncError(f"These accounts are not as they were before the run: {which}.")
        if missing := set(Action) - self._kinds:
            raise XerosyncError(f"Kinds of change not made: {', '.join(sorted(missing))}.")
