"""The words of a name are those that a reader would compare."""

from __future__ import annotations

import pytest

from xerosync.name_words import name_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Repairs & Maintenance", ("repair", "maintenance")),
        ("Repairs and Maintenance", ("repair", "maintenance")),
        ("Other Liabilities", ("other", "liability")),
        ("Gas, Business Class", ("gas", "business", "class")),
        ("Owner's Drawings", ("owner", "drawing")),
        ("Owner\u2019s Drawings", ("owner", "drawing")),
        ("CAFÉ\u2014Wages (2026)", ("cafe", "wage", "2026")),
        ("売上・国内", ("売上", "国内")),
        ("売上\uff06国内", ("売上", "国内")),
        ("Bank £", ("bank", "£")),
        ("& -", ()),
    ],
)
def test_a_name_is_split_into_its_words(name: str, words: tuple[str, ...]) -> None:
    assert name_words(name) == words
