"""Parts of messages on how to pin an entry to an account, or override an inherited entry."""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.desired import DesiredAccount
from xerosync.model import Account, Status
from xerosync.plan.plan import Change

NOT_IN_XERO = "csv:"
"""The prefix of made-up ids, for accounts that were read from a CSV file without ids."""


def xero_id(account: Account) -> str:
    """Return the account's id in Xero, "" if it is made up, as for most accounts from a CSV."""
    return "" if account.account_id.startswith(NOT_IN_XERO) else account.account_id


def pin(account: Account) -> str:
    """Return the line "account_id: …" that pins an entry; "account_id" if the id is unknown."""
    known = xero_id(account)
    return f"account_id: {known}" if known else "account_id"


def ids(accounts: Iterable[Account]) -> str:
    """Return the known ids as the end of a sentence: ": 200 Sales is …"; "" if no id is known."""
    known = ", ".join(f"{a.label} is {xero_id(a)}" for a in accounts if xero_id(a))
    return f": {known}" if known else ""


def override(entry: DesiredAccount, fields: str) -> str:
    """Return an override in backticks, for a message: {standard: "200", `fields`}."""
    return f'`- {{standard: "{entry.code or entry.system_account or entry.name}", {fields}}}`'


def how_to_override(entry: DesiredAccount | None, file: str) -> str:
    """Return how `file` may override an entry, "" if nothing needs to be said."""
    own = entry is not None and entry.source.file == file
    if entry is None or not entry.inherited.file or (own and entry.overridable):
        return ""
    inherited = f"{entry.label} is inherited ({entry.inherited})"
    where = f"write in {file}, under overrides:"
    if entry.overridable:
        change = f"To change it for these books, {where} {override(entry, '…')}"
        return f"{inherited}. {change} (a new value needs a reason). "
    which = f"To say only which account it is, {where} {override(entry, 'account_id: …')}."
    return (
        f"{inherited}, and the standard does not let these books change it. "
        f"{'Its override may only say which account it is.' if own else which} "
        "Only the owner of the standard can change anything else. "
    )


def leave_to_xero(change: Change, name: str, instead: str = "") -> str:
    """Return the hint to leave a field as it is in Xero. If given, `instead` is offered as well."""
    entry, leave, where = change.desired, "remove the line.", ""
    if entry and entry.inherited.file and not entry.overridable:
        where = "In the standard: "
    elif entry and entry.inherited.file:
        sent = change.account is None and entry.values.get(name) != ""  # even if it is kept
        own = entry.source != entry.inherited and name in entry.values and name not in entry.origins
        if own and not sent:
            leave += f" If the standard has the field too, write `keep: [{name}]` in the override."
        elif not own:
            keep = f"write `keep: [{name}]` and a reason in its override."
            leave = "ask the owner of the standard to remove the line." if sent else keep
        if instead and name in entry.initial:
            instead += " (and take the field out of `keep`, if it is there)"
    return where + (f"{instead}, or {leave}" if instead else leave[0].upper() + leave[1:])


def new_account(entry: DesiredAccount | None, account_type: object) -> str:
    """Return the hint to replace the account of an entry with a new account of another type."""
    fixed = entry is not None and entry.inherited.file and not entry.overridable
    what = f"a new account of type {account_type} with another code and name, and archive this one."
    return f"{'Ask the owner of the standard to create' if fixed else 'Create'} {what}"


def another(entry: DesiredAccount | None, what: str) -> str:
    """Return a clause on how to give an entry another code or name (`what`)."""
    if entry is None or not entry.inherited.file:
        return f"choose another {what}"
    if entry.overridable:
        return f"choose another {what} and give a reason"
    return f"ask the owner of the standard for another {what}"


def leave_out(entry: DesiredAccount) -> str:
    """Return a clause that tells the user how to do without an entry, which may be inherited."""
    if not entry.inherited.file:
        return f"remove the entry {entry.label}"
    if not entry.overridable:
        return f"ask the owner of the standard to make that entry optional ({entry.inherited})"
    if entry.source != entry.inherited:
        return f"let its override ({entry.source}) say only `omit: true` and a reason"
    return f"write under overrides: {override(entry, 'omit: true, reason: …')}"


def remove_previously(entry: DesiredAccount) -> str:
    """Return a clause on where to remove the former codes of an entry."""
    where = f" from the entry of the standard ({entry.inherited}), or the override that has it"
    return f"remove `previously`{where if entry.inherited.file else ''}"


def not_former_code(entry: DesiredAccount, account: Account) -> str:
    """Return a clause on what to do if an entry's former code is the code of another account."""
    if not entry.inherited.file:
        return f"remove {account.code} from its `previously`"
    status = " with `status: ARCHIVED`" if account.status == Status.ARCHIVED else ""
    return (
        f"add an entry for {account.label}{status} under accounts, so that the former code "
        f"{account.code} of {entry.label} does not count for these books"
    )
