"""Turns a row of the books into an account, and an account into Xero's JSON for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xerosync.sandbox.accounting import reporting

MAX_CODE = 10
MAX_NAME = 150
MAX_DESCRIPTION = 4000

CLASS_OF = {
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "FIXED": "ASSET",
    "INVENTORY": "ASSET",
    "NONCURRENT": "ASSET",
    "PREPAYMENT": "ASSET",
    "CURRLIAB": "LIABILITY",
    "LIABILITY": "LIABILITY",
    "TERMLIAB": "LIABILITY",
    "PAYG": "LIABILITY",
    "EQUITY": "EQUITY",
    "DEPRECIATN": "EXPENSE",
    "DIRECTCOSTS": "EXPENSE",
    "EXPENSE": "EXPENSE",
    "OVERHEADS": "EXPENSE",
    "OTHERINCOME": "REVENUE",
    "REVENUE": "REVENUE",
    "SALES": "REVENUE",
}
"""Every account type and the class Xero derives from it (Xero docs, Types: account types)."""


class Status(StrEnum):
    """What state an account is in (Xero docs, Types: account status codes)."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as the books hold it.

    ``code`` is ``""`` where there is none. ``system_account`` is ``None`` where Xero
    leaves the key out, ``""`` where it sends it empty: both are seen on ordinary
    accounts, without a rule that we know. ``updated_ms`` is milliseconds since 1970.
    ``used`` says that transactions use the account, so that it cannot be deleted.
    """

    account_id: str
    code: str
    name: str
    type: str
    tax_type: str
    reporting_code: str
    updated_ms: int
    status: str = Status.ACTIVE
    description: str = ""
    system_account: str | None = None
    enable_payments_to_account: bool = False
    show_in_expense_claims: bool = False
    add_to_watchlist: bool = False
    bank_account_number: str = ""
    bank_account_type: str = ""
    currency_code: str = ""
    has_attachments: bool = False
    used: bool = False

    @property
    def class_(self) -> str:
        """The class derived from the type; ``""`` for a type that is not in the table."""
        return CLASS_OF.get(self.type, "")

    @property
    def is_bank(self) -> bool:
        """Whether the account is a bank account of any sort."""
        return self.type == "BANK"

    @property
    def is_system(self) -> bool:
        """Whether Xero itself depends on the account."""
        return bool(self.system_account)


def key(text: str) -> str:
    """Return the form in which codes and names are compared.

    Without regard to case and to spaces around. Xero says only that both must be
    unique; how it compares them is not documented.
    """
    return text.strip().casefold()


def account_number(text: str) -> str:
    """Return a bank account number as Xero keeps it: without spaces and punctuation."""
    return re.sub(r"[^0-9A-Za-z]", "", text)


def render(account: Account) -> dict[str, Any]:
    """Xero's JSON for an account, keys in Xero's order, keys absent where Xero's are.

    Code, Description and SystemAccount are left out when empty, bank number and
    currency except on bank accounts (seen in answers of a demo company).
    """
    body: dict[str, Any] = {"AccountID": account.account_id}
    if account.code:
        body["Code"] = account.code
    body |= {
        "Name": account.name,
        "Status": account.status,
        "Type": account.type,
        "TaxType": account.tax_type,
    }
    if account.description:
        body["Description"] = account.description
    body["Class"] = account.class_
    if account.system_account is not None:
        body["SystemAccount"] = account.system_account
    body["EnablePaymentsToAccount"] = account.enable_payments_to_account
    body["ShowInExpenseClaims"] = account.show_in_expense_claims
    if account.is_bank:
        body["BankAccountNumber"] = account.bank_account_number
    body["BankAccountType"] = account.bank_account_type
    if account.is_bank:
        body["CurrencyCode"] = account.currency_code
    return body | {
        "ReportingCode": account.reporting_code,
        "ReportingCodeName": reporting.name(account.reporting_code),
        "HasAttachments": account.has_attachments,
        "UpdatedDateUTC": f"/Date({account.updated_ms}+0000)/",
        "AddToWatchlist": account.add_to_watchlist,
    }
