"""Read the body of a write: the first account or item in it, and the fields to write.

A JSON body is an account, a list of accounts or ``{"Accounts": [...]}``. An XML body is an element
Account or Accounts. Bodies with items have the same forms. Only the first element of a list is
processed; further elements are silently ignored (Xero staff in the issue XeroAPI/Xero-Net#285). A
null counts as absent.
"""

from __future__ import annotations

import json
from typing import Any

from xerosync.sandbox.http import xml_format
from xerosync.sandbox.http.messages import BadRequest, Request

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
WRITABLE = TEXTS | FLAGS
WORDS = {"true": True, "false": False}

Draft = dict[str, Any]
"""The fields to write, by their names in ``Account``. Values are stripped texts or booleans."""


class BodyError(BadRequest):
    """The body is not an account or item, or holds a value of a wrong type.

    ``number`` is the ErrorNumber in recorded responses of Xero.
    """

    number = 14
    type = "PostDataInvalidException"


def first_element(request: Request, name: str) -> dict[str, Any]:
    """Return the first account or item in a body, as it was sent.

    ``name`` is ``Accounts`` or ``Items``. Raise ``BodyError`` if the body holds no such element.
    """
    read = _from_json if xml_format.is_json(request) else _from_xml
    value = read(request.body, name)
    if not isinstance(value, dict):
        raise BodyError(f"The body holds no {name.removesuffix('s').lower()}.")
    return value


def _from_json(body: bytes, name: str) -> object:
    try:
        value = json.loads(body)
        json.dumps(value, ensure_ascii=False).encode()  # fails for half a surrogate pair
    except (ValueError, RecursionError) as error:
        raise BodyError("The body is not valid JSON.") from error
    if isinstance(value, dict) and isinstance(value.get(name), list):
        value = value[name]
    if isinstance(value, list):
        value = value[0] if value else None
    return value


def _from_xml(body: bytes, name: str) -> object:
    try:
        root = xml_format.parsed(body)
    except ValueError as error:
        raise BodyError(
            f"The Content-Type is not JSON, and the body is not valid XML: {error}."
        ) from error
    tag = name.removesuffix("s")
    elements = root.findall(tag) if root.tag == name else [root]
    return xml_format.fields(elements[0]) if elements and elements[0].tag == tag else None


def draft(sent: dict[str, Any]) -> Draft:
    """Return the writable fields of a sent account; raise ``BodyError`` for a wrong type."""
    given = {name: value for name, value in sent.items() if value is not None}
    texts = {TEXTS[name]: text(name, value) for name, value in given.items() if name in TEXTS}
    flags = {FLAGS[name]: flag(name, value) for name, value in given.items() if name in FLAGS}
    return texts | flags


def account_id(sent: dict[str, Any]) -> str:
    """Return the AccountID of a sent account, or ``""`` if it has none."""
    value = sent.get("AccountID")
    return value.strip() if isinstance(value, str) else ""


def echo(sent: dict[str, Any]) -> dict[str, Any]:
    """Return the writable fields of an account as sent. Error responses repeat these fields."""
    return {name: value for name, value in sent.items() if name in WRITABLE and value is not None}


def text(name: str, value: object) -> str:
    """Return a text or whole number as stripped text; raise ``BodyError`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BodyError(f"The value of {name} is not text.")
    return str(value).strip()


def flag(name: str, value: object) -> bool:
    """Return a boolean, or the text "true" or "false", as a boolean; else raise ``BodyError``."""
    if isinstance(value, str):
        value = WORDS.get(value.strip().lower())
    if not isinstance(value, bool):
        raise BodyError(f"The value of {name} is neither true nor false.")
    return value
