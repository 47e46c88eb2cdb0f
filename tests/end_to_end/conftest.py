"""A local Xero over HTTP, a project's directory, and the command line as people meet it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from end_to_end import process
from xerosync.cli.app import run
from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.rate_limits import Limits

GENEROUS = Limits(minute=100_000, concurrent=5, day=1_000_000)


@dataclass(frozen=True)
class Said:
    """What a command left behind: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


class Xerosync(Protocol):
    """Runs a command line in this process."""

    def __call__(self, *arguments: str) -> Said: ...


Launch = Callable[..., subprocess.Popen[str]]
"""Starts the command as a process of its own."""


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the demo company's books, once; every test takes a copy."""
    path = tmp_path_factory.mktemp("seeded") / "books.db"
    with Sandbox(path):
        pass
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty directory, in an environment in which nobody is signed in."""
    for name in ("XERO_ACCESS_TOKEN", "XERO_TENANT_ID", "XERO_PROFILE", "FORCE_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
def xerosync(project: Path, capsys: pytest.CaptureFixture[str]) -> Xerosync:
    """Give the command, run in this process."""

    def call(*arguments: str) -> Said:
        capsys.readouterr()
        code = run(arguments)
        said = capsys.readouterr()
        return Said(int(code), said.out, said.err)

    return call


@pytest.fixture
def gate(start: Callable[..., Sandbox]) -> Iterator[process.Gate]:
    """Serve books that answer no write before the gate opens."""
    held = process.Gate(start)
    yield held
    held.open()


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Start the command as a process of its own; what is left of it goes with the test."""
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
    """Give the writes in the log, as METHOD and path."""
    return [f"{r.method} {r.path}" for r in sandbox.requests if r.is_write]


def chart(*accounts: str, head: str = "") -> str:
    """Write a chart file for the demo company; each account is one flow mapping."""
    lines = ["version: 1", 'organisation: {name: "Demo Company (NZ)"}', *head.splitlines()]
    lines += ["accounts:", *(f"  - {{{account}}}" for account in accounts)]
    return "\n".join(lines) + "\n"
