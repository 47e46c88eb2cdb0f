"""Decide which accounts take part in the plan.

Active accounts without an entry are unmanaged, except system accounts. A plan lists them, unless
the chart is partial. With `unmanaged: archive`, a plan archives them instead, with two exceptions.

An account with the code or name of an entry of the standard is listed, but not archived, even if
the file omits that entry. Any other account is neither listed nor archived if it is one of these:

* an account that an unmatched entry might mean, if the entry is active or pinned;
* an account with an entry's name, if a code matched the entry to an account with another name;
* an account with an unpinned entry's bank account number, if the entry matched another account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xerosync.desired import DeleteRefused, DesiredAccount, DesiredChart, Unmanaged
from xerosync.model import Account, Chart, Status, bank_number_key, code_key, code_order, name_key
from xerosync.plan.matching.identity import renamed_by_code, renumbered_bank
from xerosync.plan.matching.match import Match


@dataclass(frozen=True, slots=True)
class Scope:
    """What takes part in the plan.

    `matches` are the entries to compare with their accounts. `unmanaged` are the accounts to list,
    and `to_archive` are the accounts that `unmanaged: archive` archives.
    """

    matches: tuple[Match, ...]
    unmanaged: tuple[Account, ...]
    to_archive: tuple[Account, ...]


def scope(current: Chart, matches: Iterable[Match], desired: DesiredChart) -> Scope:
    """Return which entries to compare, and which unmanaged accounts to list or archive."""
    pairs = tuple(matches)
    managed = {m.account.account_id for m in pairs if m.account}
    left_out = sorted(
        (
            account
            for account in current.accounts
            if account.account_id not in managed
            and account.status == Status.ACTIVE
            and not account.system_account
        ),
        key=lambda a: (code_order(a.code), a.name, a.account_id),
    )
    archive = desired.unmanaged is Unmanaged.ARCHIVE
    meant = {key for m in pairs if not m.account for key in _keys_of_unmatched(m.desired)}
    meant |= {("name", name_key(m.desired.known_name)) for m in pairs if renamed_by_code(m)}
    meant |= {
        ("number", bank_number_key(m.desired.text("bank_account_number")))
        for m in pairs
        if renumbered_bank(m)
    }
    inherited = _keys_of_standard(desired)
    to_archive = [
        a for a in left_out if archive and (meant | inherited).isdisjoint(_keys_of_account(a))
    ]
    left_alone = [a for a in left_out if not inherited.isdisjoint(_keys_of_account(a))]
    return Scope(
        matches=tuple(m for m in pairs if not _is_satisfied(m, desired.delete_refused)),
        unmanaged=() if desired.partial else tuple(left_alone if archive else left_out),
        to_archive=tuple(to_archive),
    )


def _keys_of_unmatched(entry: DesiredAccount) -> set[tuple[str, str]]:
    if entry.status != Status.ACTIVE and not entry.account_id and not entry.system_account:
        return set()
    return _keys(entry.name, entry.text("bank_account_number"), entry.code, *entry.previously)


def _keys_of_standard(desired: DesiredChart) -> set[tuple[str, str]]:
    """Return the keys of the accounts that an entry of the standard may mean."""
    keys = {("account_id", entry.account_id) for entry in desired.omitted}
    for entry in (*desired.omitted, *(e for e in desired.accounts if e.inherited.file)):
        keys |= _keys(entry.known_name, "", entry.code)
        for code, name in entry.overridden:
            keys |= _keys(name, "", code)
    for entry in (*desired.omitted, *(e for e in desired.accounts if e.optional)):
        keys |= _keys("", "", *entry.previously)
    return keys


def _keys_of_account(account: Account) -> set[tuple[str, str]]:
    found = _keys(account.name, account.bank_account_number, account.code)
    return found | {("account_id", account.account_id)}


def _keys(name: str, number: str, *codes: str) -> set[tuple[str, str]]:
    keys = {
        ("name", name_key(name)),
        ("number", bank_number_key(number)),
        *(("code", code_key(code)) for code in codes),
    }
    return {(kind, key) for kind, key in keys if key}


def _is_satisfied(match: Match, delete_refused: DeleteRefused) -> bool:
    """Whether an account to remove is missing, or one to delete is archived and may stay so."""
    account, wanted = match.account, match.desired.status
    if account is None:
        return wanted != Status.ACTIVE
    archive_will_do = wanted == Status.DELETED and delete_refused is DeleteRefused.ARCHIVE
    return archive_will_do and account.status == Status.ARCHIVED
