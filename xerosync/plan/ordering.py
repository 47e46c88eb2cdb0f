"""Changes → steps, in an order in which no call finds its code or name taken.

A step that takes a code or a name waits for the step that frees it; steps of one account
follow each other; everything else may run side by side. Where steps wait for each other
in a circle, one account is parked under a temporary code or name for as long as it needs.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xerosync.model import FIELD, Chart, DeleteRefused, Status, Value, name_key
from xerosync.plan import temporary
from xerosync.plan.conflicts import Key, held_by, holders, takes
from xerosync.plan.cycles import breakers
from xerosync.plan.plan import Action, Change, Step


@dataclass(slots=True)
class _Draft:
    """A step before it has its number; `needs` are places in the list of drafts."""

    step: Step
    needs: set[int] = field(default_factory=set)


def order(
    chart: Chart, changes: Sequence[Change], delete_refused: DeleteRefused
) -> tuple[Step, ...]:
    """Give the fewest calls that make the changes, each after those it needs.

    The changes must be free of conflicts (`uniqueness.check`). The numbers are a valid
    order to run the steps one by one; `needs` say what may run side by side.
    """
    mover = {change.account_id: i for i, change in enumerate(changes) if change.account_id}
    held = holders(chart)
    waits: dict[int, dict[int, set[Key]]] = {i: {} for i in range(len(changes))}
    for index, change in enumerate(changes):
        for key in takes(change):
            for holder in held.get(key, ()):
                waits[index].setdefault(mover[holder.account_id], set()).add(key)
    parked = _park(chart, changes, waits)
    drafts: list[_Draft] = []
    mover_at: dict[int, int] = {}
    parking_at: dict[int, int] = {}
    for index, change in enumerate(changes):
        for step in _steps(index, change, parked.get(index, {}), delete_refused):
            place = len(drafts)
            previous = {place - 1} if drafts and drafts[-1].step.change == index else set()
            drafts.append(_Draft(step, previous))
            if step.purpose:
                parking_at[index] = place
            elif step.operation in _MOVERS:
                mover_at.setdefault(index, place)
    for index, around in waits.items():
        for other, keys in around.items():
            freed_early = all(field in parked.get(other, {}) for field, _ in keys)
            at = parking_at[other] if freed_early else mover_at[other]
            drafts[mover_at[index]].needs.add(at)
    return _number(drafts)


_MOVERS = (Action.CREATE, Action.UPDATE, Action.DELETE)


def _park(
    chart: Chart, changes: Sequence[Change], waits: Mapping[int, Mapping[int, set[Key]]]
) -> dict[int, dict[str, Value]]:
    """Choose the accounts that break the circles, and a temporary code or name for each.

    A code is parked together with the name where the name would not lead the next run
    back to the account, should this one die right then (see `parking`).
    """
    chosen = _breakers(changes, waits)
    if not chosen:
        return {}
    used = {key for account in chart.accounts for key in held_by(account)}
    used |= {key for change in changes for key in takes(change)}
    codes = temporary.temporary_codes({key for field, key in used if field == "code"})
    names = {key for field, key in used if field == "name"}
    wanted: dict[int, set[str]] = {index: set() for index in chosen}
    for around in waits.values():
        for other, keys in around.items():
            if other in wanted:
                wanted[other] |= {field for field, _ in keys}
    parked: dict[int, dict[str, Value]] = {}
    for index in chosen:
        change, fields = changes[index], wanted[index]
        values: dict[str, Value] = {}
        if "code" in fields:
            values["code"] = next(codes)
        if "name" in fields or ("code" in fields and _trouble(change) == _NAME_TELLS):
            before = change.account.name if change.account else ""
            name = temporary.temporary_name(before, change.code, names)
            names.add(name_key(name))
            values["name"] = name
        parked[index] = values
    return parked


def _breakers(
    changes: Sequence[Change], waits: Mapping[int, Mapping[int, set[Key]]]
) -> tuple[int, ...]:
    """Give the fewest changes that break every circle; of equals, the least trouble to park."""
    by_rank = sorted(waits, key=lambda index: (_trouble(changes[index]), index))
    rank = {index: place for place, index in enumerate(by_rank)}
    graph = {rank[i]: [rank[other] for other in waits[i]] for i in by_rank}
    return tuple(sorted(by_rank[place] for place in breakers(graph)))


_NOTHING, _NAME_TELLS, _LOST = range(3)


def _trouble(change: Change) -> int:
    """Say what it takes for the next run to find an account whose code is parked.

    Nothing, where a pin or the name that it keeps leads to it; or else a name that tells.
    A long name that the file does not know would be cut by that, so it is left alone: the
    next run would have to ask for the account's id.
    """
    desired, name = change.desired, change.account.name if change.account else ""
    if desired is None or desired.account_id or desired.system_account:
        return _NOTHING
    if desired.name:
        return _NAME_TELLS if change.field("name") else _NOTHING
    return _NAME_TELLS if temporary.fits(name, change.code) else _LOST


def _steps(
    index: int, change: Change, parked: Mapping[str, Value], delete_refused: DeleteRefused
) -> list[Step]:
    """Give the calls of one change, one after the other; they are numbered later."""
    values = _settled(change)
    call = Step(0, index, Action.UPDATE, change.account_id)
    if change.action is Action.CREATE:
        late = {n: v for n, v in values.items() if not FIELD[n].on_create}
        early = {n: v for n, v in values.items() if n not in late}
        steps = [replace(call, operation=Action.CREATE, values=early)]
        return [*steps, replace(call, values=late)] if late else steps
    if change.action is Action.DELETE:
        fallback = Action.ARCHIVE if delete_refused is DeleteRefused.ARCHIVE else None
        return [replace(call, operation=Action.DELETE, fallback=fallback)]
    archived = change.account is not None and change.account.status == Status.ARCHIVED
    stays = change.action is Action.UPDATE and archived
    steps = []
    if archived:
        steps.append(replace(call, operation=Action.RESTORE))
    if parked:
        what = " and ".join(f"temporary {name}" for name in parked)
        purpose = f"{what}, so that another account can take its {' and '.join(parked)}"
        steps.append(replace(call, values=dict(parked), purpose=purpose))
    if values:
        if "name" in parked and "name" not in values and change.account:
            values["name"] = change.account.name
        steps.append(replace(call, values=values))
    if change.action is Action.ARCHIVE or stays:
        steps.append(replace(call, operation=Action.ARCHIVE))
    return steps


def _settled(change: Change) -> dict[str, Value]:
    """Give what one call sets: with another type, a report code that is to stay as it is, too.

    Xero gives an account the default of its new type where it is not told.
    """
    values = dict(change.after())
    stays = change.desired.values.get("reporting_code") if change.desired else ""
    if change.account and "type" in values and stays:
        values.setdefault("reporting_code", stays)
    return values


def _number(drafts: Sequence[_Draft]) -> tuple[Step, ...]:
    """Give the drafts numbers so that each comes after what it needs, otherwise as they stand."""
    dependants: dict[int, list[int]] = {}
    missing = [len(draft.needs) for draft in drafts]
    for place, draft in enumerate(drafts):
        for other in draft.needs:
            dependants.setdefault(other, []).append(place)
    ready = [place for place, count in enumerate(missing) if count == 0]
    heapq.heapify(ready)
    number: dict[int, int] = {}
    while ready:
        place = heapq.heappop(ready)
        number[place] = len(number) + 1
        for other in dependants.get(place, ()):
            missing[other] -= 1
            if missing[other] == 0:
                heapq.heappush(ready, other)
    return tuple(
        replace(
            drafts[place].step,
            number=at,
            needs=tuple(sorted(number[other] for other in drafts[place].needs)),
        )
        for place, at in number.items()
    )
