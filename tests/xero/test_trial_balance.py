"""The trial balance: each amount is read correctly, or the report is rejected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from xero.reports import CLASSES, TITLES, report, row
from xerosync.usage import Balance
from xerosync.xero.trial_balance import balances, read_amount
from xerosync.xero.wire import Malformed


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", "0"), ("  ", "0"), ("0.00", "0"), ("80", "80"), ("80.5", "80.5"),
        ("1204.50", "1204.50"), ("1,204.50", "1204.50"), ("31,204,000.07", "31204000.07"),
        ("-80.00", "-80"), ("(80.00)", "-80"), ("(1,204.50)", "-1204.50"), (" 80.00 ", "80"),
    ],
)  # fmt: skip
def test_an_amount_is_read(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "1.204,50", "1 204.50", "1'204.50", "12,04.50", "1,20", "1.204", "1204.505", "80,00",
        "(80.00", "80.00)", "--80", "(-80)", "-(80)", "$80.00", "80.00 CR", "1e3", "NaN", "-",
        "()", "٨٠", "80.00\n90.00", "9" * 19, ",204.50", "n/a",
    ],
)  # fmt: skip
def test_an_amount_in_another_notation_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="an amount that xerosync cannot read"):
        read_amount(text)


def test_a_balance_is_debits_less_credits_of_the_year() -> None:
    document = report(
        row("A-1", "20.00", "", "1,204.50", ""),
        row("a-2", "", "", "", "7"),
        total=("20.00", "", "1,204.50", "7.00"),
    )
    found = balances(document, CLASSES)
    assert found == {
        "a-1": Balance(Decimal("1204.50"), moved=True),
        "a-2": Balance(Decimal("-7.00"), moved=None),
    }


@pytest.mark.parametrize(
    ("account_id", "amounts", "moved"),
    [
        ("a-1", ("", "", "5.00", ""), True),
        ("a-1", ("", "", "", ""), None),
        ("a-1", ("5.00", "", "", ""), True),
        ("a-2", ("", "", "5.00", ""), None),
        ("a-2", ("", "1.00", "5.00", ""), True),
    ],
)
def test_an_account_moved_since_the_year_end_only_if_the_report_shows_it(
    account_id: str, amounts: tuple[str, ...], moved: bool | None
) -> None:
    """A profit and loss account begins the year at zero; a balance sheet account does not."""
    found = balances(report(row(account_id, *amounts), total=amounts), CLASSES)
    assert found[account_id].moved is moved


def test_columns_are_found_by_their_titles() -> None:
    titles = ("Account", "YTD Credit", "YTD Debit", "Credit", "Debit")
    amounts = ("", "9.00", "", "1.00")
    found = balances(report(row("a-1", *amounts), titles=titles, total=amounts), CLASSES)
    assert found["a-1"].amount == Decimal(9)


@pytest.mark.parametrize(
    "titles",
    [
        ("Konto", "Soll", "Haben", "Soll lfd. Jahr", "Haben lfd. Jahr"),
        ("Account", "Debit", "Credit", "Debit", "Credit"),
        ("Account", "Debit", "Credit", "YTD Debit", "31 Mar 2026"),
        (*TITLES, "31 Mar 2025"),
        TITLES[:3],
        (),
        ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit\x1b[31m"),
    ],
)
def test_a_report_with_other_columns_is_not_read(titles: tuple[str, ...]) -> None:
    amounts = ("1.00",) * max(0, len(titles) - 1)
    with pytest.raises(Malformed, match="are not the expected ones: ") as caught:
        balances(report(row("a-1", *amounts), titles=titles), CLASSES)
    assert "\x1b" not in str(caught.value)


TOTAL = row("", "1.00", "1.00", "1.00", "1.00", kind="SummaryRow")
NONE = ("", "", "", "")
SAME = row("a-1", "1.00", "", "1.00", "")


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({}, "no list Reports"),
        ({"Reports": []}, "0 entries instead of one"),
        ({"Reports": [{}]}, "no list Rows"),
        ({"Reports": [{"Rows": []}]}, "no header"),
        (report(row("", "", "", "", "")), "about 0 accounts"),
        (report(row("0-0", "", "", "", "")), "has no Value"),
        (report(row("a-1", "", "", "")), "more or fewer cells"),
        (report(SAME, SAME), "two rows of the account a-1"),
        (report(SAME, TOTAL), "do not add up"),
        (report(SAME), "has no total"),
        (report(), "has no total"),
        (report(row("a-1", "", "", "", "", kind="Other")), "unknown type Other"),
        (report(row("elsewhere", *NONE), total=NONE), "none of the organisation's accounts"),
        (report({"RowType": "Row", "Cells": "x"}), "no list Cells"),
        (report({"RowType": "Row", "Cells": [{"Value": 1.5}]}), "no|not text|about 0"),
    ],
)
def test_a_report_that_cannot_be_relied_on_is_not_read(document: dict[str, Any], says: str) -> None:
    with pytest.raises(Malformed, match=says):
        balances(document, CLASSES)


def test_a_total_that_is_the_sum_of_its_rows_is_accepted() -> None:
    other = row("a-2", "", "1.00", "", "1.00")
    assert len(balances(report(SAME, other, TOTAL), CLASSES)) == 2


def test_a_section_may_have_no_rows() -> None:
    document = report(SAME, total=("1.00", "", "1.00", ""))
    document["Reports"][0]["Rows"].append({"RowType": "Section", "Title": "Equity"})
    assert len(balances(document, CLASSES)) == 1


def test_a_report_without_rows_has_no_balances() -> None:
    assert balances(report(total=NONE), CLASSES) == {}
