"""Full disks, broken pipes and simultaneous applies lose nothing and create no duplicates."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from select import select

import pytest
from command_line import Xerosync
from unprivileged import bound_by_permissions

from end_to_end.conftest import GENEROUS, Launch, chart, writes
from end_to_end.process import WITH_SMALL_DISK, Gate, journal, keys_sent
from xerosync.apply.outcome import Result
from xerosync.sandbox import Sandbox
from xerosync.xero_limits import AT_ONCE

NEW = 20
CHART = chart(*(f'"code": "{1000 + n}", name: New {n}, type: REVENUE' for n in range(NEW)))


@pytest.fixture(autouse=True)
def _chart(project: Path) -> None:
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")


@pytest.fixture
def busy(start: Callable[..., Sandbox]) -> Sandbox:
    """Serve books that take 50 ms a call."""
    return start(latency=0.05)


def size_of_accounts(xerosync: Xerosync) -> int:
    """Return the size of Xero's accounts in the first line of a journal."""
    Path("one.yaml").write_text(chart('"code": "200"'), encoding="utf-8")
    assert xerosync("apply", "one.yaml", "--yes", "--result", "one.jsonl").code == 0
    (kept,) = Path(".xerosync/runs").glob("*.jsonl")
    kept.unlink()
    end = json.loads(Path("one.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    return len(json.dumps(end["accounts"]))


@pytest.mark.parametrize("room", [-5000, 0, 2300, 2400, 2500, 2600, 2700, 5300])
def test_a_full_disk_stops_the_run_and_loses_no_outcome(
    busy: Sandbox, xerosync: Xerosync, launch: Launch, room: int
) -> None:
    """The disk has space for the first line and `room` more bytes."""
    (plan,) = json.loads(xerosync("plan", "--format", "json").out)["plans"]
    first = len(json.dumps(plan["desired"])) + size_of_accounts(xerosync) + 700
    process = launch("apply", "--yes", script=WITH_SMALL_DISK.replace("BYTES", str(first + room)))
    out, err = process.communicate(timeout=90)
    assert "cannot be written" in err
    assert "bug" not in err
    assert "If the disk is full, free some space." in err
    sent = len(writes(busy))
    assert ("Nothing was sent to this organisation." in err) == (room < 0)
    if room < 0:
        assert process.returncode == 1
        assert sent == 0
    else:
        assert process.returncode == 6, (first, err)
        assert f"Applied: {sent} created" in out, "the outcome of every call is shown"
        assert sent < NEW
        assert keys_sent(busy) <= {call.key for call in journal().calls}
    assert xerosync("apply", "--yes").code == 0
    assert len(writes(busy)) == NEW


def test_a_saved_plan_is_not_used_up_if_its_journal_cannot_begin(
    busy: Sandbox, xerosync: Xerosync, launch: Launch
) -> None:
    """The disk has space for the record of the use, but not for the journal's first line."""
    assert xerosync("plan", "--out", "p.json").code == 0
    process = launch("apply", "p.json", script=WITH_SMALL_DISK.replace("BYTES", "500"))
    _, err = process.communicate(timeout=90)
    assert "cannot be written" in err
    assert "Nothing was sent" in err
    assert not list(Path(".xerosync").glob("*/*.jsonl"))
    assert writes(busy) == []
    assert xerosync("apply", "p.json").code == 0
    assert len(writes(busy)) == NEW


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_broken_pipe_does_not_stop_the_run(gate: Gate, launch: Launch, form: str) -> None:
    process = launch("apply", "--yes", "--format", form)
    gate.wait_for(1)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    gate.open()
    err = process.stderr.read()
    assert process.wait(90) == 0, err
    assert "Traceback" not in err
    assert "Exception" not in err
    assert len(writes(gate.sandbox)) == NEW
    assert journal().proof == "as planned"


def test_a_broken_pipe_of_both_streams_does_not_stop_the_run(gate: Gate, launch: Launch) -> None:
    process = launch("apply", "--yes", stderr=subprocess.STDOUT)
    gate.wait_for(1)
    assert process.stdout
    process.stdout.close()
    gate.open()
    assert process.wait(90) == 0
    assert len(writes(gate.sandbox)) == NEW
    assert journal().proof == "as planned"


def test_nothing_is_sent_if_the_plan_cannot_be_shown(busy: Sandbox, launch: Launch) -> None:
    process = launch("apply", "--yes")
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(90) == 1
    assert "Traceback" not in err
    assert "Exception" not in err
    assert writes(busy) == []


def test_events_are_streamed(gate: Gate, launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each event is written as it happens, through a pipe too."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    process = launch("apply", "--yes", "--format", "json")
    assert process.stdout
    came = b""
    while came.count(b'{"event": "sending"') < AT_ONCE:
        assert select([process.stdout], [], [], 50)[0], "nothing comes while Xero does not answer"
        part = os.read(process.stdout.fileno(), 65_536)
        assert part, "the run has ended"
        came += part
    assert b'{"event": "ended"' not in came
    gate.open()
    rest, _ = process.communicate(timeout=90)
    assert rest.count('{"event": "ended"') == NEW


def test_a_simultaneous_second_apply_is_refused(
    gate: Gate, xerosync: Xerosync, launch: Launch
) -> None:
    first = launch("apply", "--yes")
    gate.wait_for(1)
    said = xerosync("apply", "--yes")
    assert said.code == 5
    assert "An apply to Demo Company (NZ), or" in said.err
    assert xerosync("plan").code == 0, "a plan only reads"
    gate.open()
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert len(writes(gate.sandbox)) == NEW
    assert xerosync("apply", "--yes").code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="There is no full device here.")
def test_a_full_disk_for_stdout_is_not_reported_as_a_bug(busy: Sandbox, launch: Launch) -> None:
    with Path("/dev/full").open("w") as full:
        process = launch("plan", stdout=full)
        assert process.wait(90) == 1
    assert process.stderr
    said = process.stderr.read()
    assert said.startswith("Error: the output could not be written: No space left on device.")
    assert "Exception" not in said


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_sandbox_without_a_folder_is_not_reported_as_a_bug(
    xerosync: Xerosync, command: str
) -> None:
    Path(".xerosync").write_text("a file, where the folder should be")
    said = xerosync(command, "--sandbox", *(["--yes"] if command == "apply" else []))
    assert said.code == 1
    assert ".xerosync is not a folder" in said.err
    assert "Move .xerosync elsewhere, or run in another folder." in said.err


def test_a_damaged_database_of_the_sandbox_has_a_hint(xerosync: Xerosync) -> None:
    Path(".xerosync").mkdir()
    Path(".xerosync/sandbox.db").write_text("damaged")
    said = xerosync("plan", "--sandbox")
    assert said.code == 1
    assert "delete it: a new one will be created" in said.err


def test_two_applies_from_two_places_converge_without_duplicates(
    busy: Sandbox, xerosync: Xerosync, launch: Launch, tmp_path: Path
) -> None:
    places = [tmp_path / name for name in ("one", "two")]
    for place in places:
        place.mkdir()
        (place / "accounts.yaml").write_text(CHART, encoding="utf-8")
    both = [launch("apply", "--yes", cwd=place) for place in places]
    for process in both:
        process.communicate(timeout=90)
    stale = 5
    assert {process.returncode for process in both} <= {0, stale, 6}
    names = [a.name for a in busy.store.accounts() if a.name.startswith("New ")]
    assert len(names) == len(set(names)) == NEW
    assert xerosync("plan", "--detailed-exitcode").code == 0


def test_a_read_only_directory_is_refused_before_any_call(
    busy: Sandbox, xerosync: Xerosync
) -> None:
    Path(".xerosync").mkdir(mode=0o500)
    with bound_by_permissions():
        refused = xerosync("apply", "--yes")
    assert refused.code == 1, refused
    assert busy.requests == ()


@pytest.mark.parametrize(
    "fault",
    ["drop-after", "drop-before", "500-after", "500-before", "truncate", "503", "429-concurrent"],
)
def test_one_broken_call_in_three_loses_nothing_and_creates_no_duplicate(
    project: Path, start: Callable[..., Sandbox], xerosync: Xerosync, fault: str
) -> None:
    faults = [f"PUT /Accounts#{n}={fault}" for n in range(1, 3 * NEW, 3)]
    books = start(faults=faults, limits=GENEROUS)
    assert xerosync("apply", "--yes").code in {0, 6}
    assert xerosync("apply", "--yes").code in {0, 6}
    assert xerosync("apply", "--yes").code == 0
    names = [a.name for a in books.store.accounts() if a.name.startswith("New ")]
    assert len(names) == len(set(names)) == NEW


def test_the_day_limit_stops_the_run_and_what_was_done_is_journalled(
    project: Path, start: Callable[..., Sandbox], xerosync: Xerosync
) -> None:
    books = start(faults=["PUT /Accounts#8=429-day", "PUT /Accounts#9=429-day"])
    said = xerosync("apply", "--yes")
    assert said.code == 6
    assert "The run was stopped" in said.out
    done = [call for call in journal().calls if call.result is Result.DONE]
    assert len(done) == sum(r.status == 200 for r in books.requests if r.is_write)
    assert 7 <= len(done) < NEW
