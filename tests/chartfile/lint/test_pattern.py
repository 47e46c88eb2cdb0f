"""Patterns match whole names in every script, and none of them can block the process."""

from __future__ import annotations

import pytest

from xerosync.chartfile.lint.pattern import Pattern, PatternError


@pytest.mark.parametrize(
    ("text", "fits", "fits_not"),
    [
        ("[A-Z].*", "Sales", "sales"),
        (r"\p{Lu}.*", "Émoluments", "émoluments"),
        ("Sales( - .+)?", "Sales - Market", "Sales Market"),
        ("a|b", "b", "ab"),
        ("", "", "x"),
    ],
)
def test_a_pattern_must_match_the_whole_name(text: str, fits: str, fits_not: str) -> None:
    assert Pattern(text).matches(fits)
    assert not Pattern(text).matches(fits_not)


@pytest.mark.parametrize(
    "text", ["(", "*a", "[b-a]", "(?=a)", r"(a)\1", "a{1001}", "(a{900}){900}", "\ud800"]
)
def test_an_invalid_pattern_is_rejected_with_the_reason(text: str) -> None:
    with pytest.raises(PatternError, match=r"\w"):
        Pattern(text)


def test_a_name_that_is_not_valid_unicode_never_matches() -> None:
    assert not Pattern(".*").matches("a\ud800")


@pytest.mark.parametrize("text", ["(a*)*b", "(a|aa)+$x", "(.*a){12}b", "(a?){50}a{50}b"])
def test_a_pattern_that_hangs_other_engines_is_matched_quickly(text: str) -> None:
    """With Python's own engine this test would never end."""
    assert not Pattern(text).matches("a" * 10_000)
