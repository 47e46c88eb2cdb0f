"""Which Git runs: the installed one, never one that a repository brings along."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from xerosync.organisations.safe_git import find_git


def test_a_git_in_the_current_folder_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = tmp_path / "tools" / "git"
    strange.parent.mkdir()
    strange.touch(mode=0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(strange))
    assert find_git() == str(strange)
    monkeypatch.chdir(tmp_path)
    assert find_git() is None


def test_the_installed_git_is_found_from_the_root_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = find_git()
    assert installed
    monkeypatch.chdir(tmp_path.anchor)
    assert find_git() == installed
