"""Text from strangers is shown and never obeyed."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync.text import counted, day, day_and_time, timestamp, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Sales", "Sales"),
        ("a\nb\tc\r\0", "a\\nb\\tc\\r\\0"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("evil\u202etxt", "evil\\u202etxt"),
        ("a\u2028b", "a\\u2028b"),
        ("\ud800", "\\ud800"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
    ],
)
def test_what_acts_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Ventes d'été",
        "売上",
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f469\u200d\U0001f467",
        "a\u00a0b",
        "a\u3000b",
    ],
)
def test_every_script_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(st.text())
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert visible(shown) == shown


def test_dates_are_written_in_utc() -> None:
    auckland = datetime(2026, 11, 4, 9, 30, tzinfo=timezone(timedelta(hours=13)))
    assert day(auckland) == "3 November 2026"
    assert day_and_time(auckland) == "3 November 2026 at 20:30 UTC"
    assert timestamp(auckland) == "2026-11-03T20:30:00Z"


def test_a_count_takes_the_plural_unless_it_is_one() -> None:
    counts = [counted(n, "account") for n in (0, 1, 2)]
    assert counts == ["0 accounts", "1 account", "2 accounts"]
