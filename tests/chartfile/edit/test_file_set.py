"""Several files are replaced together: all of them, or none."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from threading import Event

import pytest

from xerosync.chartfile.edit.file_set import finish, refuse_half_done, replace_all
from xerosync.errors import Refused, UsageError

FILES = {"standard.yaml": (b"old\n", b"new\n"), "clients/acme.yaml": (b"old too\n", b"new too\n")}
OLD, NEW = ({name: both[one] for name, both in FILES.items()} for one in (0, 1))


@pytest.fixture(autouse=True)
def folder(project: Path) -> Path:
    (project / "clients").mkdir()
    for name, data in OLD.items():
        Path(name).write_bytes(data)
    return project


def contents() -> Mapping[str, bytes]:
    """Return the files; check that no others were left beside them."""
    assert not [*Path().rglob(".*.yaml.*"), *Path().rglob("*renumber.json*")]
    return {name: Path(name).read_bytes() for name in FILES}


def test_all_files_are_replaced() -> None:
    replace_all(FILES, Event())
    assert contents() == NEW
    refuse_half_done()
    said: list[str] = []
    assert not finish(said.append)
    assert not said


@pytest.mark.parametrize("step", ["open", "replace"])
def test_a_file_that_cannot_be_written_or_replaced_leaves_the_others_as_they_were(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real = getattr(Path, step)

    def failing(path: Path, *arguments: object, **more: object) -> object:
        if path.name.startswith(".acme"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, *arguments, **more)

    monkeypatch.setattr(Path, step, failing)
    with pytest.raises(UsageError, match="acme"):
        replace_all(FILES, Event())
    assert contents() == OLD


@pytest.mark.parametrize("names", [["standard.yaml"], [*FILES]])
def test_a_request_to_stop_before_the_first_file_changes_leaves_all_as_they_were(
    names: list[str],
) -> None:
    stopped = Event()
    stopped.set()
    replace_all({name: FILES[name] for name in names}, stopped)
    assert contents() == OLD


@pytest.mark.parametrize("names", [["clients/acme.yaml"], [*FILES]])
def test_nothing_is_written_if_someone_else_changed_a_file(names: list[str]) -> None:
    Path("clients/acme.yaml").write_bytes(b"theirs\n")
    with pytest.raises(Refused, match=r"clients/acme\.yaml was changed by someone else"):
        replace_all({name: FILES[name] for name in names}, Event())
    assert contents() == {**OLD, "clients/acme.yaml": b"theirs\n"}


def test_one_file_needs_no_lock() -> None:
    """So one file can be changed where `.xerosync` cannot be written."""
    Path(".xerosync").mkdir(exist_ok=True)
    Path(".xerosync/locks").write_bytes(b"in the way")
    replace_all({"standard.yaml": FILES["standard.yaml"]}, Event())
    assert contents()["standard.yaml"] == b"new\n"
    with pytest.raises(Refused, match="Cannot create a lock"):
        replace_all({name: (one, b"newer\n") for name, one in contents().items()}, Event())
    assert contents() == {**OLD, "standard.yaml": b"new\n"}
