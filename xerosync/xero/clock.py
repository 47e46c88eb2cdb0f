"""Time, and the wish to stop → one value that every wait goes through, so that tests never wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event

from xerosync.errors import Interrupted


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is, and how to wait.

    `monotonic` is in seconds from anywhere; `now` is aware. `sleep` waits that many seconds;
    without one, a wait ends at once when `stop` is set.
    """

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], object] | None = None
    stop: Event = field(default_factory=Event)

    def wait(self, seconds: float) -> None:
        """Wait, or raise `Interrupted` as soon as somebody asks to stop."""
        self.check()
        if seconds > 0:
            (self.sleep or self.stop.wait)(seconds)
        self.check()

    def check(self) -> None:
        """Raise `Interrupted` when somebody has asked to stop."""
        if self.stop.is_set():
            raise Interrupted(
                "Stopped while waiting for Xero.",
                "Run the same command again: it goes on from what is done.",
            )
