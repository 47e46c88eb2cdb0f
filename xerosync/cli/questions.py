"""Ask the person at the terminal, unless an option already gives the answer."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from xerosync.cli.terminal import Terminal
from xerosync.errors import Interrupted, NotConfirmed, UsageError
from xerosync.text import counted, visible

_NAMED = 5
"""The most organisations that a question names. If there are more, only their number appears."""


def check_can_confirm(terminal: Terminal, hint: str) -> None:
    """Raise `NotConfirmed` if there is no person to answer a question."""
    if not terminal.interactive:
        raise NotConfirmed("Cannot ask for confirmation: not a terminal.", hint)


def confirm_apply(terminal: Terminal, organisations: Sequence[str], waves: int = 1) -> None:
    """Ask whether to apply the plans. Raises like `confirm` does."""
    names = ", ".join(visible(name) for name in organisations)
    if len(organisations) > _NAMED:
        names = counted(len(organisations), "organisation")
    names += f" in {waves} waves" if waves > 1 else ""
    confirm(terminal, f"Apply this to {names}?")


def confirm(terminal: Terminal, question: str) -> None:
    """Ask a question. Raises `NotConfirmed` unless the answer is yes, `Interrupted` for Ctrl-C."""
    terminal.err.print(f"{question} Type yes to continue: ", end="")
    try:
        answer = _read_line()
    except EOFError:
        terminal.err.print()
        answer = ""
    except KeyboardInterrupt:
        terminal.err.print()
        raise Interrupted("Not confirmed: nothing was sent.") from None
    if answer.strip() != "yes":
        raise NotConfirmed("Not confirmed: nothing was sent.")


class Questions:
    """Asks a question if no option answers it. Without a terminal, collects the missing options."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._missing: list[str] = []

    def check(self) -> None:
        """Raise `UsageError` with the missing options, if there are any."""
        if self._missing:
            raise UsageError("Cannot ask: not a terminal.", f"Add {', '.join(self._missing)}.")

    def choose(self, question: str, option: str, choices: Sequence[str], given: str | None) -> str:
        """Return `given` if it is a choice; else ask, or without a terminal return `choices[0]`."""
        option = f"{option} {'|'.join(choices)}"
        while given is None or given not in choices:
            given = self._ask(f"{question} ({', '.join(choices)})", option, choices[0])
        return given

    def ask(self, question: str, option: str, given: str) -> str:
        """Return `given`; if it is empty, ask, or return "-" without a terminal."""
        while not given:
            given = self._ask(question, f"{option} …", "-")
        return given

    def confirm(self, question: str, option: str, given: bool | None) -> bool:
        """Return `given`; if it is None, ask, or return False without a terminal."""
        if given is not None:
            return given
        no = option.replace("--", "--no-", 1)
        answer = ""
        while answer.casefold() not in {"yes", "y", "no", "n"}:
            answer = self._ask(f"{question} (yes, no)", f"{option} or {no}", "no")
        return answer.casefold().startswith("y")

    def _ask(self, question: str, option: str, instead: str) -> str:
        """Read an answer; without a terminal, collect the option and return `instead`."""
        if not self._terminal.interactive:
            self._missing.append(option)
            return instead
        self._terminal.err.print(f"{question} ", end="")
        try:
            return _read_line().strip()
        except EOFError:
            raise UsageError("There was no answer.", f"Add {option}.") from None


def _read_line() -> str:
    """Read a line from the terminal. Raises `EOFError`, and `KeyboardInterrupt` for Ctrl-C.

    `input` misses a signal that comes just before it begins to read. So this function first waits
    for a line. A signal interrupts that wait, because Python then writes to a pipe.
    """
    with suppress(OSError, ValueError):  # Windows, or a standard input that is not a file
        _wait_for_line(sys.stdin.fileno())
    return input()


def _wait_for_line(stdin: int) -> None:
    """Wait until there is a line to read. A signal's handler runs at once, and may raise."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        while stdin not in select.select([stdin, reading], [], [])[0]:
            os.read(reading, 1)
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)
