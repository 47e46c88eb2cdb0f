"""An account in the sandbox's books, and Xero's JSON for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xerosync.sandbox.accounting import reporting

MAX_CODE = 10
MAX_NAME = 150
MAX_DESCRIPTION = 4000

TYPES_OF = {
    "ASSET": ("BANK", "CURRENT", "FIXED", "INVENTORY", "NONCURRENT", "PREPAYMENT"),
    "LIABILITY": ("CURRLIAB", "LIABILITY", "PAYG", "TERMLIAB"),
    "EQUITY": ("EQUITY",),
    "EXPENSE": ("DEPRECIATN", "DIRECTCOSTS", "EXPENSE", "OVERHEADS"),
    "REVENUE": ("OTHERINCOME", "REVENUE", "SALES"),
}
CLASS_OF = {type_: class_ for class_, types in TYPES_OF.items() for type_ in types}
"""The class of each account type (Xero docs, Types: account types)."""

LOCKED_BY = {
    "bank-rule": "a bank rule",
    "fixed-asset": "a registered fixed asset",
    "inventory-item": "a tracked inventory item",
    "payroll": "payroll",
    "repeating-invoice": "a repeating invoice",
}
"""What can lock an account (help.xero.com, locked accounts), with our wording for messages."""


class AccountStatus(StrEnum):
    """The status of an account (Xero docs, Types: account status codes)."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as the books hold it.

    ``code`` is ``""`` if the account has none. ``system_account`` is ``None`` if Xero's JSON has
    no SystemAccount key, and ``""`` if the key's value is empty. Xero sends both forms for
    ordinary accounts. ``updated_ms`` is in milliseconds since 1970. An account that is ``used``
    has transactions and cannot be deleted. By default, an account with a ``locked_by`` (a key of
    ``LOCKED_BY``) can be neither archived nor deleted.
    """

    account_id: str
    code: str
    name: str
    type: str
    tax_type: str
    reporting_code: str
    updated_ms: int
    status: str = AccountStatus.ACTIVE
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
    locked_by: str = ""

    @property
    def class_(self) -> str:
        """The class of the account's type, or ``""`` for an unknown type."""
        return CLASS_OF.get(self.type, "")

    @property
    def is_bank(self) -> bool:
        """Whether the account is a bank account of any kind."""
        return self.type == "BANK"

    @property
    def is_system(self) -> bool:
        """Whether the account is one of Xero's system accounts."""
        return bool(self.system_account)


def key(text: str) -> str:
    """Return a code or name as it is compared: case-folded and stripped.

    Xero documents only that codes and names must be unique, not how it compares them.
    """
    return text.strip().casefold()


def account_number(text: str) -> str:
    """Return a bank account number as Xero stores it: without spaces and punctuation."""
    return re.sub(r"[^0-9A-Za-z]", "", text)


def render(account: Account) -> dict[str, Any]:
    """Return Xero's JSON for an account, with its keys in Xero's order.

    As in responses of a demo company, an empty Code or Description is left out, and so is a
    SystemAccount of ``None``. Only a bank account has BankAccountNumber and CurrencyCode.
    """
    body = {
        "AccountID": account.account_id,
        "Code": account.code or None,
        "Name": account.name,
        "Status": account.status,
        "Type": account.type,
        "TaxType": account.tax_type,
        "Description": account.description or None,
        "Class": account.class_,
        "SystemAccount": account.system_account,
        "EnablePaymentsToAccount": account.enable_payments_to_account,
        "ShowInExpenseClaims": account.show_in_expense_claims,
        "BankAccountNumber": account.bank_account_number if account.is_bank else None,
        "BankAccountType": account.bank_account_type,
        "CurrencyCode": account.currency_code if account.is_bank else None,
        "ReportingCode": account.reporting_code,
        "ReportingCodeName": reporting.name(account.reporting_code),
        "HasAttachments": account.has_attachments,
        "UpdatedDateUTC": f"/Date({account.updated_ms}+0000)/",
        "AddToWatchlist": account.add_to_watchlist,
    }
    return {name: value for name, value in body.items() if value is not None}
