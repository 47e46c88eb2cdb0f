"""Show the progress of `doctor --demo-company`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.progress import Progress, TaskID, TextColumn

from xerosync.cli.progress import bar_with
from xerosync.cli.session import Session
from xerosync.cli.terminal import safely
from xerosync.plan import estimate
from xerosync.text import counted
from xerosync.xero_limits import PER_MINUTE

_USUAL_CALLS = 110
"""How many calls a run usually makes. If Xero behaves unexpectedly, it makes more."""


class DemoProgress:
    """Shows a bar on a terminal; in a pipe, a line for each step."""

    def __init__(self, session: Session, bar: Progress, task: TaskID) -> None:
        self._session = session
        self._bar = bar
        self._task = task

    @classmethod
    @contextmanager
    def of(cls, session: Session) -> Iterator[Self]:
        """Show the progress until the end of the block; yield the object that updates it."""
        bar = bar_with(session.terminal.err, TextColumn("{task.fields[left]}", "dim"))
        task = bar.add_task("Asking", total=1, left="")
        with bar:
            yield cls(session, bar, task)

    def doing(self, number: int, total: int, what: str) -> None:
        """Show that step `number` of `total` has begun; `what` describes the step."""
        stage = {total - 1: "Main job", total: "Cleaning up"}.get(number, "Asking")
        if self._bar.disable:
            safely(lambda: self._session.terminal.say(f"{number} of {total}: {what}"))
            return
        done = number - 1
        safely(lambda: self._bar.update(self._task, description=stage, completed=done, total=total))

    def called(self, calls: int) -> None:
        """Show the number of calls so far, and about how much time is left."""
        seconds = max(0, _USUAL_CALLS - calls) * 60 // PER_MINUTE
        waiting = "waiting for Xero's rate limit, " if self._session.wait.left else ""
        left = f", about {estimate.duration(seconds)} left" if seconds else ""
        text = f"{waiting}{counted(calls, 'call')}{left}"
        safely(lambda: self._bar.update(self._task, left=text))
