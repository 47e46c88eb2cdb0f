"""The scopes that reading what uses an account needs, beyond that of the chart.

Apps created since March 2026 have the granular scopes; older ones have a broad scope instead
of those of reports and invoices (Xero docs, Scopes). Items need only the scope of the chart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from xerosync.doctor.signed_in import Allowed
from xerosync.usage import UsageKind
from xerosync.xero.http.client import READ_SCOPE, WRITE_SCOPE

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


def allowed(scopes: Collection[str]) -> Allowed:
    """Return which commands these scopes allow. What may write may also read."""
    granted = {scope.removesuffix(".read") for scope in scopes}
    return Allowed(
        plan=bool({READ_SCOPE, WRITE_SCOPE} & {*scopes}),
        apply=WRITE_SCOPE in {*scopes},
        usage=tuple(
            kind
            for kind in USAGE_SCOPES
            if {each[kind].removesuffix(".read") for each in (USAGE_SCOPES, BROAD_USAGE_SCOPES)}
            & granted
        ),
    )
