"""What the last apply knew of the accounts that entries archive or delete by their codes alone."""

from __future__ import annotations

from dataclasses import replace

from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.history.baseline import Baseline
from xerosync.model import Status, account_key, code_key


def with_known_names(desired: DesiredChart, base: Baseline | None) -> DesiredChart:
    """Return the chart whose entries without a name say which account they meant before.

    An entry that had no account at the last apply has "" for its name.
    """
    if base is None or desired.partial:
        return desired
    names = {code_key(account.code): account.name for account in base.accounts.values()}
    unmet = base.last_applied.unmet if base.last_applied else frozenset()

    def known(entry: DesiredAccount) -> DesiredAccount:
        pinned = entry.account_id or entry.system_account
        if entry.status == Status.ACTIVE or entry.name or pinned or not entry.code:
            return entry
        codes = map(code_key, (entry.code, *entry.previously))
        once = next((names[code] for code in codes if code in names), None)
        if once is None and account_key(entry.code, "") in unmet:
            once = ""
        return replace(entry, known_as=once)

    return replace(desired, accounts=tuple(map(known, desired.accounts)))
