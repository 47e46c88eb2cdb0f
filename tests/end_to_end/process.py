"""The command as its own process, for signals, terminals, pipes and full disks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from xerosync.history import runs
from xerosync.sandbox import Sandbox
from xerosync.sandbox.http.messages import LogEntry

WITH_TERMINAL = (
    "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "from xerosync.cli import main; main()"
)
"""Makes its standard input the terminal that Ctrl-C comes from."""

WITH_SMALL_DISK = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES, BYTES));"
    "from xerosync.cli import main; main()"
)
"""Limits every file to BYTES bytes: a longer write fails as on a full disk."""

PLAIN = "from xerosync.cli import main; main()"

HEARS_SIGNALS = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "signal.signal(signal.SIGHUP, signal.SIG_DFL);"
)
"""Restores SIGINT, which children of a background job ignore, and SIGHUP, which `nohup` ignores."""


class Gate:
    """A local Xero that holds back the answer to each write until the gate opens."""

    def __init__(self, begin: Callable[..., Sandbox]) -> None:
        self._open = Event()
        self.sandbox = begin(before_answer=self._hold)

    def _hold(self, request: LogEntry) -> None:
        if request.is_write:
            self._open.wait(60)

    def wait_for(self, writes: int) -> None:
        """Wait until this many writes are held back."""
        deadline = time.monotonic() + 60
        while sum(r.is_write for r in self.sandbox.requests) < writes:
            assert time.monotonic() < deadline, "the writes never came"
            time.sleep(0.01)

    def open(self) -> None:
        """Send every answer, from now on."""
        self._open.set()


def start(*arguments: str, script: str = PLAIN, **options: Any) -> subprocess.Popen[str]:
    """Start the command in the current directory and environment."""
    root = str(Path(__file__).parent.parent.parent)
    environment = {**os.environ, "PYTHONPATH": root}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-c", HEARS_SIGNALS + script, *arguments],
        env=environment,
        text=True,
        **pipes | options,
    )


def journal() -> runs.Run:
    """Return the only run of the project."""
    (path,) = Path(".xerosync/runs").iterdir()
    (run,) = runs.read(path)
    return run


def keys_sent(sandbox: Sandbox) -> set[str]:
    """Return the idempotency keys of the writes that took effect."""
    return {
        request.headers["idempotency-key"]
        for request in sandbox.requests
        if request.is_write and request.status == 200
    }
