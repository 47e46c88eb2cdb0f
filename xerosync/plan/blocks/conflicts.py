"""Codes and names that are already taken.

In an organisation, Xero accepts a code or name for one account only. A taken code or name becomes
free only if its account gives it up in the same plan. An archived account is assumed to keep both.
If no entry manages the archived account, a report on Xero's behaviour can say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xerosync.desired import DesiredAccount
from xerosync.model import Account, Chart, Status, code_key, name_key
from xerosync.plan.known import Known
from xerosync.plan.matching.pins import another, pin, xero_id
from xerosync.plan.plan import Action, Blocked, Change
from xerosync.text import full_stop
from xerosync.xero_behaviour import Question

NAME_HELD = "name-held"
"""The id of the rule that blocks a change because another account keeps the name."""

Key = tuple[str, str]
"""A code or a name, which must be unique: ("code", code key) or ("name", name key)."""


def held_by(account: Account | None) -> frozenset[Key]:
    """Return the keys that an account holds. A deleted account holds none."""
    if account is None or account.status == Status.DELETED:
        return frozenset()
    return _keys(account.code, account.name)


def holders(chart: Chart) -> Mapping[Key, list[Account]]:
    """Return the accounts that hold each key, active ones first.

    Several accounts can hold one key, for example if their codes differ only in case.
    """
    held: dict[Key, list[Account]] = {}
    for account in sorted(chart.accounts, key=lambda each: each.status != Status.ACTIVE):
        for key in held_by(account):
            held.setdefault(key, []).append(account)
    return held


def held_after(change: Change) -> frozenset[Key]:
    """Return the keys that the account holds after the change."""
    return frozenset() if change.action is Action.DELETE else _keys(change.code, change.name)


def _keys(code: str, name: str) -> frozenset[Key]:
    keys = (("code", code_key(code)), ("name", name_key(name)))
    return frozenset((field, key) for field, key in keys if key)


def takes(change: Change) -> frozenset[Key]:
    """Return the keys that the change needs and its account does not hold yet."""
    return held_after(change) - held_by(change.account)


def frees(change: Change) -> frozenset[Key]:
    """Return the keys that the account gives up."""
    return held_by(change.account) - held_after(change)


def check(
    chart: Chart,
    changes: Sequence[Change],
    refused: Iterable[Change],
    entries: Mapping[str, DesiredAccount],
    known: Known,
) -> Mapping[int, Blocked]:
    """Return a block for each change that needs a taken code or name, by the index of the change.

    A blocked change frees nothing, so that further changes may be blocked in turn. `refused` are
    changes that are blocked already. `entries` are the entries of the file, by account id.
    """
    would_free = {(key, change.account_id) for change in refused for key in frees(change)}
    held = holders(chart)
    change_of = {change.account_id: i for i, change in enumerate(changes) if change.account_id}
    waiting: dict[int, list[tuple[int, Key, Account]]] = {}
    blocked: dict[int, Blocked] = {}
    queue: list[tuple[int, Key, Account]] = []
    taken: dict[Key, int] = {}
    for index, change in enumerate(changes):
        for key in sorted(takes(change)):
            rival = taken.setdefault(key, index)
            if rival != index:
                blocked.setdefault(index, _twice(change, key, changes[rival]))
            for holder in held.get(key, ()):
                other = change_of.get(holder.account_id)
                # An entry needs the keys of its account: the next plan finds the account by them.
                if holder.account_id not in entries and _leaves_free(holder, key, known):
                    continue
                if other is None or _keeps(changes[other], key, known):
                    queue.append((index, key, holder))
                else:
                    would_free.add((key, holder.account_id))
                    waiting.setdefault(other, []).append((index, key, holder))
        if rival_account := _in_use_again(change, held):
            blocked.setdefault(index, _restored_twice(change, *rival_account))
    queue += [entry for index in blocked for entry in waiting.get(index, ())]
    for index, key, holder in queue:
        if index not in blocked:
            waits = (key, holder.account_id) in would_free
            entry = entries.get(holder.account_id)
            blocked[index] = _held(changes[index], key, holder, entry, holder_is_blocked=waits)
            queue += waiting.get(index, ())
    return blocked


def _leaves_free(holder: Account, key: Key, known: Known) -> bool:
    """Whether `holder` is archived, and Xero is known to let another account take the key."""
    field, _ = key
    question = Question.ARCHIVED_CODE if field == "code" else Question.ARCHIVED_NAME
    return holder.status == Status.ARCHIVED and known.is_known(question, "accepted")


def _keeps(change: Change, key: Key, known: Known) -> bool:
    """Whether the change does not free the key, or is a delete that Xero is known to refuse."""
    refused = known.is_known(Question.DELETE_UNUSED, "refused")
    return key not in frees(change) or (refused and change.action is Action.DELETE)


def _in_use_again(change: Change, held: Mapping[Key, list[Account]]) -> tuple[Key, Account] | None:
    """Return a key that a restored account and an active account share, and the active account."""
    account = change.account
    if account is None or account.status != Status.ARCHIVED or change.action is Action.DELETE:
        return None
    for key in sorted(held_by(account) & held_after(change)):
        for other in held[key]:
            if other.account_id != account.account_id and other.status == Status.ACTIVE:
                return key, other
    return None


def _restored_twice(change: Change, key: Key, other: Account) -> Blocked:
    field, _ = key
    value = change.code if field == "code" else change.name
    edited = change.action is Action.UPDATE
    cannot = "edited: an edit restores it first" if edited else "restored"
    return change.blocked(
        f"{field}-held",
        f"Xero's active account {other.label} has the {field} {value} too, so this archived one "
        f"cannot be {cannot}.",
        f"Give {other.label} another {field} first, in a separate plan.",
    )


def _twice(change: Change, key: Key, rival: Change) -> Blocked:
    field, _ = key
    value = change.code if field == "code" else change.name
    return change.blocked(
        f"{field}-taken-twice",
        f"{rival.label} would also get the {field} {full_stop(value)}",
        f"Give one of them another {field}.",
    )


def _held(
    change: Change,
    key: Key,
    holder: Account,
    entry: DesiredAccount | None,
    *,
    holder_is_blocked: bool,
) -> Blocked:
    """Return the block for a key that `holder` has; `entry` is the entry of `holder`, if any."""
    field, _ = key
    value = change.code if field == "code" else change.name
    archived = holder.status == Status.ARCHIVED
    choose = another(change.desired, field)
    reason = f"Xero's account {holder.label} has the {field} {value} and keeps it."
    if archived:
        reason = (
            f"Xero's archived account {holder.label} has the {field} {value}, and Xero may refuse "
            "to give it to another account."
        )
    if entry and holder_is_blocked:
        now = {"code": holder.code, "name": holder.name, **entry.values}
        label = f"{now['code']} {now['name']}".strip()
        what, to = ("delete", "") if entry.status == Status.DELETED else ("change", f" to {label}")
        hint = f"The {what} of {holder.label}{to} is itself blocked: resolve that first."
    elif entry is not None:
        by = ", by an override with a reason" if entry.inherited.file else ""
        give = f", or give {entry.label} ({entry.source}) another {field}{by}"
        hint = f"{choose.capitalize()}{give if entry.overridable else ''}."
    elif change.action is Action.CREATE and not archived:
        renumbers = holder.code and code_key(holder.code) != code_key(change.code)
        former = f'`previously: ["{holder.code}"]`' if renumbers else ""
        by_id = f"`{pin(holder)}`" if xero_id(holder) or not former else ""
        keys = " or ".join(filter(None, (former, by_id)))
        hint = f"If it is the same account, add {keys} to this entry; if not, {choose}."
    elif archived:
        item = f"`- {{{pin(holder)}, {field}: …, status: ARCHIVED}}`"
        hint = f"{choose.capitalize()}, or free this {field} by an entry {item}."
    else:
        hint = (
            f"{choose.capitalize()}, or give {holder.label} another {field}, in Xero or by an "
            "entry with its account_id."
        )
    return change.blocked(f"{field}-held", reason, hint)
