"""Ctrl-C, SIGTERM and a lost terminal → a wish to stop; the second time, an end at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event
from types import FrameType

from xerosync.cli.terminal import Terminal
from xerosync.errors import ExitCode, Interrupted

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_SHOW_CURSOR = b"\x1b[?25h\n"
"""A progress bar hides the cursor; whoever leaves in the middle of one shows it again."""

_LEFT = (
    b"Left at once: what was in flight may have taken effect. Run again: Xero's chart is read "
    b"first, and nothing is done twice.\n"
)


@contextmanager
def stopping(stop: Event, terminal: Terminal) -> Iterator[None]:
    """Set `stop` on the first signal, and leave on the second.

    The journal has every line on the disk already, so leaving at once loses nothing but
    the answers of what is in flight; the next run settles those. A signal that is ignored
    (`nohup`) stays so.
    """
    came: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        stop.set()
        if len(came) > 1:
            _leave(terminal)
        with suppress(RuntimeError, OSError, ValueError, SystemExit):
            terminal.say("Stopping: what is in flight finishes. Again to leave at once.")

    before = {
        number: signal.signal(number, handle)
        for number in _SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def nothing_sent() -> Iterator[None]:
    """Say of a signal before the first write that nothing was sent. Raises `Interrupted`."""
    before = signal.getsignal(signal.SIGTERM)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("Interrupted: nothing was sent.") from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(terminal: Terminal) -> None:
    """End the process without waiting for anything, nor for locks that others hold."""
    with suppress(OSError):
        if terminal.err.is_terminal:
            os.write(2, _SHOW_CURSOR)
        os.write(2, _LEFT)
    os._exit(ExitCode.INTERRUPTED)
