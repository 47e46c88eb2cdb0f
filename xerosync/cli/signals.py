"""Ctrl-C and SIGTERM → a wish to stop; the second time, an end at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from xerosync.cli.terminal import Terminal
from xerosync.errors import ExitCode


@contextmanager
def stopping(stop: Event, terminal: Terminal) -> Iterator[None]:
    """Set `stop` on the first signal, and leave on the second.

    The journal has every line on the disk already, so leaving at once loses nothing but
    the answers of what is in flight; the next run settles those.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(ExitCode.INTERRUPTED)
        stop.set()
        terminal.say("Stopping: what is in flight finishes. Again to leave at once.")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
