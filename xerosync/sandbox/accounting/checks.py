"""Checks of the fields that a request wants to write to an account.

They return a message for each broken rule, so one response may hold several. A message marked
"our wording" stands in for a message of Xero's that we do not know.
"""

from __future__ import annotations

import re

from xerosync.sandbox.accounting import reporting
from xerosync.sandbox.accounting.account import (
    CLASS_OF,
    MAX_CODE,
    MAX_DESCRIPTION,
    MAX_NAME,
    Account,
    AccountStatus,
    account_number,
)
from xerosync.sandbox.accounting.request_body import Draft
from xerosync.sandbox.books.store import Store

UNIQUE_NAME = "Please enter a unique Name."
"""From the example of a failed create in Xero's OpenAPI description."""
UNIQUE_CODE = "Please enter a unique Code."
"""From PHPAccounting's list of Xero's messages; the full stop is our guess."""
LONG_CODE = f"Account Code is too long. Maximum of {MAX_CODE} characters allowed"
"""From the issue XeroAPI/Xero-Net#285."""
LONG_NAME = f"Account Name is too long. Maximum of {MAX_NAME} characters allowed"
"""Our wording, modelled on ``LONG_CODE``. The limit is in Xero's OpenAPI description."""
LONG_DESCRIPTION = (
    f"Account Description is too long. Maximum of {MAX_DESCRIPTION} characters allowed"
)
"""Our wording, modelled on ``LONG_CODE``. The limit is in Xero docs, Accounts."""
TO_INVENTORY = "Account cannot be updated to Inventory"
"""From PHPAccounting's list of Xero's messages."""
BANK = "Cannot update Bank Accounts"
"""From PHPAccounting's list of Xero's messages.

Xero refuses to update a bank account's BankAccountType (Xero docs, Accounts). A fork of Xero's
MCP server also names the tax type, EnablePaymentsToAccount and ShowInExpenseClaims. We
assume the same for the currency.
"""
BSB = "The Bank Account Number must contain a 6-digit BSB code and account number"
"""From the issue XeroAPI/Xero-OpenAPI#535.

The rule applies to credit card accounts too, so the API cannot create any in Australia.
"""
PAYPAL = "Creating Paypal accounts is not currently supported"
"""The words of the rule in Xero docs, Accounts. The API's own message is not known."""
SYSTEM_TYPE = "Cannot update the Type of System accounts"
"""Our wording. Xero Central: a system account's name and code may change, but not its type."""
BANK_TYPE = "Cannot update the Type of an account to or from Bank"
"""Our wording. The rule is inferred: a bank account has fields that no other account has."""
BANK_DESCRIPTION = "Description is not valid for Bank Accounts"
"""Our wording. Xero docs, Accounts: "Valid for all types of accounts except bank accounts"."""
BANK_FLAGS = "{name} is not valid for Bank Accounts"
"""Our wording, sent for a new account. An update is refused with ``BANK``."""
BAD_TAX = "The TaxType code '{tax_type}' does not exist or cannot be used for this type of account."
"""Our wording, modelled on the message for line items in the issue XeroAPI/Xero-Java#336."""
BAD_VALUE = "The {name} '{value}' is not valid"
"""Our wording, for a value that the field does not allow."""
MISSING = "Account {name} is required"
"""Our wording; Xero's own message is not known."""
SYMBOL = "Account Name cannot start with a symbol"
"""Our wording. Xero Central states the rule for names entered in Xero's user interface."""
RETYPE = "The Type of an account cannot be changed from {before} to {after}"
"""Our wording, like the messages below. They are sent only if ``Assumptions`` says ``refused``."""
NO_PAYMENTS = "EnablePaymentsToAccount is not valid for accounts of type {type_}"
NO_CLEARING = "Account {name} cannot be empty"
NO_WATCHLIST = "AddToWatchlist is not valid for new accounts"
SYSTEM_NAME = "Cannot update the Name of System accounts"
CARD = "Cannot create credit card accounts"

PROFIT_AND_LOSS = frozenset({"EXPENSE", "REVENUE"})
BANK_TYPES = frozenset({"BANK", "CREDITCARD", "PAYPAL", "NONE", ""})
BANK_FIXED = ("enable_payments_to_account", "show_in_expense_claims")
BANK_IDENTITY = ("bank_account_type", "currency_code")
REQUIRED = {"Code": "code", "Name": "name"}
BANK_REQUIRED = {"Name": "name", "BankAccountNumber": "bank_account_number"}
"""What a bank account must have. Other accounts must have ``REQUIRED`` (Xero docs, Accounts)."""
BSB_NUMBER = re.compile(r"\d{7,}")
"""A 6-digit BSB code (an Australian bank branch), then the account number."""


def on_create(draft: Draft, store: Store) -> list[str]:
    """Return a message for each rule that a new account breaks; an unknown Type ends the check."""
    type_ = draft.get("type", "")
    is_bank = type_ == "BANK"
    required = BANK_REQUIRED if is_bank else REQUIRED | {"Type": "type"}
    messages = [MISSING.format(name=name) for name, key in required.items() if not draft.get(key)]
    messages += _common(draft, store, None)
    if draft.get("add_to_watchlist"):
        messages += store.assumed.refused("watchlist_on_put", NO_WATCHLIST)
    if type_ and type_ not in CLASS_OF:
        return [*messages, BAD_VALUE.format(name="Type", value=type_)]
    messages += _payments(draft, type_, store) + _reporting_code(draft, store)
    if is_bank:
        return messages + _new_bank(draft, store) + _new_bank_number(draft, store)
    if tax_type := draft.get("tax_type"):
        messages += _tax(tax_type, type_, store)
    return messages


def on_update(current: Account, draft: Draft, store: Store) -> list[str]:
    """Return a message for each rule that an update of an account's details breaks.

    After a refused Type, no further rule is checked.
    """
    required = BANK_REQUIRED if current.is_bank else REQUIRED
    messages = [
        MISSING.format(name=name) for name, key in required.items() if not draft.get(key, True)
    ]
    messages += _common(draft, store, current.account_id)
    type_ = draft.get("type", current.type)
    if type_ != current.type and (problems := _new_type(current, type_, store)):
        return [*messages, *problems]
    messages += _payments(draft, type_, store) + _reporting_code(draft, store)
    if draft.get("description") == "":
        ours = NO_CLEARING.format(name="Description")
        messages += store.assumed.refused("clear_description", ours)
    if current.is_system and draft.get("name", current.name) != current.name:
        messages += store.assumed.refused("system_rename", SYSTEM_NAME)
    if current.is_bank:
        return messages + _bank_change(current, draft, store) + _bank_number(draft, store)
    if draft.get("tax_type") or CLASS_OF.get(type_) != current.class_:
        messages += _tax(draft.get("tax_type") or current.tax_type, type_, store)
    return messages


def _broken(rules: dict[str, object]) -> list[str]:
    return [message for message, condition in rules.items() if condition]


def _common(draft: Draft, store: Store, own: str | None) -> list[str]:
    """Check the lengths, the name's first character, and that code and name are not taken."""
    name = draft.get("name", "")
    broken = _broken(
        {
            LONG_CODE: len(draft.get("code", "")) > MAX_CODE,
            LONG_NAME: len(name) > MAX_NAME,
            LONG_DESCRIPTION: len(draft.get("description", "")) > MAX_DESCRIPTION,
        }
    )
    broken += taken(draft, store, own)
    if name and not name[0].isalnum():
        broken += store.assumed.refused("symbol_first", SYMBOL)
    return broken


def taken(values: Draft, store: Store, own: str | None) -> list[str]:
    """Check that no account other than ``own`` (an id) has the code or name in ``values``.

    By default, an archived account keeps its code and name, and case is ignored (assumptions).
    """
    broken: dict[str, None] = {}
    for field, ours, found in (
        ("code", UNIQUE_CODE, store.with_code(values.get("code", ""))),
        ("name", UNIQUE_NAME, store.with_name(values.get("name", ""))),
    ):
        for rival in found:
            question = ""
            if rival.status == AccountStatus.ARCHIVED:
                question = f"archived_{field}"
            elif getattr(rival, field) != values[field]:
                question = f"{field}_case"
            if rival.account_id == own or getattr(store.assumed, question, "") == "accepted":
                continue
            broken |= dict.fromkeys(store.assumed.refusal(question, ours))
    return list(broken)


def _new_type(current: Account, type_: str, store: Store) -> tuple[str, ...]:
    if type_ not in CLASS_OF:
        return (BAD_VALUE.format(name="Type", value=type_),)
    if current.is_system:
        return (SYSTEM_TYPE,)
    if type_ == "INVENTORY":
        return (TO_INVENTORY,)
    if current.type == "BANK":
        return (BANK_TYPE,)
    question, ours = "retype_across_classes", RETYPE.format(before=current.type, after=type_)
    if type_ == "BANK":
        question, ours = "retype_to_bank", BANK_TYPE
    elif CLASS_OF[type_] == current.class_:
        question = "retype_in_class"
    return store.assumed.refused(question, ours)


def _payments(draft: Draft, type_: str, store: Store) -> list[str]:
    """Check for payments enabled on a revenue or expense account. By default they are accepted."""
    enabled = draft.get("enable_payments_to_account") and CLASS_OF.get(type_) in PROFIT_AND_LOSS
    if not enabled:
        return []
    return [*store.assumed.refused("payments_on_expense", NO_PAYMENTS.format(type_=type_))]


def _reporting_code(draft: Draft, store: Store) -> list[str]:
    """Check the reporting code if the request has the field, even if the code is empty."""
    if "reporting_code" not in draft:
        return []
    code = draft["reporting_code"]
    ours = NO_CLEARING.format(name="ReportingCode")
    if code:
        ours = BAD_VALUE.format(name="ReportingCode", value=code)
    return [*store.assumed.refused(reporting.question(code), ours)]


def _tax(tax_type: str, type_: str, store: Store) -> list[str]:
    """Check that the tax rate exists, is active, and applies to the account's class.

    Xero documents the last rule only for line items. We assume it for accounts too.
    """
    tax = store.tax_rate(tax_type)
    class_ = CLASS_OF.get(type_)
    ours = BAD_TAX.format(tax_type=tax_type)
    if tax is None or tax.status != "ACTIVE":
        return [ours]
    if class_ is None or class_ in tax.classes or store.assumed.tax_mismatch == "accepted":
        return []
    return [*store.assumed.refusal("tax_mismatch", ours)]


def _new_bank(draft: Draft, store: Store) -> list[str]:
    tax_type = draft.get("tax_type", "")
    bank_type = draft.get("bank_account_type", "")
    currency = draft.get("currency_code", "")
    flags = {
        "EnablePaymentsToAccount": draft.get("enable_payments_to_account"),
        "ShowInExpenseClaims": draft.get("show_in_expense_claims"),
    }
    return _broken(
        {
            BAD_TAX.format(tax_type=tax_type): tax_type not in {"", store.country.tax["none"]},
            BAD_VALUE.format(name="BankAccountType", value=bank_type): bank_type not in BANK_TYPES,
            PAYPAL: bank_type == "PAYPAL",
            BANK_DESCRIPTION: draft.get("description"),
            BAD_VALUE.format(name="CurrencyCode", value=currency): currency
            and not re.fullmatch("[A-Z]{3}", currency),
        }
        | {BANK_FLAGS.format(name=name): value for name, value in flags.items()}
    )


def _new_bank_number(draft: Draft, store: Store) -> list[str]:
    if draft.get("bank_account_type") != "CREDITCARD":
        return _bank_number(draft, store)
    in_australia = store.country.name == "AU"
    answer = store.assumed.credit_card or ("refused" if in_australia else "accepted")
    if answer != "refused":
        return []
    return [*store.assumed.refusal("credit_card", BSB if in_australia else CARD)]


def _bank_number(draft: Draft, store: Store) -> list[str]:
    number = account_number(draft.get("bank_account_number", ""))
    in_australia = store.country.name == "AU"
    return _broken({BSB: number and in_australia and not BSB_NUMBER.fullmatch(number)})


def _bank_change(current: Account, draft: Draft, store: Store) -> list[str]:
    """Check an update of a bank account for fields that it may not change.

    EnablePaymentsToAccount, ShowInExpenseClaims and a non-empty description are always refused.
    A new BankAccountType or currency is refused unless it is empty. ``Assumptions`` decide whether
    a tax type, a new name or a new number is refused.
    """
    assumed = store.assumed
    number = account_number(draft.get("bank_account_number", current.bank_account_number))
    in_doubt = {
        "bank_tax": "tax_type" in draft,
        "bank_rename": draft.get("name", current.name) != current.name,
        "bank_number": number != current.bank_account_number,
    }
    refused = [
        message
        for question, sent in in_doubt.items()
        if sent
        for message in assumed.refused(question, BANK)
    ]
    if draft.get("tax_type") and assumed.bank_tax == "accepted":
        refused += _tax(draft["tax_type"], "BANK", store)
    differs = any(draft.get(key, "") not in {"", getattr(current, key)} for key in BANK_IDENTITY)
    if differs or any(key in draft for key in BANK_FIXED):
        refused.append(BANK)
    if draft.get("description"):
        refused.append(BANK_DESCRIPTION)
    return list(dict.fromkeys(refused))
