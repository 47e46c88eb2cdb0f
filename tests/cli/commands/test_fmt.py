"""`xerosync fmt`: what it writes, where it writes it, and what it does not touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from chartfile.format.test_format import (
    HEAD,
    MESSY,
    MESSY_OVERLAY,
    MESSY_STANDARD,
    NEAT,
    NEAT_OVERLAY,
    NEAT_STANDARD,
)
from command_line import Xerosync
from unprivileged import bound_by_permissions

ROOT = Path(__file__).parents[3]


@pytest.fixture
def xerosync(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Xerosync:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "accounts.yaml").write_text(MESSY, "utf-8")
    return Xerosync(capsys, monkeypatch)


def test_a_file_is_formatted(xerosync: Xerosync, tmp_path: Path) -> None:
    result = xerosync("fmt")
    assert (result.code, result.out) == (0, "")
    assert "Formatted accounts.yaml" in result.err
    assert (tmp_path / "accounts.yaml").read_text("utf-8") == NEAT
    assert [path.name for path in tmp_path.iterdir()] == ["accounts.yaml"]
    assert xerosync("fmt").err == "Already formatted.\n"


def test_check_lists_the_files_and_writes_nothing(xerosync: Xerosync, tmp_path: Path) -> None:
    (tmp_path / "neat.yaml").write_text(NEAT, "utf-8")
    result = xerosync("fmt", "--check", "neat.yaml", "accounts.yaml")
    assert (result.code, result.out) == (3, "accounts.yaml\n")
    assert (tmp_path / "accounts.yaml").read_text("utf-8") == MESSY
    assert xerosync("fmt", "--check", "neat.yaml").code == 0


def test_diff_shows_the_changes_and_writes_nothing(xerosync: Xerosync, tmp_path: Path) -> None:
    result = xerosync("fmt", "--diff")
    assert result.code == 0
    assert '+  - code: "469"\n' in result.out
    assert (tmp_path / "accounts.yaml").read_text("utf-8") == MESSY
    assert xerosync("fmt", "--diff", "--check").code == 3


def test_an_invalid_file_is_not_touched_and_the_others_are_formatted(
    xerosync: Xerosync, tmp_path: Path
) -> None:
    bad = HEAD + "  - code: 1\n    nmae: x\n"
    (tmp_path / "bad.yaml").write_text(bad, "utf-8")
    result = xerosync("fmt", "bad.yaml", "accounts.yaml")
    assert result.code == 3
    assert "bad.yaml:5:5: error[unknown-field]" in result.err
    assert "\n  hint: Did you mean name?" in result.err
    assert (tmp_path / "bad.yaml").read_text("utf-8") == bad
    assert (tmp_path / "accounts.yaml").read_text("utf-8") == NEAT


def test_a_folder_is_checked_with_its_standards(xerosync: Xerosync, tmp_path: Path) -> None:
    clients = tmp_path / "clients"
    clients.mkdir()
    (clients / "a.yaml").write_text(MESSY_OVERLAY, "utf-8")
    (clients / "b.yaml").write_text(NEAT_OVERLAY, "utf-8")
    (clients / "standard.yaml").write_text(MESSY_STANDARD, "utf-8")
    checked = xerosync("fmt", "--check", "clients")
    assert (checked.code, checked.out) == (3, "clients/a.yaml\nclients/standard.yaml\n")
    assert xerosync("fmt", "-f", "clients").code == 0
    assert xerosync("fmt", "--check", "clients").code == 0
    assert (clients / "standard.yaml").read_text("utf-8") == NEAT_STANDARD


def test_the_charts_of_the_example_practice_are_formatted(xerosync: Xerosync) -> None:
    assert xerosync("fmt", "--check", str(ROOT / "examples/practice")).code == 0


def test_a_dash_reads_stdin_and_writes_stdout(xerosync: Xerosync) -> None:
    result = xerosync("fmt", "-", stdin=MESSY.encode())
    assert (result.code, result.out) == (0, NEAT)


def test_permissions_and_symbolic_links_are_kept(xerosync: Xerosync, tmp_path: Path) -> None:
    path, link = tmp_path / "accounts.yaml", tmp_path / "link.yaml"
    path.chmod(0o640)
    link.symlink_to(path)
    assert xerosync("fmt", "link.yaml").code == 0
    assert link.is_symlink()
    assert path.read_text("utf-8") == NEAT
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_read_only_folder_is_a_usage_error(xerosync: Xerosync, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with bound_by_permissions():
        refused = xerosync("fmt")
    tmp_path.chmod(0o700)
    assert refused.code == 64
    assert "accounts.yaml cannot be written" in refused.err


def test_a_file_with_lint_findings_is_formatted(xerosync: Xerosync) -> None:
    text = MESSY.replace("accounts:", "lint: {name_pattern: X}\naccounts:")
    assert xerosync("fmt", "-", stdin=text.encode()).code == 0
