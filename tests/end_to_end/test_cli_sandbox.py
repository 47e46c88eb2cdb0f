"""`xerosync sandbox --reset`: new books, and no memory of the old ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from xerosync.cli.app import run

ROOT = Path(__file__).parent.parent.parent


def test_after_a_reset_nothing_counts_as_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The journal of the old books is kept, but no plan uses it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "accounts.yaml", tmp_path)
    assert run(["apply", "--sandbox", "--yes"]) == 0
    (journal,) = Path(".xerosync/runs").glob("*.jsonl")
    assert run(["sandbox", "--reset"]) == 0
    capsys.readouterr()
    assert run(["plan", "--sandbox", "--detailed-exitcode"]) == 2
    assert "Edited in Xero" not in capsys.readouterr().out
    assert [p.name for p in Path(".xerosync/runs").rglob("*.jsonl")] == [journal.name]


def test_a_database_of_another_country_is_refused_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sandbox", "--reset", "--country", "AU"]) == 0
    (tmp_path / "accounts.yaml").write_bytes((ROOT / "accounts.yaml").read_bytes())
    assert run(["plan", "--sandbox"]) == 5, "the books are the Australian ones, and not the file's"
    assert run(["sandbox", "--country", "UK"]) == 1
    assert "Use --country AU, or add --reset to start with new books." in capsys.readouterr().err
