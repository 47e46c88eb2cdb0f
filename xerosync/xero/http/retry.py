"""Decide whether a call may be sent again, and when.

The backoff is exponential, with full jitter (AWS Architecture Blog, "Exponential Backoff And
Jitter"). Xero keeps an idempotency key, and its answer, for six minutes after the first
call, even if the answer was an error (Xero docs, Idempotency).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from xerosync.xero.http.responses import CallFailure, Cause

ATTEMPTS = 5

_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """The wait before each further attempt; `chance` returns numbers from 0 up to 1."""

    chance: Callable[[], float] = random.random

    def seconds(self, attempts: int) -> float:
        """Return a random wait. Its limit is 0.5 s after one attempt, then doubles, up to 20 s."""
        most: float = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** (attempts - 1))
        return self.chance() * most


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts at one call so far.

    `idempotent` means that two calls have the same effect as one, as for a delete. `in_doubt` is
    whether a write without a usable answer may have taken effect.
    """

    is_write: bool
    key: str = ""
    idempotent: bool = False
    count: int = 0
    server_errors: int = 0
    in_doubt: bool = False

    def after(self, failure: CallFailure) -> Attempts:
        """Return these attempts and one more, which failed."""
        return replace(
            self,
            count=self.count + 1,
            server_errors=self.server_errors + (failure.cause is Cause.SERVER_ERROR),
            in_doubt=self.in_doubt or (self.is_write and not failure.untouched),
        )

    def may_repeat(self, last: CallFailure) -> bool:
        """Whether the call may be sent again after its last failure.

        A write in doubt is repeated only with an idempotency key, and not after a second 500:
        that is probably Xero's stored answer. Neither limits a delete (RFC 9110, 9.2.2).
        """
        if self.count >= ATTEMPTS or last.lasting:
            return False
        if not self.in_doubt or self.idempotent:
            return True
        return bool(self.key) and self.server_errors < 2  # noqa: PLR2004
