"""Group the changes of many plans: the same change in many books is one group.

The changes of a group are about one account, and have the same action, new values, warnings and
`Age`. A block is a change that a rule blocks. The blocks of a group are about one account, and have
the same rule, reason and hint. "One account" means the same entry of a standard, or else the same
code and name. Old values may differ. Sentences may differ in ids, in file names, and in what they
say about usage. Each change and each block of each plan is in exactly one group.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

from xerosync.desired import DesiredAccount, Source
from xerosync.history.origin import LEFT_STANDARD
from xerosync.model import Value, code_key, code_order, name_key
from xerosync.organisations.group_usage import GroupUsage, InBook, in_books
from xerosync.plan.blocks import requirements
from xerosync.plan.explain import about_usage, usage_warnings
from xerosync.plan.plan import Action, Blocked, Change, Origin, Plan

UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_MASK = "…"


class Age(StrEnum):
    """Whether a change is new or was already pending.

    NEW: the file has been edited since the last apply. PENDING: only Xero was edited, or the file
    already asked for the change at the last apply. UNKNOWN: a block, or no journal shows the age.
    """

    NEW = "new"
    PENDING = "pending"
    UNKNOWN = ""


_AGE = {
    Origin.FILE: Age.NEW,
    Origin.BOTH: Age.NEW,
    Origin.XERO: Age.PENDING,
    Origin.LEFT: Age.PENDING,
    Origin.UNKNOWN: Age.UNKNOWN,
}

DESTRUCTIVE_FIELDS = ("type", "code", "tax_type")
"""The fields that are destructive to change in an existing account, the most destructive first."""


@dataclass(frozen=True, slots=True)
class Member:
    """One change or block of a group.

    `plan` is the index of its plan, `index` its index among that plan's changes or blocks.
    """

    plan: int
    index: int


@dataclass(frozen=True, slots=True)
class Before:
    """One value that a field has before the change, and the indexes of the plans that have it."""

    value: Value
    label: str
    shown: Value
    plans: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One change, or one block, in one or more books.

    `change` or `blocked` comes from one member, but fits all: it has only the reasons that all
    members share, and an ellipsis where their sentences differ. `befores` has the values of each
    field before the change. `labels` has the codes and names that the accounts will have. In both,
    the most frequent comes first. Groups about the same account share the key `account`. `usage` is
    what still uses the accounts of all members, None if it was not read.
    """

    account: Hashable
    members: tuple[Member, ...]
    plans: tuple[int, ...]
    labels: tuple[tuple[str, str], ...]
    age: Age
    change: Change | None = None
    blocked: Blocked | None = None
    befores: Mapping[str, tuple[Before, ...]] = field(default_factory=dict)
    origins: Mapping[Origin, int] = field(default_factory=dict)
    usage: GroupUsage | None = None

    @property
    def action(self) -> Action | None:
        """What the change does, None for a block."""
        return self.change.action if self.change else None

    @property
    def code(self) -> str:
        """The code in the most frequent label."""
        return self.labels[0][0]

    @property
    def name(self) -> str:
        """The name in the most frequent label."""
        return self.labels[0][1]

    @property
    def standard(self) -> Source:
        """The place of the standard's entry; empty for an account that is in no standard."""
        return self.account if isinstance(self.account, Source) else Source()

    @property
    def destructive(self) -> bool:
        """Whether the change deletes, archives, or sets another type, code or tax rate."""
        return _gravity(self.change) < _HARMLESS


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """An unmanaged account to look at, and the indexes of the plans that have it.

    If `standard` is True, the standard had an entry for it at the last apply, and `label` names the
    account. Otherwise `sentence` says what to look at.
    """

    label: str
    sentence: str
    plans: tuple[int, ...]
    standard: bool


_HARMLESS = 2 + len(DESTRUCTIVE_FIELDS)


def group(plans: Sequence[Plan]) -> tuple[Group, ...]:
    """Return the groups of all changes and blocks, in the order in which to read them.

    Blocks come first, then new changes, then pending changes, then changes of unknown age. In each
    part, the most destructive changes come first. Among equally destructive changes, the changes in
    the fewest organisations come first.
    """
    changes: dict[_Key, list[tuple[Member, Change]]] = {}
    blocks: dict[_Key, list[tuple[Member, Blocked]]] = {}
    for number, plan in enumerate(plans):
        for index, change in enumerate(plan.changes):
            changes.setdefault(_key(change, plan.file), []).append((Member(number, index), change))
        for index, item in enumerate(plan.blocked):
            blocks.setdefault(_key_of_block(item, plan), []).append((Member(number, index), item))
    groups = [
        *(_group_of_changes(key, found, plans) for key, found in changes.items()),
        *(_group_of_blocks(key, found, plans) for key, found in blocks.items()),
    ]
    return tuple(sorted(groups, key=_reading_order))


def left_behind(plans: Sequence[Plan]) -> tuple[LeftBehind, ...]:
    """Return the unmanaged accounts to look at, first those that the standard no longer has."""
    found: dict[tuple[str, str, bool], list[int]] = {}
    for number, plan in enumerate(plans):
        labels = [account.label for account in plan.unmanaged] if plan.left_file else []
        for sentence in plan.left_file:
            starts = [label for label in labels if sentence.startswith(f"{label} {LEFT_STANDARD} ")]
            label = max(starts, key=len, default="")
            key = (label, "" if starts else masked(sentence), bool(starts))
            found.setdefault(key, []).append(number)
    ordered = sorted(found.items(), key=lambda item: (not item[0][2], code_order(item[0][0])))
    return tuple(
        LeftBehind(label, sentence, tuple(dict.fromkeys(numbers)), standard)
        for (label, sentence, standard), numbers in ordered
    )


def _account(entry: DesiredAccount | None, code: str, name: str) -> Hashable:
    """Return an account's key in all books: its place in the standard, or its code and name."""
    if entry is not None and entry.inherited.file:
        return entry.inherited
    return code_key(code), name_key(name)


class _Key(NamedTuple):
    """What changes or blocks must have in common to be one group.

    For a change, `what` is the action and the new values, and `said` are the warnings. For a block,
    `what` is the rule, and `said` are the reason and the hint. Ids, names of files, and sentences
    about what uses the account are left out of `said`.
    """

    account: Hashable
    said: tuple[str, ...]
    what: Hashable
    age: Age = Age.UNKNOWN


def _key(change: Change, file: str) -> _Key:
    return _Key(
        _account(change.desired, change.code, change.name),
        tuple(
            masked(warning, change.account_id, file)
            for warning in change.warnings
            if not about_usage(warning)
        ),
        (change.action, tuple((f.field, f.after, f.after_label) for f in change.fields)),
        _AGE[change.origin],
    )


def _key_of_block(item: Blocked, plan: Plan) -> _Key:
    texts: tuple[str, ...] = (item.reason, item.hint)
    if item.usage:
        texts = () if requirements.in_use(item) else (requirements.shared_reason(item), item.hint)
    said = (masked(text, item.account_id, plan.file) for text in texts)
    return _Key(_account(plan.entry_of(item), item.code, item.name), tuple(said), item.rule)


def masked(text: str, *own: str) -> str:
    """Return a sentence with an ellipsis in place of each UUID, and of each id or file in `own`."""
    return UUID.sub(_MASK, without_own(text, *own))


def without_own(text: str, *own: str) -> str:
    """Return a sentence with an ellipsis in place of each id or file in `own`."""
    for part in own:
        if part and part in text:
            text = re.sub(rf"(?<![\w/.-]){re.escape(part)}(?![\w/-])", _MASK, text)
    return text


def _group_of_changes(
    key: _Key, found: Sequence[tuple[Member, Change]], plans: Sequence[Plan]
) -> Group:
    whole = _group_without_content(key, found, plans)
    first = next(change for _, change in found if (change.code, change.name) == whole.labels[0])
    shared = set(first.reasons).intersection(*(change.reasons for _, change in found))
    usage = usage_warnings(warning for _, change in found for warning in change.warnings)
    own = {tuple(w for w in change.warnings if not about_usage(w)) for _, change in found}
    return replace(
        whole,
        change=replace(
            first,
            reasons=tuple(reason for reason in first.reasons if reason in shared),
            warnings=(*(next(iter(own)) if len(own) == 1 else key.said), *usage),
            usage=first.usage if len(found) == 1 else None,
        ),
        befores=_befores(found) if first.account else {},
        origins=dict(Counter(change.origin for _, change in found)),
    )


def _group_of_blocks(
    key: _Key, found: Sequence[tuple[Member, Blocked]], plans: Sequence[Plan]
) -> Group:
    first = found[0][1]
    if len({(item.reason, item.hint) for _, item in found}) > 1:
        reason, hint = key.said or _of_all(found, plans)
        first = replace(first, reason=reason, hint=hint)
    if len(found) > 1:
        first = replace(first, usage=None)
    return replace(_group_without_content(key, found, plans), blocked=first)


def _group_without_content(
    key: _Key, found: Sequence[tuple[Member, Change | Blocked]], plans: Sequence[Plan]
) -> Group:
    """Return the group of these members, without its `change` or `blocked`."""
    labels = Counter((item.code, item.name) for _, item in found)
    books = [
        InBook(member.plan, plans[member.plan].organisation.base_currency, item.usage)
        for member, item in found
    ]
    return Group(
        key.account,
        tuple(member for member, _ in found),
        tuple(dict.fromkeys(member.plan for member, _ in found)),
        tuple(label for label, _ in labels.most_common()),
        key.age,
        usage=in_books(books),
    )


def _of_all(found: Sequence[tuple[Member, Blocked]], plans: Sequence[Plan]) -> tuple[str, str]:
    """Return one reason and one hint for a group's blocks, whose texts may name different uses.

    The reason has the words with which all begin. The hint has every step that any of them needs.
    """
    reasons = {item.reason for _, item in found}
    words = zip(*(reason.split(" ") for reason in reasons), strict=False)
    shared = [same[0] for same in takewhile(lambda one: len(set(one)) == 1, words)]
    reason = " ".join((*shared, _MASK)) if len(reasons) > 1 else reasons.pop()
    hints = [masked(item.hint, item.account_id, plans[m.plan].file) for m, item in found]
    return reason, requirements.united_hint(
        hints, [(item, plans[m.plan].desired) for m, item in found]
    )


def _befores(found: Sequence[tuple[Member, Change]]) -> dict[str, tuple[Before, ...]]:
    """Return the values that each field has before the change, the most frequent first."""
    plans: dict[str, dict[tuple[Value, str, Value], list[int]]] = {}
    for member, change in found:
        for changed in change.fields:
            key = (changed.before, changed.before_label, changed.shown[0])
            plans.setdefault(changed.field, {}).setdefault(key, []).append(member.plan)
    return {
        name: tuple(
            sorted(
                (Before(*key, tuple(dict.fromkeys(numbers))) for key, numbers in values.items()),
                key=lambda before: -len(before.plans),
            )
        )
        for name, values in plans.items()
    }


def _gravity(change: Change | None) -> int:
    """Return how destructive a change is: 0 is the most destructive."""
    match change:
        case Change(action=Action.DELETE):
            return 0
        case Change(action=Action.ARCHIVE):
            return 1
        case Change(account=account) if account is not None:
            fields = [n for n, name in enumerate(DESTRUCTIVE_FIELDS) if change.field(name)]
            return 2 + min(fields, default=len(DESTRUCTIVE_FIELDS))
        case _:
            return _HARMLESS


def _reading_order(one: Group) -> tuple[object, ...]:
    return (
        one.blocked is None,
        [*Age].index(one.age),
        _gravity(one.change),
        len(one.plans),
        code_order(one.code),
        one.name,
        one.members[0].plan,
        one.members[0].index,
    )
