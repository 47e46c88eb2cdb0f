"""Show a run while it happens: a progress bar, its outcomes, and JSON events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from xerosync.apply.outcome import Outcome, Result
from xerosync.cli.terminal import Terminal, safely
from xerosync.cli.waiting import Wait
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.review import Review
from xerosync.plan import estimate
from xerosync.plan.plan import Plan
from xerosync.plan.saved.serialize import to_document
from xerosync.render.outcome import applied_line, outcome_line
from xerosync.text import counted, first_few, visible_json

_MOST = 10
"""The most accounts that a sentence names."""


class RunDisplay:
    """Shows the runs of one command, as text or as JSON events.

    The methods called after the first step is sent never raise: a closed pipe must not stop a run.
    """

    def __init__(self, terminal: Terminal, wait: Wait, *, as_json: bool) -> None:
        self._terminal = terminal
        self._wait = wait
        self.as_json = as_json
        self._several = False

    def plans(
        self,
        plans: Sequence[Plan],
        made_at: datetime,
        failed: Sequence[FailedOrganisation] = (),
        waves: Sequence[Sequence[str]] | None = None,
    ) -> None:
        """Show what will be applied.

        In text mode, raises an error if stdout cannot be written: no plan is applied unseen.
        If there are several plans, or organisations that `failed`, a review is shown. `waves` are
        the tenant ids of each wave, for the JSON event.
        """
        self._several = len(plans) > 1
        review = Review.of(plans, failed) if self._several or failed else None
        if self.as_json:
            document = to_document(plans, made_at, review.to_json() if review else {})
            if waves is not None:
                document["waves"] = waves
            self.event(json.dumps({"event": "plan", **document}, ensure_ascii=False) + "\n")
        elif review:
            self._terminal.show_review(review)
        else:
            for plan in plans:
                self._terminal.show(plan)

    def deferred(self, plans: Iterable[Plan]) -> None:
        """Report the changes that the files ask for but the saved plans do not make."""
        for plan in plans:
            if others := [change.label for change in plan.deferred]:
                self.say(
                    f"{plan.file} also asks for {counted(len(others), 'change')} that this plan "
                    f"does not make: {first_few(others, _MOST)}. Plan again for what is left."
                )

    @contextmanager
    def running(self, plan: Plan) -> Iterator[Callable[[Outcome], None]]:
        """Show a bar on a terminal; yield a function that shows one outcome."""
        bar = bar_with(self._terminal.err, Remaining(self._wait))
        task = bar.add_task("Applying", total=len(plan.steps))
        show_line = self._lines(plan, bar.console)
        ended: set[int] = set()

        def show(outcome: Outcome) -> None:
            show_line(outcome)
            ended.add(outcome.step.number)
            safely(lambda: bar.update(task, completed=len(ended)))

        safely(bar.start)
        try:
            yield show
        finally:
            safely(bar.stop)

    def finished(self, plan: Plan, outcomes: Sequence[Outcome], *, proved: bool) -> None:
        """Show the totals on stdout. If `proved`, say on stderr that Xero is as planned.

        If stdout or stderr is not a terminal, stdout also gets the steps that did not succeed. With
        JSON events, stdout gets nothing.
        """
        out = self._terminal.out
        if not self.as_json:
            if not (out.is_terminal and self._terminal.err.is_terminal):
                show_line = self._lines(plan, out)
                for outcome in sorted(outcomes, key=lambda o: o.step.number):
                    if not outcome.good:
                        show_line(outcome)
            line = applied_line(plan, outcomes, named=self._several)
            safely(lambda: self._terminal.sentence(line))
        if proved:
            self.say("Checked: Xero is as planned.")

    def event(self, line: str) -> None:
        """Write one line of JSON to stdout, at once."""

        def write() -> None:
            self._terminal.data(visible_json(line))
            self._terminal.out.file.flush()

        safely(write)

    def say(self, sentence: str, style: str = "") -> None:
        """Write a sentence to stderr."""
        safely(lambda: self._terminal.say(sentence, style))

    def _lines(self, plan: Plan, console: Console) -> Callable[[Outcome], None]:
        """Return a function that prints an outcome. A reason for skipping is printed only once."""
        shown: set[str] = set()

        def show(outcome: Outcome) -> None:
            line = outcome_line(plan, outcome, without=shown)
            safely(lambda: console.print(line, soft_wrap=not console.is_terminal))
            if outcome.result is Result.SKIPPED:
                shown.update(outcome.messages)

        return show


class Remaining(ProgressColumn):
    """About how much time is left: for the current wait, the remaining steps and the last check."""

    def __init__(self, wait: Wait) -> None:
        super().__init__()
        self._wait = wait

    def render(self, task: Task) -> Text:
        """Return the time that is left, and whether the run waits for Xero's rate limit."""
        steps = int(task.remaining or 0)
        seconds = self._wait.left + estimate.seconds(steps + estimate.READS_AFTER)
        waiting = "waiting for Xero's rate limit, " if self._wait.left else ""
        return Text(f"{waiting}about {estimate.duration(round(seconds))} left", "dim")


def bar_with(console: Console, left: ProgressColumn) -> Progress:
    """Return a bar that shows only on a terminal; the last column, `left`, shows what is left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        left,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class OrganisationsLeft(Remaining):
    """How many organisations failed, and how much time is left at the speed so far."""

    def render(self, task: Task) -> Text:
        """Return how many failed, whether the run waits, and the time left if it is known."""
        failed = task.fields["failed"]
        parts = [f"{failed:,} failed"] if failed else []
        parts += ["waiting for Xero's rate limit"] if self._wait.left else []
        if task.completed and task.elapsed:
            seconds = task.elapsed / task.completed * (task.remaining or 0) + self._wait.left
            parts.append(f"about {estimate.duration(round(seconds))} left")
        return Text(", ".join(parts), "dim")


@contextmanager
def organisations_bar(
    console: Console, wait: Wait, total: int, done: str
) -> Iterator[Callable[[bool], None]]:
    """Show a progress bar of organisations on a terminal.

    Yield a function to call when an organisation is done; its argument is whether it failed.
    """
    bar = bar_with(console, OrganisationsLeft(wait))
    task = bar.add_task(done.capitalize(), total=total, failed=0)
    failed = 0

    def ended(has_failed: bool) -> None:
        nonlocal failed
        failed += has_failed
        bar.update(task, advance=1, failed=failed)

    with bar:
        yield ended
