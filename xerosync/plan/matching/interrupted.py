"""Accounts with a temporary code or name of an interrupted apply, if no entry clearly means them.

Such accounts can exist if the file was changed after the apply. They are not archived as
unmanaged, and no second accounts are created in their place.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from xerosync.model import Account, Chart, Status
from xerosync.plan import temporary
from xerosync.plan.matching.identity import RULE
from xerosync.plan.matching.match import Match
from xerosync.plan.matching.pins import pin
from xerosync.plan.matching.shared_words import share_a_word
from xerosync.plan.plan import Action, Blocked, Change


def left_behind(
    current: Chart, matches: Iterable[Match], in_doubt: Container[str] = ()
) -> tuple[Account, ...]:
    """Return the active accounts with a temporary code or name, if no entry clearly means them.

    `in_doubt` has the ids of accounts whose entry may mean another account.
    """
    managed = {
        m.account.account_id for m in matches if m.account and m.account.account_id not in in_doubt
    }
    return tuple(
        account
        for account in current.accounts
        if account.status == Status.ACTIVE
        and account.account_id not in managed
        and temporary.is_left(account)
    )


def sentences(left: Iterable[Account], unmanaged: Sequence[Account]) -> Iterator[str]:
    """Yield what to do about each unmanaged account that was left behind."""
    for account in left:
        if account in unmanaged:
            yield f"{_state(account)}. Add `{pin(account)}` to the entry for this account."


def check(change: Change, left: Iterable[Account]) -> tuple[Blocked, ...]:
    """Block a change that archives an account in `left` as unmanaged, or that may duplicate it."""
    for account in left:
        if change.desired is None and change.account is account:
            reason = f"{_state(account)}: `unmanaged: archive` would archive it in this state."
            hint = (
                f"Add `{pin(account)}` to the entry for this account. If it is to be archived, add "
                "an entry with that line and `status: ARCHIVED`."
            )
            return (change.blocked(RULE, reason, hint),)
        if change.action is Action.CREATE and _may_be(change, account):
            reason = (
                f"{_state(account)}: if this entry is for it, a second account would be created."
            )
            hint = (
                f"If {account.label} is meant, add `{pin(account)}` to this entry; if not, add "
                "that line to the entry for it."
            )
            return (change.blocked(RULE, reason, hint),)
    return ()


def _may_be(change: Change, account: Account) -> bool:
    """Whether the entry of a new account may mean an account that was left behind."""
    entry = change.desired
    if entry is None or (change.account_type == "BANK") != (account.type == "BANK"):
        return False
    return bool(entry.previously) or share_a_word(change.name, temporary.name_before(account))


def _state(account: Account) -> str:
    what = "code" if temporary.is_code(account.code) else "name"
    return (
        f"{account.label} has the temporary {what} of an interrupted apply, and it is not clear "
        "whether an entry is for this account"
    )
