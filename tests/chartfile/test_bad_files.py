"""The folder of bad files: each has a mistake that people make, and the messages beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync.chartfile.load import parse
from xerosync.chartfile.problems import describe
from xerosync.errors import ChartError, Problem

BAD = Path(__file__).parent / "bad"
CASES = sorted(BAD.glob("*.yaml"))


def problems_of(data: bytes, file: str) -> tuple[Problem, ...]:
    try:
        return parse(data, file).warnings
    except ChartError as error:
        return error.problems


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_bad_file_has_the_problems_written_beside_it(case: Path) -> None:
    answer = "\n".join(map(describe, problems_of(case.read_bytes(), case.name)))
    assert answer + "\n" == case.with_suffix(".txt").read_text("utf-8")


def test_every_text_with_expected_messages_belongs_to_a_bad_file() -> None:
    assert {p.stem for p in BAD.glob("*.txt")} == {case.stem for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_no_message_uses_the_words_of_json_schema_or_libyaml(case: Path) -> None:
    answer = case.with_suffix(".txt").read_text("utf-8")
    for jargon in (
        "is not of type",
        "does not match",
        "additional propert",
        "expected key",
        "None",
    ):
        assert jargon not in answer.lower().replace("expected here", "")


TEXTS = [case for case in CASES if b"\0" not in case.read_bytes()]


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.stem)
def test_windows_line_breaks_change_nothing(case: Path) -> None:
    data = case.read_bytes()
    unix = [(p.line, p.column, p.rule) for p in problems_of(data, "f")]
    windows = problems_of(data.replace(b"\n", b"\r\n"), "f")
    assert [(p.line, p.column, p.rule) for p in windows] == unix


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_position_is_inside_the_file(case: Path) -> None:
    lines = case.read_bytes().decode("utf-8", "replace").split("\n")
    for problem in problems_of(case.read_bytes(), case.name):
        assert 0 <= problem.line <= len(lines)
        if problem.source_line and problem.rule != "encoding":
            assert problem.source_line == lines[problem.line - 1]
            assert 1 <= problem.column <= len(problem.source_line) + 1
