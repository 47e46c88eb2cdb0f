"""Checks of the fields that a request wants to write to an account.

They return the message of every rule that is broken, so one response may hold several.
Messages marked "ours" stand in for messages of Xero's that we do not know.
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
"""Xero's OpenAPI description, the example of a failed create."""
UNIQUE_CODE = "Please enter a unique Code."
"""A third party's list of Xero's messages (PHPAccounting); its full stop is our guess."""
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
"""The same list. According to a fork of Xero's MCP server and Xero docs, Accounts, it is for
the bank account's type, currency, tax type and its two flags."""
BSB = "The Bank Account Number must contain a 6-digit BSB code and account number"
"""XeroAPI/Xero-OpenAPI#535; it applies to credit cards too, so none can be created in AU."""
PAYPAL = "Creating Paypal accounts is not currently supported"
"""Xero docs, Accounts, state the rule in these words; the API's message is not known."""
SYSTEM_TYPE = "Cannot update the Type of System accounts"
"""Ours. Xero Central: the name and code of a system account may change, but not its type."""
BANK_TYPE = "Cannot update the Type of an account to or from Bank"
"""Ours. The rule is inferred: a bank account has fields that no other account has."""
BANK_DESCRIPTION = "Description is not valid for Bank Accounts"
"""Ours. Xero docs, Accounts: "Valid for all types of accounts except bank accounts"."""
BANK_FLAGS = "{name} is not valid for Bank Accounts"
"""Ours; the same rule as for updates."""
BAD_TAX = "The TaxType code '{tax_type}' does not exist or cannot be used for this type of account."
"""Ours, after the message for line items in XeroAPI/Xero-Java#336."""
BAD_VALUE = "The {name} '{value}' is not valid"
"""Ours, for a value that is not in an enumeration."""
MISSING = "Account {name} is required"
"""Ours."""
SYMBOL = "Account Name cannot start with a symbol"
"""Ours. Xero Central states the rule for Xero's screens."""
RETYPE = "The Type of an account cannot be changed from {before} to {after}"
"""Ours, as are those below. By default the sandbox accepts such a write, but Xero may refuse it."""
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
"""The fields that an account must have (Xero docs, Accounts, PUT)."""
BSB_NUMBER = re.compile(r"\d{7,}")
"""A 6-digit BSB code, then the account number."""


def on_create(draft: Draft, store: Store) -> list[str]:
    """Return the messages of the rules that a new account breaks."""
    type_ = draft.get("type", "")
    is_bank = type_ == "BANK"
    required = BANK_REQUIRED if is_bank else REQUIRED | {"Type": "type"}
    messages = [MISSING.format(name=name) for name, key in required.items() if not draft.get(key)]
    messages += _common(draft, store, None)
    if draft.get("add_to_watchlist") and store.assumed.watchlist_on_put == "refused":
        messages += store.assumed.refusal("watchlist_on_put", NO_WATCHLIST)
    if type_ and type_ not in CLASS_OF:
        return [*messages, BAD_VALUE.format(name="Type", value=type_)]
    messages += _payments(draft, type_, store) + _reporting_code(draft, store)
    if is_bank:
        return messages + _new_bank(draft, store) + _new_bank_number(draft, store)
    if tax_type := draft.get("tax_type"):
        messages += _tax(tax_type, type_, store)
    return messages


def on_update(current: Account, draft: Draft, store: Store) -> list[str]:
    """Return the messages of the rules that new details of an account break."""
    required = BANK_REQUIRED if current.is_bank else REQUIRED
    messages = [
        MISSING.format(name=name)
        for name, key in required.items()
        if key in draft and not draft[key]
    ]
    messages += _common(draft, store, current.account_id)
    type_ = draft.get("type", current.type)
    if type_ != current.type and (problems := _new_type(current, type_, store)):
        return [*messages, *problems]
    messages += _payments(draft, type_, store) + _reporting_code(draft, store)
    if draft.get("description") == "" and store.assumed.clear_description == "refused":
        refused = NO_CLEARING.format(name="Description")
        messages += store.assumed.refusal("clear_description", refused)
    renamed = draft.get("name", current.name) != current.name
    if renamed and current.is_system and store.assumed.system_rename == "refused":
        messages += store.assumed.refusal("system_rename", SYSTEM_NAME)
    if current.is_bank:
        return messages + _bank_change(current, draft, store) + _bank_number(draft, store)
    if draft.get("tax_type") or CLASS_OF.get(type_) != current.class_:
        messages += _tax(draft.get("tax_type") or current.tax_type, type_, store)
    return messages


def _broken(rules: dict[str, object]) -> list[str]:
    """Return the messages whose condition is true."""
    return [message for message, condition in rules.items() if condition]


def _common(draft: Draft, store: Store, own: str | None) -> list[str]:
    """Check the lengths, the name's first character, and that code and name are free."""
    name = draft.get("name", "")
    broken = _broken(
        {
            LONG_CODE: len(draft.get("code", "")) > MAX_CODE,
            LONG_NAME: len(name) > MAX_NAME,
            LONG_DESCRIPTION: len(draft.get("description", "")) > MAX_DESCRIPTION,
        }
    )
    broken += taken(draft, store, own)
    if name and not name[0].isalnum() and store.assumed.symbol_first == "refused":
        broken += store.assumed.refusal("symbol_first", SYMBOL)
    return broken


def taken(values: Draft, store: Store, own: str | None) -> list[str]:
    """Check that no account but the one with the id ``own`` has the code or name in ``values``.

    By default we assume that archived accounts count, and that case does not.
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
    refused = getattr(store.assumed, question) == "refused"
    return store.assumed.refusal(question, ours) if refused else ()


def _payments(draft: Draft, type_: str, store: Store) -> list[str]:
    """Check that payments may be enabled; a report may refuse that for revenue and expenses."""
    enabled = draft.get("enable_payments_to_account") and CLASS_OF.get(type_) in PROFIT_AND_LOSS
    if not enabled or store.assumed.payments_on_expense != "refused":
        return []
    return [*store.assumed.refusal("payments_on_expense", NO_PAYMENTS.format(type_=type_))]


def _reporting_code(draft: Draft, store: Store) -> list[str]:
    """Check the reporting code if one was sent, also if it is empty."""
    if "reporting_code" not in draft:
        return []
    code = draft["reporting_code"]
    question = reporting.question(code)
    if getattr(store.assumed, question) != "refused":
        return []
    ours = NO_CLEARING.format(name="ReportingCode")
    if code:
        ours = BAD_VALUE.format(name="ReportingCode", value=code)
    return [*store.assumed.refusal(question, ours)]


def _tax(tax_type: str, type_: str, store: Store) -> list[str]:
    """Check that the tax rate exists, is active, and applies to the account's class.

    The flags are Xero's (Xero docs, Tax Rates). That they hold for accounts as they do
    for line items is inferred.
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
    """Check the number of a new bank account; by default Australia refuses that of any card."""
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

    A flag is always refused, a bank account type or currency only if it differs. Assumptions
    decide about the tax type, the name and the number.
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
        if sent and getattr(assumed, question) == "refused"
        for message in assumed.refusal(question, BANK)
    ]
    if draft.get("tax_type") and assumed.bank_tax == "accepted":
        refused += _tax(draft["tax_type"], "BANK", store)
    differs = any(draft.get(key, "") not in {"", getattr(current, key)} for key in BANK_IDENTITY)
    if differs or any(key in draft for key in BANK_FIXED):
        refused.append(BANK)
    if draft.get("description"):
        refused.append(BANK_DESCRIPTION)
    return list(dict.fromkeys(refused))
