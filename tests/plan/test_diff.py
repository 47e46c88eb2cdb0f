"""What differs between an entry and its account, in a fixed order."""

from __future__ import annotations

import pytest
from builders import ARCHIVED, DELETED, account, entry, new

from xerosync.desired import DesiredAccount
from xerosync.model import FIELDS, Account, Field, Value
from xerosync.plan.diff import diff
from xerosync.plan.matching.match import Match, MatchedBy
from xerosync.plan.plan import Action, Change


def compare(current: Account | None, desired: DesiredAccount) -> Change | None:
    found = diff([Match(desired, current, MatchedBy.CODE)])
    assert len(found) <= 1
    return found[0] if found else None


def fields(current: Account | None, desired: DesiredAccount) -> dict[str, tuple[Value, Value]]:
    change = compare(current, desired)
    return {f.field: (f.before, f.after) for f in change.fields} if change else {}


@pytest.mark.parametrize(
    ("status", "desired", "action"),
    [
        ("ACTIVE", entry("1"), None),
        ("ACTIVE", entry("1", "Y"), Action.UPDATE),
        ("ACTIVE", entry("1", status=ARCHIVED), Action.ARCHIVE),
        ("ACTIVE", entry("1", status=DELETED), Action.DELETE),
        ("ARCHIVED", entry("1"), Action.RESTORE),
        ("ARCHIVED", entry("1", status=ARCHIVED), None),
        ("ARCHIVED", entry("1", "Y", status=ARCHIVED), Action.UPDATE),
        ("ARCHIVED", entry("1", status=DELETED), Action.DELETE),
    ],
)
def test_the_action_follows_from_the_current_and_desired_status(
    status: str, desired: DesiredAccount, action: Action | None
) -> None:
    change = compare(account("1", "X", status=status), desired)
    assert (change.action if change else None) is action


def test_a_restore_or_archive_includes_its_edits() -> None:
    assert fields(account("1", "X", status=ARCHIVED), entry("1", "Y")) == {"name": ("X", "Y")}
    assert fields(account("1", "X"), entry("1", "Y", status=ARCHIVED)) == {"name": ("X", "Y")}


@pytest.mark.parametrize("field", FIELDS, ids=lambda f: f.name)
def test_only_managed_fields_are_compared(field: Field) -> None:
    before: Value = False if field.flag else "was"
    after: Value = True if field.flag else "will be"
    current = Account("id", **{field.name: before})  # type: ignore[arg-type]
    assert fields(current, DesiredAccount({field.name: after})) == {field.name: (before, after)}
    assert compare(current, DesiredAccount({field.name: before})) is None
    assert compare(current, DesiredAccount({})) is None


@pytest.mark.parametrize(
    ("name", "in_xero", "in_file"),
    [
        ("bank_account_number", "123456789012300", "12-3456-7890123-00"),
        ("bank_account_type", "NONE", ""),
        ("bank_account_type", "", "NONE"),
        ("description", "one\r\ntwo", "one\ntwo"),
        ("description", "", ""),
    ],
)
def test_values_that_are_the_same_to_xero_do_not_differ(
    name: str, in_xero: str, in_file: str
) -> None:
    current = Account("id", **{name: in_xero})  # type: ignore[arg-type]
    assert compare(current, DesiredAccount({name: in_file})) is None


def test_clearing_a_field_is_a_difference_only_if_it_has_a_value() -> None:
    assert fields(account("1", description="d"), entry("1", description="")) == {
        "description": ("d", "")
    }
    assert compare(account("1"), entry("1", description="")) is None


def test_a_difference_in_case_counts() -> None:
    assert fields(account("a1", "sales"), entry("A1", "Sales")) == {
        "code": ("a1", "A1"),
        "name": ("sales", "Sales"),
    }


def test_a_create_sets_only_fields_that_are_not_empty() -> None:
    made = new("1", "X", description="", show_in_expense_claims=False, add_to_watchlist=True)
    assert fields(None, made) == {
        "code": ("", "1"),
        "name": ("", "X"),
        "type": ("", "EXPENSE"),
        "add_to_watchlist": (False, True),
    }


def test_fields_are_in_the_order_of_the_table_not_of_the_file() -> None:
    mixed = DesiredAccount({"description": "d", "name": "Y", "code": "2"})
    assert list(fields(account("1", "X"), mixed)) == ["code", "name", "description"]


def test_a_temporary_name_that_the_file_does_not_manage_is_put_back() -> None:
    renamed = account("1", "Sales (xerosync moves it to 2)")
    assert fields(renamed, entry("2")) == {
        "code": ("1", "2"),
        "name": ("Sales (xerosync moves it to 2)", "Sales"),
    }
    assert fields(renamed, entry("2", "Takings"))["name"][1] == "Takings"


def test_changes_are_sorted_by_action_then_in_natural_order_of_codes() -> None:
    pairs = [
        (account("1000", "A"), entry("1000", "B")),
        (account("90", "C"), entry("90", "D")),
        (account("5", "E"), entry("5", status=ARCHIVED)),
        (None, new("7")),
    ]
    found = diff([Match(d, a, MatchedBy.CODE) for a, d in pairs], [account("6", "F")])
    assert [(c.action, c.code) for c in found] == [
        ("create", "7"), ("update", "90"), ("update", "1000"), ("archive", "5"), ("archive", "6"),
    ]  # fmt: skip


def test_a_name_typed_with_other_code_points_is_the_same_name() -> None:
    """Editors on a Mac write an accent as a character of its own; Xero composes it."""
    assert compare(account("200", "Caf\u00e9 Sales"), entry("200", "Cafe\u0301 Sales")) is None


def test_texts_that_look_alike_show_what_differs() -> None:
    change = compare(account("200", "Bank Fees"), entry("200", "Bank\u00a0 Fees"))
    assert change
    (changed,) = change.fields
    assert changed.sentence == 'name was "Bank Fees" and is now "Bank\\xa0 Fees"'
    assert changed.after == "Bank\u00a0 Fees"
