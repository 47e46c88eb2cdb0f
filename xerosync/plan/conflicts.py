"""Changes → who holds, takes and frees which code and name.

Xero keeps codes and names unique over all accounts of an organisation, archived ones
too (that archived accounts hold theirs is not documented; we take it so). A code or name
can be taken only when its holder gives it up in the same plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xerosync.model import Account, Chart, Status, code_key, name_key
from xerosync.plan.plan import Action, Blocked, Change

Key = tuple[str, str]
"""What is unique: ("code", code key) or ("name", name key)."""


def key_of(field: str, value: object) -> Key | None:
    """Give the key that a code or a name is unique by; None for an empty one."""
    text = str(value or "")
    key = code_key(text) if field == "code" else name_key(text)
    return (field, key) if key else None


def held_by(account: Account | None) -> frozenset[Key]:
    """Give the keys that an account holds."""
    if account is None or account.status == Status.DELETED:
        return frozenset()
    keys = (key_of("code", account.code), key_of("name", account.name))
    return frozenset(key for key in keys if key)


def holders(chart: Chart) -> Mapping[Key, list[Account]]:
    """Give the accounts that hold each key: more than one where Xero tells them apart."""
    held: dict[Key, list[Account]] = {}
    for account in chart.accounts:
        for key in held_by(account):
            held.setdefault(key, []).append(account)
    return held


def held_after(change: Change) -> frozenset[Key]:
    """Give the keys that a change's account holds once it is done."""
    if change.action is Action.DELETE:
        return frozenset()
    keys = (key_of("code", change.code), key_of("name", change.name))
    return frozenset(key for key in keys if key)


def takes(change: Change) -> frozenset[Key]:
    """Give the keys that a change needs and its account does not hold."""
    return held_after(change) - held_by(change.account)


def frees(change: Change) -> frozenset[Key]:
    """Give the keys that a change's account gives up."""
    return held_by(change.account) - held_after(change)


def check(
    chart: Chart, changes: Sequence[Change], stuck: Iterable[Change] = ()
) -> Mapping[int, Blocked]:
    """Find every change (by index) that takes what its holder keeps or another takes too.

    A change found here frees nothing, which may stop the next one: the search goes on
    until none is. `stuck` are changes that are blocked already: they free nothing.
    """
    meant = {(key, change.account_id) for change in stuck for key in frees(change)}
    held = holders(chart)
    mover = {change.account_id: i for i, change in enumerate(changes) if change.account_id}
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
                other = mover.get(holder.account_id)
                if other is not None and key in frees(changes[other]):
                    waiting.setdefault(other, []).append((index, key, holder))
                else:
                    queue.append((index, key, holder))
    queue += [entry for index in blocked for entry in waiting.get(index, ())]
    for index, key, holder in queue:
        if index not in blocked:
            moves = mover.get(holder.account_id)
            meant_to_move = (key, holder.account_id) in meant or (
                moves is not None and key in frees(changes[moves])
            )
            blocked[index] = _held(changes[index], key, holder, meant_to_move=meant_to_move)
            queue += waiting.get(index, ())
    return blocked


def _twice(change: Change, key: Key, rival: Change) -> Blocked:
    field, _ = key
    value = change.code if field == "code" else change.name
    return _block(
        change,
        f"{field}-taken-twice",
        f"{rival.label} is to have the {field} {value} too.",
        f"Give one of the two another {field}.",
    )


def _held(change: Change, key: Key, holder: Account, *, meant_to_move: bool) -> Blocked:
    field, _ = key
    value = change.code if field == "code" else change.name
    archived = holder.status == Status.ARCHIVED
    reason = (
        f"Xero's account {holder.label}{' (archived)' if archived else ''} has the {field} "
        f"{value} and keeps it"
        + (": an archived account still holds its code and name." if archived else ".")
    )
    if meant_to_move:
        hint = f"The change of {holder.label} is blocked itself: settle that first."
    elif change.action is Action.CREATE and not archived:
        hint = (
            f'If it is the same account, add `previously: ["{holder.code}"]` or '
            f"`account_id: {holder.account_id}` to this entry; if not, choose another {field}."
        )
    elif archived:
        hint = (
            f"Choose another {field}, or free it: an entry with "
            f"`account_id: {holder.account_id}`, another {field} and `status: ARCHIVED`."
        )
    else:
        hint = f"Choose another {field}, or give {holder.label} another one in the same file."
    return _block(change, f"{field}-held", reason, hint)


def _block(change: Change, rule: str, reason: str, hint: str) -> Blocked:
    return Blocked(change.code, change.name, rule, reason, hint, change.source, change.account_id)
