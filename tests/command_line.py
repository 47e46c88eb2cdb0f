"""A command line run in this process, and what it printed."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass

import pytest

from xerosync.cli.app import run


@dataclass(frozen=True)
class Said:
    """The exit status of a command, and what it printed."""

    code: int
    out: str
    err: str


class Xerosync:
    """Runs `xerosync` with arguments, and with bytes on standard input."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Said:
        """Run one command line."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._capsys.readouterr()
        code = run(arguments)
        printed = self._capsys.readouterr()
        return Said(int(code), printed.out, printed.err)


def forget_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove every variable that xerosync reads, and set a width of 80 columns."""
    for name in [name for name in os.environ if name.startswith(("XERO_", "XEROSYNC_"))]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
