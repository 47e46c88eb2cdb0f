"""Any bytes quickly give a chart or a ChartError."""

from __future__ import annotations

import io
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xerosync.chartfile.load import load, parse
from xerosync.chartfile.problems import describe
from xerosync.chartfile.syntax.source import MAX_BYTES
from xerosync.errors import ChartError
from xerosync.text import visible

SECONDS = 5
"""Many times what each file takes, so that no test fails on a busy machine."""

WORDS = [
    "version", "1", ": ", "\n", "  ", "- ", "accounts", "organisation", "name", "code", '"', "'",
    "[", "]", "{", "}", ",", "#", "&a", "*a", "!x", "!!str ", "<<", "|", ">", "%", "@", "\t", "? ",
    "---\n", "...\n", "é", "\u2028", "\x00", "\x1b", "\u202e", "\ufeff", "\ud800", "null", "~",
    "type", "BANK", "REVENUE", "limits", "previously", "protect", "true", "090", "\\", "\\u0000",
    "\r", "\r\n", "status", "account_id", "unmanaged", "keep", "=", "😀", "\\ud800",
    "version: 1\norganisation: {name: Demo}\naccounts:\n  - ",
]  # fmt: skip


def rules_of(text: str | bytes) -> list[str]:
    """Return the rules of the problems, and check that every problem is safe to print."""
    try:
        problems = parse(text, "f").warnings
    except ChartError as error:
        problems = error.problems
        assert problems
    for problem in problems:
        rendered = describe(problem)
        assert all(visible(line) == line for line in rendered.split("\n"))
        assert len(rendered) < 2000
    assert len(problems) <= 101
    return [problem.rule for problem in problems]


@given(st.binary())
def test_any_bytes_are_read_or_rejected(data: bytes) -> None:
    rules_of(data)


@given(st.text())
def test_any_text_is_read_or_rejected(text: str) -> None:
    rules_of(text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(WORDS), max_size=30).map("".join))
def test_any_mixture_of_yaml_is_read_or_rejected(text: str) -> None:
    rules_of(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 200_000, "too-deep"),
        ("{a: " * 200_000, "too-deep"),
        ("- " * 200_000, "too-deep"),
        ("accounts: " + "[" * 200_000 + "]" * 200_000, "too-deep"),
        ("a: &a [x, x]\n" + "".join(f"k{i}: &k{i} [*a, *a]\n" for i in range(500)), "alias"),
        ("- *a\n" * 1_000_000, "alias"),
        ("[" + "[]," * 2_000_000, "too-large"),
        ("\x01" * 5_000_000, "binary"),
        ("version: " + "1" * 5_000_000, "unknown-version"),
        ("a: '" + "x" * 5_000_000, "syntax"),
        ("accounts: [{previously: [" + "[]," * 50_000 + "]}]", "wrong-type"),
        ("accounts: [" + "{code: [], x: y}," * 60_000 + "]", "too-many-problems"),
        ("x" * (MAX_BYTES + 1), "too-large"),
        ("", "empty-file"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else None,
)
def test_hostile_files_are_rejected_quickly(text: str, rule: str) -> None:
    begin = time.process_time()
    assert rule in rules_of(text)
    assert time.process_time() - begin < SECONDS


def test_a_file_of_100_mb_is_rejected_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    begin = time.process_time()
    with pytest.raises(ChartError) as caught:
        load(str(path))
    taken = time.process_time() - begin
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [p.rule for p in caught.value.problems] == ["too-large"]
    assert taken < SECONDS
    assert peak < 4 * MAX_BYTES


def test_endless_standard_input_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert 0 < size <= MAX_BYTES
            return b"#" * size

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(Endless()))
    with pytest.raises(ChartError) as caught:
        load("-")
    assert [p.rule for p in caught.value.problems] == ["too-large"]
