"""Today's date in the time zone of an organisation."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

_FIRST_ZONE: Final = timezone(timedelta(hours=14))


def _xero_name(windows_name: str) -> str:
    """Return Xero's name for a Windows time zone: in capitals, without spaces, dots and hyphens."""
    return windows_name.translate({ord(mark): None for mark in " .-"}).upper()


_ZONES: Final = {_xero_name(name): zone for name, zone in win_tz.items()}


def today(timezone_name: str, now: datetime) -> date:
    """Return the date at a moment in a time zone; `timezone_name` is Xero's `Timezone`.

    For an unknown time zone, return the date in UTC+14, where each day begins first.
    """
    try:
        return now.astimezone(ZoneInfo(_ZONES[timezone_name.upper()])).date()
    except (KeyError, ZoneInfoNotFoundError):
        return now.astimezone(_FIRST_ZONE).date()
