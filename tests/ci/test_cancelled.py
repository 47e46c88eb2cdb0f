"""An apply that is cancelled while it writes ends by itself, and its journal is saved."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Xerosync
from end_to_end import process

from ci.forges import GitHub
from ci.jobs import begin, commit, edit, git, job, on_main
from xerosync.history import runs
from xerosync.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("installed")

RENAMED = (
    "Bank Fees", "Legal expenses", "Advertising", "Cleaning", "Insurance", "Subscriptions",
    "Printing & Stationery", "Telephone & Internet",
)  # fmt: skip
"""More than are sent at once."""


@pytest.fixture
def gate(start: Callable[..., Sandbox]) -> Iterator[process.Gate]:
    """Serve an organisation that answers no write before the gate opens."""
    held = process.Gate(start)
    yield held
    held.open()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_apply_ends_after_the_call_in_flight_and_keeps_its_journal(
    gate: process.Gate, github: GitHub, project: Path, xerosync: Xerosync, by: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A runner sends SIGINT to the script alone, then SIGTERM, then kills all that is left."""
    folder = project / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert xerosync("pull").code == 0
    git("init", "--quiet", "--initial-branch", "main")
    for name in RENAMED:
        edit(f"name: {name}\n", f"name: {name} again\n")
    head = commit("New names")
    where = {"XEROSYNC_THIS_RUN": "yes", "XEROSYNC_REQUIRE_APPROVAL": "no", **on_main(head)}
    planned = job("plan", "plan", where)
    assert planned.code == 0, planned.log
    github.keep("xerosync-plan", planned.kept(), head=head, run=11)

    begun = begin("apply", "apply", where)
    gate.wait_for(1)
    begun.process.send_signal(by)
    assert begun.process.stderr
    assert any("Stopping" in line for line in begun.process.stderr)
    gate.open()
    ended = begun.ended()
    assert ended.code == 130, ended.log
    (run,) = runs.read(ended.out / "result.jsonl")
    assert run.calls
    assert all(call.result for call in run.calls)
    assert len(run.calls) < (run.steps or 0)
    assert "result.html" in ended.kept()
