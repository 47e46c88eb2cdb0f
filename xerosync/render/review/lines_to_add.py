"""The lines with account ids to add to chart files, so that changes are no longer blocked.

Each organisation needs its own line, because the ids of accounts differ between organisations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xerosync.organisations.group import UUID, Group
from xerosync.organisations.review import Review
from xerosync.plan.plan import Blocked
from xerosync.text import visible

_PIN = re.compile(r"`(account_id: [^`\s]+)`")
_OVERRIDE = re.compile(r'`- \{(standard: "[^"]*"), (?:account_id: )?…\}`')


@dataclass(frozen=True, slots=True)
class LineToAdd:
    """A line to add to one chart file.

    `plan` is the index of the file's plan. `place` names the file and, if known, where in the file
    the line belongs. If the hint of the blocked change does not advise exactly one line, `line` is
    the whole hint and `is_code` is False.
    """

    plan: int
    place: str
    line: str
    is_code: bool = True


def lines_to_add(review: Review, one: Group) -> tuple[LineToAdd, ...]:
    """Return the lines to add for a group of blocked changes.

    Return () if all changes have the same hint, or if the group is not blocked.
    """
    if one.blocked is None:
        return ()
    items = [
        (member.plan, review.plans[member.plan].blocked[member.index]) for member in one.members
    ]
    if len({item.hint for _, item in items}) == 1:
        return ()
    return tuple(pin for plan, item in items for pin in _lines(plan, review.plans[plan].file, item))


def _lines(plan: int, file: str, item: Blocked) -> Iterator[LineToAdd]:
    override = _OVERRIDE.search(item.hint)
    place = visible(str(item.source) if item.source.file == file and not override else file)
    advised = tuple(dict.fromkeys(_PIN.findall(item.hint)))
    if len(advised) == 1:
        line = f"- {{{override[1]}, {advised[0]}}}" if override else advised[0]
        yield LineToAdd(plan, f"{place}, under overrides" if override else place, visible(line))
    elif advised or UUID.search(item.hint):
        yield LineToAdd(plan, place, visible(item.hint), is_code=False)
