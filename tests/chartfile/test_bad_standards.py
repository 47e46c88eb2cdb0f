"""The folder of files that break a rule of standards, with the messages beside each."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync.chartfile.load import load
from xerosync.chartfile.problems import describe
from xerosync.chartfile.rule_ids import STANDARDS
from xerosync.errors import ChartError, Problem

FOLDER = Path(__file__).parent / "standards"
CASES = sorted(FOLDER.glob("*.yaml"))


def problems_of(file: str) -> tuple[Problem, ...]:
    try:
        return load(file).warnings
    except ChartError as error:
        return error.problems


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_file_has_the_problems_written_beside_it(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    answer = "\n".join(map(describe, problems_of(case.name)))
    assert answer + "\n" == case.with_suffix(".txt").read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_problem_is_at_a_line_of_its_file(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    for problem in problems_of(case.name):
        lines = Path(problem.file).read_text("utf-8").split("\n")
        assert problem.source_line == lines[problem.line - 1]
        assert 1 <= problem.column <= len(problem.source_line)


def test_each_rule_of_standards_is_broken_by_a_file() -> None:
    texts = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.txt"))
    assert [rule for rule in STANDARDS if f"[{rule}]" not in texts] == []


def test_every_text_with_expected_messages_belongs_to_a_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {case.stem for case in CASES}
