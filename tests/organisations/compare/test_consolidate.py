"""In which consolidation tools a difference splits a line."""

from __future__ import annotations

import pytest

from xerosync.organisations.compare.consolidate import sentence
from xerosync.organisations.compare.grid import Key


@pytest.mark.parametrize(
    ("splits", "tools"),
    [
        ((Key.CODE,), "code"),
        ((Key.NAME,), "name"),
        ((Key.CLASS,), "name and class"),
        ((Key.CODE, Key.NAME), "code or by name"),
        ((Key.CODE, Key.CLASS), "code or by name and class"),
        ((Key.CODE, Key.NAME, Key.CLASS), "code or by name"),
    ],
)
def test_each_kind_of_tool_that_splits_the_line_is_named(
    splits: tuple[Key, ...], tools: str
) -> None:
    assert sentence(splits) == f"gets a line of its own in tools that consolidate by {tools}"


def test_the_sentence_is_empty_if_there_is_no_difference() -> None:
    assert sentence(()) == ""
