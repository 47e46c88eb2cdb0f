"""Temporary codes and names: unused, short enough, and recognised later."""

from __future__ import annotations

from itertools import islice

import pytest

from xerosync.model import FIELD, code_key, name_key
from xerosync.plan import temporary


def test_a_temporary_code_is_unused() -> None:
    taken = {code_key("XSTMP1"), code_key("xstmp3")}
    assert list(islice(temporary.temporary_codes(taken), 3)) == ["XSTMP2", "XSTMP4", "XSTMP5"]


def test_the_first_99_999_temporary_codes_are_short_enough_and_recognised() -> None:
    for code in ("XSTMP1", "XSTMP99999", "xstmp12"):
        assert temporary.is_code(code)
        assert len(code) <= FIELD["code"].max_length


@pytest.mark.parametrize("code", ["", "200", "XSTMP", "XSTMP0", "XSTMP123456", "AXSTMP1"])
def test_other_codes_are_not_recognised_as_temporary(code: str) -> None:
    assert not temporary.is_code(code)


@pytest.mark.parametrize("code", ["300", "1234567890", "a (b) c)", "9)"])
@pytest.mark.parametrize("name", ["Sales", "N" * 150, "Café (old)", "Rent )"])
def test_a_temporary_name_fits_and_ends_with_the_code_to_move_to(name: str, code: str) -> None:
    found = temporary.temporary_name(name, code, set())
    assert len(found) <= FIELD["name"].max_length
    assert temporary.target_of(found) == code
    assert name.startswith(temporary.original_name(found))
    assert temporary.fits(name, code) == (temporary.original_name(found) == name)


def test_a_temporary_name_is_unused() -> None:
    first = temporary.temporary_name("Sales", "300", set())
    second = temporary.temporary_name("Sales", "300", {name_key(first)})
    assert name_key(second) != name_key(first)
    assert temporary.target_of(second) == "300"


def test_making_a_temporary_name_twice_does_not_lengthen_it() -> None:
    first = temporary.temporary_name("Sales", "300", set())
    again = temporary.temporary_name(first, "400", set())
    assert again == "Sales (xerosync moves it to 400)"
    assert temporary.target_of(again) == "400"
    assert temporary.original_name(again) == "Sales"


def test_a_truncated_name_has_no_double_space_before_its_ending() -> None:
    found = temporary.temporary_name(("word " * 40)[:150], "1234567890", set())
    assert "  " not in found


@pytest.mark.parametrize("name", ["Sales", "", "(xerosync moves it to 3)", "x (xerosync moves it"])
def test_other_names_are_not_recognised_as_temporary(name: str) -> None:
    assert temporary.target_of(name) == ""
    assert temporary.original_name(name) == ""
