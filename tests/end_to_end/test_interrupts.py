"""Ctrl-C, SIGTERM, a lost terminal, and the question before an apply."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from command_line import Xerosync

from end_to_end.conftest import Launch, chart, writes
from end_to_end.process import WITH_TERMINAL, Gate, journal, keys_sent
from xerosync.apply.outcome import Result
from xerosync.sandbox import Sandbox

NEW = 20
CHART = chart(*(f'"code": "{1000 + n}", name: New {n}, type: REVENUE' for n in range(NEW)))
IN_FLIGHT = 5


@pytest.fixture(autouse=True)
def _chart(project: Path) -> None:
    Path("accounts.yaml").write_text(CHART, encoding="utf-8")


def stopped(process: subprocess.Popen[str]) -> str:
    """Read stderr until the process says that it is stopping."""
    assert process.stderr
    said = ""
    for line in process.stderr:
        said += line
        if line.startswith("Stopping: calls in flight will finish."):
            return said
    raise AssertionError(said)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_lets_calls_in_flight_finish(
    gate: Gate, xerosync: Xerosync, launch: Launch, number: signal.Signals
) -> None:
    process = launch("apply", "--yes")
    gate.wait_for(IN_FLIGHT)
    process.send_signal(number)
    stopped(process)
    gate.open()
    out, err = process.communicate(timeout=90)
    assert process.returncode == 130, err
    assert f"{NEW - IN_FLIGHT} of {NEW} steps were not sent" in err
    assert "Run the same command again: it continues with what is left." in err
    assert len(writes(gate.sandbox)) == IN_FLIGHT
    run = journal()
    assert run.ended_at is not None
    assert [call.result for call in run.calls].count(Result.DONE) == IN_FLIGHT
    assert f"Applied: {IN_FLIGHT} created" in out
    assert xerosync("apply", "--yes").code == 0
    assert len(writes(gate.sandbox)) == NEW


def test_the_second_signal_ends_the_run_at_once(
    gate: Gate, xerosync: Xerosync, launch: Launch
) -> None:
    """It ends even though the calls in flight are never answered."""
    process = launch("apply", "--yes")
    gate.wait_for(IN_FLIGHT)
    process.send_signal(signal.SIGINT)
    stopped(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(90) == 130
    assert process.stderr
    assert "Stopped at once" in process.stderr.read()
    run = journal()
    assert run.ended_at is None
    assert [call.open for call in run.calls] == [True] * IN_FLIGHT
    assert keys_sent(gate.sandbox) == {call.key for call in run.calls}
    gate.open()
    assert xerosync("apply", "--yes").code == 0
    assert len(writes(gate.sandbox)) == NEW


class Console:
    """A terminal that runs the command."""

    def __init__(self, launch: Launch, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        mode = termios.tcgetattr(slave)
        mode[3] |= termios.NOFLSH  # or the Ctrl-C itself may throw away what is printed after it
        termios.tcsetattr(slave, termios.TCSANOW, mode)
        self.process = launch(
            *arguments,
            script=WITH_TERMINAL,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def read_until(self, text: str) -> None:
        while text not in self.seen:
            assert self._read(), f"the command ended without {text!r}: {self.seen!r}"

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        with contextlib.suppress(OSError):
            while self._read():
                pass
        os.close(self.master)
        return self.process.wait(90)

    def _read(self) -> bool:
        """Add what the command prints next; return whether it goes on."""
        ready, _, _ = select.select([self.master], [], [], 90)
        assert ready, f"nothing is printed: {self.seen!r}"
        data = os.read(self.master, 65536)
        self.seen += data.decode("utf-8", "replace")
        return bool(data)


@pytest.fixture
def asked(books: Sandbox, launch: Launch) -> Console:
    """Run the command until it asks its question."""
    console = Console(launch, "apply")
    console.read_until("Type yes to continue: ")
    return console


def test_the_answer_yes_applies_the_plan(asked: Console, books: Sandbox) -> None:
    asked.type("yes\n")
    assert asked.end() == 0
    assert "Checked: Xero is as planned." in asked.seen
    assert len(writes(books)) == NEW


@pytest.mark.parametrize("answer", ["no\n", "y\n", "YES\n", "\n", "yes please\n", "\x04"])
def test_any_other_answer_refuses(asked: Console, books: Sandbox, answer: str) -> None:
    asked.type(answer)
    assert asked.end() == 5
    assert "Not confirmed: nothing was sent." in asked.seen
    assert writes(books) == []
    assert list(Path(".xerosync/runs").iterdir()) == []


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("plan",), "Interrupted."),
        (("apply", "--yes"), "Interrupted: nothing was sent."),
        (("pull", "--check"), "Interrupted."),
    ],
)
def test_ctrl_c_during_the_first_reads_says_that_nothing_was_sent(
    start: Callable[..., Sandbox], launch: Launch, command: tuple[str, ...], says: str
) -> None:
    asked, release = Event(), Event()

    def hold(_: object) -> None:
        asked.set()
        release.wait(60)

    books = start(before_answer=hold)
    console = Console(launch, *command)
    assert asked.wait(60)
    console.type("\x03")
    code = console.end()
    release.set()
    assert code == 130
    assert says in console.seen
    assert "Traceback" not in console.seen
    assert writes(books) == []


def test_a_sigterm_at_the_question_sends_nothing(asked: Console, books: Sandbox) -> None:
    asked.process.send_signal(signal.SIGTERM)
    assert asked.end() == 130
    assert "nothing was sent" in asked.seen
    assert writes(books) == []


def test_ctrl_c_at_the_question_sends_nothing(asked: Console, books: Sandbox) -> None:
    asked.type("\x03")
    assert asked.end() == 130
    assert "nothing was sent" in asked.seen
    assert "Traceback" not in asked.seen
    assert writes(books) == []


def test_the_question_names_the_organisation(asked: Console) -> None:
    assert "Apply this to Demo Company (NZ)?" in asked.seen
    asked.type("no\n")
    asked.end()


def test_ctrl_c_twice_in_a_terminal_shows_the_cursor_again(gate: Gate, launch: Launch) -> None:
    console = Console(launch, "apply", "--yes")
    gate.wait_for(IN_FLIGHT)
    console.type("\x03")
    console.read_until("Interrupt again to stop at once.")
    console.type("\x03")
    assert console.end() == 130
    assert console.seen.rindex("\x1b[?25h") > console.seen.rindex("\x1b[?25l")


def test_a_lost_terminal_stops_a_run_as_ctrl_c_does(gate: Gate, launch: Launch) -> None:
    console = Console(launch, "apply", "--yes")
    gate.wait_for(IN_FLIGHT)
    os.close(console.master)
    time.sleep(0.2)
    gate.open()
    assert console.process.wait(90) == 130
    run = journal()
    assert run.ended_at is not None
    assert [call.result for call in run.calls].count(Result.DONE) == len(writes(gate.sandbox))
    assert len(writes(gate.sandbox)) < NEW


def test_apply_cannot_ask_if_only_the_output_is_a_terminal(books: Sandbox, launch: Launch) -> None:
    master, slave = pty.openpty()
    process = launch("apply", stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
    assert process.wait(90) == 5
    os.close(slave)
    os.close(master)
    assert books.requests == ()
