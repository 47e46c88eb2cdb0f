"""The journal: complete lines, on the disk before the run goes on, readable by its owner only."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import DELETED, account, chart, entry, new, wanted
from fakes import FakeLedger

from xerosync.apply.execute import execute_steps
from xerosync.apply.journal_writer import Provenance
from xerosync.apply.outcome import Result
from xerosync.desired import DeleteRefused, Limits
from xerosync.errors import UsageError, XerosyncError
from xerosync.history import runs
from xerosync.history.folder import JournalIndex, last_runs, settled_commit
from xerosync.history.journal import Journal, probe
from xerosync.plan.build import build
from xerosync.plan.plan import Action, Plan
from xerosync.plan.saved.serialize import digest_of

AT = datetime(2026, 11, 3, 9, 30, 15, 250_000, tzinfo=UTC)
CURRENT = chart(account("200"), account("201"))
PLAN = build(CURRENT, wanted(entry("200", "Shoes"), new("300", "Boots", add_to_watchlist=True)))


def write(path: Path, plan: Plan = PLAN, *, end: bool = True, commit: str = "abc") -> None:
    journal, ledger = Journal(path, lambda: AT), FakeLedger(CURRENT)
    journal.begin(plan, Provenance(digest_of([plan]), actor="ann", commit=commit), CURRENT.accounts)
    for _ in execute_steps(plan, ledger, journal):
        pass
    if end:
        journal.end("as planned", ledger.accounts())
    journal.close()


def events(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "run.jsonl"
    write(path)
    (found,) = runs.read(path)
    assert found.tenant_id == "tenant-1"
    assert found.at == found.ended_at == AT
    assert found.digest == digest_of([PLAN])
    assert found.proof == "as planned"
    assert found.found == CURRENT.accounts
    assert {a.name for a in found.accounts} == {"Shoes", "Account 201", "Boots"}
    calls = {(call.operation, call.name): call for call in found.calls}
    rename = calls[Action.UPDATE, "Shoes"]
    assert rename.before == account("200")
    assert rename.after
    assert rename.after.name == "Shoes"
    assert rename.values == {"name": "Shoes"}
    assert rename.result is Result.DONE
    create = calls[Action.CREATE, "Boots"]
    assert create.before is None
    assert create.after
    assert create.subject == create.after.account_id
    assert calls[Action.UPDATE, "Boots"].before == create.after
    assert len({call.key for call in found.calls}) == 3


def test_a_commit_is_settled_only_by_a_run_that_left_nothing_to_do(tmp_path: Path) -> None:
    """Authors are looked up for the commits after the last such run."""
    write(tmp_path / "1.jsonl", commit="c" * 40)
    assert settled_commit(tmp_path, print) == "c" * 40
    write(tmp_path / "nothing to do" / "1.jsonl", build(CURRENT, wanted()), commit="d" * 40)
    assert settled_commit(tmp_path / "nothing to do", print) == "d" * 40
    other = build(CURRENT, wanted(entry("201", "Socks"))).changes
    blocked = build(CURRENT, wanted(entry("200", "Shoes", tax_type="OUTPUT2"))).blocked
    assert blocked
    for name, plan in {
        "deferred": replace(PLAN, deferred=other), "blocked": replace(PLAN, blocked=blocked),
    }.items():  # fmt: skip
        write(tmp_path / name / "1.jsonl", plan, commit="c" * 40)
        assert settled_commit(tmp_path / name, print) == ""
    write(tmp_path / "killed" / "1.jsonl", end=False, commit="c" * 40)
    assert settled_commit(tmp_path / "killed", print) == ""
    write(tmp_path / "branch" / "1.jsonl", commit="main/../other")
    assert settled_commit(tmp_path / "branch", print) == ""


def test_the_first_line_has_the_actor_the_time_and_the_plan(tmp_path: Path) -> None:
    write(tmp_path / "run.jsonl")
    begin = events(tmp_path / "run.jsonl")[0]
    assert begin["event"] == "begin"
    assert begin["at"] == "2026-11-03T09:30:15.250Z"
    assert (begin["actor"], begin["commit"]) == ("ann", "abc")
    assert begin["digest"] == digest_of([PLAN])
    assert begin["steps"] == 3


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "run.jsonl")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "run.jsonl").stat().st_mode) == 0o600


def test_a_journal_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text("mine", encoding="utf-8")
    for begin in (lambda p: Journal(p, lambda: AT), probe):
        with pytest.raises(UsageError, match="never overwritten"):
            begin(tmp_path / "run.jsonl")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError):
        probe(tmp_path / "link.jsonl")
    assert (tmp_path / "run.jsonl").read_text(encoding="utf-8") == "mine"


def test_probing_leaves_nothing_behind(tmp_path: Path) -> None:
    probe(tmp_path / "runs" / "run.jsonl")
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("path", ["file/run.jsonl", "file/deeper/run.jsonl", "x" * 300])
def test_a_path_that_cannot_hold_a_journal_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(XerosyncError, match=r"cannot be written.*Nothing was sent"):
        probe(tmp_path / path)


def test_a_line_is_on_the_disk_before_it_is_shown(tmp_path: Path) -> None:
    path, told = tmp_path / "run.jsonl", []

    def also(line: str) -> None:
        told.append(line)
        assert path.read_text(encoding="utf-8") == "".join(told)

    journal = Journal(path, lambda: AT, also)
    journal.begin(PLAN, Provenance("d"))
    for step in PLAN.steps:
        journal.sending(step, None, "key")
    journal.close()
    assert len(told) == 4


def test_each_line_is_synced_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[int] = []
    real = os.fsync

    def count(descriptor: int) -> None:
        forced.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", count)
    write(tmp_path / "run.jsonl")
    assert len(forced) == 1 + len(events(tmp_path / "run.jsonl"))


@pytest.mark.parametrize("written", [0, 1, 40])
def test_a_line_that_does_not_fit_is_removed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    path = tmp_path / "run.jsonl"
    journal = Journal(path, lambda: AT)
    journal.begin(PLAN, Provenance("d"))
    kept = path.read_bytes()
    real: Callable[[int, bytes], int] = os.write
    room = [written]

    def full(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        size = real(descriptor, bytes(data)[: room[0]])
        room[0] -= size
        return size

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(XerosyncError, match="No space left on device"):
        journal.sending(PLAN.steps[0], None, "key")
    assert path.read_bytes() == kept
    monkeypatch.setattr(os, "write", real)
    journal.sending(PLAN.steps[0], None, "key")
    journal.close()
    assert len(runs.read(path)[0].calls) == 1, "what fits later follows whole lines"


def test_a_copy_has_the_same_lines_at_any_time(tmp_path: Path) -> None:
    path, copy = tmp_path / "run.jsonl", tmp_path / "runs" / "copy.jsonl"

    def same(_: str) -> None:
        assert copy.read_bytes() == path.read_bytes()

    journal = Journal(path, lambda: AT, same, copy=copy, warn=pytest.fail)
    journal.begin(PLAN, Provenance("d"))
    journal.end("as planned", ())
    journal.close()
    assert len(events(copy)) == 2
    Journal(tmp_path / "none.jsonl", lambda: AT, copy=tmp_path / "runs" / "none.jsonl").close()
    assert [one.name for one in tmp_path.rglob("*.jsonl")].count("none.jsonl") == 0


def test_a_run_goes_on_without_its_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that lacks lines is removed: it would be the journal of a run that was killed."""
    path, copy, warned = tmp_path / "run.jsonl", tmp_path / "runs" / "copy.jsonl", list[str]()
    journal = Journal(path, lambda: AT, copy=copy, warn=warned.append)
    journal.begin(PLAN, Provenance("d"))
    written: list[int] = []
    real: Callable[[int, bytes], int] = os.write

    def full(descriptor: int, data: bytes) -> int:
        written.append(descriptor)
        if descriptor != written[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    journal.sending(PLAN.steps[0], None, "key")
    journal.sending(PLAN.steps[1], None, "key")
    journal.close()
    assert len(events(path)) == 3
    assert not copy.exists()
    assert len(warned) == 1
    assert "cannot be recorded in" in warned[0]
    assert "No space left on device" in warned[0]


@pytest.mark.parametrize("cut", range(0, 4000, 37))
def test_a_journal_cut_anywhere_is_read_up_to_there(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "run.jsonl"
    write(path)
    data = path.read_bytes()
    path.write_bytes(data[:cut])
    whole = [line for line in data.split(b"\n") if line and data.index(line) + len(line) <= cut]
    names = [json.loads(line)["event"] for line in whole]
    if "begin" not in names:
        with pytest.raises(UsageError, match="no run was started") as error:
            runs.read(path)
        assert error.value.hint.startswith("Use a journal from .xerosync/runs/")
        assert last_runs(tmp_path, "tenant-1", pytest.fail) == ()
        return
    (found,) = runs.read(path)
    assert len(found.calls) == names.count("sending")
    assert sum(not call.open for call in found.calls) == names.count("ended")


@pytest.mark.parametrize(
    "content",
    [
        b"junk",
        b"junk\n",
        b"{}\n",
        b"[]\n",
        b"3\n",
        b'{"event": "begin"}\n',
        b'{"event": "sending"}\n',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"accounts:\n  - code: 200\n",
    ],
)
def test_a_file_that_is_not_a_journal_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.jsonl").write_bytes(content)
    with pytest.raises(UsageError):
        runs.read(tmp_path / "run.jsonl")
    warned: list[str] = []
    assert last_runs(tmp_path, "tenant-1", warned.append) == ()
    assert len(warned) == 1
    assert "run.jsonl" in warned[0]


def test_a_damaged_line_in_the_middle_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:2], lines[2][:30] + "\n", *lines[3:]]), encoding="utf-8")
    with pytest.raises(UsageError, match=":3: not a journal"):
        runs.read(path)


def test_another_major_version_is_refused_and_a_newer_minor_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('"format_version": "1.0"', '"format_version": "1.9", "new": 1')
        + '{"event": "of a later version"}\n',
        encoding="utf-8",
    )
    assert runs.read(path)
    path.write_text(text.replace('"format_version": "1.0"', '"format_version": "2.0"'), "utf-8")
    with pytest.raises(UsageError):
        runs.read(path)


def test_the_last_apply_is_found_although_later_ones_were_killed(tmp_path: Path) -> None:
    write(tmp_path / "20260101.jsonl")
    write(tmp_path / "20260102.jsonl")
    write(tmp_path / "20260103.jsonl", end=False)
    found = last_runs(tmp_path, "tenant-1", pytest.fail)
    assert [bool(one.accounts) for one in found] == [True, False]
    assert last_runs(tmp_path, "another", pytest.fail) == ()
    assert last_runs(tmp_path / "nowhere", "tenant-1", pytest.fail) == ()


def test_earlier_journals_are_read_if_an_apply_left_something_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 26):
        write(tmp_path / f"202601{day:02}.jsonl")
    assert len(last_runs(tmp_path, "tenant-1", pytest.fail)) == 1
    monkeypatch.setattr("xerosync.history.folder.is_settled", lambda _: False)
    assert len(last_runs(tmp_path, "tenant-1", pytest.fail)) == 20


def test_journals_are_ordered_by_their_runs_whatever_their_names(tmp_path: Path) -> None:
    """A journal fetched from CI may have any name."""
    write(tmp_path / "zz-from-ci.jsonl")
    write(tmp_path / "20260103.jsonl")
    later = tmp_path / "20260103.jsonl"
    begun = runs.read(later)[0].at
    moved = later.read_text(encoding="utf-8").replace(f"{begun.year}-", f"{begun.year + 1}-")
    later.write_text(moved, encoding="utf-8")
    (found,) = last_runs(tmp_path, "tenant-1", pytest.fail)
    assert found.at.year == begun.year + 1


def test_the_last_apply_is_found_among_many_journals_of_other_organisations(
    tmp_path: Path,
) -> None:
    """A practice has a journal for each of its organisations; each is read only for its own."""
    write(tmp_path / "first.jsonl")
    text = (tmp_path / "first.jsonl").read_text(encoding="utf-8")
    other = text.replace('"tenant-1"', '"tenant-2"').replace("2026-11-03", "2026-11-04")
    for number in range(250):
        (tmp_path / f"other{number}.jsonl").write_text(other, encoding="utf-8")
    assert len(last_runs(tmp_path, "tenant-1", pytest.fail)) == 1
    index = JournalIndex(tmp_path)
    assert index.of("tenant-1") == [tmp_path / "first.jsonl"]
    assert len(index.of("tenant-2")) == 250
    assert index.of("tenant-3") == []


def test_a_journal_of_several_organisations_is_found_for_each(tmp_path: Path) -> None:
    write(tmp_path / "both.jsonl")
    text = (tmp_path / "both.jsonl").read_text(encoding="utf-8")
    both = text + text.replace('"tenant-1"', '"tenant-\\u00e9"')
    (tmp_path / "both.jsonl").write_text(both, encoding="utf-8")
    for tenant in ("tenant-1", "tenant-é"):
        assert len(last_runs(tmp_path, tenant, pytest.fail)) == 1


def test_a_journal_whose_organisation_is_unclear_is_read_for_every_organisation(
    tmp_path: Path,
) -> None:
    write(tmp_path / "run.jsonl")
    text = (tmp_path / "run.jsonl").read_text(encoding="utf-8")
    swapped = text.replace(
        '"organisation": {"tenant_id"', '"organisation": {"extra": 1, "tenant_id"'
    )
    assert swapped != text
    (tmp_path / "run.jsonl").write_text(swapped, encoding="utf-8")
    assert JournalIndex(tmp_path).of("another") == [tmp_path / "run.jsonl"]


def test_a_refused_delete_stays_on_record_if_its_fallback_is_not_sent(tmp_path: Path) -> None:
    stop = threading.Event()
    desired = wanted(
        entry("200", status=DELETED),
        delete_refused=DeleteRefused.ARCHIVE,
        limits=Limits(deletes=1),
    )
    plan = build(CURRENT, desired)
    journal = Journal(tmp_path / "run.jsonl", lambda: AT)
    ledger = FakeLedger(CURRENT, before=lambda _: stop.set(), used=frozenset({"id-200"}))
    journal.begin(plan, Provenance(digest_of([plan])), CURRENT.accounts)
    (outcome,) = execute_steps(plan, ledger, journal, stop=stop)
    journal.close()
    assert outcome.result is Result.SKIPPED
    (found,) = runs.read(tmp_path / "run.jsonl")
    (call,) = found.calls
    assert (call.operation, call.result) == (Action.DELETE, Result.FAILED)
    assert "Cannot delete" in call.messages[0]
    assert found.skipped == {1: ("The run was stopped before this step.",)}
    assert found.labels == {1: "200 Account 200"}
