"""Ctrl-C, SIGTERM and a lost terminal: stop gracefully the first time, at once the second."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from types import FrameType

from xerosync.cli.terminal import Terminal
from xerosync.errors import ExitCode, Interrupted
from xerosync.text import visible

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_SHOW_CURSOR = b"\x1b[?25h\n"
"""Shows the cursor, which a progress bar has hidden."""

STOPPING = "Stopping: calls in flight will finish. Interrupt again to stop at once."
STOPPED_AT_ONCE = (
    "Stopped at once: calls in flight may have taken effect. Run the same command again (with"
    " another path for --result, if you gave it); if the plan was saved, plan again and apply the"
    " new plan instead. Xero's chart is read first, and nothing is done twice."
)


class StopEach(Event):
    """A request to stop several runs. Each run has an event of its own.

    A run that was stopped clears its event, so that it can read from Xero once more. If all runs
    had the same event, the other runs would then continue. `shared` is one more event. It ends the
    waits of what the runs share, such as the requests for tokens.
    """

    def __init__(self, shared: Event) -> None:
        super().__init__()
        self._shared = shared
        self._each: set[Event] = set()

    def set(self) -> None:
        """Ask all runs to stop, including runs that begin later."""
        super().set()
        self._shared.set()
        for one in tuple(self._each):
            one.set()

    @contextmanager
    def one(self) -> Iterator[Event]:
        """Yield the event of one run."""
        event = Event()
        self._each.add(event)
        if self.is_set():
            event.set()
        try:
            yield event
        finally:
            self._each.discard(event)


@contextmanager
def _handled_by(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle signals in a block. An ignored signal (`nohup`) stays ignored."""
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
def deferred() -> Iterator[Event]:
    """Hold back signals until the block ends. Yield an event that is set when a signal arrives."""
    came = Event()
    first = list[int]()

    def note(number: int, _: FrameType | None) -> None:
        first.append(number)
        came.set()

    try:
        with _handled_by(note):
            yield came
    finally:
        if first:
            signal.raise_signal(first[0])


@contextmanager
def stopping(
    stop: Event, terminal: Terminal, first: str = STOPPING, second: str = STOPPED_AT_ONCE
) -> Iterator[None]:
    """On the first signal, set `stop` and print `first`; on the second, print `second` and exit.

    An exit loses only the answers of the calls in flight: what was begun is on the disk already, in
    a journal or in the record of a demo company. The next run reads from Xero what took effect.
    """
    received: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stop.set()
        if len(received) > 1:
            _exit(terminal, second)
        with suppress(RuntimeError, OSError, ValueError, SystemExit):
            terminal.say(first)

    with _handled_by(handle):
        yield


@contextmanager
def nothing_sent() -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into `Interrupted`, which says that nothing was sent."""
    before = signal.getsignal(signal.SIGTERM)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("Interrupted: nothing was sent.") from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit(terminal: Terminal, sentence: str) -> None:
    """End the process without waiting for any call, thread or lock."""
    try:
        if terminal.err.is_terminal:
            os.write(2, _SHOW_CURSOR)
        line = visible(terminal.with_options(sentence))
        os.write(2, f"{line}\n".encode(errors="backslashreplace"))
    finally:
        os._exit(ExitCode.INTERRUPTED)
