"""Fixtures for every test: an empty project folder, the command line, and no stored sign-in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from chromium import chromium
from command_line import Xerosync, forget_environment
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from xerosync.sandbox import Sandbox

__all__ = ["chromium", "no_sign_in_of_ours", "project", "seeded", "state_folders", "xerosync"]

_RANDOM = int(os.environ.get("LAWS", "0"))
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
_COMMON = settings(deadline=None, suppress_health_check=_SLOW)
"""Laws have no time limit: on a loaded machine, any example may be slow."""

settings.register_profile("suite", _COMMON, derandomize=True)
settings.register_profile("long", _COMMON, derandomize=False, max_examples=_RANDOM or 1)
settings.load_profile("long" if _RANDOM else "suite")
"""The suite tests the same examples in each run; `make laws` tests many random ones."""

providers._get_local_constants = Constants
"""Hypothesis would also draw constants of the modules loaded so far, which differ by process."""


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
