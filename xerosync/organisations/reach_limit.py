"""`limits.organisations`: the most organisations in which one destructive change may be made."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from xerosync.errors import LimitExceeded
from xerosync.organisations.group import DESTRUCTIVE_FIELDS, Group, group
from xerosync.plan.blocks.limits import Breach, allows, check
from xerosync.plan.plan import Change, Plan
from xerosync.text import counted

LIMIT = "organisations"


@dataclass(frozen=True, slots=True)
class Reach:
    """A change in too many books: the first group that has it, and the limit it exceeds."""

    group: Group
    breach: Breach


def too_far(
    groups: Iterable[Group], plans: Sequence[Plan], allow: Mapping[str, int] | None = None
) -> tuple[Reach, ...]:
    """Return each destructive change that would be made in too many books.

    The change in the most books comes first. If the limits of the books differ, the lowest one
    applies. A limit in `allow` replaces it. Groups with the same account, action and new values of
    `DESTRUCTIVE_FIELDS` count as one change, so splitting a change avoids no limit.
    """
    flags = allow or {}
    found: dict[Hashable, list[tuple[Group, Change]]] = {}
    for one in groups:
        if one.change and one.destructive:
            fields = one.change.after()
            after = tuple((name, fields[name]) for name in DESTRUCTIVE_FIELDS if name in fields)
            what = one.account, one.change.action, after
            found.setdefault(what, []).append((one, one.change))
    reaches = []
    for same in found.values():
        books = {plan for one, _ in same for plan in one.plans}
        most = flags.get(LIMIT, min(plans[book].desired.limits.organisations for book in books))
        if len(books) > most:
            first, change = same[0]
            label = f"{first.code} {first.name}".strip()
            said = f"{label} would be {_done(change)} in {counted(len(books), 'organisation')}"
            breach = Breach(LIMIT, len(books), most, f"{said}; {allows(LIMIT, most, flags)}")
            reaches.append(Reach(first, breach))
    return tuple(sorted(reaches, key=lambda one: -one.breach.found))


def enforce_reach(groups: Iterable[Group], plans: Sequence[Plan], allow: Mapping[str, int]) -> None:
    """Raise `LimitExceeded` if a destructive change would be made in too many books.

    The error names the flag that allows the change.
    """
    if found := too_far(groups, plans, allow):
        raise LimitExceeded(
            "A change would be made in too many organisations.",
            f"Nothing was sent. To allow this, add {found[0].breach.flag}",
            tuple(one.breach.message for one in found),
        )


def caution(plans: Sequence[Plan], failed: Sequence[object] = ()) -> str:
    """Return a sentence and a space if an apply refuses some of the plans as they are, else ""."""
    reaches = too_far(group(plans), plans) if len(plans) > 1 or failed else ()
    found = [*(one.breach for one in reaches), *chain.from_iterable(map(check, plans))]
    most = {one.limit: one.flag for one in sorted(found, key=lambda one: one.found)}
    blocked = ["--skip-blocked"] if any(plan.blocked for plan in plans) else []
    needed = " ".join((*blocked, *most.values()))
    why = "Some of the plan is blocked or exceeds a limit, as shown above"
    return f"{why}: `xerosync apply` needs {needed}. " if needed else ""


def _done(change: Change) -> str:
    if change.removes:
        return change.action.past
    words = {
        "type": "given another type",
        "code": "renumbered",
        "tax_type": "given another tax rate",
    }
    return " and ".join(words[name] for name in DESTRUCTIVE_FIELDS if change.field(name))
