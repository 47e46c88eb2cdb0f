"""Leave out the entries for optional accounts that an organisation does not have."""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.desired import DesiredAccount
from xerosync.model import Account, Status, account_key


def present(
    entries: Iterable[DesiredAccount], accounts: Iterable[Account]
) -> tuple[DesiredAccount, ...]:
    """Return the entries, without those for optional accounts that the organisation does not have.

    An optional entry with an `account_id` stays if an account has this id. Without an id, it stays
    if an active account has its name and its present or a former code. An inherited entry with a
    `system_account` and no id counts as optional: it stays if an account has this role.
    """
    known = tuple(accounts)
    ids = {account.account_id for account in known}
    roles = {account.system_account for account in known}
    active = {account_key(a.code, a.name) for a in known if a.status == Status.ACTIVE}

    def is_there(entry: DesiredAccount) -> bool:
        if entry.system_account and not entry.account_id and entry.inherited.file:
            return entry.system_account in roles
        if not entry.optional:
            return True
        if entry.account_id:
            return entry.account_id in ids
        codes = (entry.code, *entry.previously)
        return any(account_key(code, entry.known_name) in active for code in codes)

    return tuple(entry for entry in entries if is_there(entry))
