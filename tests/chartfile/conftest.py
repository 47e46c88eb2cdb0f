"""A project's directory with the demo company's books, and the command line in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from xerosync.cli.app import run
from xerosync.sandbox import Sandbox


@dataclass(frozen=True)
class CommandResult:
    """The exit status of a command, and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authoring") / "sandbox.db"
    with Sandbox(path):
        pass
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeded: Path) -> Path:
    """Work in a directory with its own sandbox; nobody is signed in to Xero."""
    names = ("ACCESS_TOKEN", "TENANT_ID", "PROFILE", "CLIENT_ID", "CLIENT_SECRET")
    for name in (*(f"XERO_{name}" for name in names), "FORCE_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".xerosync").mkdir()
    source = sqlite3.connect(seeded)
    target = sqlite3.connect(tmp_path / ".xerosync" / "sandbox.db")
    source.backup(target)
    source.close()
    target.close()
    return tmp_path


@pytest.fixture
def xerosync(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., CommandResult]:
    """Run a command line in this process."""

    def call(*arguments: str) -> CommandResult:
        capsys.readouterr()
        code = run(arguments)
        said = capsys.readouterr()
        return CommandResult(code, said.out, said.err)

    return call
