"""The waits that Xero's limits ask for, as a person is told of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Wait:
    """Until when Xero makes us wait, by `monotonic`; in the past when it does not."""

    until: float = 0.0
    monotonic: Callable[[], float] = time.monotonic

    def begin(self, seconds: float) -> None:
        """Wait for so many seconds from now; of several waits at once, the longest counts."""
        self.until = max(self.until, self.monotonic() + seconds)

    @property
    def left(self) -> float:
        """How many seconds of it are left."""
        return max(0.0, self.until - self.monotonic())
