"""Block an archive or a delete of an account that is still in use.

`archive_requires` is the file's own policy. Xero itself does not delete an account with history;
such a delete is blocked here, before the apply, unless the file has `on_delete_refused: archive`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xerosync.desired import DeleteRefused, DesiredChart
from xerosync.plan.matching.pins import how_to_override
from xerosync.plan.plan import Action, Blocked, Change, Plan
from xerosync.text import counted, first_few, full_stop, series
from xerosync.usage import AccountUsage, Requirement, Unknown, Usage, UsageKind, amount_text

ARCHIVE_REQUIRES = "archive-requires"
DELETE_IN_USE = "delete-in-use"
_RULES = frozenset({ARCHIVE_REQUIRES, DELETE_IN_USE})

NEEDS = {
    Requirement.ZERO_BALANCE: (UsageKind.BALANCE,),
    Requirement.UNUSED: (UsageKind.ITEMS, UsageKind.REPEATING_INVOICES, UsageKind.CONTACTS),
}
"""What must be known to check each requirement."""

_WORDS = {
    UsageKind.BALANCE: "balance",
    UsageKind.ITEMS: "items",
    UsageKind.REPEATING_INVOICES: "repeating invoices",
    UsageKind.CONTACTS: "contacts",
}
LEFT_OUT = "not read because of --no-usage"
"""The reason why usage is unknown after `--no-usage`."""
UNREAD = tuple(Unknown(kind, LEFT_OUT) for kind in UsageKind)

_UNCHECKED = ", which cannot be checked: "
_THIS_ACCOUNT = " This account "
"""In a reason, what follows these words differs between organisations."""
_PLAN_AGAIN = " in Xero, and plan again; or "
"""In a hint, the words between what to do in Xero and how to waive the requirement."""
_OR = " Or "
"""In a hint, the word between how to know the usage and how to waive the requirement."""

_HISTORY = (UsageKind.BALANCE, UsageKind.ITEMS, UsageKind.REPEATING_INVOICES)
_LOCKING = (UsageKind.ITEMS, UsageKind.REPEATING_INVOICES)
_ARCHIVE_INSTEAD = (
    "Write `status: ARCHIVED` instead, or `on_delete_refused: archive` at the top of the file."
)
_FREE_IT_FIRST = (
    " If a repeating invoice or a tracked inventory item uses it, give that invoice or item"
    " another account in Xero first: Xero may refuse to archive an account that they use."
)
_LONGEST = 60


def of_usage(blocked: Iterable[Blocked]) -> tuple[Blocked, ...]:
    """Return only the blocks that are about usage: those that `check` yields."""
    return tuple(one for one in blocked if one.rule in _RULES)


def required(change: Change, desired: DesiredChart) -> tuple[UsageKind, ...]:
    """Return the kinds of usage that `archive_requires` rules out for a change; () if none."""
    if not change.removes or (change.desired and change.desired.archive_waiver):
        return ()
    return tuple(kind for one in desired.archive_requires for kind in NEEDS[one])


def check(
    change: Change,
    usage: AccountUsage,
    unknown: Sequence[Unknown],
    desired: DesiredChart,
    currency: str,
) -> Iterator[Blocked]:
    """Yield a block for a delete that Xero may refuse because of usage, whatever the file requires.

    Otherwise yield one for an archive or a delete that breaks, or may break, `archive_requires`.
    With `on_delete_refused: archive`, only the second is possible. `unknown` has the unknown usage.
    """
    only_delete = change.action is Action.DELETE and desired.delete_refused is DeleteRefused.FAIL
    if history := still(usage, _HISTORY, currency, moved=True) if only_delete else []:
        yield _blocked(
            change, desired.file, DELETE_IN_USE,
            "Xero may refuse to delete an account that has history or is in use, and this one"
            f" {full_stop(series(history))}",
            f"{_ARCHIVE_INSTEAD}{_FREE_IT_FIRST if still(usage, _LOCKING, currency) else ''}",
            usage=usage,
        )  # fmt: skip
        return
    kinds = required(change, desired)
    found = still(usage, kinds, currency)
    not_known = [one for one in unknown if one.kind in kinds and one.kind in usage.unknown]
    if found:
        yield _blocked(
            change, desired.file, ARCHIVE_REQUIRES,
            f"{_asks(desired)}, and this account {full_stop(series(found))}",
            f"{_way_out([(usage, kinds)])}{_PLAN_AGAIN}{_waive(change)}",
            usage=usage,
        )  # fmt: skip
    elif not_known:
        used = still(usage, tuple(UsageKind), currency)
        known = f"{_THIS_ACCOUNT}{full_stop(series(used))}" if used else ""
        yield _blocked(
            change, desired.file, ARCHIVE_REQUIRES,
            f"{_asks(desired)}{_UNCHECKED}{_reasons(not_known)}.{known}",
            f"{_to_know(not_known)}{_OR}{_waive(change)}",
            usage=change.usage,
        )  # fmt: skip


def to_check_again(plan: Plan) -> tuple[UsageKind, ...]:
    """Return the kinds of usage to read again before a plan is applied."""
    kinds = {kind for change in plan.changes for kind in required(change, plan.desired)}
    return tuple(kind for kind in UsageKind if kind in kinds)


def unmet(plan: Plan, usage: Usage | None) -> tuple[str, ...]:
    """Return a sentence for each change that must meet `archive_requires` and is blocked now.

    `usage` is None if it was not to be read.
    """
    unknown = usage.unknown if usage else UNREAD
    currency = plan.organisation.base_currency
    found: list[Blocked] = []
    for change in plan.changes:
        if required(change, plan.desired):
            now = usage.of(change.account_id) if usage else AccountUsage()
            found += check(change, now, unknown, plan.desired, currency)
    return tuple(f"{one.label}: {one.reason}" for one in found)


def still(
    usage: AccountUsage, kinds: Sequence[UsageKind], currency: str, *, moved: bool = False
) -> list[str]:
    """Return words such as "has a balance of …" for each of the `kinds` that an account has.

    With `moved`, transactions since the year end count, too.
    """
    found = []
    balance, invoices = usage.balance, usage.repeating_invoices
    if UsageKind.BALANCE in kinds and balance and balance.amount:
        found.append(f"has a balance of {amount_text(balance.amount, currency)}")
    elif UsageKind.BALANCE in kinds and balance and balance.moved and moved:
        found.append("has transactions since the year end")
    if UsageKind.ITEMS in kinds and usage.items:
        items = [one if len(one) <= _LONGEST else f"{one[:_LONGEST]}…" for one in usage.items]
        found.append(f"is used by the item{'s' if items[1:] else ''} {first_few(items, 10)}")
    if UsageKind.REPEATING_INVOICES in kinds and invoices and invoices.count:
        found.append(f"is used by {counted(invoices.count, 'repeating invoice')}")
    if UsageKind.CONTACTS in kinds and usage.contacts:
        found.append(f"is the default account of {counted(usage.contacts, 'contact')}")
    return found


def in_use(blocked: Blocked) -> bool:
    """Whether a block is because the account is in use, not because its usage is unknown."""
    # Only look right after the list: the code of an item, later in the text, can contain anything.
    unchecked = blocked.reason.partition("]`")[2].startswith(_UNCHECKED)
    return blocked.usage is not None and not unchecked


def shared_reason(blocked: Blocked) -> str:
    """Return the reason of a block, without the sentence on known usage that may end it."""
    return blocked.reason.partition(_THIS_ACCOUNT)[0]


def how_to_know(blocked: Blocked) -> str:
    """Return the part of a hint on how unknown usage becomes known, "" for other blocks."""
    unknown = blocked.rule == ARCHIVE_REQUIRES and not in_use(blocked)
    return blocked.hint.partition(_OR)[0] if unknown else ""


def united_hint(hints: Sequence[str], blocked: Iterable[tuple[Blocked, DesiredChart]]) -> str:
    """Return one hint for many organisations, in place of the `hints` of their blocks."""
    rests = [rest for hint in hints if (rest := hint.partition(_PLAN_AGAIN)[2])]
    if not rests:
        return max(hints, key=len)
    used = [
        (one.usage, [kind for asked in desired.archive_requires for kind in NEEDS[asked]])
        for one, desired in blocked
        if one.usage
    ]
    return f"{_way_out(used)}{_PLAN_AGAIN}{max(rests, key=len)}"


def _way_out(used: Iterable[tuple[AccountUsage, Sequence[UsageKind]]]) -> str:
    """Return what to do about these kinds of usage, as the beginning of a sentence."""
    found: Counter[UsageKind] = Counter()
    for usage, kinds in used:
        found.update({kind: count for kind, count in _used(usage) if kind in kinds})
    using = [
        _WORDS[kind].removesuffix("s" if found[kind] == 1 else "")
        for kind in NEEDS[Requirement.UNUSED]
        if found[kind]
    ]
    steps = []
    if found[UsageKind.BALANCE]:
        steps.append("bring its balance to zero")
    if using:
        steps.append(f"give the {series(using)} another account")
    text = series(steps)
    return text[:1].upper() + text[1:]


def _used(usage: AccountUsage) -> Iterator[tuple[UsageKind, int]]:
    """Yield each kind of usage with its count, 0 if unknown. A balance counts as 1 unless zero."""
    yield UsageKind.BALANCE, int(bool(usage.balance and usage.balance.amount))
    yield UsageKind.ITEMS, len(usage.items or ())
    invoices = usage.repeating_invoices
    yield UsageKind.REPEATING_INVOICES, invoices.count if invoices else 0
    yield UsageKind.CONTACTS, usage.contacts or 0


def _asks(desired: DesiredChart) -> str:
    where = "The file or its standard" if desired.standard else "The file"
    return f"{where} says `archive_requires: [{', '.join(desired.archive_requires)}]`"


def _waive(change: Change) -> str:
    if change.desired and not change.desired.overridable:
        return (
            "ask the owner of the standard to waive `archive_requires`: no file may override this"
            " account."
        )
    if change.desired:
        return (
            "waive `archive_requires` in the account's entry, with the reason:"
            " `waive: {archive-requires: …}`."
        )
    return (
        "give the account an entry with `status: ARCHIVED` and `waive: {archive-requires: …}`,"
        " with the reason."
    )


def _reasons(unknown: Sequence[Unknown]) -> str:
    """Return what is not known, grouped by reason."""
    by_reason: dict[str, list[str]] = {}
    for one in unknown:
        by_reason.setdefault(one.reason, []).append(_WORDS[one.kind])
    return "; ".join(f"{series(kinds)} not known ({why})" for why, kinds in by_reason.items())


def _to_know(unknown: Sequence[Unknown]) -> str:
    """Return what to do so that unknown usage becomes known."""
    hints = [one.hint for one in unknown if one.hint]
    if hints:
        return " ".join(dict.fromkeys(hints))
    if any(one.reason == LEFT_OUT for one in unknown):
        return "Leave out --no-usage."
    return "Plan again when Xero answers."


def _blocked(
    change: Change, file: str, rule: str, reason: str, hint: str, *, usage: AccountUsage | None
) -> Blocked:
    if change.desired is None or change.desired.overridable:
        hint = f"{hint} {how_to_override(change.desired, file)}".rstrip()
    return replace(change.blocked(rule, reason, hint), usage=usage)
