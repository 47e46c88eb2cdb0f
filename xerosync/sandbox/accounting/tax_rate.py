"""A tax rate in the sandbox's books, and Xero's JSON for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

APPLIES = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}
"""Xero's flag in a tax rate for each account class (Xero docs, Tax Rates)."""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One tax rate; ``classes`` are the account classes that it can apply to."""

    tax_type: str
    name: str
    report_tax_type: str
    rate: float
    classes: frozenset[str]
    component: str
    status: str = "ACTIVE"


def render(tax: TaxRate) -> dict[str, Any]:
    """Return Xero's JSON for a tax rate."""
    component = {
        "Name": tax.component,
        "Rate": tax.rate,
        "IsCompound": False,
        "IsNonRecoverable": False,
    }
    return {
        "Name": tax.name,
        "TaxType": tax.tax_type,
        "ReportTaxType": tax.report_tax_type,
        **{flag: class_ in tax.classes for class_, flag in APPLIES.items()},
        "DisplayTaxRate": tax.rate,
        "EffectiveRate": tax.rate,
        "Status": tax.status,
        "TaxComponents": [component],
    }
