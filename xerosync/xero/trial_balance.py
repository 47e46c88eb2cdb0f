"""Read the balance of each account from Xero's trial balance.

A report is text laid out for people. Only the layout that Xero documents is read: columns are found
by their titles, accounts by the ids in the cells, and amounts are read by `read_amount`. The last
total must be the sum of the rows, since an account without a row is taken to have no balance.
Anything else is `Malformed`: no amount is guessed.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from xerosync.model import AccountClass
from xerosync.usage import NOTHING, Balance
from xerosync.xero.http.responses import plain
from xerosync.xero.wire import Json, JsonEntry, Malformed, entries

TRIAL_BALANCE = "Reports/TrialBalance"
_TITLES = ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")
_AMOUNT = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,18})(?:\.[0-9]{1,2})?")
_OF_A_YEAR = {str(AccountClass.REVENUE), str(AccountClass.EXPENSE)}
"""The classes of accounts that begin each financial year at zero."""

_Amounts = tuple[Decimal, ...]
"""The four amounts of a row, in the order of `_TITLES`."""


def balances(data: Json, classes: Mapping[str, str]) -> dict[str, Balance]:
    """Return the balance of each account in a report. Raises `Malformed`.

    The keys of the result and of `classes` are account ids in lower case.
    """
    rows = tuple(_rows(data))
    columns = _columns(rows)
    found: dict[str, Balance] = {}
    added: _Amounts = (NOTHING,) * len(_TITLES[1:])
    total: _Amounts | None = None
    for row in rows[1:]:
        match row.required("RowType"):
            case "Row":
                account_id, amounts = _account_of(row), _amounts(row, columns)
                if account_id in found:
                    raise Malformed(f"the report has two rows of the account {account_id}")
                found[account_id] = _balance(amounts, classes.get(account_id, ""))
                added = tuple(map(operator.add, added, amounts))
            case "SummaryRow":
                total = _amounts(row, columns)
            case other:
                raise Malformed(f"the report has a row of the unknown type {plain(other)}")
    if total is None:
        raise Malformed("the report has no total, so some of its rows may be missing")
    if total != added:
        raise Malformed("the report's rows do not add up to its total")
    if found and not found.keys() & classes.keys():
        raise Malformed("the report has none of the organisation's accounts")
    return found


def _rows(data: Json) -> Iterator[JsonEntry]:
    """Yield the rows of the report and of its sections, in their order."""
    reports = tuple(entries(data, "Reports"))
    if len(reports) != 1:
        raise Malformed(f"the list Reports has {len(reports)} entries instead of one")
    for row in entries(reports[0].fields, "Rows"):
        if row.text("RowType") != "Section":
            yield row
        elif row.fields.get("Rows") is not None:
            yield from entries(row.fields, "Rows")


def _columns(rows: Sequence[JsonEntry]) -> tuple[int, ...]:
    """Return where the columns are, in the order of `_TITLES`. The first row is the header."""
    if not rows or rows[0].text("RowType") != "Header":
        raise Malformed("the report has no header")
    titles = _cells(rows[0])
    if sorted(titles) != sorted(_TITLES):
        found = plain(", ".join(title or "no title" for title in titles)) or "no titles"
        raise Malformed(f"the report's columns are not the expected ones: {found}")
    return tuple(titles.index(title) for title in _TITLES)


def _cells(row: JsonEntry) -> list[str]:
    return [cell.text("Value") for cell in entries(row.fields, "Cells")]


def _account_of(row: JsonEntry) -> str:
    """Return the id of the account that a row is about, in lower case."""
    ids = {
        attribute.id("Value").casefold()
        for cell in entries(row.fields, "Cells")
        if cell.fields.get("Attributes") is not None
        for attribute in entries(cell.fields, "Attributes")
        if attribute.text("Id") == "account"
    }
    if len(ids) != 1:
        raise Malformed(f"a row of the report is about {len(ids)} accounts instead of one")
    return ids.pop()


def _amounts(row: JsonEntry, columns: tuple[int, ...]) -> _Amounts:
    cells = _cells(row)
    if len(cells) != len(columns):
        raise Malformed("a row of the report has more or fewer cells than the header")
    return tuple(read_amount(cells[at]) for at in columns[1:])


def read_amount(text: str) -> Decimal:
    """Read an amount as Xero writes it: 1,234.56.

    Empty text is zero, and an amount in brackets or after a minus is negative. Raises `Malformed`
    for any other notation, such as 1.234,56.
    """
    amount = text.strip()
    if not amount:
        return NOTHING
    negative = amount.startswith("-") or (amount.startswith("(") and amount.endswith(")"))
    if negative:
        amount = amount[1:] if amount[0] == "-" else amount[1:-1]
    if not _AMOUNT.fullmatch(amount):
        raise Malformed("the report has an amount that xerosync cannot read")
    value = Decimal(amount.replace(",", "")).quantize(NOTHING)
    return -value if negative else value


def _balance(amounts: _Amounts, account_class: str) -> Balance:
    """Return the balance (YTD debits less YTD credits), and whether the account moved.

    The columns Debit and Credit are of the month: if they differ, the account moved (it has had
    transactions since the year end). A revenue or expense account begins each year at zero, so it
    also moved if its balance is not zero. Otherwise the report does not show it: `moved` is None.
    """
    debit, credit, ytd_debit, ytd_credit = amounts
    amount, month = ytd_debit - ytd_credit, debit - credit
    moved = bool(month) or (account_class in _OF_A_YEAR and bool(amount))
    return Balance(amount, True if moved else None)
