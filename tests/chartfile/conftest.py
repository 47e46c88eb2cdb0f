"""A project folder with a sandbox in it, whose books are already filled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def project(project: Path, seeded: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Add the demo company's books to the project folder."""
    monkeypatch.setenv("COLUMNS", "200")
    (project / ".xerosync").mkdir()
    shutil.copy(seeded, project / ".xerosync" / "sandbox.db")
    return project
