"""The folder `.xerosync`: journals in order, and one apply at a time. Commands in messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import ORGANISATION

from xerosync.errors import Refused
from xerosync.workspace import RUNS, STDIN, command_line, local_commit, lock, new_journal_path


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_journals_sort_in_the_order_of_their_runs() -> None:
    paths = [new_journal_path() for _ in range(3)]
    assert {path.parent for path in paths} == {RUNS}
    assert len(set(paths)) == 3
    moments = [path.name.partition("-")[0] for path in paths]
    assert moments == sorted(moments)


def test_a_second_apply_is_refused_until_the_first_ends() -> None:
    with (
        lock(ORGANISATION, pytest.fail),
        pytest.raises(Refused, match=r"An apply to Demo Company \(NZ\), .* is already running"),
        lock(ORGANISATION, pytest.fail),
    ):
        pass
    with lock(ORGANISATION, pytest.fail):
        pass


def test_a_lock_that_cannot_be_created_is_only_a_warning() -> None:
    Path(".xerosync").write_text("a file where the folder should be", encoding="utf-8")
    warned: list[str] = []
    with lock(ORGANISATION, warned.append):
        assert "Cannot create a lock" in warned[0]


COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    "files",
    [
        {".git/HEAD": COMMIT},
        {".git/HEAD": "ref: refs/heads/main", ".git/refs/heads/main": COMMIT},
        {".git/HEAD": "ref: refs/heads/main", ".git/packed-refs": f"{COMMIT} refs/heads/main"},
        {
            ".git": "gitdir: repo/worktrees/one",
            "repo/worktrees/one/HEAD": "ref: refs/heads/a-b",
            "repo/worktrees/one/commondir": "../..",
            "repo/refs/heads/a-b": COMMIT,
        },
    ],
    ids=["detached", "branch", "packed", "linked worktree"],
)
def test_the_commit_that_is_checked_out_is_found(files: dict[str, str], tmp_path: Path) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    assert local_commit() == COMMIT


@pytest.mark.parametrize("head", ["", "ref: ../../secret", "ref: refs/../x", "text", "\udcff"])
def test_a_damaged_repository_has_no_commit(head: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_bytes(head.encode("utf-8", "surrogateescape"))
    assert local_commit() == ""


@pytest.mark.parametrize(
    ("command", "file", "line"),
    [
        ("plan", "accounts.yaml", "xerosync plan"),
        ("plan", "my chart.yaml", "xerosync plan -f 'my chart.yaml'"),
        ("plan", STDIN, "xerosync plan -f -"),
        ("pull", STDIN, "xerosync pull -f FILE"),
    ],
)
def test_a_command_names_its_file_or_standard_input(command: str, file: str, line: str) -> None:
    """Pull writes the file, so it takes no standard input."""
    assert command_line(command, file) == line
