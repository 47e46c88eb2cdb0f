"""Temporary codes and names: unused, short enough, and recognised later."""

from __future__ import annotations

from itertools import islice

import pytest
from builders import account

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


@pytest.mark.parametrize("code", ["300", "a) 2", "9)"])
@pytest.mark.parametrize("name", ["Sales", "Sales 2", "Rent (old) 2"])
def test_a_temporary_name_is_unused(name: str, code: str) -> None:
    """The number that it then needs is part neither of the original name nor of the code."""
    taken: set[str] = set()
    for _ in range(11):
        found = temporary.temporary_name(name, code, taken)
        assert name_key(found) not in taken
        assert (temporary.original_name(found), temporary.target_of(found)) == (name, code)
        taken.add(name_key(found))


def test_a_truncated_name_is_recognised_whether_or_not_a_number_follows() -> None:
    name, taken = "N" * 150, set[str]()
    for _ in range(2):
        found = temporary.temporary_name(name, "300", taken)
        assert len(found) == 150
        assert temporary.name_before(account("300", found), name) == name
        taken.add(name_key(found))
    whole = "N" * (150 - len(" (xerosync moves it to 300)"))
    numbered = temporary.temporary_name(
        whole, "300", {name_key(f"{whole} (xerosync moves it to 300)")}
    )
    assert temporary.name_before(account("300", numbered), whole) == whole
    assert (
        temporary.name_before(account("300", "Sales (xerosync moves it to 3) 2"), "Sales Tax")
        == "Sales"
    )


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
