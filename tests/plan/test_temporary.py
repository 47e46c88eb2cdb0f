"""Temporary codes and names: free, short enough, and telling where the account goes."""

from __future__ import annotations

from itertools import islice

import pytest

from xerosync.model import FIELD, code_key, name_key
from xerosync.plan import temporary


def test_a_temporary_code_is_one_that_nobody_has() -> None:
    taken = {code_key("XSTMP1"), code_key("xstmp3")}
    assert list(islice(temporary.temporary_codes(taken), 3)) == ["XSTMP2", "XSTMP4", "XSTMP5"]


def test_the_first_99_999_temporary_codes_are_short_enough_and_known_again() -> None:
    for code in ("XSTMP1", "XSTMP99999", "xstmp12"):
        assert temporary.is_code(code)
        assert len(code) <= FIELD["code"].max_length


@pytest.mark.parametrize("code", ["", "200", "XSTMP", "XSTMP0", "XSTMP123456", "AXSTMP1"])
def test_other_codes_are_not_taken_for_temporary_ones(code: str) -> None:
    assert not temporary.is_code(code)


@pytest.mark.parametrize("code", ["300", "1234567890", "a (b) c)", "9)"])
@pytest.mark.parametrize("name", ["Sales", "N" * 150, "Café (old)", "Rent )"])
def test_a_temporary_name_fits_and_tells_the_code_it_is_on_its_way_to(name: str, code: str) -> None:
    parked = temporary.temporary_name(name, code, set())
    assert len(parked) <= FIELD["name"].max_length
    assert temporary.target_of(parked) == code
    assert name.startswith(temporary.original_name(parked))
    assert temporary.fits(name, code) == (temporary.original_name(parked) == name)


def test_a_temporary_name_is_one_that_nobody_has() -> None:
    first = temporary.temporary_name("Sales", "300", set())
    second = temporary.temporary_name("Sales", "300", {name_key(first)})
    assert name_key(second) != name_key(first)
    assert temporary.target_of(second) == "300"


def test_a_temporary_name_parked_again_does_not_grow() -> None:
    first = temporary.temporary_name("Sales", "300", set())
    again = temporary.temporary_name(first, "400", set())
    assert again == "Sales (xerosync moves it to 400)"
    assert temporary.target_of(again) == "400"
    assert temporary.original_name(again) == "Sales"


def test_a_cut_name_has_no_space_before_its_ending() -> None:
    parked = temporary.temporary_name(("word " * 40)[:150], "1234567890", set())
    assert "  " not in parked


@pytest.mark.parametrize("name", ["Sales", "", "(xerosync moves it to 3)", "x (xerosync moves it"])
def test_other_names_are_not_taken_for_temporary_ones(name: str) -> None:
    assert temporary.target_of(name) == ""
    assert temporary.original_name(name) == ""
