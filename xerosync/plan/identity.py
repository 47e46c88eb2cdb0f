"""Whether an account found by its code is the one that the entry means.

A code is weak evidence: charts are renumbered, and codes are used again. Where the entry has
another name than the account, a change that could rewrite the history of the wrong account
is blocked, and any other rename says that it is one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from xerosync.model import (
    Account,
    DesiredAccount,
    Status,
    class_of,
    code_key,
    name_key,
)
from xerosync.plan import temporary
from xerosync.plan.matching import Match, MatchedBy
from xerosync.plan.pins import pin
from xerosync.plan.plan import Action, Blocked, Change

RULE = "another-account"

_WORD = re.compile(r"\w+")
_SHORT = ("and", "the", "for")
_SIMILAR = 0.8


class Identities:
    """Checks the changes of one plan. `matches` are all entries of the file."""

    def __init__(self, matches: Iterable[Match]) -> None:
        self._match_of = {id(m.desired): m for m in matches}
        entries = [m.desired for m in self._match_of.values()]
        self._by_name = {name_key(e.name): e for e in entries if e.name}
        self._former_codes = {code_key(code) for e in entries for code in e.previously}
        self._moved_away = {
            code_key(code): m.desired
            for m in self._match_of.values()
            if m.account is None
            and m.desired.status == Status.ARCHIVED
            and not m.desired.account_id
            and not m.desired.system_account
            for code in m.desired.previously
        }

    def match_of(self, change: Change) -> Match | None:
        """Return how the account of a change was found, None if the file leaves it out."""
        return self._match_of.get(id(change.desired))

    def check(self, change: Change) -> tuple[Blocked, ...]:
        """Return a block if the change may be one of another account than the entry means."""
        matched = self.match_of(change)
        if matched is None:
            return ()
        reason, hint = next(self._doubts(change, matched), ("", ""))
        if not reason:
            return ()
        return (
            Blocked(change.code, change.name, change.account_id, change.source, RULE, reason, hint),
        )

    def _doubts(self, change: Change, matched: Match) -> Iterator[tuple[str, str]]:
        """Yield each reason to take the account for another one, with the way out."""
        entry, account = matched.desired, matched.account
        if account is None:
            if change.action is Action.CREATE and code_key(entry.code) in self._moved_away:
                yield self._never_there(entry, self._moved_away[code_key(entry.code)])
            return
        retyped = _class_changes(entry, account)
        if matched.by is MatchedBy.ARCHIVED_NAME and retyped:
            found = f"The archived account {account.label} has this name"
            yield f"{found}: this would restore it, and {retyped}.", self._way_out(account, "name")
        if not renamed_by_code(matched):
            return
        found = f"In Xero the code {account.code} is {account.name}"
        out = self._way_out(account, "code")
        other = self._by_name.get(name_key(account.name))
        if other is not None and other is not entry:
            found_in_file = f"and the file has {account.name} as {other.label}"
            yield f"{found}, {found_in_file}: it may have moved.", self._move(account, other) + out
        if change.action is Action.DELETE:
            yield (
                f"{found}, and the entry says {entry.name}: this would delete {account.name}.",
                out,
            )
        if change.action is Action.RESTORE and account.status == Status.ARCHIVED:
            renamed = f"this would restore it as {entry.name}, with its history"
            yield f"{found} (archived): {renamed}.", out
        if retyped:
            yield f"{found}: this would rename it to {entry.name}, and {retyped}.", out

    def _move(self, account: Account, other: DesiredAccount) -> str:
        """Return how to say that an account moves to the code of another entry, "" if it cannot.

        `previously` does where nobody else has the two codes, or who has them moves as well.
        """
        if not other.code or other.account_id or other.system_account:
            return ""
        holder = self._match_of[id(other)].account
        stays = holder is not None and self._by_name.get(name_key(holder.name)) in (None, other)
        claimed = code_key(account.code) in self._former_codes
        line = pin(account) if stays or claimed else f'previously: ["{account.code}"]'
        return f"If {account.name} moves to {other.code}, add `{line}` to that entry. "

    @staticmethod
    def _way_out(account: Account, field: str) -> str:
        """Return how to keep the account, and how not to."""
        return (
            f"If {account.label} is meant, add `{pin(account)}` to this entry; if not, choose "
            f"another {field}."
        )

    @staticmethod
    def _never_there(entry: DesiredAccount, archived: DesiredAccount) -> tuple[str, str]:
        before = f"The archived entry {archived.label} had the code {entry.code} before"
        reason = (
            f"{before}, and Xero has an account for neither entry: the next plan would archive "
            "this new account."
        )
        hint = (
            f"If this organisation never had {archived.label}, remove `previously` from its entry."
        )
        return reason, hint


def renamed_by_code(matched: Match) -> bool:
    """Whether the account was found by its code alone and has another name than the entry."""
    account, entry = matched.account, matched.desired
    return (
        account is not None
        and matched.by is MatchedBy.CODE
        and bool(entry.name)
        and not temporary.original_name(account.name)
        and name_key(entry.name) != name_key(account.name)
    )


def share_a_word(one: str, other: str) -> bool:
    """Whether two names have a word in common, or one that is spelled much like it."""
    words = _words(other)
    return any(difflib.get_close_matches(w, words, n=1, cutoff=_SIMILAR) for w in _words(one))


def _words(name: str) -> list[str]:
    words = _WORD.findall(name_key(name))
    return [w for w in words if len(w) > 2 and w not in _SHORT] or words  # noqa: PLR2004 of, to


def _class_changes(entry: DesiredAccount, account: Account) -> str:
    """Return what a new type of another class does, "" if there is none."""
    wanted = entry.text("type")
    before = class_of(account.type, account.account_class)
    if not wanted or class_of(wanted, before) == before:
        return ""
    return f"its type {account.type} would become {wanted}"
