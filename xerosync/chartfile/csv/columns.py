"""The labels of Xero's chart CSV for account types, roles and fields.

The labels of ordinary types and of common system accounts were seen in Xero's exports. The
other labels are the names on Xero's screens. The words of Xero's API are accepted too.
"""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.model import CLASS_OF_TYPE

COLUMNS: dict[str, str] = {
    "*Code": "code",
    "*Name": "name",
    "*Type": "type",
    "*Tax Code": "tax_type",
    "Description": "description",
    "Dashboard": "add_to_watchlist",
    "Expense Claims": "show_in_expense_claims",
    "Enable Payments": "enable_payments_to_account",
}
"""The columns that are always written, in their order, each with its field."""

REPORT_CODE = "Report Code"
"""The column after the tax code, written if the file manages the report code of an account."""

IGNORED = ("Balance", "Reporting Name", "Report Name", "Status")
"""Columns of Xero's exports that are not read."""

REQUIRED = ("code", "name", "type")

LABELS: dict[str, str] = {
    "BANK": "Bank",
    "CURRENT": "Current Asset",
    "CURRLIAB": "Current Liability",
    "DEPRECIATN": "Depreciation",
    "DIRECTCOSTS": "Direct Costs",
    "EQUITY": "Equity",
    "EXPENSE": "Expense",
    "FIXED": "Fixed Asset",
    "INVENTORY": "Inventory",
    "LIABILITY": "Liability",
    "NONCURRENT": "Non-current Asset",
    "OTHERINCOME": "Other Income",
    "OVERHEADS": "Overhead",
    "PAYG": "PAYG Liability",
    "PREPAYMENT": "Prepayment",
    "REVENUE": "Revenue",
    "SALES": "Sales",
    "TERMLIAB": "Non-current Liability",
}

ROLES: dict[str, tuple[str, str]] = {
    "DEBTORS": ("Accounts Receivable", "CURRENT"),
    "CREDITORS": ("Accounts Payable", "CURRLIAB"),
    "UNPAIDEXPCLM": ("Unpaid Expense Claims", "CURRLIAB"),
    "GST": ("GST", "CURRLIAB"),
    "HISTORICAL": ("Historical", "CURRLIAB"),
    "ROUNDING": ("Rounding", "CURRLIAB"),
    "TRACKINGTRANSFERS": ("Tracking", "CURRLIAB"),
    "RETAINEDEARNINGS": ("Retained Earnings", "EQUITY"),
    "BANKCURRENCYGAIN": ("Bank Revaluations", "EXPENSE"),
    "REALISEDCURRENCYGAIN": ("Realised Currency Gains", "EXPENSE"),
    "UNREALISEDCURRENCYGAIN": ("Unrealised Currency Gains", "EXPENSE"),
    "GSTONIMPORTS": ("GST On Imports", "CURRLIAB"),
    "WAGEPAYABLES": ("Wages Payable", "CURRLIAB"),
    "CISASSET": ("CIS Asset", ""),
    "CISASSETS": ("CIS Assets", ""),
    "CISLABOUR": ("CIS Labour", ""),
    "CISLABOUREXPENSE": ("CIS Labour Expense", ""),
    "CISLABOURINCOME": ("CIS Labour Income", ""),
    "CISLIABILITY": ("CIS Liability", ""),
    "CISMATERIALS": ("CIS Materials", ""),
}
"""For each role of a system account: its label in the CSV, and its type ("" if unknown)."""

_ALSO_ROLES = {
    "VAT": "GST",
    "Sales Tax": "GST",
    "Historical Adjustment": "HISTORICAL",
    "Tracking Transfers": "TRACKINGTRANSFERS",
    "Realized Currency Gains": "REALISEDCURRENCYGAIN",
    "Unrealized Currency Gains": "UNREALISEDCURRENCYGAIN",
}
TAX_WORDS = ("GST", "VAT", "Sales Tax")
"""The labels that the tax account can have in the type column, depending on the country."""

_PAYROLL = (
    "Superannuation Expense", "Superannuation Liability", "Wages Expense",
    "Wages Payable Liability", "PAYG Liability Account",
)  # fmt: skip
_ALSO_TYPES = {
    "Asset": "CURRENT", "Inventory Asset": "INVENTORY", "Overheads": "OVERHEADS",
    "Expenses": "EXPENSE", "Direct Cost": "DIRECTCOSTS", "Income": "REVENUE",
    "Term Liability": "TERMLIAB", "Bank Account": "BANK",
}  # fmt: skip


def fold(label: str) -> str:
    """Return the form in which labels are compared: only letters and digits, in lower case."""
    return "".join(c for c in label.casefold() if c.isalnum())


TYPES: dict[str, tuple[str, str]] = {
    **{fold(label): ("", "") for label in _PAYROLL},
    **{fold(t): (t, "") for t in CLASS_OF_TYPE},
    **{fold(label): (t, "") for label, t in _ALSO_TYPES.items()},
    **{fold(label): (t, "") for t, label in LABELS.items()},
    **{fold(label): (ROLES[role][1], role) for label, role in _ALSO_ROLES.items()},
    **{fold(role): (t, role) for role, (_, t) in ROLES.items()},
    **{fold(label): (t, role) for role, (label, t) in ROLES.items()},
}
"""For each label, changed by `fold`: its type ("" if unknown) and its role ("" if none)."""

KNOWN_LABELS = (*LABELS.values(), *(label for label, _ in ROLES.values()), *TAX_WORDS)


def columns(*, report_code: bool) -> dict[str, str]:
    """Return the columns to write, in their order, each with its field."""
    if not report_code:
        return COLUMNS
    pairs = list(COLUMNS.items())
    after = list(COLUMNS).index("*Tax Code") + 1
    return dict([*pairs[:after], (REPORT_CODE, "reporting_code"), *pairs[after:]])


def label_of(account_type: str, role: str, tax_word: str = "GST") -> str:
    """Return the label of an account in the type column; "" if there is none."""
    if role == "GST":
        return tax_word
    return ROLES[role][0] if role in ROLES else LABELS.get(account_type, "")


def tax_word(name: str, tax_rates: Iterable[str]) -> str:
    """Return the type label of the tax account: GST, VAT or Sales Tax.

    If the account's name is one of these words, that word is the label. Otherwise the label is the
    word that the largest number of tax rates contain, or GST if none contains any.
    """
    folded = [fold(rate) for rate in tax_rates]
    used = {word: sum(fold(word) in rate for rate in folded) for word in TAX_WORDS}
    named = (word for word in TAX_WORDS if fold(word) == fold(name))
    return next(named, max(TAX_WORDS, key=used.__getitem__))
