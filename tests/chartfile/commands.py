"""Run a command line in this process."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest

from xerosync.cli.app import run


@dataclass(frozen=True)
class CommandResult:
    """The exit status of a command, and what it wrote."""

    code: int
    out: str
    err: str


class Commands:
    """Runs `xerosync` with arguments."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: bytes = b"") -> CommandResult:
        """Run one command line."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._capsys.readouterr()
        code = run(arguments)
        said = self._capsys.readouterr()
        return CommandResult(int(code), said.out, said.err)
