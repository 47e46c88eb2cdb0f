"""Ctrl-C while many organisations are read."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from end_to_end import process

from cli.many.practice import Practice, write_client


@pytest.mark.parametrize("command", ["plan", "drift", "apply --yes"])
def test_ctrl_c_ends_quickly_and_says_what_was_done(
    practice: Callable[..., Practice], project: Path, command: str
) -> None:
    """Some organisations are done, others wait for an answer that never comes."""
    served = practice(12, faults=dict.fromkeys(range(7, 13), "held"))
    for number in range(1, 13):
        write_client(project / "clients", number)
    child = process.start(*command.split(), "clients", "--workers", "6")
    try:
        deadline = time.monotonic() + 60
        while served.calls["Organisation"] < 12:
            assert time.monotonic() < deadline, "the calls never came"
            time.sleep(0.05)
        time.sleep(0.5)
        began = time.monotonic()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 130
    assert time.monotonic() - began < 10
    assert out == ""
    done = re.search(r"Interrupted: (\d+) of 12 organisations were (planned|compared)\.", err)
    assert done
    assert int(done[1]) == 6
    assert "Nothing was sent to Xero." in err
