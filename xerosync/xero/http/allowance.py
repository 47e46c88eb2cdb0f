"""The limit headers of an answer → what Xero still allows.

Xero docs, OAuth 2.0 API limits: `X-MinLimit-Remaining`, `X-DayLimit-Remaining`, and on a
429 `X-Rate-Limit-Problem` and `Retry-After` (seconds; only for the minute and the day).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 90.0
"""Seconds that a run waits for Xero at most; anything longer stops it with a message."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one answer says of the limits; None where it says nothing.

    `minute_left` and `day_left` count calls, `retry_after` seconds. `problem` is Xero's word
    for the limit that was hit, in lower case: `minute`, `day`, `concurrent`, …
    """

    minute_left: int | None = None
    day_left: int | None = None
    retry_after: float | None = None
    problem: str = ""

    @property
    def is_too_long(self) -> bool:
        """Whether Xero asks for a wait that no run should make."""
        return "day" in self.problem or (self.retry_after or 0.0) > LONGEST_WAIT


SILENT = Allowance()
"""What an answer without any such header says."""


def read_allowance(headers: Mapping[str, str], now: datetime) -> Allowance:
    """Read the limit headers; their names are in lower case. What makes no sense is left out."""
    return Allowance(
        minute_left=_count(headers.get("x-minlimit-remaining")),
        day_left=_count(headers.get("x-daylimit-remaining")),
        retry_after=_seconds(headers.get("retry-after"), now),
        problem=headers.get("x-rate-limit-problem", "").strip().casefold(),
    )


def _count(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004


def _seconds(text: str | None, now: datetime) -> float | None:
    """Read seconds or, as HTTP allows (RFC 9110, 10.2.3), a date."""
    if (count := _count(text)) is not None:
        return float(count)
    try:
        when = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds())
