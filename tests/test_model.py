"""How codes, names and numbers compare and sort."""

from __future__ import annotations

import pytest

from xerosync.desired import DesiredAccount
from xerosync.model import (
    CLASS_OF_TYPE,
    FIELD,
    FIELDS,
    Account,
    Field,
    bank_number_key,
    class_of,
    code_key,
    code_order,
    name_key,
)


@pytest.mark.parametrize(("one", "other"), [("ab1", "AB1"), (" 200", "200 "), ("ß", "SS")])
def test_codes_that_may_be_the_same_to_xero_are_equal(one: str, other: str) -> None:
    assert code_key(one) == code_key(other)


@pytest.mark.parametrize(("one", "other"), [("090", "90"), ("1e3", "1000"), ("A 1", "A1")])
def test_codes_that_only_look_alike_differ(one: str, other: str) -> None:
    assert code_key(one) != code_key(other)


def test_names_compare_without_case_and_extra_spaces() -> None:
    assert name_key("  Petty\tCash ") == name_key("petty cash")
    assert name_key("PettyCash") != name_key("Petty Cash")


@pytest.mark.parametrize("field", [f for f in FIELDS if not f.flag], ids=lambda f: f.name)
def test_an_accent_typed_as_its_own_character_makes_no_difference(field: Field) -> None:
    composed, decomposed = "Caf\u00e9", "Cafe\u0301"
    assert field.comparable(composed) == field.comparable(decomposed)
    assert name_key(composed) == name_key(decomposed)
    assert code_key(composed) == code_key(decomposed)


def test_bank_numbers_compare_without_punctuation() -> None:
    assert bank_number_key("12-3456-7890123-00") == bank_number_key("12 3456 7890123 00")
    assert bank_number_key("gb12 abcd") == "GB12ABCD"


def test_codes_sort_in_natural_order() -> None:
    codes = ["B10", "1000", "", "9", "b2", "090", "200.1", "200"]
    assert sorted(codes, key=code_order) == ["9", "090", "200", "200.1", "1000", "b2", "B10", ""]


def test_a_digit_of_another_script_does_not_break_the_order() -> None:
    assert sorted(["٣", "1", "²"], key=code_order)


@pytest.mark.parametrize("kind", CLASS_OF_TYPE)
def test_every_type_has_a_class_and_fields_that_apply(kind: str) -> None:
    assert class_of(kind)
    assert FIELD["bank_account_number"].applies(kind) == (kind == "BANK")
    assert FIELD["description"].applies(kind) == (kind != "BANK")
    assert FIELD["code"].applies(kind)


def test_a_type_that_xero_has_added_takes_its_class_from_xero() -> None:
    assert class_of("SCORP", "EQUITY") == "EQUITY"
    assert class_of("SCORP") == ""


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: f.name)
def test_absent_null_and_empty_are_equal(field: Field) -> None:
    assert field.comparable(None) == field.comparable(field.empty) == field.empty


def test_an_entry_is_labelled_by_what_it_has() -> None:
    assert DesiredAccount({"code": "1", "name": "X"}).label == "1 X"
    assert DesiredAccount({}, system_account="GST").label == "GST"
    assert DesiredAccount({}, account_id="id-1").label == "id-1"
    assert DesiredAccount({"bank_account_number": "12"}).label == "12"
    assert Account("id-1", name="X").label == "X"
