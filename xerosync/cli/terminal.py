"""Settings → the two consoles: data to stdout, sentences and progress to stderr."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from rich.console import Console

from xerosync.plan import Plan
from xerosync.settings import Settings
from xerosync.visible import visible


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command writes. `ask` is possible only with a person at both ends."""

    out: Console
    err: Console

    def say(self, sentence: str, style: str = "") -> None:
        """Write a sentence to stderr; nothing in it acts."""
        self.err.print(visible(sentence), style=style, soft_wrap=True)

    def show(self, plan: Plan) -> None:
        """Write a plan to stdout: its tables, and its sum on one line, however narrow."""
        from xerosync.render.text import plan_view, summary_line

        self.out.print(plan_view(plan))
        self.out.print(summary_line(plan), style="bold", soft_wrap=True)

    def data(self, text: str) -> None:
        """Write text to stdout, as it is."""
        self.out.file.write(text)

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return sys.stdin.isatty() and self.err.is_terminal


def open_terminal(settings: Settings, *, no_color: bool) -> Terminal:
    """Make the consoles. Markup, emoji codes and highlighting are off: names are data."""

    def console(*, stderr: bool) -> Console:
        return Console(
            stderr=stderr,
            no_color=no_color or settings.no_color,
            force_terminal=True if settings.force_color else None,
            markup=False,
            emoji=False,
            highlight=False,
        )

    return Terminal(console(stderr=False), console(stderr=True))
