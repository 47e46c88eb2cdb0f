"""A local Xero over HTTP, and the command as a process."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from end_to_end import process
from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.rate_limits import Limits

GENEROUS = Limits(minute=100_000, concurrent=5, day=1_000_000)


Launch = Callable[..., subprocess.Popen[str]]
"""Starts the command as its own process."""


@pytest.fixture
def start(
    project: Path, seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Sandbox]]:
    """Start a local Xero on a copy of the seeded books, and sign in to it."""
    with ExitStack() as stack:

        def begin(**options: Any) -> Sandbox:
            path = project / "books.db"
            if not path.exists():
                shutil.copy(seeded, path)
            sandbox = stack.enter_context(Sandbox(path, **{"limits": GENEROUS} | options))
            monkeypatch.setenv("XEROSYNC_API_URL", sandbox.url)
            monkeypatch.setenv("XEROSYNC_IDENTITY_URL", sandbox.url)
            monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
            monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
            return sandbox

        yield begin


@pytest.fixture
def books(start: Callable[..., Sandbox]) -> Sandbox:
    """Serve the demo company's books, without faults."""
    return start()


@pytest.fixture
def gate(start: Callable[..., Sandbox]) -> Iterator[process.Gate]:
    """Serve books that hold back every answer to a write until the gate opens."""
    held = process.Gate(start)
    yield held
    held.open()


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Start the command as its own process, which is killed at the end of the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **options: Any) -> subprocess.Popen[str]:
        started.append(process.start(*arguments, **options))
        return started[-1]

    yield begin
    for child in started:
        child.kill()
        child.wait()
        for pipe in (child.stdout, child.stderr):
            if pipe:
                pipe.close()


def writes(sandbox: Sandbox) -> list[str]:
    """Return the writes in the log, as METHOD and path."""
    return [f"{r.method} {r.path}" for r in sandbox.requests if r.is_write]


def chart(*accounts: str, head: str = "") -> str:
    """Write a chart file for the demo company; each account is one flow mapping."""
    lines = ["version: 1", 'organisation: {name: "Demo Company (NZ)"}', *head.splitlines()]
    lines += ["accounts:", *(f"  - {{{account}}}" for account in accounts)]
    return "\n".join(lines) + "\n"
