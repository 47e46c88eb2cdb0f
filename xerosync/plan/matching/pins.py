"""Parts of messages on how to pin or override an entry; they omit the made-up ids of a CSV."""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.desired import DesiredAccount
from xerosync.model import Account

NOT_IN_XERO = "csv:"
"""The beginning of the ids of accounts that were read from a CSV, which has no ids."""


def xero_id(account: Account) -> str:
    """Return the account's id in Xero, "" if it was read from a CSV."""
    return "" if account.account_id.startswith(NOT_IN_XERO) else account.account_id


def pin(account: Account) -> str:
    """Return the line that pins an entry to the account, just "account_id" if the id is unknown."""
    known = xero_id(account)
    return f"account_id: {known}" if known else "account_id"


def ids(accounts: Iterable[Account]) -> str:
    """Return the end of a sentence, with the known ids of the accounts; "" if no id is known."""
    known = ", ".join(f"{a.label} is {xero_id(a)}" for a in accounts if xero_id(a))
    return f": {known}" if known else ""


def where_to_say(entry: DesiredAccount | None, file: str) -> str:
    """Return a sentence on how to override an inherited entry; "" if it is overridden in `file`."""
    if entry is None or not entry.inherited.file or entry.source.file == file:
        return ""
    target = entry.code or entry.system_account or entry.name
    return (
        f" The entry is inherited ({entry.inherited}): write what these books need in {file}, "
        f'under overrides, as `- {{standard: "{target}", …}}`.'
    )
