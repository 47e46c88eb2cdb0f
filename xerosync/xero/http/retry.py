"""What a call has met so far → whether, and when, it may be sent again.

Backoff is exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And
Jitter"). Xero keeps an idempotency key, and the answer it gave, for six minutes from the
first call, errors too (Xero docs, Idempotency).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from xerosync.xero.http.responses import Cause, Trouble

ATTEMPTS = 5
KEY_SECONDS = 300.0
"""How long a key is trusted: one minute less than Xero keeps it, for the calls on their way."""

_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before attempt 2, 3, …; `chance` gives numbers from 0 up to 1."""

    chance: Callable[[], float] = random.random

    def seconds(self, attempts: int) -> float:
        """Give the wait after so many attempts: anything up to 0.5 s, 1 s, 2 s, … 20 s."""
        most: float = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** (attempts - 1))
        return self.chance() * most


@dataclass(frozen=True, slots=True)
class History:
    """What one call has met so far. `idempotent`: twice does what once does, as for a delete.

    `in_doubt_since` is when the first attempt began that Xero may have acted on (seconds
    of the monotonic clock); None while there is none, and for reads always.
    """

    is_write: bool
    key: str = ""
    idempotent: bool = False
    attempts: int = 0
    failures: int = 0
    in_doubt_since: float | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether Xero may have acted on a write whose answer never came."""
        return self.in_doubt_since is not None

    def after(self, trouble: Trouble, began: float) -> History:
        """Give the history with one more attempt, begun at that time."""
        doubt = self.in_doubt_since
        if self.is_write and not trouble.untouched and doubt is None:
            doubt = began
        return replace(
            self,
            attempts=self.attempts + 1,
            failures=self.failures + (trouble.cause is Cause.BROKEN),
            in_doubt_since=doubt,
        )

    def may_repeat(self, last: Trouble, now: float) -> bool:
        """Tell whether the call may be sent again after its last trouble.

        A write in doubt is repeated only under its key and while the key lives; a second
        500 under one key is taken for the cached first one. A delete names its account by
        id and is repeated without a key (RFC 9110, 9.2.2).
        """
        if self.attempts >= ATTEMPTS or last.lasting:
            return False
        if not self.in_doubt or self.idempotent:
            return True
        return bool(self.key) and self.failures < 2 and self.key_lives(now)  # noqa: PLR2004

    def key_lives(self, now: float) -> bool:
        """Tell whether a repeat that begins now still falls under its idempotency key."""
        if self.in_doubt_since is None or self.idempotent:
            return True
        return now - self.in_doubt_since < KEY_SECONDS
