"""Show applies to many organisations at once: a progress bar, and totals for each organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Self

from xerosync.apply.outcome import Outcome
from xerosync.cli.progress import organisations_bar
from xerosync.cli.terminal import Terminal, safely
from xerosync.cli.waiting import Wait
from xerosync.plan.plan import Plan
from xerosync.render.outcome import applied_line, outcome_line


class ManyRuns:
    """Shows the applies of each wave; several threads may call it at once.

    When the apply to an organisation ends, its totals and the steps that did not succeed are shown.
    On a terminal, they appear only when the wave's progress bar is removed. If `as_json`, totals
    are not shown: stdout has only events. No method raises: a closed pipe must not stop a run.
    """

    def __init__(self, terminal: Terminal, wait: Wait, *, as_json: bool) -> None:
        self._terminal = terminal
        self._wait = wait
        self._as_json = as_json
        self._lock = Lock()
        self._later: list[Callable[[], object]] = []
        self._bar = ExitStack()
        self._ended: Callable[[bool], None] = lambda _: None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_wave()

    def begin_wave(self, sentence: str, total: int) -> None:
        """End the previous wave, and begin the next one."""
        self.end_wave()
        if sentence:
            safely(lambda: self._terminal.say(sentence))
        bar = organisations_bar(self._terminal.err, self._wait, total, "applied")

        def begin() -> None:
            self._ended = self._bar.enter_context(bar)

        safely(begin)

    def end_wave(self) -> None:
        """Remove the bar, and show the steps and totals that were held back until now."""
        safely(self._bar.close)
        self._ended = lambda _: None
        with self._lock:
            later, self._later = self._later, []
        for show in later:
            safely(show)

    def ended(self, *, failed: bool) -> None:
        """Count an organisation whose apply has ended."""
        with self._lock:
            safely(lambda: self._ended(failed))

    @contextmanager
    def running(self, plan: Plan) -> Iterator[Callable[[Outcome], None]]:  # noqa: ARG002 the port's
        """Yield a function that shows nothing: steps of several organisations would be mixed."""
        yield lambda _: None

    def finished(self, plan: Plan, outcomes: Sequence[Outcome], *, proved: bool) -> None:  # noqa: ARG002
        """Show which steps of one organisation did not succeed, and its totals."""

        def show() -> None:
            shown: set[str] = set()
            for outcome in sorted(outcomes, key=lambda o: o.step.number):
                if not outcome.good:
                    console = self._terminal.err if self._as_json else self._terminal.out
                    console.print(outcome_line(plan, outcome, without=shown), soft_wrap=True)
                    shown.update(outcome.messages)
            if not self._as_json:
                self._terminal.sentence(applied_line(plan, outcomes, named=True))

        with self._lock:
            if self._terminal.err.is_terminal:
                self._later.append(show)
            else:
                safely(show)
