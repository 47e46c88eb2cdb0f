"""Today's date in the time zone of an organisation."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

_FIRST_ZONE: Final = timezone(timedelta(hours=14))
_ZONES: Final = {re.sub("[ .-]", "", name).upper(): zone for name, zone in win_tz.items()}
"""Time zones by Xero's names: Windows' names in capitals, without spaces, dots and hyphens."""


def today(timezone_name: str, now: datetime) -> date:
    """Return the date at a moment in a time zone; `timezone_name` is Xero's `Timezone`.

    For an unknown time zone, return the date in UTC+14, where each day begins first.
    """
    try:
        return now.astimezone(ZoneInfo(_ZONES[timezone_name.upper()])).date()
    except (KeyError, ZoneInfoNotFoundError):
        return now.astimezone(_FIRST_ZONE).date()
