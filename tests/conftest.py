"""What every test stands on: nobody's own sign-in is ever found, and no law has a clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import chromium
from hypothesis import settings

__all__ = ["chromium", "no_sign_in_of_ours"]

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
"""A law says nothing of time: on a loaded machine, the best one may take long."""


@pytest.fixture(autouse=True)
def no_sign_in_of_ours(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Put the folder of stored sign-ins somewhere empty, and give it."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setattr("xerosync.xero.auth.store.state_folder", lambda: folder / "xerosync")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder / "xerosync"
