"""Names that people would confuse are found, and names that are meant to differ are not."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync.chartfile.lint.similar import similar


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Repairs & Maintenance", "Repairs and maintenance"),
        ("Repairs & Maintenance", "Maintenance/Repair"),
        ("Motor Vehicle Expenses", "Motor Vehicle Expense"),
        ("Travel - National", "National Travel"),
        ("Advertising", "Adverstising"),
        ("Advertising", "Advertisng"),
        ("Advertising", "Avdertising"),
        ("Advertising", "Adwertising"),
        ("Dépôts", "Depots"),
        ("Companies", "Company"),
        ("GST", "gst"),
        ("Owner's Drawings", "Owners Drawings"),
        ("Owner\u2019s Drawings", "Owner Drawings"),
        ("売上・国内", "国内 売上"),
    ],
)
def test_similar_names_are_found(one: str, two: str) -> None:
    assert list(similar([one, two])) == [(0, 1)]
    assert list(similar([two, "Other", one])) == [(0, 2)]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Owner A Drawings", "Owner B Drawings"),
        ("Loan 1", "Loan 2"),
        ("Rent 2025", "Rent 2026"),
        ("Travel - National", "Travel - International"),
        ("Interest Income", "Interest Expense"),
        ("Car", "Cat"),
        ("Gas", "Ga"),
        ("Import", "Export"),
        ("売上高", "売掛金"),
        ("がいちゅう", "かいちゅう"),
        ("Advertising", "Adverstisings on"),
        ("...", "---"),
        ("", ""),
    ],
)
def test_names_that_are_meant_to_differ_are_not_found(one: str, two: str) -> None:
    assert list(similar([one, two])) == []


def test_each_name_is_paired_once_with_the_first_similar_one() -> None:
    assert list(similar(["Sales", "Sale", "Rent", "SALES.", "Rents"])) == [(0, 1), (0, 3), (2, 4)]


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_names_can_be_compared(names: list[str]) -> None:
    pairs = list(similar(names))
    assert all(one < two for one, two in pairs)
    assert len({two for _, two in pairs}) == len(pairs)


@pytest.mark.parametrize("letters", ["ab", "abcdefghij"])
def test_ten_thousand_names_of_any_kind_are_compared_quickly(letters: str) -> None:
    chance = random.Random(1)  # noqa: S311
    names = ["Travel" + "".join(chance.choices(letters, k=14)) for _ in range(10_000)]
    begin = time.process_time()
    list(similar(names))
    assert time.process_time() - begin < 60  # many times what it takes, for a busy machine
