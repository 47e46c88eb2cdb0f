"""Find accounts that still have the code and name that an entry had before its override."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from xerosync.desired import DesiredAccount
from xerosync.model import Account, account_key, code_key


def overridden_accounts(
    entries: Sequence[DesiredAccount],
    unmatched: Iterable[tuple[int, DesiredAccount]],
    accounts: Sequence[Account],
    owned: Container[str],
) -> dict[str, int]:
    """Return, by account id, the index of the entry that the account fitted before an override.

    An account fits an entry if it has the entry's code and name. An entry is left out if an account
    fits it after the override. An account is left out if its id is in `owned`, because an entry has
    found it; if it fits an entry after the override; or if an entry has its code as a former code
    (`previously`).
    """
    named = {account_key(a.code, a.name): a for a in reversed(accounts)}
    of_others = {account_key(e.code, e.known_name) for e in entries}
    former = {code_key(code) for entry in entries for code in entry.previously}
    entry_of: dict[str, int] = {}
    for index, entry in unmatched:
        if account_key(entry.code, entry.known_name) in named:
            continue
        keys = (account_key(code, name) for code, name in entry.overridden)
        found = (named[k] for k in keys if k in named and k not in of_others)
        account = next((a for a in found if code_key(a.code) not in former), None)
        if account and account.account_id not in owned:
            entry_of.setdefault(account.account_id, index)
    return entry_of
