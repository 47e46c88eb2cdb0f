"""Untrusted text is safe to print."""

from __future__ import annotations

import time
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync.text import (
    counted,
    day,
    day_and_time,
    first_few,
    full_stop,
    series,
    timestamp,
    to_the_second,
    told_apart,
    visible,
)


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
def test_unsafe_characters_are_escaped(text: str, shown: str) -> None:
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
def test_letters_of_every_script_stay_as_they_are(text: str) -> None:
    assert visible(text) == text


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert visible(shown) == shown


def test_dates_are_written_in_utc() -> None:
    auckland = datetime(2026, 11, 4, 9, 30, tzinfo=timezone(timedelta(hours=13)))
    assert day(auckland) == "3 November 2026"
    assert day_and_time(auckland) == "3 November 2026 at 20:30 UTC"
    assert to_the_second(auckland) == "2026-11-03 20:30:00 UTC"
    assert timestamp(auckland) == "2026-11-03T20:30:00Z"


def test_a_time_is_local_if_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    moment = datetime(2026, 11, 3, 20, 30, tzinfo=UTC)
    assert day_and_time(moment, None) == "4 November 2026 at 09:30 NZDT"
    monkeypatch.undo()
    time.tzset()


def test_a_list_of_names_is_joined_and_can_be_shortened() -> None:
    assert [series(names) for names in ((), "A", "AB", "ABC")] == ["", "A", "A and B", "A, B and C"]
    assert series("ABC", "or") == "A, B or C"
    assert first_few("ABC", 3) == "A, B, C"
    assert first_few("A" * 1_003, 2, "; ") == "A; A and 1,001 more"


@pytest.mark.parametrize("text", ["Acme Inc", "Acme Inc."])
def test_a_sentence_ends_with_one_full_stop(text: str) -> None:
    assert full_stop(text) == "Acme Inc."


def test_a_count_has_the_plural_unless_it_is_one() -> None:
    counts = [counted(n, "account") for n in (0, 1, 2)]
    assert counts == ["0 accounts", "1 account", "2 accounts"]


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("Bank Fees", "Bank\u00a0Fees", ("Bank Fees", "Bank\\xa0Fees")),
        ("Bank Fees", "Bank  Fees", ("Bank Fees", "Bank\\x20\\x20Fees")),
        ("Sales", "Sa\u200dles", ("Sales", "Sa\\u200dles")),
        ("Caf\u00e9", "Cafe\u0301", ("Caf\u00e9", "Cafe\\u0301")),
        ("Office", "O\ufb03ce", ("Office", "O\\ufb03ce")),
        ("Rent", "\uff32ent", ("Rent", "\\uff32ent")),
        ("\uac00", "\u1100\u1161", ("\uac00", "\\u1100\\u1161")),
        ("Bank Fees", "Bank Fees ", ("Bank Fees", "Bank Fees\\x20")),
        ("Bank Fees", " Bank Fees", ("Bank Fees", "\\x20Bank Fees")),
        ("Bank Fees", "Bank fees", ("Bank Fees", "Bank fees")),
        ("a  b", "a  c", ("a  b", "a  c")),
        ("a\u00a0b", "a\u00a0b", ("a\u00a0b", "a\u00a0b")),
    ],
)
def test_texts_that_look_alike_are_told_apart(one: str, other: str, shown: tuple[str, str]) -> None:
    assert told_apart(one, other) == shown
    assert told_apart(other, one) == shown[::-1]


LOOK_ALIKE = [
    ["\u00e9", "e\u0301"],
    ["fi", "\ufb01", "\uff46i"],
    ["", " ", "  ", "\u00a0", "\u3000", "\t"],
    ["\uac00", "\u1100\u1161"],
    ["\u09cb", "\u09c7\u09be"],
    ["", "\u200b", "\u200d"],
]
PAIRS = st.sampled_from(LOOK_ALIKE).flatmap(
    lambda group: st.tuples(st.sampled_from(group), st.sampled_from(group))
)


def looks(text: str) -> str:
    shown = unicodedata.normalize("NFKC", visible(text))
    return " ".join("".join(c for c in shown if unicodedata.category(c) != "Cf").split())


@given(st.lists(PAIRS, max_size=6))
def test_texts_that_differ_never_look_the_same_once_told_apart(
    pairs: list[tuple[str, str]],
) -> None:
    one, other = ("".join(pair[side] for pair in pairs) for side in (0, 1))
    shown = told_apart(one, other)
    assert (looks(shown[0]) == looks(shown[1])) is (one == other)
