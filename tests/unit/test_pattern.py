"""Patterns say what `re.fullmatch` says, in time that no pattern can blow up."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xerosync.pattern import MAX_LENGTH, MAX_POSITIONS, Pattern, PatternError

ATOMS = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", r"\d", r"\w", r"[a-c\d]", r"\.", r"\s", "[-a]", "[]a]", "[a-]",
     r"\W", r"[^\s-]", "é", r"\D", r"[\]]", r"\t"]
)  # fmt: skip
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=8,
)  # fmt: skip
NAMES = st.text(st.sampled_from("ab1. -]é\n\t_Z"), max_size=8)


@settings(max_examples=500)
@given(PATTERNS, st.lists(NAMES, max_size=8))
def test_a_pattern_says_what_python_says(text: str, names: list[str]) -> None:
    try:
        ours = Pattern(text)
    except PatternError as error:
        assert "characters" in str(error)  # noqa: PT017
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = re.compile(text)
    for name in names:
        assert ours.matches(name) == bool(theirs.fullmatch(name))


@given(st.text(st.sampled_from("ab()[]{}*+?|\\^$.-1,dw"), max_size=14), NAMES)
def test_what_is_no_pattern_is_said_to_be_none(text: str, name: str) -> None:
    """Whatever we take, Python takes too, and means the same by it."""
    try:
        ours = Pattern(text)
    except PatternError as error:
        assert 0 <= error.at <= len(text)  # noqa: PT017
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert ours.matches(name) == bool(re.fullmatch(text, name))


@pytest.mark.parametrize(
    "text",
    ["(", "a)", "[a", "*a", "a**", "a{2", "a{3,2}", "(?=a)", "(?P<n>a)", r"(a)\1", r"\b", "a^b",
     "a$b", "[b-a]", "x" * (MAX_LENGTH + 1), f"a{{{MAX_POSITIONS + 1}}}", "(a{20}){20}", "a{",
     "a{x}"],
)  # fmt: skip
def test_mistakes_are_refused(text: str) -> None:
    with pytest.raises(PatternError):
        Pattern(text)


@pytest.mark.parametrize(
    "text", ["(a*)*b", "(a|a)*b", "(a|aa)+$", "(.*a){12}", "([a-z]+)*1", "(a?){50}a{50}b"]
)
def test_no_pattern_takes_long(text: str) -> None:
    pattern = Pattern(text)
    begin = time.process_time()
    for length in range(100, 150):
        pattern.matches("a" * length)
    assert time.process_time() - begin < 2
