"""Turns the fields asked for an account into the messages of those that break a rule.

Every broken rule gives its message, so that an answer may hold several. Texts marked
"ours" stand where Xero's own are not known to us.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xerosync.sandbox.accounting.account import (
    CLASS_OF,
    MAX_CODE,
    MAX_DESCRIPTION,
    MAX_NAME,
    account_number,
)

if TYPE_CHECKING:
    from xerosync.sandbox.accounting.account import Account
    from xerosync.sandbox.accounting.draft import Draft
    from xerosync.sandbox.books.store import Store

UNIQUE_NAME = "Please enter a unique Name."
"""Xero's OpenAPI description, the example of a failed create."""
UNIQUE_CODE = "Please enter a unique Code."
"""A third party's list of Xero's messages (PHPAccounting); the full stop as with the name."""
LONG_CODE = f"Account Code is too long. Maximum of {MAX_CODE} characters allowed"
"""XeroAPI/Xero-Net#285."""
LONG_NAME = f"Account Name is too long. Maximum of {MAX_NAME} characters allowed"
"""Ours, after the code's; the length is in Xero's OpenAPI description."""
LONG_DESCRIPTION = (
    f"Account Description is too long. Maximum of {MAX_DESCRIPTION} characters allowed"
)
"""Ours, after the code's; the length is in Xero docs, Accounts."""
TO_INVENTORY = "Account cannot be updated to Inventory"
"""A third party's list of Xero's messages (PHPAccounting)."""
BANK = "Cannot update Bank Accounts"
"""The same list. What it bars is told by a fork of Xero's MCP server and Xero docs, Accounts:
the bank account's type, currency, tax type and its two flags."""
BSB = "The Bank Account Number must contain a 6-digit BSB code and account number"
"""XeroAPI/Xero-OpenAPI#535; for credit cards too, which is why they cannot be created in AU."""
PAYPAL = "Creating Paypal accounts is not currently supported"
"""Xero docs, Accounts, state the rule in these words; the text of the error is not known."""
SYSTEM_TYPE = "Cannot update the Type of System accounts"
"""Ours. Xero Central: name and code of a system account may change, the type must stay."""
BANK_TYPE = "Cannot update the Type of an account to or from Bank"
"""Ours, and the rule is inferred: a bank account has fields that no other has."""
BANK_DESCRIPTION = "Description is not valid for Bank Accounts"
"""Ours. Xero docs, Accounts: "Valid for all types of accounts except bank accounts"."""
BANK_FLAGS = "{name} is not valid for Bank Accounts"
"""Ours; the rule as for updates."""
BAD_TAX = "The TaxType code '{tax_type}' does not exist or cannot be used for this type of account."
"""Ours, after the message for line items in XeroAPI/Xero-Java#336."""
BAD_CURRENCY = "The CurrencyCode '{code}' is not valid"
"""Ours."""

BANK_TYPES = frozenset({"BANK", "CREDITCARD", "PAYPAL", "NONE", ""})
BANK_FIXED = ("tax_type", "enable_payments_to_account", "show_in_expense_claims")
BANK_IDENTITY = ("bank_account_type", "currency_code")
BSB_DIGITS = 6


def missing(name: str) -> str:
    """Return the message for a field that a create must have. Ours."""
    return f"Account {name} is required"


def unknown(name: str, value: str) -> str:
    """Return the message for a value that is none of an enumeration's. Ours."""
    return f"The {name} '{value}' is not valid"


def on_create(draft: Draft, store: Store) -> list[str]:
    """Say what is against a new account.

    Code (but for bank accounts), Name and Type are required, for bank accounts also
    BankAccountNumber (Xero docs, Accounts, PUT).
    """
    type_ = draft.get("type", "")
    is_bank = type_ == "BANK"
    required = {"Code": "code", "Name": "name", "Type": "type"}
    if is_bank:
        required = {"Name": "name", "BankAccountNumber": "bank_account_number"}
    messages = [missing(name) for name, key in required.items() if not draft.get(key)]
    messages += _texts(draft) + _unique(draft, store, None)
    if type_ and type_ not in CLASS_OF:
        return [*messages, unknown("Type", type_)]
    if is_bank:
        return messages + _new_bank(draft, store) + _bank_number(draft, store)
    if tax_type := draft.get("tax_type"):
        messages += _tax(tax_type, type_, store)
    return messages


def on_update(current: Account, draft: Draft, store: Store) -> list[str]:
    """Say what is against new details of an active account. Required fields may not be emptied."""
    required = {"Name": "name"} if current.is_bank else {"Code": "code", "Name": "name"}
    if current.is_bank:
        required["BankAccountNumber"] = "bank_account_number"
    messages = [missing(name) for name, key in required.items() if key in draft and not draft[key]]
    messages += _texts(draft) + _unique(draft, store, current.account_id)
    type_ = draft.get("type", current.type)
    if type_ != current.type and (problem := _retype(current, type_)):
        return [*messages, problem]
    if current.is_bank:
        return messages + _bank_change(current, draft) + _bank_number(draft, store)
    if draft.get("tax_type") or CLASS_OF.get(type_) != current.class_:
        messages += _tax(draft.get("tax_type") or current.tax_type, type_, store)
    return messages


def _texts(draft: Draft) -> list[str]:
    return [
        message
        for key, most, message in (
            ("code", MAX_CODE, LONG_CODE),
            ("name", MAX_NAME, LONG_NAME),
            ("description", MAX_DESCRIPTION, LONG_DESCRIPTION),
        )
        if len(draft.get(key, "")) > most
    ]


def _unique(draft: Draft, store: Store, own: str | None) -> list[str]:
    """Find who else has the code or name; archived accounts are assumed to hold theirs."""
    code = store.by_code(draft.get("code", ""))
    name = store.by_name(draft["name"]) if draft.get("name") else None
    return [
        message
        for holder, message in ((code, UNIQUE_CODE), (name, UNIQUE_NAME))
        if holder is not None and holder.account_id != own
    ]


def _retype(current: Account, type_: str) -> str:
    if type_ not in CLASS_OF:
        return unknown("Type", type_)
    if current.is_system:
        return SYSTEM_TYPE
    if type_ == "INVENTORY":
        return TO_INVENTORY
    return BANK_TYPE if "BANK" in {type_, current.type} else ""


def _tax(tax_type: str, type_: str, store: Store) -> list[str]:
    """Return the tax rate must exist, be active, and apply to the account's class.

    The flags are Xero's (Xero docs, Tax Rates); that accounts are held to them as line
    items are is inferred.
    """
    tax = store.tax_rate(tax_type)
    class_ = CLASS_OF.get(type_)
    if tax and tax.status == "ACTIVE" and (class_ is None or class_ in tax.classes):
        return []
    return [BAD_TAX.format(tax_type=tax_type)]


def _new_bank(draft: Draft, store: Store) -> list[str]:
    messages = []
    none = store.country.tax["none"]
    if (tax_type := draft.get("tax_type") or none) != none:
        messages.append(BAD_TAX.format(tax_type=tax_type))
    bank_type = draft.get("bank_account_type", "")
    if bank_type not in BANK_TYPES:
        messages.append(unknown("BankAccountType", bank_type))
    if bank_type == "PAYPAL":
        messages.append(PAYPAL)
    if draft.get("description"):
        messages.append(BANK_DESCRIPTION)
    currency = draft.get("currency_code", "")
    if currency and not re.fullmatch("[A-Z]{3}", currency):
        messages.append(BAD_CURRENCY.format(code=currency))
    return messages + [
        BANK_FLAGS.format(name=name)
        for name, key in (
            ("EnablePaymentsToAccount", "enable_payments_to_account"),
            ("ShowInExpenseClaims", "show_in_expense_claims"),
        )
        if draft.get(key)
    ]


def _bank_number(draft: Draft, store: Store) -> list[str]:
    number = account_number(draft.get("bank_account_number", ""))
    if not number or store.country.name != "AU":
        return []
    return [] if re.fullmatch(rf"\d{{{BSB_DIGITS}}}\d+", number) else [BSB]


def _bank_change(current: Account, draft: Draft) -> list[str]:
    """Say what a bank account's update may not carry.

    Tax type and flags are refused by their presence; type and currency when they differ.
    """
    messages = []
    differs = any(draft.get(key, "") not in {"", getattr(current, key)} for key in BANK_IDENTITY)
    if differs or any(key in draft for key in BANK_FIXED):
        messages.append(BANK)
    if draft.get("description"):
        messages.append(BANK_DESCRIPTION)
    return messages
