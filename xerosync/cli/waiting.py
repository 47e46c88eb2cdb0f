"""The current wait for Xero's limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Wait:
    """When the wait ends, on the clock `monotonic`. A time in the past means no wait."""

    until: float = 0.0
    monotonic: Callable[[], float] = time.monotonic

    def begin(self, seconds: float) -> None:
        """Wait this many seconds from now; of several waits, the longest counts."""
        self.until = max(self.until, self.monotonic() + seconds)

    @property
    def left(self) -> float:
        """How many seconds are left."""
        return max(0.0, self.until - self.monotonic())
