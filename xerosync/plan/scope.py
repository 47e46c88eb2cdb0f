"""Hands off: what must not be touched leaves the comparison before the diff.

Archived and system accounts that the file leaves out are neither listed nor touched;
active ones that it leaves out are unmanaged: listed, and archived only where the file
says so, and never one that an entry without an account may mean. A partial file has no
unmanaged ones. An entry that is archived or deleted in both places, or in the file and
nowhere in Xero, has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from xerosync.model import (
    Account,
    Chart,
    DeleteRefused,
    DesiredAccount,
    DesiredChart,
    Status,
    Unmanaged,
    bank_number_key,
    code_key,
    code_order,
    name_key,
)
from xerosync.plan.matching import Match


@dataclass(frozen=True, slots=True)
class Scope:
    """What takes part in the comparison.

    `matches` are the pairs to compare, `idle` the entries that want no active account
    and find none, `unmanaged` the active accounts to list, `to_archive` those that the file's
    `unmanaged: archive` gives up.
    """

    matches: tuple[Match, ...]
    idle: tuple[Match, ...]
    unmanaged: tuple[Account, ...]
    to_archive: tuple[Account, ...]


def scope(current: Chart, matches: Iterable[Match], desired: DesiredChart) -> Scope:
    """Take out of the comparison what the file does not manage and what has nothing to do."""
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
    give_up = desired.unmanaged is Unmanaged.ARCHIVE
    spoken_of = _spoken_of(pairs)
    idle = [m for m in pairs if _nothing_to_do(m, desired.delete_refused)]
    resting = {id(m) for m in idle}
    return Scope(
        matches=tuple(m for m in pairs if id(m) not in resting),
        idle=tuple(idle),
        unmanaged=() if give_up or desired.partial else tuple(left_out),
        to_archive=tuple(a for a in left_out if not spoken_of(a)) if give_up else (),
    )


def _spoken_of(pairs: Iterable[Match]) -> Callable[[Account], bool]:
    """Tell of an account whether an entry that has none wants its code, name or number.

    The entry may mean it, and is blocked or refused in any case: it is not given up.
    """
    open_ = [m.desired for m in pairs if m.account is None and _wants_one(m.desired)]
    codes = {code_key(code) for entry in open_ for code in (entry.code, *entry.previously)}
    names = {name_key(entry.name) for entry in open_}
    numbers = {bank_number_key(entry.text("bank_account_number")) for entry in open_}

    def spoken_of(account: Account) -> bool:
        return bool(
            (account.code and code_key(account.code) in codes)
            or name_key(account.name) in names
            or (
                account.bank_account_number
                and bank_number_key(account.bank_account_number) in numbers
            )
        )

    return spoken_of


def _wants_one(entry: DesiredAccount) -> bool:
    pinned = entry.account_id or entry.system_account
    return entry.status == Status.ACTIVE or bool(pinned)


def _nothing_to_do(match: Match, delete_refused: DeleteRefused) -> bool:
    """Tell whether an entry that wants no active account finds none.

    Where a refused delete means an archive, an archived account has been through it.
    """
    if match.desired.status == Status.ACTIVE:
        return False
    if match.account is None:
        return True
    return (
        match.desired.status == Status.DELETED
        and delete_refused is DeleteRefused.ARCHIVE
        and match.account.status == Status.ARCHIVED
    )
