"""An edit in Xero during an apply: refused, left alone or reported, but for one narrow gap."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from end_to_end.faults.edits import EDITS, MOMENTS, Ended, measure

ROOT = Path(__file__).parent.parent.parent.parent
REFUSED, IN_PART, UNPROVED, DONE = 5, 6, 1, 0


@pytest.fixture(scope="module")
def measured() -> list[list[Ended]]:
    """Make each edit at each moment, in an apply of its own."""
    return measure()


def test_an_edit_is_refused_left_alone_or_reported(measured: list[list[Ended]]) -> None:
    """A row for each moment, a column for each kind of edit."""
    assert [[ended.code for ended in row] for row in measured] == [
        [REFUSED, REFUSED, DONE, REFUSED],
        [IN_PART, IN_PART, DONE, IN_PART],
        [DONE, UNPROVED, DONE, UNPROVED],
        [UNPROVED, UNPROVED, DONE, UNPROVED],
    ]


def test_only_an_edit_of_the_same_field_just_before_its_write_is_lost(
    measured: list[list[Ended]],
) -> None:
    lost = [
        (moment, edit.what)
        for moment, row in zip(MOMENTS, measured, strict=True)
        for edit, ended in zip(EDITS, row, strict=True)
        if not ended.kept
    ]
    assert lost == [("between that reading and the write", "the field that the plan changes")]


def test_an_edit_that_stays_is_in_the_journal_of_a_written_account(
    measured: list[list[Ended]],
) -> None:
    for row in measured:
        assert all(ended.journalled for ended in row if ended.written and ended.kept)


def test_an_edit_that_is_not_overwritten_is_reported(measured: list[list[Ended]]) -> None:
    """Edits of fields that the file does not manage are not reported."""
    for row in measured:
        assert all("Edited by hand" in ended.said for ended in row if ended.code != DONE)


def test_the_page_says_what_was_measured(measured: list[list[Ended]]) -> None:
    spec = importlib.util.spec_from_file_location("make_faults", ROOT / "docs" / "make_faults.py")
    assert spec
    assert spec.loader
    make_faults = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_faults)
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    assert make_faults.edits_table(measured) in page
