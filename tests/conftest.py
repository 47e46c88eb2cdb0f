"""Fixtures for every test: an empty project folder, the command line, and no stored sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from chromium import chromium
from command_line import Xerosync, forget_environment
from hypothesis import settings

from xerosync.sandbox import Sandbox

__all__ = ["chromium", "no_sign_in_of_ours", "project", "seeded", "state_folders", "xerosync"]

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
"""Laws have no time limit: on a loaded machine, any example may be slow."""


@pytest.fixture(scope="session")
def state_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the name of a folder for each test: pytest's own search gets slower with each."""
    root = tmp_path_factory.mktemp("state")
    return (root / str(number) for number in count())


@pytest.fixture(autouse=True)
def no_sign_in_of_ours(state_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Move the folder of stored sign-ins somewhere empty, and return it."""
    folder = next(state_folders)
    folder.mkdir()
    monkeypatch.setattr("xerosync.xero.auth.store.state_folder", lambda: folder / "xerosync")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder / "xerosync"


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create the demo company's books once; each test copies them."""
    path = tmp_path_factory.mktemp("seeded") / "books.db"
    with Sandbox(path):
        pass
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with nobody signed in to Xero."""
    forget_environment(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def xerosync(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Xerosync:
    """Run command lines in the project folder."""
    return Xerosync(capsys, monkeypatch)
