"""Convert between Xero's JSON and the model: the only place with Xero's spelling.

Reading accepts anything: unknown keys, values and types, missing keys, numbers for text.
Absent, null and "" are the same. Field names: Xero docs, Accounts, Tax Rates, Organisation;
dates: Xero docs, Requests and Responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from xerosync.model import FIELDS, Account, AccountClass, Organisation, TaxRate, Value, class_of

ACCOUNTS = "Accounts"
TAX_RATES = "TaxRates"
ORGANISATION = "Organisation"
"""The three paths; the lists inside the answers are `Accounts`, `TaxRates`, `Organisations`."""

_SPELLING: Mapping[str, str] = {
    "code": "Code",
    "name": "Name",
    "type": "Type",
    "tax_type": "TaxType",
    "description": "Description",
    "reporting_code": "ReportingCode",
    "enable_payments_to_account": "EnablePaymentsToAccount",
    "show_in_expense_claims": "ShowInExpenseClaims",
    "add_to_watchlist": "AddToWatchlist",
    "bank_account_number": "BankAccountNumber",
    "bank_account_type": "BankAccountType",
    "currency_code": "CurrencyCode",
}

_APPLIES: Mapping[str, AccountClass] = {
    "CanApplyToAssets": AccountClass.ASSET,
    "CanApplyToEquity": AccountClass.EQUITY,
    "CanApplyToExpenses": AccountClass.EXPENSE,
    "CanApplyToLiabilities": AccountClass.LIABILITY,
    "CanApplyToRevenue": AccountClass.REVENUE,
}

_DATE = re.compile(r"/Date\((-?\d{1,16})(?:[+-]\d{4})?\)/")
_PERCENT = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,8})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Json = Mapping[str, object]


class Malformed(ValueError):
    """An answer without the list that it should contain."""


def accounts(data: Json) -> tuple[Account, ...]:
    """Read every account of an answer. Raises `Malformed`."""
    return tuple(_account(element) for element in elements(data, "Accounts"))


def tax_rates(data: Json) -> tuple[TaxRate, ...]:
    """Read every tax rate of an answer. Raises `Malformed`."""
    return tuple(
        TaxRate(
            tax_type=_text(element, "TaxType"),
            name=_text(element, "Name"),
            status=_text(element, "Status"),
            applies_to=frozenset(
                str(account_class) for key, account_class in _APPLIES.items() if _flag(element, key)
            ),
            percent=_percent(element),
        )
        for element in elements(data, "TaxRates")
    )


def organisation(data: Json) -> Organisation:
    """Read the organisation. Raises `Malformed`.

    Its OrganisationID is its tenant id (recorded with real books), and says which books
    answered, whatever was asked for.
    """
    found = next(elements(data, "Organisations"), None)
    if found is None:
        raise Malformed("the list Organisations is empty")
    if not _text(found, "OrganisationID"):
        raise Malformed("the organisation has no OrganisationID")
    return Organisation(
        tenant_id=_text(found, "OrganisationID"),
        name=_text(found, "Name"),
        short_code=_text(found, "ShortCode"),
        country_code=_text(found, "CountryCode"),
        base_currency=_text(found, "BaseCurrency"),
        is_demo_company=_flag(found, "IsDemoCompany"),
    )


def connections(data: Json) -> tuple[tuple[str, str], ...]:
    """Read the connected organisations as (tenant id, name). Raises `Malformed`.

    Practices and other kinds of tenant are skipped (Xero docs, Connections).
    """
    return tuple(
        (_text(element, "tenantId"), _text(element, "tenantName"))
        for element in elements(data, "Connections")
        if _text(element, "tenantType").upper() in {"ORGANISATION", ""}
        and _text(element, "tenantId")
    )


def fields_body(values: Mapping[str, Value]) -> Json:
    """Return the body that writes only these fields of one account."""
    return {"Accounts": [{_SPELLING[name]: value for name, value in values.items()}]}


def status_body(status: str) -> Json:
    """Return the body that writes a status, which Xero accepts with nothing else."""
    return {"Accounts": [{"Status": str(status)}]}


def elements(data: Json, name: str) -> Iterator[Json]:
    """Yield the objects in a list of an answer. Raises `Malformed` if an entry is not one."""
    found = data.get(name)
    if not isinstance(found, list):
        raise Malformed(f"it has no list {name}")
    for number, element in enumerate(found, start=1):
        if not isinstance(element, dict):
            raise Malformed(f"entry {number} of {name} is not an object")
        yield element


def _account(element: Json) -> Account:
    fields: dict[str, Any] = {
        field.name: (_flag if field.flag else _text)(element, _SPELLING[field.name])
        for field in FIELDS
    }
    return Account(
        account_id=_text(element, "AccountID"),
        status=_text(element, "Status"),
        system_account=_text(element, "SystemAccount"),
        account_class=_text(element, "Class") or class_of(fields["type"]),
        updated_at=_date(element.get("UpdatedDateUTC")),
        **fields,
    )


def _text(element: Json, key: str) -> str:
    value = element.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _flag(element: Json, key: str) -> bool:
    value = element.get(key)
    if isinstance(value, str):
        return value.strip().casefold() == "true"
    return value is True or value == 1


def _percent(element: Json) -> Decimal | None:
    """Read the rate that is displayed, else the effective one; numbers or text."""
    for key in ("DisplayTaxRate", "EffectiveRate"):
        text = _text(element, key).strip()
        if _PERCENT.fullmatch(text):
            return Decimal(text)
    return None


def _date(value: object) -> datetime | None:
    """Read `/Date(ms+0000)/`, where the milliseconds are UTC whatever the offset, or ISO."""
    if not isinstance(value, str):
        return None
    try:
        if match := _DATE.fullmatch(value.strip()):
            return _EPOCH + timedelta(milliseconds=int(match[1]))
        found = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
