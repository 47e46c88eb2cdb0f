"""The values of a plan: a change, its fields, a blocked change, a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from xerosync.desired import DesiredAccount, DesiredChart, Source
from xerosync.model import FIELD, Account, Organisation, Status, Value, code_key, display
from xerosync.text import told_apart
from xerosync.usage import AccountUsage, UsageRead


class Action(StrEnum):
    """What a change, or one call to Xero, does to an account."""

    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"
    ARCHIVE = "archive"
    DELETE = "delete"

    @property
    def glyph(self) -> str:
        """The sign of the action in tables; plain ASCII, so that any terminal shows it."""
        return {"create": "+", "update": "~", "restore": "^", "archive": "-", "delete": "x"}[self]

    @property
    def past(self) -> str:
        """The past tense of the action: created, updated, restored, archived, deleted."""
        return f"{self}d"

    def status_after(self, before: str) -> str:
        """Return the status after the action, from the status `before`. Not for a delete."""
        return {"archive": Status.ARCHIVED, "restore": Status.ACTIVE}.get(self, before)


class Origin(StrEnum):
    """What has changed since the last apply: the file, Xero, both, or neither.

    `LEFT` means neither: an earlier apply did not make the change, or a rollback has undone it.
    `UNKNOWN` means that no journal shows what has changed.
    """

    UNKNOWN = ""
    FILE = "file"
    XERO = "xero"
    BOTH = "both"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """The value of one field, or the status, before and after. An empty value is "" or False.

    Only a tax rate has labels: the values are Xero's codes, and the labels are the rates' names.
    """

    field: str
    before: Value
    after: Value
    before_label: str = ""
    after_label: str = ""

    @property
    def label(self) -> str:
        """What an accountant calls the field."""
        return FIELD[self.field].label if self.field in FIELD else self.field

    @property
    def shown(self) -> tuple[Value, Value]:
        """Both values, with characters escaped if the values would otherwise look the same."""
        if isinstance(self.before, str) and isinstance(self.after, str):
            return told_apart(self.before, self.after)
        return self.before, self.after

    @property
    def was(self) -> str:
        """The value before, for a sentence. A name or description is in quotes."""
        return self._said(self.shown[0], self.before_label)

    @property
    def becomes(self) -> str:
        """The value after, for a sentence. A name or description is in quotes."""
        return self._said(self.shown[1], self.after_label)

    @property
    def sentence(self) -> str:
        """A clause with both values, for a change that has already happened."""
        was, now = self.verb("was", "were"), self.verb("is", "are")
        return f"{self.label} {was} {self.was} and {now} now {self.becomes}"

    def _said(self, value: Value, label: str) -> str:
        quoted = value and self.field in ("name", "description")
        return f'"{value}"' if quoted else display(value, label)

    def verb(self, singular: str, plural: str) -> str:
        """Return the form of a verb that fits the label: expense claims are plural."""
        return plural if self.field in FIELD and FIELD[self.field].plural else singular


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one account.

    `account` is None for a create. `desired` is None for an account that the file leaves out.
    `fields` are the fields to change or, for a create, to set. `reasons` say why the change is made
    and what it means for the books. `warnings` say what to check first. `origin` says where the
    difference came from, if the journal of an earlier run shows it. `usage` is what still uses the
    account, None if it was not read. Two changes that differ only in their usage are equal.
    """

    action: Action
    account: Account | None
    desired: DesiredAccount | None
    fields: tuple[FieldChange, ...] = ()
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    origin: Origin = Origin.UNKNOWN
    usage: AccountUsage | None = field(default=None, compare=False)

    @property
    def code(self) -> str:
        """The code that the account will have."""
        return self._after("code")

    @property
    def name(self) -> str:
        """The name that the account will have."""
        return self._after("name")

    @property
    def label(self) -> str:
        """The code and name of the account, as people refer to it."""
        return f"{self.code} {self.name}".strip()

    @property
    def account_id(self) -> str:
        """The id of the account, "" before it is created."""
        return self.account.account_id if self.account else ""

    @property
    def removes(self) -> bool:
        """Whether the account is to be archived or deleted."""
        return self.action in (Action.ARCHIVE, Action.DELETE)

    @property
    def source(self) -> Source:
        """The place where the file asks for the change; empty if no entry asks for it.

        For an inherited entry, return the place of the changed values if all have the same place.
        """
        entry = self.desired
        if entry is None:
            return Source()
        fields = ["status"] if self.removes else [changed.field for changed in self.fields]
        places = {entry.origins.get(name, entry.source) for name in fields} if entry.origins else ()
        return next(iter(places)) if len(places) == 1 else entry.source

    @property
    def account_type(self) -> str:
        """The type that the account will have."""
        return self._after("type")

    def after(self) -> Mapping[str, Value]:
        """Return the fields that differ, with their new values."""
        return {f.field: f.after for f in self.fields}

    def field(self, name: str) -> FieldChange | None:
        """Return the change of one field, None if it does not change."""
        return next((f for f in self.fields if f.field == name), None)

    def blocked(self, rule: str, reason: str, hint: str) -> Blocked:
        """Return this change as a blocked one."""
        return Blocked(self.code, self.name, self.account_id, self.source, rule, reason, hint)

    def _after(self, name: str) -> str:
        changed = self.field(name)
        if changed is not None:
            return str(changed.after)
        return str(self.account.value(name)) if self.account else ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A change that cannot be made: which rule it breaks, why, and the way out.

    `usage` is what is known to use the account, if the rule is about usage.
    """

    code: str
    name: str
    account_id: str
    source: Source
    rule: str
    reason: str
    hint: str
    usage: AccountUsage | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """The code and name of the account, as people refer to it."""
        return f"{self.code} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Step:
    """One call to Xero.

    `number` counts from 1 in the order of the plan. `change` is the index of the step's change in
    the plan. `account_id` is "" for an account that the plan creates. `values` are the fields that
    the call sends. `needs` are the numbers of the steps that must succeed first. `purpose` says
    what a temporary code or name is for, else "". `fallback` is the call if Xero refuses this one.
    """

    number: int
    change: int
    operation: Action
    account_id: str
    values: Mapping[str, Value] = field(default_factory=dict)
    needs: tuple[int, ...] = ()
    purpose: str = ""
    fallback: Action | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen to the chart of one organisation.

    `desired` has Xero's codes for its tax rates, where the codes are known. An apply plans again
    from `desired`. `changes` are sorted by action, then by code. `unchanged` is the number of
    entries without a change; an optional entry without an account does not count. `active` is the
    number of active accounts, for the limits. `steps` are in a valid order. `left_file` has
    warnings about unmanaged accounts: they had an entry at the last apply, seem managed, or still
    have a temporary code or name.
    `deferred` are further changes that the file asks for, but that are left to another plan.
    `deferred_blocked` are further changes that are blocked. `usage` says how the usage of the
    accounts was read; None if it was not read.
    """

    organisation: Organisation
    desired: DesiredChart
    changes: tuple[Change, ...]
    blocked: tuple[Blocked, ...]
    unmanaged: tuple[Account, ...]
    unchanged: int
    active: int
    steps: tuple[Step, ...]
    left_file: tuple[str, ...] = ()
    deferred: tuple[Change, ...] = ()
    deferred_blocked: tuple[Blocked, ...] = ()
    usage: UsageRead | None = field(default=None, compare=False)

    @property
    def file(self) -> str:
        """The file that the plan was made from."""
        return self.desired.file

    @property
    def summary(self) -> Mapping[str, int]:
        """Counts: changes by action, unchanged entries, unmanaged accounts and blocked changes."""
        counts = Counter(change.action for change in self.changes)
        return {
            **{str(action): counts[action] for action in Action},
            "unchanged": self.unchanged,
            "unmanaged": len(self.unmanaged),
            "blocked": count_blocked(self.blocked),
        }

    @property
    def left(self) -> int:
        """The number of changes that the file asks for, but this plan does not make."""
        return (
            len(self.deferred) + count_blocked(self.blocked) + count_blocked(self.deferred_blocked)
        )

    @property
    def empty(self) -> bool:
        """Whether there are neither changes nor blocked changes."""
        return not self.changes and not self.blocked

    def entry_of(self, item: Blocked) -> DesiredAccount | None:
        """Return the entry that asks for a blocked change, None if there is no such entry."""
        here = [
            entry
            for entry in self.desired.accounts
            if item.source in (entry.source, entry.inherited, *entry.origins.values())
        ]
        named = [entry for entry in here if code_key(entry.code) == code_key(item.code)]
        return next(iter(named or here), None) if item.source.line else None


def count_blocked(blocked: Iterable[Blocked]) -> int:
    """Return the number of blocked changes. A change that breaks several rules counts once."""
    return len({(b.source, b.code, b.name, b.account_id) for b in blocked})


def without_charts(plan: Plan) -> Plan:
    """Return the plan with only what a review shows. This saves memory if there are many plans.

    The returned plan cannot be saved or applied. `desired` keeps only the entries whose change is
    blocked. Of each unmanaged account, only the id, code, name and type are kept.
    """
    blocked = {item.source for item in plan.blocked}
    entries = tuple(
        entry
        for entry in plan.desired.accounts
        if not blocked.isdisjoint((entry.source, entry.inherited, *entry.origins.values()))
    )
    unmanaged = (Account(a.account_id, a.code, a.name, a.type) for a in plan.unmanaged)
    return replace(
        plan,
        desired=replace(plan.desired, accounts=entries, omitted=()),
        unmanaged=tuple(unmanaged),
    )
