"""A run under way → a bar, and how long it still takes at the pace that Xero allows."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from xerosync.cli.waiting import Wait
from xerosync.plan import estimate


class Remaining(ProgressColumn):
    """What is left at most: the wait, then the calls at the limit of a minute, and the proof."""

    def __init__(self, wait: Wait) -> None:
        super().__init__()
        self._wait = wait

    def render(self, task: Task) -> Text:
        """Say it for the steps that are left."""
        steps = int(task.remaining or 0)
        seconds = self._wait.left + estimate.seconds(steps + estimate.READS_AFTER)
        waiting = "waiting for Xero's limit, " if self._wait.left else ""
        return Text(f"{waiting}about {estimate.duration(round(seconds))} left", "dim")


def bar(console: Console, wait: Wait) -> Progress:
    """Make the bar of a run; it shows on a terminal alone."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        Remaining(wait),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
