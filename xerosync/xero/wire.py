"""Convert between Xero's JSON and the model. Only this module maps `FIELDS` to Xero's names.

Reading accepts unknown keys and values, missing optional keys, and whole numbers for text. Absent,
null and "" mean the same. A value of the wrong type, except for a date or a rate, would make a
wrong plan, and so would an account without its id: both are `Malformed`. Field names and dates are
as in Xero's documentation (Accounts, Tax Rates, Organisation, Requests and Responses).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from xerosync.model import FIELDS, Account, AccountClass, Organisation, TaxRate, Value, class_of
from xerosync.secret import is_credential
from xerosync.text import read_timestamp, whole

ACCOUNTS = "Accounts"
TAX_RATES = "TaxRates"
ORGANISATION = "Organisation"
"""The paths of the calls. The answer to `Organisation` has a list `Organisations`."""

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
_LONGEST_ID = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Json = Mapping[str, object]


class Malformed(ValueError):
    """Xero's answer cannot be relied on. The error says what is wrong, and where."""


def accounts(data: Json) -> tuple[Account, ...]:
    """Read every account of an answer, each once. Raises `Malformed`, also if there is none."""
    found: dict[str, Account] = {}
    for entry in entries(data, "Accounts"):
        account = _account(entry)
        if found.setdefault(account.account_id.casefold(), account) != account:
            raise Malformed(f"it has two accounts with the AccountID {account.account_id}")
    if not found:
        raise Malformed("the list Accounts is empty, but every organisation has accounts")
    return tuple(found.values())


def tax_rates(data: Json) -> tuple[TaxRate, ...]:
    """Read every tax rate of an answer. Raises `Malformed`, also if there is none."""
    found = tuple(
        TaxRate(
            tax_type=entry.required("TaxType"),
            name=entry.required("Name"),
            status=entry.required("Status"),
            applies_to=frozenset(
                str(account_class) for key, account_class in _APPLIES.items() if entry.flag(key)
            ),
            percent=_percent(entry.fields),
        )
        for entry in entries(data, "TaxRates")
    )
    if not found:
        raise Malformed("the list TaxRates is empty, but every organisation has tax rates")
    return found


def organisation(data: Json) -> Organisation:
    """Read the organisation. Raises `Malformed`.

    The OrganisationID equals the tenant id (recorded with real books). So it shows which
    organisation answered, even if another one was asked for.
    """
    found = tuple(entries(data, "Organisations"))
    if len(found) != 1:
        raise Malformed(f"the list Organisations has {len(found)} entries instead of one")
    entry = found[0]
    return Organisation(
        tenant_id=entry.id("OrganisationID"),
        name=entry.required("Name"),
        short_code=entry.text("ShortCode"),
        country_code=entry.text("CountryCode"),
        base_currency=entry.text("BaseCurrency"),
        is_demo_company=entry.flag("IsDemoCompany"),
        timezone=entry.text("Timezone"),
    )


def connections(data: Json) -> tuple[tuple[str, str], ...]:
    """Read the connected organisations as (tenant id, name). Raises `Malformed`.

    Practices and other kinds of tenant are skipped (Xero docs, Connections).
    """
    return tuple(
        (entry.id("tenantId"), entry.text("tenantName"))
        for entry in entries(data, "Connections")
        if entry.text("tenantType").upper() in {"ORGANISATION", ""}
    )


def fields_body(values: Mapping[str, Value]) -> Json:
    """Return the body that writes only these fields of one account."""
    return {"Accounts": [{_SPELLING[name]: value for name, value in values.items()}]}


def status_body(status: str) -> Json:
    """Return the body that writes a status. Xero accepts no other field beside it."""
    return {"Accounts": [{"Status": str(status)}]}


@dataclass(frozen=True, slots=True)
class JsonEntry:
    """One object in an answer; `place` says which. Its methods raise `Malformed`."""

    fields: Json
    place: str

    def text(self, key: str) -> str:
        """Return a text, "" if it is absent."""
        value = self.fields.get(key)
        if isinstance(value, str):
            return whole(value)
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise Malformed(f"{key} of {self.place} is not text")

    def required(self, key: str) -> str:
        """Return a text that is not empty."""
        if text := self.text(key):
            return text
        raise Malformed(f"{self.place} has no {key}")

    def id(self, key: str) -> str:
        """Return an id that can be part of an address and of a header."""
        text = self.required(key)
        if not text.strip("0-"):
            raise Malformed(f"{self.place} has no {key}")
        if not is_credential(text) or len(text) > _LONGEST_ID:
            raise Malformed(f"{key} of {self.place} is not an id")
        return text

    def flag(self, key: str) -> bool:
        """Return a flag, false if it is absent."""
        value = self.fields.get(key)
        text = str(value).strip().casefold() if isinstance(value, str | int) else value
        if text in (None, "", "false", "0"):
            return False
        if text in ("true", "1"):
            return True
        raise Malformed(f"{key} of {self.place} is neither true nor false")


def entries(data: Json, name: str) -> Iterator[JsonEntry]:
    """Yield the objects in a list of an answer."""
    found = data.get(name)
    if not isinstance(found, list):
        raise Malformed(f"it has no list {name}")
    for number, element in enumerate(found, start=1):
        place = f"entry {number} of {name}"
        if not isinstance(element, dict):
            raise Malformed(f"{place} is not an object")
        yield JsonEntry(element, place)


def _account(entry: JsonEntry) -> Account:
    fields: dict[str, Any] = {
        field.name: (entry.flag if field.flag else entry.text)(_SPELLING[field.name])
        for field in FIELDS
    }
    fields |= {"name": entry.required("Name"), "type": entry.required("Type")}
    return Account(
        account_id=entry.id("AccountID"),
        status=entry.required("Status"),
        system_account=entry.text("SystemAccount"),
        account_class=entry.text("Class") or class_of(fields["type"]),
        updated_at=read_date(entry.fields.get("UpdatedDateUTC")),
        **fields,
    )


def _percent(element: Json) -> Decimal | None:
    for key in ("DisplayTaxRate", "EffectiveRate"):
        value = element.get(key)
        text = str(value).strip() if isinstance(value, str | int | float) else ""
        if _PERCENT.fullmatch(text):
            return Decimal(text)
    return None


def read_date(value: object) -> datetime | None:
    """Read a date in ISO format or as `/Date(ms+0000)/`. Return None if it is not valid.

    The milliseconds count in UTC, whatever the offset.
    """
    if not isinstance(value, str):
        return None
    try:
        if match := _DATE.fullmatch(value.strip()):
            found = _EPOCH + timedelta(milliseconds=int(match[1]))
        else:
            found = datetime.fromisoformat(value)
        return read_timestamp((found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat())
    except (ValueError, OverflowError):
        return None
