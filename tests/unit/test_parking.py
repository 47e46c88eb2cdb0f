"""Temporary codes and names: free, short enough, and telling where the account goes."""

from __future__ import annotations

from itertools import islice

import pytest

from xerosync import parking
from xerosync.model import FIELD, code_key, name_key


def test_a_temporary_code_is_one_that_nobody_has() -> None:
    taken = {code_key("XSTMP1"), code_key("xstmp3")}
    assert list(islice(parking.temporary_codes(taken), 3)) == ["XSTMP2", "XSTMP4", "XSTMP5"]


def test_the_first_99_999_temporary_codes_are_short_enough_and_known_again() -> None:
    for code in ("XSTMP1", "XSTMP99999", "xstmp12"):
        assert parking.is_code(code)
        assert len(code) <= FIELD["code"].max_length


@pytest.mark.parametrize("code", ["", "200", "XSTMP", "XSTMP0", "XSTMP123456", "AXSTMP1"])
def test_other_codes_are_not_taken_for_temporary_ones(code: str) -> None:
    assert not parking.is_code(code)


@pytest.mark.parametrize("code", ["300", "1234567890", "a (b) c)", "9)"])
@pytest.mark.parametrize("name", ["Sales", "N" * 150, "Café (old)", "Rent )"])
def test_a_temporary_name_fits_and_tells_the_code_it_is_on_its_way_to(name: str, code: str) -> None:
    parked = parking.temporary_name(name, code, set())
    assert len(parked) <= FIELD["name"].max_length
    assert parking.target_of(parked) == code
    assert name.startswith(parking.original_name(parked))
    assert parking.fits(name, code) == (parking.original_name(parked) == name)


def test_a_temporary_name_is_one_that_nobody_has() -> None:
    first = parking.temporary_name("Sales", "300", set())
    second = parking.temporary_name("Sales", "300", {name_key(first)})
    assert name_key(second) != name_key(first)
    assert parking.target_of(second) == "300"


def test_a_temporary_name_parked_again_does_not_grow() -> None:
    first = parking.temporary_name("Sales", "300", set())
    again = parking.temporary_name(first, "400", set())
    assert again == "Sales (xerosync moves it to 400)"
    assert parking.target_of(again) == "400"
    assert parking.original_name(again) == "Sales"


def test_a_cut_name_has_no_space_before_its_ending() -> None:
    parked = parking.temporary_name(("word " * 40)[:150], "1234567890", set())
    assert "  " not in parked


@pytest.mark.parametrize("name", ["Sales", "", "(xerosync moves it to 3)", "x (xerosync moves it"])
def test_other_names_are_not_taken_for_temporary_ones(name: str) -> None:
    assert parking.target_of(name) == ""
    assert parking.original_name(name) == ""
