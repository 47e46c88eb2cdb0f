"""Questions to the person at the terminal; with nobody there, the options that answer them."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync.cli.terminal import Terminal
from xerosync.errors import UsageError


class Questions:
    """Asks what no option has answered. With no terminal, notes what is missing."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._missing: list[str] = []

    def check(self) -> None:
        """Raise `UsageError`, naming every option without which somebody must be asked."""
        if self._missing:
            raise UsageError(
                "Nobody can be asked: this is not a terminal.",
                f"Answer with {', '.join(self._missing)}.",
            )

    def choose(self, question: str, option: str, choices: Sequence[str], given: str | None) -> str:
        """Ask for one of several words."""
        if given is not None:
            return given
        wanted = f"{option} {'|'.join(choices)}"
        answer = ""
        while answer not in choices:
            answer = self._ask(f"{question} ({', '.join(choices)})", wanted, choices[0])
        return answer

    def ask(self, question: str, option: str, given: str) -> str:
        """Ask for text."""
        while not given:
            given = self._ask(question, f"{option} …", "-")
        return given

    def confirm(self, question: str, option: str, given: bool | None) -> bool:
        """Ask for yes or no."""
        if given is not None:
            return given
        no = option.replace("--", "--no-", 1)
        answer = ""
        while answer.casefold() not in {"yes", "y", "no", "n"}:
            answer = self._ask(f"{question} (yes, no)", f"{option} or {no}", "no")
        return answer.casefold().startswith("y")

    def _ask(self, question: str, option: str, instead: str) -> str:
        """Read an answer; with nobody to ask, note the option and go on with `instead`."""
        if not self._terminal.interactive:
            self._missing.append(option)
            return instead
        self._terminal.err.print(f"{question} ", end="")
        try:
            return input().strip()
        except EOFError:
            raise UsageError("The answer never came.", f"Answer with {option}.") from None
