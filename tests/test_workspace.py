"""The folder `.xerosync`: journals in order, and one apply at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import ORGANISATION

from xerosync.errors import Refused
from xerosync.workspace import RUNS, lock, new_journal_path


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
        pytest.raises(Refused, match=r"Another apply to Demo Company \(NZ\) is already running"),
        lock(ORGANISATION, pytest.fail),
    ):
        pass
    with lock(ORGANISATION, pytest.fail):
        pass


def test_where_no_lock_is_possible_it_warns_and_goes_on() -> None:
    Path(".xerosync").write_text("a file where the folder should be", encoding="utf-8")
    warned: list[str] = []
    with lock(ORGANISATION, warned.append):
        assert "No lock can be kept" in warned[0]
