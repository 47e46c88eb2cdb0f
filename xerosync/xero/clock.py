"""The time, waiting and stopping. Tests replace the clock, so that they never wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from xerosync.errors import Interrupted

AGAIN = "Run the same command again. If part of a saved plan was applied, plan again instead."


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and how to wait.

    `monotonic` returns seconds from an arbitrary start; `now` returns a time with its zone.
    `sleep` waits a number of seconds; if it is None, a wait ends as soon as `stop` is set.
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], object] | None = None
    stop: Event = field(default_factory=Event)

    def wait(self, seconds: float) -> None:
        """Wait this long. Raises `Interrupted` if `stop` is set before or during the wait."""
        self.check()
        if seconds > 0:
            (self.sleep or self.stop.wait)(seconds)
        self.check()

    def check(self) -> None:
        """Raise `Interrupted` if `stop` is set."""
        if self.stop.is_set():
            raise Interrupted("Stopped while waiting for Xero.", AGAIN)
