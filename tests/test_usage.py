"""The accounts whose usage is asked for are named by their codes."""

from __future__ import annotations

import pytest
from builders import account

from xerosync.errors import UsageError
from xerosync.usage import accounts_with

SALES, RENT = account("200", "Sales"), account("469", "Rent")


def test_accounts_are_found_by_code_each_once() -> None:
    assert accounts_with(["469", "200", "469"], [SALES, RENT]) == (RENT, SALES)


def test_an_unknown_code_is_refused_with_the_nearest_account() -> None:
    with pytest.raises(UsageError, match="no account with the code 468 or 999") as refused:
        accounts_with(["468", "200", "999"], [SALES, RENT])
    assert refused.value.hint == "Did you mean 469 Rent?"


def test_a_code_unlike_all_others_is_to_be_looked_up_in_xero() -> None:
    with pytest.raises(UsageError) as refused:
        accounts_with(["XYZ-7"], [SALES])
    assert refused.value.hint.startswith("Look the account up in Xero")
