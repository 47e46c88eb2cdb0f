"""Problems are readable, and nothing in them controls the terminal."""

from __future__ import annotations

import pytest

from xerosync.chartfile.problems import describe, quoted
from xerosync.chartfile.syntax.scalars import SUSPECTS, boolean, misread, whole
from xerosync.chartfile.syntax.source import decode
from xerosync.errors import ChartError, Problem
from xerosync.suggestions import nearest
from xerosync.text import visible


def problem(column: int, source_line: str, message: str = "Wrong.", hint: str = "") -> Problem:
    return Problem("f.yaml", 7, column, "a-rule", message, hint, "error", source_line)


def test_a_problem_shows_its_position_its_line_a_caret_and_a_hint() -> None:
    assert describe(problem(3, "a b", hint="Do this.")) == (
        "f.yaml:7:3: error[a-rule]: Wrong.\n  7 | a b\n    |   ^\n  hint: Do this."
    )


def test_a_problem_without_a_source_line_is_shown_without_one() -> None:
    assert describe(problem(0, "")) == "f.yaml:7:0: error[a-rule]: Wrong."


@pytest.mark.parametrize(
    ("line", "column", "shown", "before"),
    [
        ("\tx", 2, "\\tx", 2),
        ("\x1b[31mred", 2, "\\x1b[31mred", 4),
        ("a\u202eb", 3, "a\\u202eb", 7),
        ("売上x", 3, "売上x", 4),
        ("e\u0301x", 3, "e\u0301x", 1),
        ("ab", 3, "ab", 2),
        ("ab", 99, "ab", 2),
        ("\U000e0001x", 2, "\\U000e0001x", 10),
    ],
)
def test_the_caret_is_under_its_character_whatever_the_width(
    line: str, column: int, shown: str, before: int
) -> None:
    assert describe(problem(column, line)).split("\n")[1:] == [
        f"  7 | {shown}",
        f"    | {' ' * before}^",
    ]


@pytest.mark.parametrize("column", [1, 2, 48, 49, 50, 500, 951, 952, 999, 1000, 1001])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    line = "".join(chr(0x41 + i % 26) for i in range(1000))
    _, shown, caret = describe(problem(column, line)).split("\n")
    assert len(shown) < 108
    at = caret.index("^")
    if column <= 1000:
        assert shown[at] == line[column - 1]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_a_byte_that_is_not_utf_8_is_reported_at_its_line_for_any_line_ends(ending: bytes) -> None:
    with pytest.raises(ChartError) as error:
        decode(ending.join([b"version: 1", "name: é".encode() + b"\xe9", b"tags: []"]), "f.yaml")
    (found,) = error.value.problems
    assert (found.line, found.column, found.source_line) == (2, 8, "name: éé")


def test_messages_and_file_names_cannot_command_a_terminal() -> None:
    shown = describe(Problem("\x1b]0;f", 1, 1, "r", "a\nb\x9b", "\x07"))
    assert shown == "\\x1b]0;f:1:1: error[r]: a\\nb\\x9b\n  hint: \\x07"


def test_quoting_cuts_what_is_long_and_shows_what_is_invisible() -> None:
    assert quoted("a\u200bb") == '"a\\u200bb"'
    assert len(quoted("x" * 1000)) == 62
    assert visible("é\u00a0売") == "é\u00a0売"


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("nmae", ["name", "note"], "name"),
        ("TaxType", ["type", "tax_type"], "tax_type"),
        ("AccountID", ["account_id", "code"], "account_id"),
        ("zzz", ["name"], ""),
        ("", ["name", ""], ""),
        ("x" * 100_000, ["name"], ""),
    ],
)
def test_the_nearest_known_word_is_suggested(word: str, known: list[str], expected: str) -> None:
    assert nearest(word, known) == expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("090", "a number"), ("1e3", "a number"), ("0o17", "a number"), ("1_000", "a number"),
        ("190:20:30", "a number"), ("-.inf", "a number"), (".nan", "a number"), ("1.", "a number"),
        ("NO", "true or false"), ("y", "true or false"), ("Off", "true or false"),
        ("2024-1-1", "a date"), ("2024-01-01T10:00:00Z", "a date"), ("=", "YAML syntax"),
        ("", ""), ("null", ""), ("~", ""), ("Sales", ""), ("nO", ""), ("1a", ""), ("1 2", ""),
        ("٣", ""), ("-", ""), (".", ""), ("2024-01", ""),
    ],
)  # fmt: skip
def test_unquoted_text_that_other_readers_would_misread_is_recognised(text: str, kind: str) -> None:
    assert misread(text) == kind
    assert not kind or text[0] in SUSPECTS


def test_numbers_and_flags_are_read_in_one_spelling() -> None:
    assert [whole(t) for t in ("0", "12", "-3", "05", "1_0", "+1", "1.0", "1234567890", "٣")] == [
        0, 12, -3, None, None, None, None, None, None,
    ]  # fmt: skip
    assert [boolean(t) for t in ("true", "True", "TRUE", "false", "tRUE", "yes", "")] == [
        True, True, True, False, None, None, None,
    ]  # fmt: skip
