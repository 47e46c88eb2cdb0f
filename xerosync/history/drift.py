"""Separate drift (edits in Xero) from edits of the file that have not been applied yet.

If no journal shows the last apply, every difference counts as drift.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from xerosync.history.baseline import Baseline, same
from xerosync.model import Account, Chart, Status, account_key, name_key
from xerosync.plan.blocks.conflicts import NAME_HELD
from xerosync.plan.diff import field_changes
from xerosync.plan.matching.identity import RULE as ANOTHER_ACCOUNT
from xerosync.plan.matching.pins import how_to_override, pin
from xerosync.plan.plan import Blocked, Change, Origin, Plan, count_blocked
from xerosync.plan.saved.changed_since import found_in
from xerosync.workspace import command_line


@dataclass(frozen=True, slots=True)
class Drift:
    """The drift of one organisation from its file.

    `plan` is the file's plan, with the origin of each change as far as it is known. `since` is
    `Baseline.at`, None without a baseline. `drifted` are the changes of `plan` that undo
    drift. `blocked` are the blocked changes that would undo drift. `added` are accounts that were
    added in Xero since the last apply and are not in the file.

    `pending` counts the differences that are not drift: they come only from the file, are left
    over from the last apply, or have an unknown origin. `moved` are the items of `blocked` whose
    account may have got another code in Xero. `renamed` are the items of `blocked` whose account
    had the entry's code and name at the last apply, and was renamed in Xero later.
    """

    plan: Plan
    since: datetime | None
    drifted: tuple[Change, ...]
    blocked: tuple[Blocked, ...]
    added: tuple[Account, ...]
    pending: int
    moved: tuple[Blocked, ...] = ()
    renamed: tuple[Blocked, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether there is no drift."""
        return not self.count

    @property
    def count(self) -> int:
        """How many accounts have drifted or were added."""
        return len(self.drifted) + count_blocked(self.blocked) + len(self.added)


def compare(chart: Chart, plan: Plan, base: Baseline | None) -> Drift:
    """Return the drift that a plan shows; the plan was made from `chart`."""
    if base is None:
        moved = tuple(b for b in plan.blocked if _is_moved(b, plan))
        return Drift(plan, None, plan.changes, plan.blocked, (), 0, moved)
    unedited = {a.account_id for a in chart.accounts if same(a, base.accounts.get(a.account_id))}
    known = {*base.accounts, *base.unsure}
    drifted = tuple(c for c in plan.changes if c.origin in (Origin.XERO, Origin.BOTH))
    pending = [b for b in plan.blocked if _from_file(b, base, unedited)]
    rest = [b for b in plan.blocked if b not in pending]
    edits = [_renamed(b, chart, plan, base) for b in rest]
    blocked = tuple(e or _with_move(b, chart, plan, base) for b, e in zip(rest, edits, strict=True))
    renamed = tuple(filter(None, edits))
    return Drift(
        plan=plan,
        since=base.at,
        drifted=drifted,
        blocked=blocked,
        added=tuple(a for a in plan.unmanaged if a.account_id not in known),
        pending=len(plan.changes) - len(drifted) + count_blocked(pending),
        moved=tuple(b for b in blocked if b not in renamed and _is_moved(b, plan)),
        renamed=renamed,
    )


def _is_moved(blocked: Blocked, plan: Plan) -> bool:
    """Whether a blocked entry may mean an account that has another code in Xero now."""
    if blocked.rule == NAME_HELD:
        return any(
            a.status == Status.ACTIVE and name_key(a.name) == name_key(blocked.name)
            for a in plan.unmanaged
            if blocked.account_id in ("", a.account_id)
        )
    return blocked.rule == ANOTHER_ACCOUNT


def _with_move(blocked: Blocked, chart: Chart, plan: Plan, base: Baseline) -> Blocked:
    """Return the blocked item, with a new reason if its account got another code in Xero."""
    if blocked.rule != NAME_HELD or blocked.account_id:
        return blocked
    key = account_key(blocked.code, blocked.name)
    was = {a.account_id: a for a in base.accounts.values() if account_key(a.code, a.name) == key}
    now = next((a for a in chart.accounts if a.account_id in was), None)
    if now is None or name_key(now.name) != name_key(blocked.name):
        return blocked
    moved = field_changes({"code": was[now.account_id].code}, {"code": now.code})
    if not moved:
        return blocked
    item = replace(blocked, reason=f"{moved[0].sentence} in Xero.")
    return _same_account(item, now, plan) if now.status == Status.ACTIVE else item


def _same_account(item: Blocked, now: Account, plan: Plan) -> Blocked:
    """Return the item with a hint that the account in Xero is the entry's own."""
    key = account_key(item.code, item.name)
    entries = (e for e in plan.desired.accounts if account_key(e.code, e.known_name) == key)
    entry = next(entries, None)
    pull = f"; to accept it, run `{command_line('pull', plan.file)}`"
    return replace(
        item,
        account_id=now.account_id,
        hint=f"This is the same account. {how_to_override(entry, plan.file)}To undo the edit, add "
        f"`{pin(now)}` to its {'override' if entry and entry.inherited.file else 'entry'} and apply"
        f"{pull if not entry or entry.overridable else ''}.",
    )


def _renamed(blocked: Blocked, chart: Chart, plan: Plan, base: Baseline) -> Blocked | None:
    """Return the blocked item with a new reason if its account was renamed in Xero, else None.

    The plan doubts that the entry means this account; the baseline shows that it does.
    """
    then = base.accounts.get(blocked.account_id)
    now = found_in(chart, blocked.account_id)
    key = account_key(blocked.code, blocked.name)
    if blocked.rule != ANOTHER_ACCOUNT or not then or not now:
        return None
    if account_key(then.code, then.name) != key or name_key(now.name) == name_key(then.name):
        return None
    edits = field_changes(*({"name": a.name, "type": a.type} for a in (then, now)))
    archived = then.status != now.status and now.status == Status.ARCHIVED
    where = "in Xero, where it is archived" if archived else "in Xero"
    reason = f"{', '.join(edit.sentence for edit in edits)} {where}."
    return _same_account(replace(blocked, reason=reason), now, plan)


def _from_file(blocked: Blocked, base: Baseline, unedited: set[str]) -> bool:
    """Whether a blocked change comes only from the file, not from an edit in Xero."""
    if blocked.account_id:
        return blocked.account_id in unedited
    key = account_key(blocked.code, blocked.name)
    return all(account_key(a.code, a.name) != key for a in base.accounts.values())
