"""Read the rate limits that Xero states in the headers of an answer.

Xero docs, OAuth 2.0 API limits: `X-MinLimit-Remaining`, `X-DayLimit-Remaining`,
`X-AppMinLimit-Remaining`; on a 429 `X-Rate-Limit-Problem` and, for minute and day, `Retry-After`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 90.0
"""The longest wait in seconds that a call accepts; if Xero asks for a longer wait, it fails."""


@dataclass(frozen=True, slots=True)
class LimitHeaders:
    """The limits that one answer states; None or "" for what it does not state.

    `minute_left` and `day_left` count the calls left for the organisation. `app_minute_left`
    counts the calls left for the app, over all organisations. `retry_after` is in seconds.
    `problem` is the limit that was exceeded: `minute`, `day`, `concurrent`, `appminute`, …
    """

    minute_left: int | None = None
    day_left: int | None = None
    retry_after: float | None = None
    problem: str = ""
    app_minute_left: int | None = None

    @property
    def is_too_long(self) -> bool:
        """Whether the day's limit was exceeded, or Xero asks for too long a wait for a run."""
        return "day" in self.problem or (self.retry_after or 0.0) > LONGEST_WAIT

    @property
    def is_for_app(self) -> bool:
        """Whether the limit that was exceeded is the app's, not the organisation's."""
        return self.problem.startswith("app")

    def of_app(self) -> LimitHeaders:
        """Return the app's limits, without a problem or wait that concerns the organisation.

        `app_minute_left` becomes `minute_left`.
        """
        wait, problem = (self.retry_after, self.problem) if self.is_for_app else (None, "")
        return LimitHeaders(self.app_minute_left, retry_after=wait, problem=problem)

    def of_organisation(self) -> LimitHeaders:
        """Return the organisation's limits, without a problem or wait that concerns the app."""
        return replace(self, retry_after=None, problem="") if self.is_for_app else self


def read_limits(headers: Mapping[str, str], now: datetime) -> LimitHeaders:
    """Return the limits in headers with names in lower case. Invalid values are ignored."""
    return LimitHeaders(
        minute_left=_count(headers.get("x-minlimit-remaining")),
        day_left=_count(headers.get("x-daylimit-remaining")),
        retry_after=_seconds(headers.get("retry-after"), now),
        problem=headers.get("x-rate-limit-problem", "").strip().casefold(),
        app_minute_left=_count(headers.get("x-appminlimit-remaining")),
    )


def _count(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004


def _seconds(text: str | None, now: datetime) -> float | None:
    """Read a number of seconds or, as HTTP allows (RFC 9110, 10.2.3), a date."""
    if (count := _count(text)) is not None:
        return float(count)
    until = since(text or "", now)
    return None if until is None else max(0.0, -until.total_seconds())


def since(text: str, now: datetime) -> timedelta | None:
    """Return how much later `now` is than an HTTP date; None if the text is no valid date."""
    try:
        then = parsedate_to_datetime(text)
        return now - then.replace(tzinfo=then.tzinfo or UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
