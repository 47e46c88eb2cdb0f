"""Today's date where an organisation keeps its books."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from xerosync.xero.local_date import today

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
EVE, FIRST = date(2026, 3, 31), date(2026, 4, 1)


@pytest.mark.parametrize(
    ("timezone", "day"),
    [
        ("NEWZEALANDSTANDARDTIME", FIRST),
        ("AUSEASTERNSTANDARDTIME", EVE),
        ("GMTSTANDARDTIME", EVE),
        ("WEUROPESTANDARDTIME", EVE),
        ("CENTRALSTANDARDTIME(MEXICO)", EVE),
        ("HAWAIIANSTANDARDTIME", EVE),
        ("UTC+13", FIRST),
        ("UTC02", EVE),
        ("GmtStandardTime", EVE),
    ],
)
def test_the_day_is_that_of_the_organisations_time_zone(timezone: str, day: date) -> None:
    assert today(timezone, NOON) == day


@pytest.mark.parametrize("timezone", ["", "KAMCHATKASTANDARDTIME", "../etc/passwd"])
def test_without_a_known_time_zone_the_day_is_the_latest_anywhere(timezone: str) -> None:
    assert today(timezone, NOON) == FIRST


def test_summer_time_changes_the_start_of_a_day() -> None:
    """New Zealand's summer time makes a day begin at 11:00 UTC, its winter time at 12:00."""
    summer = datetime(2026, 12, 31, 11, 30, tzinfo=UTC)
    winter = datetime(2026, 6, 30, 11, 30, tzinfo=UTC)
    assert today("NEWZEALANDSTANDARDTIME", summer) == date(2027, 1, 1)
    assert today("NEWZEALANDSTANDARDTIME", winter) == date(2026, 6, 30)
