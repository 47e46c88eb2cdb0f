"""A command line run in this process, with what it reads and writes."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest

from xerosync.cli.app import run


@dataclass(frozen=True)
class Said:
    """What a command left behind: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


class Commands:
    """Runs `xerosync` with arguments."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Said:
        """Run one command line."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        self._capsys.readouterr()
        code = run(arguments)
        said = self._capsys.readouterr()
        return Said(int(code), said.out, said.err)
