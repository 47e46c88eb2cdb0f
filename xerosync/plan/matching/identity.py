"""Check that the account found for an entry is the account that the entry means.

A code, present or former, is weak evidence: charts are renumbered, and codes are used again. If
the account's name or bank account number differs from the entry's, a block or a warning may follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xerosync.desired import DesiredAccount
from xerosync.model import Account, Status, bank_number_key, class_of, code_key, name_key
from xerosync.plan import temporary
from xerosync.plan.matching.match import Match, MatchedBy
from xerosync.plan.matching.pins import another, leave_out, not_former_code, pin, remove_previously
from xerosync.plan.matching.shared_words import share_a_word
from xerosync.plan.plan import Action, Blocked, Change
from xerosync.plan.temporary import name_before
from xerosync.text import full_stop

RULE = "another-account"

_BY_CODE = (MatchedBy.CODE, MatchedBy.PREVIOUSLY, MatchedBy.TEMPORARY)
_BY_FORMER = (MatchedBy.PREVIOUSLY, MatchedBy.TEMPORARY)


class Identities:
    """Checks, for each change of a plan, whether its entry may mean another account.

    `matches` are the matches of the file's entries; `accounts` are all accounts in Xero.
    """

    def __init__(self, matches: Iterable[Match], accounts: Iterable[Account]) -> None:
        self._match_of = {id(m.desired): m for m in matches}
        self._banks = [a for a in accounts if a.bank_account_number]
        entries = [m.desired for m in self._match_of.values()]
        self._by_name = {name_key(e.known_name): e for e in entries if e.known_name}
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
        """Return the match of a change's entry, None if the file has no entry for the account."""
        return self._match_of.get(id(change.desired))

    def check(self, change: Change) -> tuple[Blocked, ...]:
        """Return a block if the change may affect the wrong account, or mislead a later plan."""
        matched = self.match_of(change)
        if matched is None:
            return ()
        reason, hint = next(self._doubts(change, matched), ("", ""))
        return (change.blocked(RULE, reason, hint),) if reason else ()

    def warnings(self, change: Change) -> Iterator[str]:
        """Yield warnings that the entry may mean another account."""
        matched = self.match_of(change)
        if matched is None:
            return
        account, former = change.account, matched.former
        if account is None:
            if former:
                yield (
                    f"The entry had the code {former.code} before, and in Xero that is "
                    f"{former.label}, which belongs to another entry. So this account is new, "
                    f"without any history. If {former.label} is meant, pin this entry to it "
                    f"with {pin(former)}; if not, {remove_previously(matched.desired)}."
                )
            return
        if matched.by is MatchedBy.PREVIOUSLY and self.replaced_by(matched):
            yield (
                f"{account.label} becomes {change.label}, and another account takes its old code "
                f"and name. If an earlier apply already did that, and {change.label} has since "
                f"been deleted in Xero, {full_stop(leave_out(matched.desired))}"
            )
        elif former and change.field("name"):
            yield (
                f"This is {account.label} in Xero, found by its code, and it is renamed. The code "
                f"{former.code}, which the entry had before, is {former.label} there. If "
                f"{former.label} is meant, pin this entry to it with {pin(former)}; if the "
                f"renumbering is done, {remove_previously(matched.desired)}."
            )
        elif renamed_by_code(matched) and not share_a_word(name_before(account), change.name):
            otherwise = (
                not_former_code(matched.desired, account)
                if matched.by is MatchedBy.PREVIOUSLY
                else "give it another code"
            )
            yield (
                f"{account.code} is {name_before(account)} in Xero: this renames it, history "
                f"included. If {change.name} is another account, {otherwise}."
            )
        if removed_by_code(change, matched):
            yield (
                "Found by its code alone, as the entry has no name. Check that this is the account "
                "that is meant. Add its name or account_id to the entry, and xerosync will notice "
                "if another account has this code."
            )
        if renumbered_bank(matched) and account.bank_account_number:
            yield (
                f"{account.label} has the bank account number {account.bank_account_number} in "
                "Xero, but the entry has a different one. If the entry means another bank "
                f"account, {_found_by(matched, account)[1]}."
            )

    def _doubts(self, change: Change, matched: Match) -> Iterator[tuple[str, str]]:
        """Yield each reason to block the change, with a way out."""
        entry, account = matched.desired, matched.account
        archived = self._moved_away.get(code_key(change.code))
        if archived and _takes_code(change):
            yield self._never_there(change, archived)
        if account is None:
            return
        retyped = _class_changes(entry, account)
        if matched.by is MatchedBy.ARCHIVED_NAME and retyped:
            found = f"The archived account {account.label} has this name"
            yield f"{found}: this would restore it, and {retyped}.", _way_out(matched, account)
        holder = self._with_number_of(matched)
        if holder:
            yield self._other_number(matched, account, holder)
        renamed = renamed_by_code(matched)
        overridden = matched.by is MatchedBy.OVERRIDDEN
        if renamed or overridden or (matched.by in _BY_FORMER and not entry.known_name):
            yield from self._named_elsewhere(matched, account)
        if renamed:
            yield from _other_name(change, matched, account)
        if removed_by_code(change, matched):
            yield from _known_otherwise(change, matched, account)

    def _named_elsewhere(self, matched: Match, account: Account) -> Iterator[tuple[str, str]]:
        """Yield a doubt if another entry has the account's name."""
        entry, found = matched.desired, _found(matched, account)
        other = self._entry_named(account, entry)
        other_way = ""
        if other and entry.inherited.file and matched.by is MatchedBy.PREVIOUSLY:
            other_way = f"add it to {other.label}"
            if other.account_id or other.system_account:
                other_way = leave_out(entry)
        out = _way_out(matched, account, other_way)
        if other and _came_from(matched, account, other.code):
            if not self.replaced_by(matched):
                becomes = full_stop(f"this would turn the account into {entry.label}")
                yield f"{found}, and {other.label} has an entry of its own: {becomes}", out
        elif other:
            name = name_before(account)
            moved = f"{found}, and the entry for {name} is {other.label}: it may have moved."
            yield moved, self._move(account, other) + out

    def _move(self, account: Account, other: DesiredAccount) -> str:
        """Return how to move an account to the code of another entry, "" if it cannot be moved."""
        if not other.code or other.account_id or other.system_account:
            return ""
        holder = self._match_of[id(other)].account
        stays = holder is not None and self._by_name.get(name_key(holder.name)) in (None, other)
        claimed = code_key(account.code) in self._former_codes
        pinned = stays or claimed or temporary.is_left(account)
        line = pin(account) if pinned else f'previously: ["{account.code}"]'
        return f"If {name_before(account)} moves to {other.code}, add `{line}` to that entry. "

    def replaced_by(self, matched: Match) -> DesiredAccount | None:
        """Return the entry that gets the code and name of an account to be renumbered and archived.

        None if there is no such entry, or if the account's old and new names share no word.
        """
        account, entry = matched.account, matched.desired
        if not account or matched.by not in _BY_FORMER or entry.status != Status.ARCHIVED:
            return None
        other = self._entry_named(account, entry)
        if not other or not _came_from(matched, account, other.code):
            return None
        return other if share_a_word(name_before(account), entry.known_name) else None

    def _entry_named(self, account: Account, entry: DesiredAccount) -> DesiredAccount | None:
        """Return an entry, other than `entry`, that has the account's name; None if none has."""
        other = self._by_name.get(name_key(account.name))
        if temporary.original_name(account.name):
            named = (e for e in self._by_name.values() if _has_name(account, e.known_name))
            other = next(named, None)
        return None if other is entry else other

    def _with_number_of(self, matched: Match) -> Account | None:
        """Return another account with the entry's bank number, if the matched account lacks it."""
        if not renumbered_bank(matched):
            return None
        number = bank_number_key(matched.desired.text("bank_account_number"))
        others = (a for a in self._banks if a is not matched.account)
        return next((a for a in others if bank_number_key(a.bank_account_number) == number), None)

    @staticmethod
    def _other_number(matched: Match, account: Account, holder: Account) -> tuple[str, str]:
        number = matched.desired.text("bank_account_number")
        reason = (
            f"In Xero {number} is the bank account number of {holder.label}, but "
            f"{full_stop(_found_by(matched, account)[0])}"
        )
        hint = (
            f"If {holder.label} is meant, add `{pin(holder)}` to this entry; if {account.label} "
            "is meant, correct the number."
        )
        return reason, hint

    @staticmethod
    def _never_there(change: Change, archived: DesiredAccount) -> tuple[str, str]:
        reason = (
            f"The archived entry {archived.label} had the code {change.code} before, and Xero has "
            "no account for that entry: the next plan would mistake this "
            f"{'account' if change.account else 'new account'} for {full_stop(archived.label)}"
        )
        out = f"remove `previously` from that entry ({archived.source})"
        if archived.inherited.file:
            out = leave_out(archived)
        return reason, f"If this organisation does not have {archived.label}, {out}."


def _other_name(change: Change, matched: Match, account: Account) -> Iterator[tuple[str, str]]:
    """Yield each reason to doubt an account whose name is not the entry's name."""
    name, found = matched.desired.known_name, _found(matched, account)
    out = _way_out(matched, account)
    does = f"rename it to {name}" if matched.desired.name else f"treat it as {name}"
    if matched.desired.inherited.file and not share_a_word(name_before(account), name):
        omit = f"or write `omit: true` and a reason if these books have no {full_stop(name)}"
        rest = f"{out.removesuffix('.')}, {omit}" if matched.desired.overridable else out
        may_be = "The names differ, so this may be another account."
        yield f"{found}, but in the standard it is {full_stop(name)} {may_be}", rest
    if change.action is Action.DELETE:
        deletes = full_stop(f"this would delete {account.name}")
        yield f"{found}, but the entry's name is {name}: {deletes}", out
    if matched.by is MatchedBy.TEMPORARY and not _as_interrupted(matched.desired, account):
        yield f"{found}, which moved it for another entry, not for {full_stop(name)}", out
    if account.status == Status.ARCHIVED:
        then = f"restore it as {name}" if change.action is Action.RESTORE else does
        yield f"{found} (archived): this would {then}, with its history.", out
    retyped = _class_changes(matched.desired, account)
    if retyped:
        yield f"{found}: this would {does}, and {retyped}.", out


def _known_otherwise(change: Change, matched: Match, account: Account) -> Iterator[tuple[str, str]]:
    """Yield a doubt if, at the last apply, the code was unused, or its account had another name."""
    known = matched.desired.known_as
    if known is None or _has_name(account, known):
        return
    code = "one of the entry's codes" if matched.desired.previously else "the entry's code"
    then = f"an account with {code} was named {known}" if known else f"no account had {code}"
    out = _way_out(matched, account, leave_out(matched.desired))
    found = f"{_found(matched, account)}, but at the last apply on record {then}"
    yield f"{found}: this would {change.action} {full_stop(account.name)}", out


def removed_by_code(change: Change, matched: Match) -> bool:
    """Whether a change archives or deletes an account found by the code of a nameless entry."""
    return change.removes and matched.by in _BY_CODE and not matched.desired.known_name


def renamed_by_code(matched: Match) -> bool:
    """Whether the account was found by a code, and its name differs from the entry's."""
    account, entry = matched.account, matched.desired
    return (
        account is not None
        and matched.by in _BY_CODE
        and bool(entry.known_name)
        and not _has_name(account, entry.known_name)
    )


def looks_like_another_account(matched: Match) -> bool:
    """Whether an inherited entry, matched by a code, probably means another account."""
    entry, account = matched.desired, matched.account
    if account is None or not entry.inherited.file or not renamed_by_code(matched):
        return False
    return not share_a_word(name_before(account), entry.known_name) or bool(
        _class_changes(entry, account)
    )


def _has_name(account: Account, name: str) -> bool:
    return name_key(name_before(account, name)) == name_key(name)


def _came_from(matched: Match, account: Account, code: str) -> bool:
    """Whether an account has this code, or may have had it before it got a temporary code."""
    codes = [account.code]
    if matched.by is MatchedBy.TEMPORARY:
        codes += matched.desired.previously
    return code_key(code) in map(code_key, codes)


def _as_interrupted(entry: DesiredAccount, account: Account) -> bool:
    """Whether the account's temporary name may come from an interrupted apply of this entry."""
    number = bank_number_key(entry.text("bank_account_number"))
    return (
        bool(entry.previously)
        or code_key(temporary.target_of(account.name)) == code_key(account.code)
        or (number != "" and number == bank_number_key(account.bank_account_number))
    )


def renumbered_bank(matched: Match) -> bool:
    """Whether an account that is not pinned lacks the entry's bank account number."""
    account = matched.account
    if account is None or matched.by in (MatchedBy.ACCOUNT_ID, MatchedBy.SYSTEM_ACCOUNT):
        return False
    number = bank_number_key(matched.desired.text("bank_account_number"))
    return number not in ("", bank_number_key(account.bank_account_number))


def _found(matched: Match, account: Account) -> str:
    """Return the beginning of a sentence that says which account was found in Xero."""
    if matched.by is MatchedBy.TEMPORARY:
        return f"In Xero, {account.label} was left by an interrupted apply"
    if matched.by is MatchedBy.OVERRIDDEN:
        return f"In Xero, {account.label} has the code and name of the standard's entry"
    which = "former code" if matched.by is MatchedBy.PREVIOUSLY else "code"
    return f"In Xero the {which} {account.code} is {account.name}"


def _found_by(matched: Match, account: Account) -> tuple[str, str]:
    """Return two clauses: how the account was found, and what to do if another account is meant."""
    match matched.by:
        case MatchedBy.TEMPORARY:
            left = f"the entry was matched to {account.label}, which an interrupted apply left"
            return left, "add the account_id of that account to the entry"
        case MatchedBy.OVERRIDDEN:
            same = f"the entry's code and name in the standard are those of {account.label}"
            return same, "add the account_id of that account to the entry"
        case MatchedBy.PREVIOUSLY:
            what = "former code"
        case MatchedBy.ARCHIVED_NAME:
            what = "name"
        case by:
            what = str(by)
    return f"the entry's {what} is that of {account.label}", f"change the entry's {what}"


def _way_out(matched: Match, account: Account, otherwise: str = "") -> str:
    """Return a sentence on what to write if this account is meant, and if it is not."""
    entry, overridden = matched.desired, matched.by is MatchedBy.OVERRIDDEN
    what = "name" if overridden or matched.by is MatchedBy.ARCHIVED_NAME else "code"
    if not otherwise:
        otherwise = another(entry, what)
        if matched.by is MatchedBy.PREVIOUSLY:
            otherwise = not_former_code(entry, account)
        elif overridden or (entry.inherited.file and not entry.overridable):
            otherwise = f"give {account.label} another {what} in Xero"
            if account.status == Status.ARCHIVED:
                otherwise = f"restore {account.label} in Xero, then give it another {what}"
    meant = f"If {account.label} is meant, add `{pin(account)}` to this entry"
    return f"{meant}; if not, {full_stop(otherwise)}"


def _takes_code(change: Change) -> bool:
    """Whether a change gives an active account a code by which the next plan will find it."""
    entry = change.desired
    if entry is None or entry.account_id or entry.system_account:
        return False
    return entry.status == Status.ACTIVE and change.field("code") is not None


def _class_changes(entry: DesiredAccount, account: Account) -> str:
    """Return a clause if the class of the entry's type is not the account's class, else ""."""
    wanted = entry.text("type")
    before = class_of(account.type, account.account_class)
    if not wanted or class_of(wanted, before) == before:
        return ""
    return f"its type {account.type} would become {wanted}"
