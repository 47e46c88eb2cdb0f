"""Leave out the entries for accounts that an organisation may lack, and does lack."""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.desired import DesiredAccount
from xerosync.model import Account, Status, code_key, name_key


def present(
    entries: Iterable[DesiredAccount], accounts: Iterable[Account]
) -> tuple[DesiredAccount, ...]:
    """Return the entries without those that the organisation may lack, and does lack.

    An optional entry stays if an active account has its name and its code, present or former; with
    an `account_id`, if Xero has that account. An inherited entry for a system account stays if
    the organisation has a system account with that role.
    """
    known = tuple(accounts)
    ids = {account.account_id for account in known}
    roles = {account.system_account for account in known}
    active = {
        (code_key(account.code), name_key(account.name))
        for account in known
        if account.status == Status.ACTIVE
    }

    def is_there(entry: DesiredAccount) -> bool:
        if entry.system_account and not entry.account_id and entry.inherited.file:
            return entry.system_account in roles
        if not entry.optional:
            return True
        codes = (entry.code, *entry.previously)
        named = any((code_key(code), name_key(entry.known_name)) in active for code in codes)
        return entry.account_id in ids if entry.account_id else named

    return tuple(entry for entry in entries if is_there(entry))
