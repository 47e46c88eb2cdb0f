"""Xero's answers about what uses accounts, laid out as its documentation says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xerosync.model import Account

TITLES = ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")
ACCOUNTS = (
    Account("A-1", "461", "Printing", "EXPENSE", "ACTIVE", account_class="EXPENSE"),
    Account("a-2", "630", "Inventory", "INVENTORY", "ACTIVE", account_class="ASSET"),
    Account("a-3", "800", "Loan", "LIABILITY", "ARCHIVED", account_class="LIABILITY"),
    Account("a-4", "800", "New Loan", "LIABILITY", "ACTIVE", account_class="LIABILITY"),
)
CLASSES = {one.account_id.lower(): one.account_class for one in ACCOUNTS}


def row(account_id: str, *amounts: str, kind: str = "Row") -> dict[str, Any]:
    """Return a row of the report, with the id of the account in each cell."""
    attributes = [{"Id": "account", "Value": account_id}] if account_id else []
    texts = ("Printing (461)", *amounts)
    return {
        "RowType": kind,
        "Cells": [{"Value": text, "Attributes": attributes} for text in texts],
    }


def report(
    *rows: Mapping[str, Any], titles: Sequence[str] = TITLES, total: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a report with one section, and with a total if its amounts are given."""
    header = {"RowType": "Header", "Cells": [{"Value": title} for title in titles]}
    section = {"RowType": "Section", "Title": "Expenses", "Rows": list(rows)}
    last = {"RowType": "Section", "Rows": [row("", *total, kind="SummaryRow")]}
    sections = [section, last] if total else [section]
    return {"Reports": [{"ReportName": "Trial Balance", "Rows": [header, *sections]}]}


def contact(number: int, **codes: str) -> dict[str, Any]:
    """Return a contact with the account codes that it has as defaults."""
    return {"ContactID": f"c-{number}", "Name": f"Contact {number}", **codes}


def contact_pages(count: int, size: int = 1000) -> list[dict[str, Any]]:
    """Return all contacts in pages; each hundredth sells to account 461."""
    every = [
        contact(n, **({"SalesDefaultAccountCode": "461"} if n % 100 == 0 else {}))
        for n in range(count)
    ]
    pages = -(-count // size) or 1
    return [
        {
            "pagination": {
                "page": page + 1, "pageSize": size, "pageCount": pages, "itemCount": count,
            },
            "Contacts": every[page * size : (page + 1) * size],
        }
        for page in range(pages)
    ]  # fmt: skip


def repeating(contact: str, *lines: Mapping[str, str], **more: object) -> dict[str, Any]:
    """Return a repeating invoice with these lines, next due on 1 December 2026."""
    return {
        "Type": "ACCREC", "Status": "AUTHORISED", "Contact": {"Name": contact},
        "Schedule": {"NextScheduledDate": "/Date(1796083200000+0000)/"},
        "LineItems": list(lines), **more,
    }  # fmt: skip
