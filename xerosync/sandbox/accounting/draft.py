"""Turns the body of a request into the fields of the one account it asks to write.

A bare account or ``{"Accounts": [...]}``. Of a list only the first is processed,
silently (Xero staff at XeroAPI/Xero-Net#285). A null is as good as absent; that an
empty text clears a field is our guess. Fields that Xero alone writes are ignored.
"""

from __future__ import annotations

import json
from typing import Any

TEXTS = {
    "Code": "code",
    "Name": "name",
    "Type": "type",
    "Status": "status",
    "Description": "description",
    "TaxType": "tax_type",
    "BankAccountNumber": "bank_account_number",
    "BankAccountType": "bank_account_type",
    "CurrencyCode": "currency_code",
    "ReportingCode": "reporting_code",
}
FLAGS = {
    "EnablePaymentsToAccount": "enable_payments_to_account",
    "ShowInExpenseClaims": "show_in_expense_claims",
    "AddToWatchlist": "add_to_watchlist",
}
FIELDS = TEXTS | FLAGS
WORDS = {"true": True, "false": False}

Draft = dict[str, Any]
"""Fields sent, by our names: texts trimmed, flags as booleans; never a null."""


class BodyError(ValueError):
    """The body cannot be read as an account; its text says why."""


def element(body: bytes) -> dict[str, Any]:
    """Return the first account of a body as it was sent."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BodyError("The body is not valid JSON.") from error
    if isinstance(value, dict) and isinstance(value.get("Accounts"), list):
        value = value["Accounts"]
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        raise BodyError("The body holds no account.")
    return value


def draft(sent: dict[str, Any]) -> Draft:
    """Return the fields that an account as sent asks to write."""
    fields: Draft = {}
    for name, value in sent.items():
        if value is None:
            continue
        if name in TEXTS:
            fields[TEXTS[name]] = _text(name, value)
        elif name in FLAGS:
            fields[FLAGS[name]] = _flag(name, value)
    return fields


def account_id(sent: dict[str, Any]) -> str:
    """Return the AccountID that an account as sent carries, or ``""``."""
    value = sent.get("AccountID")
    return value.strip() if isinstance(value, str) else ""


def echo(sent: dict[str, Any]) -> dict[str, Any]:
    """Say what an error repeats of an account as sent: its known fields that had a value."""
    return {name: value for name, value in sent.items() if name in FIELDS and value is not None}


def _text(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BodyError(f"The value of {name} is not a text.")
    return str(value).strip()


def _flag(name: str, value: object) -> bool:
    if isinstance(value, str):
        value = WORDS.get(value.strip().lower())
    if not isinstance(value, bool):
        raise BodyError(f"The value of {name} is neither true nor false.")
    return value
