"""The `account_id` that a message advises: only Xero's own, never one made up for a CSV."""

from __future__ import annotations

from xerosync.model import Account

NOT_IN_XERO = "csv:"
"""The beginning of the ids of accounts that were read from a CSV, which has none of Xero's."""


def xero_id(account: Account) -> str:
    """Return the account's id in Xero, "" if it was read from a CSV."""
    return "" if account.account_id.startswith(NOT_IN_XERO) else account.account_id


def pin(account: Account) -> str:
    """Return the line that pins an entry to the account, as far as its id is known."""
    known = xero_id(account)
    return f"account_id: {known}" if known else "account_id"
