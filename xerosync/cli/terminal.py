"""The terminal: results go to stdout, messages and progress to stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.text import Text

from xerosync.plan import estimate
from xerosync.plan.plan import Plan
from xerosync.settings import Settings
from xerosync.text import arrow, visible

if TYPE_CHECKING:
    from xerosync.organisations.compare.grid import Grid
    from xerosync.organisations.review import Review
    from xerosync.render.doctor.behaviour_view import BehaviourView
    from xerosync.render.plan.terminal_view import ViewOptions

_BOOKS = "adopt|apply|compare|doctor|drift|plan|pull|rollback|usage"
_CONNECTS = re.compile(rf"(?:`|: )xerosync (?:{_BOOKS})(?![^`]* --(?:current|profile|sandbox)\b)")
"""A command that connects to Xero and does not yet have --current, --profile or --sandbox."""
_WIDEST = 140
"""The greatest width of a table or a report, in characters: longer lines are hard to read."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """The consoles of a command. `options`, such as " --sandbox", are for commands in messages."""

    out: Console
    err: Console
    options: str = ""

    def with_options(self, text: str) -> str:
        """Return a text with this run's options added to the commands that connect to Xero."""
        return _CONNECTS.sub(lambda found: found[0] + self.options, text)

    def say(self, sentence: str, style: str = "") -> None:
        """Write a sentence to stderr. Commands get `options`; control characters are escaped."""
        self.err.print(visible(self.with_options(sentence)), style=style, soft_wrap=True)

    @property
    def arrow(self) -> str:
        """The arrow in messages: "→", or "->" if stderr cannot show "→"."""
        return arrow(plain=not self.err.encoding.startswith("utf"))

    def show(self, plan: Plan, view: ViewOptions | None = None, *, brief: bool = False) -> None:
        """Write a plan to stdout, and then its summary."""
        from xerosync.render.plan.brief import brief_lines
        from xerosync.render.plan.terminal_view import ViewOptions
        from xerosync.render.plan.text import limit_lines, plan_view, summary_line

        shown = self._fitted(view or ViewOptions())
        if brief:
            self._lines(brief_lines(plan, shown), plain=shown.plain)
            for part in limit_lines(plan):
                self._print(part)
        else:
            self._print(plan_view(plan, shown))
        self.sentence(summary_line(plan), style="bold")
        if needed := estimate.sentence(plan):
            self.sentence(needed)

    def show_review(
        self, review: Review, view: ViewOptions | None = None, *, brief: bool = False
    ) -> None:
        """Write the review of many plans to stdout, and then its summary."""
        from xerosync.render.plan.terminal_view import ViewOptions
        from xerosync.render.review import phrases
        from xerosync.render.review.text import brief_review, review_view

        shown = self._fitted(view or ViewOptions())
        if brief:
            self._lines(brief_review(review, shown), plain=shown.plain)
        else:
            self._print(review_view(review, shown))
        self.sentence(phrases.summary_sentence(review), style="bold")
        if needed := phrases.estimate_of(review):
            self.sentence(needed)

    def show_comparison(self, grid: Grid, account: str = "") -> None:
        """Write a comparison or one account of it, and a summary. Raises as `account_view` does."""
        from xerosync.render.compare.text import account_view, grid_view, summary

        width = min(self.out.width, _WIDEST)
        self._print(account_view(grid, account, width) if account else grid_view(grid, width))
        self.sentence(summary(grid), style="bold")

    def show_behaviour(self, view: BehaviourView) -> None:
        """Write a report on Xero's behaviour to stdout; the summary comes last."""
        from xerosync.render.doctor.behaviour_text import report_table

        self._print(report_table(view))
        self.sentence(visible(view.summary), style="bold")

    def _fitted(self, view: ViewOptions) -> ViewOptions:
        return replace(
            view,
            width=min(self.out.width, _WIDEST),
            plain=not self.out.encoding.lower().startswith("utf"),
            links=self._takes_links,
        )

    def sentence(self, text: str, style: str = "") -> None:
        """Write a sentence to stdout, wrapped on a screen and on one line in a pipe."""
        self.out.print(text, style=style, soft_wrap=not self.out.is_terminal)

    def _lines(self, lines: Iterable[Text], *, plain: bool) -> None:
        """Write lines to stdout, cut at the edge of a terminal and whole in a pipe."""
        for line in lines:
            if self.out.is_terminal:
                self.out.print(line, no_wrap=True, overflow="crop" if plain else "ellipsis")
            else:
                self.out.print(line, soft_wrap=True)

    def _print(self, view: RenderableType) -> None:
        """Write to stdout, without trailing spaces in a pipe."""
        width = min(self.out.width, _WIDEST)
        if self.out.is_terminal:
            self.out.print(view, width=width)
            return
        with self.out.capture() as captured:
            self.out.print(view, width=width)
        self.out.file.write("\n".join(line.rstrip(" ") for line in captured.get().split("\n")))

    @property
    def columns(self) -> int | None:
        """The column at which to wrap text; None in a pipe, where lines are not wrapped."""
        return min(self.out.width, _WIDEST) if self.out.is_terminal else None

    @property
    def _takes_links(self) -> bool:
        """Whether stdout is a screen. In a log, a link would be noise."""
        isatty = getattr(self.out.file, "isatty", None)
        return bool(isatty and isatty()) and not self.out.is_dumb_terminal

    def data(self, text: str) -> None:
        """Write text to stdout without wrapping, as UTF-8 whatever the terminal's encoding."""
        file = self.out.file
        buffer = getattr(file, "buffer", None)
        if buffer is None:
            file.write(text)
            return
        file.flush()
        buffer.write(text.encode("utf-8", "backslashreplace"))
        buffer.flush()

    @property
    def interactive(self) -> bool:
        """Whether a person can answer questions."""
        return sys.stdin.isatty() and self.err.is_terminal


def safely(write: Callable[[], object]) -> None:
    """Call `write`, but ignore a failure to write. On a broken pipe, Rich raises `SystemExit`."""
    with suppress(OSError, ValueError, SystemExit):
        write()


def open_terminal(settings: Settings, *, no_color: bool, options: str = "") -> Terminal:
    """Return a terminal for stdout and stderr.

    Markup, emoji codes and highlighting are off, because names may look like them. A character
    that stdout's encoding lacks is written as an escape.
    """

    def console(*, stderr: bool) -> Console:
        return Console(
            stderr=stderr,
            no_color=no_color or settings.no_color,
            force_terminal=True if settings.force_color else None,
            markup=False,
            emoji=False,
            highlight=False,
        )

    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure and getattr(sys.stdout, "errors", "") == "strict":
        reconfigure(errors="backslashreplace")
    return Terminal(console(stderr=False), console(stderr=True), options)
