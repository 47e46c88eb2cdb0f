"""The Reports endpoint. The sandbox has one report: the trial balance on a given day.

The format follows Xero's OpenAPI description. Accounts are in sections, one for each class.
Amounts are text, in a debit or a credit column. Every cell in an account's row has the account's
id. The columns Debit and Credit hold the month's movement, the YTD columns the balance. An
account without movement and balance is left out, and so is a section without accounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from xerosync.sandbox.accounting.where import QueryError
from xerosync.sandbox.books.seed.balances import OF_A_YEAR, Balance
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.http.messages import (
    Request,
    Response,
    envelope,
    method_not_allowed,
    not_found,
)

SECTIONS = {
    "REVENUE": "Revenue",
    "EXPENSE": "Expenses",
    "ASSET": "Assets",
    "LIABILITY": "Liabilities",
    "EQUITY": "Equity",
}
HEADER = ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")
CASH = "The sandbox has no trial balance on a cash basis: leave out paymentsOnly"
"""Our wording. Xero itself has this report on a cash basis."""
EARLIEST = date(1900, 1, 1)
BAD_DATE = "{text!r} is not a date from 1900 on: write it as 2026-03-31"
"""Our wording. Xero's own message is not documented."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One account in the report.

    ``month`` is the account's movement in the month of the report. ``to_date`` is its balance on
    the day of the report. A debit is positive.
    """

    balance: Balance
    month: int
    to_date: int


def respond(request: Request, item: str, store: Store) -> Response:
    """Respond to a request for a report."""
    if item.lower() != "trialbalance":
        return not_found()
    if request.method != "GET":
        return method_not_allowed("GET")
    parameters = request.parameters()
    if parameters.get("paymentsOnly", "").lower() == "true":
        raise QueryError(CASH)
    today = datetime.fromtimestamp(store.now_ms() / 1000, ZoneInfo(store.country.zone)).date()
    day = _date(parameters.get("date", ""), today)
    return envelope("Reports", [_report(store, day, today)], store.now_ms())


def _date(text: str, today: date) -> date:
    if not text.strip():
        return today
    with suppress(ValueError):
        if (day := datetime.fromisoformat(text.strip()).date()) >= EARLIEST:
            return day
    raise QueryError(BAD_DATE.format(text=text))


def year_start(day: date, year_end: tuple[int, int]) -> date:
    """Return the first day of the financial year that contains ``day``.

    ``year_end`` is the day and the month in which financial years end, such as ``(31, 3)``.
    """
    ends, month = year_end
    last = date(day.year, month, ends)
    if last >= day:
        last = date(day.year - 1, month, ends)
    return last + timedelta(days=1)


def _rows(store: Store, day: date, today: date) -> list[ReportRow]:
    """Return a row for each account, as it stood on ``day``.

    ``Balance.year`` counts as booked on the first day of the present financial year, and
    ``Balance.month`` on the first of the present month. Retained earnings include earlier profits.
    """
    ends = store.country.year_end
    booked = (date.min, year_start(today, ends), today.replace(day=1))
    begins = year_start(day, ends)
    rows, earlier = [], 0
    for balance in store.balances():
        month = to_date = 0
        amounts = (balance.opening, balance.year, balance.month)
        for when, amount in zip(booked, amounts, strict=True):
            if when > day:
                continue
            if when < begins and balance.account.class_ in OF_A_YEAR:
                earlier += amount
                continue
            to_date += amount
            if (when.year, when.month) == (day.year, day.month):
                month += amount
        rows.append(ReportRow(balance, month, to_date))
    return [
        ReportRow(row.balance, row.month, row.to_date + earlier)
        if row.balance.account.system_account == "RETAINEDEARNINGS"
        else row
        for row in rows
    ]


def _report(store: Store, day: date, today: date) -> Mapping[str, Any]:
    rows = [row for row in _rows(store, day, today) if row.month or row.to_date]
    written = f"{day.day} {day:%B} {day.year}"
    return {
        "ReportID": "TrialBalance",
        "ReportName": "Trial Balance",
        "ReportType": "TrialBalance",
        "ReportTitles": ["Trial Balance", store.organisation.name, f"As at {written}"],
        "ReportDate": written,
        "UpdatedDateUTC": f"/Date({store.now_ms()})/",
        "Fields": [],
        "Rows": [
            {"RowType": "Header", "Cells": [{"Value": title} for title in HEADER]},
            *_sections(rows),
            {"RowType": "Section", "Title": "", "Rows": [_total(rows)]},
        ],
    }


def _sections(rows: Sequence[ReportRow]) -> Iterator[Mapping[str, Any]]:
    for class_, title in SECTIONS.items():
        lines = [_line(row) for row in rows if row.balance.account.class_ == class_]
        if lines:
            yield {"RowType": "Section", "Title": title, "Rows": lines}


def _line(row: ReportRow) -> Mapping[str, Any]:
    account = row.balance.account
    title = f"{account.name} ({account.code})" if account.code else account.name
    # A zero is shown in the same column (debit or credit) as the other amount.
    side = row.month or row.to_date
    texts = (title, *_sides(row.month, side), *_sides(row.to_date, row.to_date or side))
    attributes = [{"Value": account.account_id, "Id": "account"}]
    return {
        "RowType": "Row",
        "Cells": [{"Value": text, "Attributes": attributes} for text in texts],
    }


def _sides(amount: int, side: int) -> tuple[str, str]:
    text = _text(abs(amount))
    return ("", text) if side < 0 else (text, "")


def _total(rows: Sequence[ReportRow]) -> Mapping[str, Any]:
    month, to_date = [row.month for row in rows], [row.to_date for row in rows]
    sums = [
        sum(max(sign * amount, 0) for amount in amounts)
        for amounts in (month, to_date)
        for sign in (1, -1)
    ]
    return {
        "RowType": "SummaryRow",
        "Cells": [{"Value": "Total"}, *({"Value": _text(amount)} for amount in sums)],
    }


def _text(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"
