"""Parts of messages on how to pin an entry to an account, or override an inherited entry."""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.desired import DesiredAccount
from xerosync.model import Account

NOT_IN_XERO = "csv:"
"""The prefix of made-up ids, for accounts that were read from a CSV file without ids."""


def xero_id(account: Account) -> str:
    """Return the account's id in Xero, "" for an account that was read from a CSV file."""
    return "" if account.account_id.startswith(NOT_IN_XERO) else account.account_id


def pin(account: Account) -> str:
    """Return the line "account_id: …" that pins an entry; "account_id" if the id is unknown."""
    known = xero_id(account)
    return f"account_id: {known}" if known else "account_id"


def ids(accounts: Iterable[Account]) -> str:
    """Return the known ids as the end of a sentence: ": 200 Sales is …"; "" if no id is known."""
    known = ", ".join(f"{a.label} is {xero_id(a)}" for a in accounts if xero_id(a))
    return f": {known}" if known else ""


def where_to_say(entry: DesiredAccount | None, file: str) -> str:
    """Return a sentence on how to override an entry, "" if it is not inherited or is in `file`."""
    if entry is None or not entry.inherited.file or entry.source.file == file:
        return ""
    target = entry.code or entry.system_account or entry.name
    return (
        f" The entry is inherited ({entry.inherited}): write what these books need in {file}, "
        f'under overrides, as `- {{standard: "{target}", …}}`.'
    )
