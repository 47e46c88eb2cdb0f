"""For entries with only a code, look up the name of their account at the last apply.

Only an archive or a delete needs the name: it shows if another account has the code now.
"""

from __future__ import annotations

from dataclasses import replace

from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.history.baseline import Baseline
from xerosync.model import Status, account_key, code_key


def with_known_names(desired: DesiredChart, base: Baseline | None) -> DesiredChart:
    """Return the chart with `known_as` set in entries that archive or delete by code alone."""
    if base is None or desired.partial:
        return desired
    accounts = sorted(base.accounts.values(), key=lambda a: a.status == Status.ACTIVE)
    names = {code_key(account.code): account.name for account in accounts}  # active ones count
    unmet = base.last_applied.unmet if base.last_applied else frozenset()

    def known(entry: DesiredAccount) -> DesiredAccount:
        pinned = entry.account_id or entry.system_account
        if entry.status == Status.ACTIVE or entry.name or pinned or not entry.code:
            return entry
        codes = map(code_key, (entry.code, *entry.previously))
        name = next((names[code] for code in codes if code in names), None)
        if name is None and account_key(entry.code, "") in unmet:
            name = ""
        return replace(entry, known_as=name)

    return replace(desired, accounts=tuple(map(known, desired.accounts)))
