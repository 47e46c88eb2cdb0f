"""The current wait for Xero's limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Wait:
    """The current wait. It ends when the clock `monotonic` reaches `until`."""

    until: float = 0.0
    monotonic: Callable[[], float] = time.monotonic

    def begin(self, seconds: float) -> None:
        """Record a wait of this many seconds from now; of several waits, the last to end counts."""
        self.until = max(self.until, self.monotonic() + seconds)

    @property
    def left(self) -> float:
        """How many seconds of the wait are left; 0 without a wait."""
        return max(0.0, self.until - self.monotonic())
