"""Xero's scopes: broad and granular scopes of the accounting API, and scopes of other APIs.

New apps have only granular scopes (developer.xero.com, "Scopes"). The sandbox grants both kinds.
Most of its endpoints need a scope for settings.
"""

from __future__ import annotations

READ = "accounting.settings.read"
WRITE = "accounting.settings"
OPENID = "openid"
OFFLINE = "offline_access"
PERSONAL = frozenset({OPENID, OFFLINE, "profile", "email"})
"""The scopes that a person's sign-in can have, but a custom connection cannot."""

READ_OR_WRITE = (
    *(f"accounting.{name}" for name in (
        "attachments", "banktransactions", "contacts", "invoices", "manualjournals", "payments",
        "settings", "transactions",
    )),
    *(f"payroll.{name}" for name in (
        "employees", "payruns", "payslip", "settings", "timesheets",
    )),
    "assets", "files", "projects",
)  # fmt: skip
READ_ONLY = (
    "accounting.budgets", "accounting.journals", "accounting.reports",
    *(f"accounting.reports.{name}" for name in (
        "aged", "balancesheet", "banksummary", "budgetsummary", "executivesummary",
        "profitandloss", "taxreports", "tenninetynine", "trialbalance",
    )),
)  # fmt: skip
API = frozenset(
    {f"{name}{suffix}" for name in READ_OR_WRITE for suffix in ("", ".read")}
    | {f"{name}.read" for name in READ_ONLY}
)
"""The scopes that can be ticked for a custom connection."""


SETTINGS = frozenset({READ, WRITE})
CONTACTS = frozenset({"accounting.contacts", "accounting.contacts.read"})
INVOICES = frozenset({
    "accounting.invoices", "accounting.invoices.read",
    "accounting.transactions", "accounting.transactions.read",
})  # fmt: skip
TRIAL_BALANCE = frozenset({"accounting.reports.read", "accounting.reports.trialbalance.read"})
"""The scopes that allow reading the trial balance; any one of them is enough.

Older apps have the broader ``accounting.reports.read``.
"""
