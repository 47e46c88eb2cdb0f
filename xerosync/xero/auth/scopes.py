"""The scopes that reading what uses an account needs, beyond that of the chart.

Apps created since March 2026 have the granular scopes; older ones have a broad scope instead
of those of reports and invoices (Xero docs, Scopes). Items need only the scope of the chart.
"""

from __future__ import annotations

from collections.abc import Mapping

from xerosync.usage import UsageKind

USAGE_SCOPES: Mapping[UsageKind, str] = {
    UsageKind.BALANCE: "accounting.reports.trialbalance.read",
    UsageKind.REPEATING_INVOICES: "accounting.invoices.read",
    UsageKind.CONTACTS: "accounting.contacts.read",
}
BROAD_USAGE_SCOPES: Mapping[UsageKind, str] = {
    UsageKind.BALANCE: "accounting.reports.read",
    UsageKind.REPEATING_INVOICES: "accounting.transactions.read",
    UsageKind.CONTACTS: "accounting.contacts.read",
}
