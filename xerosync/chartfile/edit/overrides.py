"""Write what differs from a standard as overrides; the standard itself is never edited.

A value that differs becomes an override. If it cannot be written, its field is listed under
`keep`. An account that the organisation lacks may become an override with `omit: true`. An
override without a `reason` gets a placeholder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.edit.differences import Differences
from xerosync.chartfile.edit.new_entry import UNIQUE, unknown_status
from xerosync.chartfile.edit.override_text import SAYS_NOTHING, Written, write_overrides
from xerosync.chartfile.edit.text_edits import TextEdits
from xerosync.chartfile.fields import OVERRIDE_FIELDS
from xerosync.chartfile.library import Library
from xerosync.chartfile.syntax import nodes
from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.model import FIELD, Account, Status, Value, class_of, code_key, name_key
from xerosync.organisations.adopt.adoption import target
from xerosync.organisations.standards.merge import MergedAccount
from xerosync.plan.matching.match import Match, MatchedBy
from xerosync.plan.matching.shared_words import share_a_word
from xerosync.text import series

_NOT_APPLIED = "Not applied before the account was omitted, so commented out:"

Pair = tuple[DesiredAccount, Match]
"""An entry of the desired chart, and its match."""


@dataclass(slots=True)
class Edit:
    """The changes to one override: fields to set, to remove, and to add to `keep`."""

    values: dict[str, Value | None] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    keep: list[str] = field(default_factory=list)


class Inheritance:
    """What a valid file inherits from its standards; nothing if it stands alone.

    `before` is the inherited chart, without the file's overrides and accounts. `accounts` are the
    accounts of `before` by their places in the standards. `document` is the content of the file.
    """

    def __init__(self, chart_file: ChartFile, library: Library) -> None:
        self.before = library.inherited(chart_file)
        self.document = chart_file.document
        self.accounts = {one.account.inherited: one for one in self.before.accounts}


class Overrides:
    """Edits the overrides of one file; `reason` is the placeholder for a reason not yet given."""

    def __init__(
        self, inheritance: Inheritance, edits: TextEdits, differences: Differences, reason: str
    ) -> None:
        self._before = inheritance
        self._layout = edits.layout
        self._edits = edits
        self._differences = differences
        self._result = differences.result
        self._reason = reason
        section = edits.layout.sections.get("overrides")
        places = (override.source for override in inheritance.document.overrides)
        self._nodes = dict(zip(places, section.entries if section else (), strict=True))
        self._new: list[dict[str, Written]] = []
        self._untaken: list[nodes.Node] = []
        self._taken: set[int] = set()
        """The `id()` of each entry that lost its account in `without_others`."""

    def expecting(self, chart: DesiredChart, accounts: Iterable[Account]) -> DesiredChart:
        """Return the chart, with optional accounts made required if they seem to be in Xero."""
        active = [one for one in accounts if one.status == Status.ACTIVE]
        names, codes = {name_key(a.name) for a in active}, {code_key(a.code) for a in active}

        def is_expected(entry: DesiredAccount) -> bool:
            if not entry.optional or name_key(entry.name) in names:
                return entry.optional
            moved = code_key(entry.code) != code_key(self._of(entry).account.code)
            return moved and not entry.account_id and code_key(entry.code) in codes

        found = (replace(e, optional=False) if is_expected(e) else e for e in chart.accounts)
        return replace(chart, accounts=tuple(found))

    def without_others(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Return the pairs, without the accounts that the entries probably do not mean.

        `_is_another` decides. An entry that cannot be overridden keeps its account.
        """
        self._taken = {
            id(match.desired)
            for wanted, match in pairs
            if _is_another(match, self._of(wanted).account.name) and self._of(wanted).overridable
        }
        return [
            (wanted, replace(match, account=None) if id(match.desired) in self._taken else match)
            for wanted, match in pairs
        ]

    def update_missing(
        self, pairs: Iterable[Pair], missing: str, held: frozenset[tuple[str, str]]
    ) -> None:
        """Update the inherited entries without an account.

        `missing` is the parameter of `update_file`; `held` are the codes and names used in Xero.
        """
        for wanted, match in pairs:
            if match.account is None:
                keys = ("code", code_key(wanted.code)), ("name", name_key(wanted.known_name))
                another = id(match.desired) in self._taken
                taken = another or not held.isdisjoint(keys)
                self._update_missing(wanted, missing, taken=taken, another=another)

    def update_found(self, pairs: Iterable[Pair]) -> set[str]:
        """Update the inherited entries that have an account.

        Return the ids of these accounts, without those that get `omit: true`.
        """
        return {
            match.account.account_id
            for wanted, match in pairs
            if match.account and self._update(wanted, match.desired, match.account)
        }

    def _update_missing(
        self, wanted: DesiredAccount, missing: str, *, taken: bool, another: bool
    ) -> None:
        """Update an entry without an account.

        `another` is whether a plan would match the entry to an account that the entry probably does
        not mean. `taken` is also true if an account has the entry's code or name.
        """
        may_lack = wanted.optional or wanted.status != Status.ACTIVE
        may_lack |= bool(wanted.system_account) and not wanted.account_id
        if may_lack and not taken:
            return
        if not may_lack and not another and self._differences.is_new(wanted):
            self._differences.record_used(wanted)
        elif not self._of(wanted).overridable:
            self._not_overridable(wanted, "it is not in Xero", None)
        elif taken or missing == "comment":
            why = "another account has its (former) code or name" if taken else "it is not in Xero"
            self._omit(wanted, why, even_if_optional=taken)
        else:
            if missing == "archive" and not (wanted.protect or wanted.system_account):
                self._write(wanted, Edit({"status": str(Status.ARCHIVED)}))
                self._differences.record_edit(wanted, "status", Status.ARCHIVED)
            self._differences.record_used(wanted)

    def _update(self, wanted: DesiredAccount, resolved: DesiredAccount, account: Account) -> bool:
        """Write one account's changes into an override; return False if it omits the account."""
        if account.status not in (Status.ACTIVE, Status.ARCHIVED):
            self._omit(wanted, unknown_status(account))
            return False
        differences, kept = self._differences, len(self._result.kept)
        changes = dict(differences.fields(wanted, resolved, account))
        status = differences.status(wanted, account, self._before.document.chart.delete_refused)
        if (changes or status) and not self._of(wanted).overridable:
            names = [*changes, *(["status"] if status else [])]
            differ = "differs" if len(names) == 1 else "differ"
            self._not_overridable(wanted, f"its {series(names)} {differ} in Xero", account)
            return True
        if "code" in changes and not changes["code"]:
            if len(self._result.kept) > kept and wanted.source in self._nodes:
                self._edits.comment_out(self._nodes.pop(wanted.source), _NOT_APPLIED)
            del self._result.kept[kept:]
            self._omit(wanted, "it has no code in Xero that the file can contain")
            return False
        differences.record_labels(wanted, account, changes)
        for name in UNIQUE.keys() & wanted.initial.keys():
            differences.used.add(name, wanted.initial[name])
        edit = self._edit(wanted, account, changes, status)
        if wanted.account_id and wanted.account_id != account.account_id.casefold():
            edit.values["account_id"] = account.account_id
            differences.record_edit(wanted, "account_id", account.account_id)
        self._write(wanted, edit)
        node, code = self._nodes.get(wanted.source), str(changes.get("code") or wanted.code)
        if node and self._edits.remove_former_code(node, code):
            self._result.edited.append(f"{wanted.label}: {code} removed from `previously`")
        return True

    def write_new(self) -> None:
        """Write the overrides that the file did not have, and `take` if accounts leave it."""
        write_overrides(self._edits, self._new)
        if self._untaken:
            self._edits.remove_items(self._layout.root, "take", self._untaken)

    def _of(self, wanted: DesiredAccount) -> MergedAccount:
        return self._before.accounts[wanted.inherited]

    def _edit(
        self,
        wanted: DesiredAccount,
        account: Account,
        changes: Mapping[str, Value | None],
        status: str,
    ) -> Edit:
        before, edit = self._of(wanted).account, Edit()
        node = self._nodes.get(wanted.source)
        for name, value in changes.items():
            standard = before.values.get(name)
            if name == "tax_type" and standard:
                standard = self._differences.source.rates.code_for(str(standard))
            same = FIELD[name].comparable
            if value is None:
                edit.keep.append(name)
                edit.removed.add(name)
                self._result.edited.append(f"{wanted.label}: {FIELD[name].label} kept as in Xero")
                continue
            self._differences.record_edit(wanted, name, value)
            if standard is not None and same(standard) == same(account.value(name)):
                edit.removed.add(name)
            else:
                edit.values[name] = value if value != "" else None
        if status == before.status:
            edit.removed.add("status")
        elif status:
            edit.values["status"] = status
        if status:
            self._differences.record_edit(wanted, "status", status)
        edit.removed &= node.pairs.keys() if node else set()
        return edit

    def _write(self, wanted: DesiredAccount, edit: Edit) -> None:
        node = self._nodes.get(wanted.source)
        if not (edit.values or edit.removed or edit.keep):
            return
        deviates = bool(edit.keep or edit.values.keys() - {"account_id"})
        if node is None:
            reason: dict[str, Written] = {"reason": self._reason} if deviates else {}
            keep: dict[str, Written] = {"keep": edit.keep} if edit.keep else {}
            fields = {"standard": target(self._of(wanted).account), **edit.values, **keep, **reason}
            self._new.append({name: fields[name] for name in OVERRIDE_FIELDS if name in fields})
            if deviates:
                self._result.unexplained.append(wanted.label)
            return
        if not deviates and node.pairs.keys() <= edit.removed | SAYS_NOTHING:
            self._edits.comment_out(node, "The same as in the standard again, so commented out:")
            return
        self._edits.remove(node, edit.removed)
        for name, value in edit.values.items():
            self._edits.set_value(node, name, value)
        if edit.keep:
            self._edits.add_to_list(node, "keep", edit.keep)
        added = [n for n in (*edit.values, *edit.keep) if n not in {*node.pairs, "account_id"}]
        if not deviates:
            return
        if not nodes.text_of(node.get("reason")).strip():
            self._edits.set_value(node, "reason", self._reason)
            self._result.unexplained.append(wanted.label)
        elif added:
            self._result.to_check.append(
                f"{wanted.label}: the override now changes {series(added)} too. Check that its "
                "reason still holds."
            )

    def _omit(self, wanted: DesiredAccount, why: str, *, even_if_optional: bool = True) -> None:
        """Remove an account from `take`, and write `omit: true` into its override.

        An optional account that was under `take` gets `omit: true` only with `even_if_optional`.
        """
        optional = self._of(wanted).account.optional
        if self._untake(wanted, why) and optional and not even_if_optional:
            return
        self._result.edited.append(f"{wanted.label}: omitted, because {why}")
        self._result.unexplained.append(wanted.label)
        node = self._nodes.get(wanted.source)
        if node is None:
            standard = target(self._of(wanted).account)
            self._new.append({"standard": standard, "omit": True, "reason": self._reason})
            return
        self._edits.remove(node, node.pairs.keys() - SAYS_NOTHING)
        self._edits.set_value(node, "omit", value=True)
        self._edits.set_value(node, "reason", self._reason)

    def _untake(self, wanted: DesiredAccount, why: str) -> bool:
        """Remove an account from `take`; return False if `take` does not name it."""
        before = self._of(wanted).account
        items = nodes.items_of(self._layout.root.get("take"))
        taken = [item for item in items if _means(nodes.text_of(item), before)]
        if taken:
            self._untaken += taken
            self._result.edited.append(f"{wanted.label}: removed from `take`, because {why}")
        return bool(taken)

    def _not_overridable(self, wanted: DesiredAccount, why: str, account: Account | None) -> None:
        at = self._of(wanted).place("overridable")
        self._differences.record_kept(
            wanted, f"stays as in the standard, although {why}: {at} says `overridable: false`",
            account,
        )  # fmt: skip
        self._result.pending.add(wanted.label)
        self._differences.record_used(wanted)


def _is_another(match: Match, before: str) -> bool:
    """Whether an entry would take over an account that it probably does not mean.

    This holds for every bank account. It also holds if an entry with a name matches by a code only,
    and either the types are of different classes, or the account's name shares no word with that
    name or with `before`, the name in the standard.
    """
    account, entry = match.account, match.desired
    if account is None or account.type == "BANK":
        return account is not None
    if match.by not in (MatchedBy.CODE, MatchedBy.PREVIOUSLY) or not entry.name:
        return False
    if name_key(account.name) in {name_key(entry.name), name_key(before)}:
        return False
    kind = class_of(entry.text("type"))
    retyped = bool(kind) and kind != class_of(account.type, account.account_class)
    return retyped or not any(share_a_word(account.name, name) for name in (entry.name, before))


def _means(item: str, account: DesiredAccount) -> bool:
    return (
        item.strip() == account.system_account
        or code_key(item) == code_key(account.code)
        or name_key(item) == name_key(account.known_name)
    )
