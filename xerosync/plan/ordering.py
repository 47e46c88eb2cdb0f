"""Order the calls so that no call needs a code or name that is still taken.

A step that takes a code or name waits for the step that frees it. Steps of one account follow
each other; otherwise, steps may run side by side. Where changes wait for each other in a cycle, one
account gets a temporary code or name first, which breaks the cycle.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from graphlib import TopologicalSorter

from xerosync.desired import DeleteRefused
from xerosync.model import FIELD, Chart, Status, Value, name_key
from xerosync.plan import temporary
from xerosync.plan.blocks.conflicts import Key, held_by, holders, takes
from xerosync.plan.defaults import without_defaults
from xerosync.plan.plan import Action, Change, Step

Waits = Mapping[int, Mapping[int, set[Key]]]
"""Maps changes (by index) to the changes they wait for, with the codes and names to be freed."""


def order(
    chart: Chart, changes: Sequence[Change], delete_refused: DeleteRefused
) -> tuple[Step, ...]:
    """Return the calls that make the changes. Each call comes after the calls that it needs.

    The changes must be free of conflicts (see `conflicts.check`). The steps may run one by one in
    the order of their numbers, or side by side as far as their `needs` allow.
    """
    currency = chart.organisation.base_currency
    waits = _waits(chart, changes)
    temporaries = _temporaries(chart, changes, waits)
    steps: list[Step] = []
    needs: list[set[int]] = []
    final: dict[int, int] = {}
    early: dict[int, int] = {}
    for index, change in enumerate(changes):
        values = temporaries.get(index, {})
        for step in _steps(index, change, values, delete_refused, currency):
            if step.purpose:
                early[index] = len(steps)
            elif step.operation in (Action.CREATE, Action.UPDATE, Action.DELETE):
                final.setdefault(index, len(steps))
            needs.append({len(steps) - 1} if steps and steps[-1].change == index else set())
            steps.append(step)
    for index, others in waits.items():
        for other in others:
            needs[final[index]].add(early.get(other, final[other]))
    return _number(steps, needs)


def _waits(chart: Chart, changes: Sequence[Change]) -> Waits:
    change_of = {change.account_id: i for i, change in enumerate(changes) if change.account_id}
    held = holders(chart)
    waits: dict[int, dict[int, set[Key]]] = {i: {} for i in range(len(changes))}
    for index, change in enumerate(changes):
        for key in takes(change):
            for holder in held.get(key, ()):
                if holder.account_id in change_of:  # if not, it is archived, and its key is free
                    waits[index].setdefault(change_of[holder.account_id], set()).add(key)
    return waits


def _temporaries(
    chart: Chart, changes: Sequence[Change], waits: Waits
) -> Mapping[int, Mapping[str, Value]]:
    """Return the temporary codes and names that break the cycles, by the index of the change.

    A run may be killed while an account has a temporary code. If the next run would find the
    account only by a temporary name, the account gets this name, too (see `_Recovery`).
    """
    recovery = {index: _recovery(change) for index, change in enumerate(changes)}
    fields: dict[int, set[str]] = {}
    for others in waits.values():
        for index, keys in others.items():
            fields.setdefault(index, set()).update(field for field, _ in keys)
    used = {key for account in chart.accounts for key in held_by(account)}
    used |= {key for change in changes for key in takes(change)}
    codes = temporary.temporary_codes({key for field, key in used if field == "code"})
    names = {key for field, key in used if field == "name"}
    values: dict[int, dict[str, Value]] = {}
    for index in break_cycles(waits, recovery):
        change = changes[index]
        values[index] = {"code": next(codes)} if "code" in fields[index] else {}
        if "name" in fields[index] or recovery[index] is _Recovery.BY_TEMPORARY_NAME:
            before = change.account.name if change.account else ""
            name = temporary.temporary_name(before, change.code, names)
            names.add(name_key(name))
            values[index]["name"] = name
    return values


def break_cycles(waits: Mapping[int, Collection[int]], cost: Mapping[int, int]) -> list[int]:
    """Return the indexes of changes that break all cycles in `waits`. None of them is needless.

    From each cycle, the change with most dependencies is taken; of equals, that of lowest `cost`.
    """
    waited_by: dict[int, list[int]] = {index: [] for index in waits}
    for index, others in waits.items():
        for other in others:
            waited_by[other].append(index)
    left = set(waits)

    def rank(index: int) -> tuple[int, int, int]:
        paths = len(left.intersection(waits[index])) * len(left.intersection(waited_by[index]))
        return (-paths, cost[index], index)

    broken: set[int] = set()
    for start in waits:
        path = [start] if start in left else []
        while path:
            following = min(left.intersection(waits[path[-1]]), default=None)
            if following is None:
                left.remove(path.pop())
            elif following not in path:
                path.append(following)
            else:
                chosen = min(path[path.index(following) :], key=rank)
                broken.add(chosen)
                left.remove(chosen)
                del path[path.index(chosen) :]
    for index in sorted(broken):
        if not _waits_for_itself(index, waits, broken - {index}):
            broken.remove(index)
    return sorted(broken)


def _waits_for_itself(
    index: int, waits: Mapping[int, Collection[int]], broken: Collection[int]
) -> bool:
    """Whether a change is in a cycle that no change in `broken` breaks."""
    queue = [index]
    seen: set[int] = set(broken)
    for one in queue:
        new = set(waits[one]) - seen
        seen |= new
        queue += new
    return index in seen


class _Recovery(IntEnum):
    """How the next run finds an account with a temporary code, the best way first."""

    BY_PIN_OR_NAME = 0
    BY_TEMPORARY_NAME = 1
    BY_ID_ALONE = 2
    """A temporary name has no room for the account's name, and the file does not have the name."""


def _recovery(change: Change) -> _Recovery:
    entry, name = change.desired, change.account.name if change.account else ""
    if entry is None or entry.account_id or entry.system_account:
        return _Recovery.BY_PIN_OR_NAME
    if entry.name and not change.field("name"):
        return _Recovery.BY_PIN_OR_NAME
    if entry.name or temporary.fits(name, change.code):
        return _Recovery.BY_TEMPORARY_NAME
    return _Recovery.BY_ID_ALONE


def _steps(
    index: int,
    change: Change,
    temporaries: Mapping[str, Value],
    delete_refused: DeleteRefused,
    base_currency: str,
) -> list[Step]:
    """Return the calls of one change, in order; they are numbered later."""
    values = _values(change)
    call = Step(0, index, Action.UPDATE, change.account_id)
    if change.action is Action.CREATE:
        values = without_defaults(values, base_currency)
        late = {name: value for name, value in values.items() if not FIELD[name].on_create}
        early = {name: value for name, value in values.items() if name not in late}
        steps = [replace(call, operation=Action.CREATE, values=early)]
        return [*steps, replace(call, values=late)] if late else steps
    if change.action is Action.DELETE:
        fallback = Action.ARCHIVE if delete_refused is DeleteRefused.ARCHIVE else None
        return [replace(call, operation=Action.DELETE, fallback=fallback)]
    archived = change.account is not None and change.account.status == Status.ARCHIVED
    steps = []
    if archived:
        steps.append(replace(call, operation=Action.RESTORE))
    if temporaries:
        what = " and ".join(f"temporary {name}" for name in temporaries)
        purpose = f"{what}, so that another account can take its {' and '.join(temporaries)}"
        steps.append(replace(call, values=dict(temporaries), purpose=purpose))
        if "name" in temporaries and change.account:
            values.setdefault("name", change.account.name)
    if values:
        steps.append(replace(call, values=values))
    if change.action is Action.ARCHIVE or (archived and change.action is Action.UPDATE):
        steps.append(replace(call, operation=Action.ARCHIVE))
    return steps


def _values(change: Change) -> dict[str, Value]:
    """Return the values that change. For a new type, add the report code if it is managed.

    Without this code in the call, Xero might set the default report code of the new type.
    """
    values = dict(change.after())
    reporting_code = change.desired.values.get("reporting_code") if change.desired else ""
    if change.account and "type" in values and reporting_code:
        values.setdefault("reporting_code", reporting_code)
    return values


def _number(steps: Sequence[Step], needs: Sequence[Collection[int]]) -> tuple[Step, ...]:
    """Return the steps with their numbers, in their present order as far as their needs allow.

    `needs` has the indexes of the steps that each step needs.
    """
    sorter = TopologicalSorter(dict(enumerate(needs)))
    sorter.prepare()
    number: dict[int, int] = {}
    ready: list[int] = []
    while sorter.is_active():
        for place in sorter.get_ready():
            heapq.heappush(ready, place)
        place = heapq.heappop(ready)
        number[place] = len(number) + 1
        sorter.done(place)
    return tuple(
        replace(
            steps[place], number=at, needs=tuple(sorted(number[other] for other in needs[place]))
        )
        for place, at in number.items()
    )
