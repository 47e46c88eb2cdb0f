"""The scopes for reading what uses an account, in addition to the scope of the chart.

Apps created since March 2026 have the granular scopes. For reports and for invoices, older apps
have broad scopes instead (Xero docs, Scopes). Items need only the scope of the chart.
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

ALL_USAGE_SCOPES = tuple(USAGE_SCOPES.values())
"""The granular scopes, all of which are optional."""


def allows(granted: Collection[str], kind: UsageKind) -> bool:
    """Whether a token may read this kind of usage; true if the token's scopes are unknown."""
    if not granted or kind not in USAGE_SCOPES:
        return True
    fitting = {USAGE_SCOPES[kind], BROAD_USAGE_SCOPES[kind]}
    return not fitting.isdisjoint(f"{one.removesuffix('.read')}.read" for one in granted)


def allowed(scopes: Collection[str]) -> Allowed:
    """Return what these scopes allow. The scope to write also allows reading."""
    return Allowed(
        plan=bool({READ_SCOPE, WRITE_SCOPE} & {*scopes}),
        apply=WRITE_SCOPE in {*scopes},
        usage=tuple(kind for kind in USAGE_SCOPES if scopes and allows(scopes, kind)),
    )
