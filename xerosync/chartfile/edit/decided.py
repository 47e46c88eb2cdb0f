"""Write the decisions of `adopt` into an overlay, a chart file that extends a standard.

If an account that joins the standard has another code or name there, an override names it by its
`account_id`, unless its role identifies it. A value that the organisation keeps becomes an override
with a reason. An account that stays outside the standard gets an entry under `accounts`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.edit.layout import Layout
from xerosync.chartfile.edit.new_entry import (
    ChartSource,
    NewEntry,
    SourceFields,
    UsedValues,
    new_entry,
)
from xerosync.chartfile.edit.new_entry_text import write_entries
from xerosync.chartfile.edit.overlay_draft import Adoptee, OverlayDraft
from xerosync.chartfile.edit.override_text import SAYS_NOTHING, Written, write_overrides
from xerosync.chartfile.edit.sections import Neighbour, section_of
from xerosync.chartfile.edit.text_edits import TextEdits
from xerosync.chartfile.fields import KEPT, OVERRIDE_FIELDS
from xerosync.chartfile.library import Library
from xerosync.chartfile.problems import problem_at
from xerosync.chartfile.syntax import nodes
from xerosync.chartfile.syntax.source import with_bom_of
from xerosync.desired import DesiredAccount, Source
from xerosync.errors import ChartError, XerosyncError
from xerosync.model import Account, Chart, Value, code_key, name_key
from xerosync.organisations.adopt.adoption import Verdict, standard_label, target
from xerosync.organisations.adopt.conflicting import remaining
from xerosync.organisations.adopt.filled import DecidedAccount, Decisions
from xerosync.organisations.adopt.worksheet import REASON
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failed_at
from xerosync.plan.matching.match import match

_OMITTED_NO_MORE = "The worksheet decides otherwise, so commented out:"
_OF_THE_STANDARD = "An account of the standard now, so commented out:"
_BESIDE = frozenset({"protect", "waive", "note"})
"""Fields that must not be lost: an entry that has any is commented out instead of deleted."""


def decided_texts(
    adoptees: Sequence[Adoptee], decisions: Sequence[Decisions]
) -> tuple[list[tuple[OverlayDraft, str]], tuple[FailedOrganisation, ...]]:
    """Return the overlays with decisions, each with its new text, and the failures.

    An organisation fails if `decided_text` raises `ChartError` for it. Other errors are raised.
    """
    library = Library()
    texts, failed = [], []
    for one, decided in zip(adoptees, decisions, strict=True):
        if not decided.any:
            continue
        try:
            texts.append((one.draft, decided_text(one, decided, library)))
        except ChartError as error:
            failed.append(failed_at(one.draft.path, one.chart.organisation.name, error))
    return texts, tuple(failed)


def decided_text(one: Adoptee, decisions: Decisions, library: Library) -> str:
    """Return an overlay's new text, with the decisions.

    Raises `ChartError` if the decisions have errors, or if the overlay would be invalid or
    ambiguous. Raises `XerosyncError` if an account cannot be written as it was decided.
    """
    if decisions.findings:
        raise ChartError(tuple(problem_at("", finding) for finding in decisions.findings))
    text = with_bom_of(one.draft.before, _Writer(one.draft, one.chart, decisions).run())
    _check(text, one, decisions, library)
    return text


class _Writer:
    def __init__(self, draft: OverlayDraft, chart: Chart, decisions: Decisions) -> None:
        self._draft = draft
        self._decisions = decisions
        self._layout = Layout(draft.text)
        self._edits = TextEdits(self._layout)
        inheritance = draft.inheritance
        self._source = ChartSource.of(chart, SourceFields(), inheritance.before.tax_types)
        section = self._layout.sections.get("overrides")
        places = [one.source for one in inheritance.document.overrides]
        by_place = dict(zip(places, section.entries if section else (), strict=True))
        desired = draft.desired
        entries = (*desired.accounts, *desired.omitted) if desired and not draft.joins else ()
        self._overrides = {e.inherited: by_place[e.source] for e in entries if e.source in by_place}
        self._own = self._own_entries(chart)
        self._new_overrides: list[dict[str, Written]] = []
        self._held = {
            key
            for entry in remaining(decisions)
            for key in (code_key(entry.code), name_key(entry.known_name))
        } - {""}

    def _own_entries(self, chart: Chart) -> dict[str, nodes.Mapping]:
        """Return the entries under the file's own `accounts`, by the ids of their Xero accounts."""
        desired = self._draft.desired
        if desired is None:
            return {}
        own = [entry for entry in desired.accounts if not entry.inherited.file]
        node_of = dict(zip(map(id, own), self._layout.entries, strict=True))
        return {
            found.account.account_id: node_of[id(found.desired)]
            for found in match(chart, desired)
            if found.account and id(found.desired) in node_of
        }

    def run(self) -> str:
        chosen = {one.entry.inherited for one in self._decisions.accounts if one.entry}
        for one in self._decisions.entries:
            if one.verdict is Verdict.OMIT:
                self._omit(one.entry, one.row[REASON])
                chosen.add(one.entry.inherited)
            elif one.entry.inherited in self._decisions.joining.omitted.keys() - chosen:
                self._edits.comment_out(self._overrides[one.entry.inherited], _OMITTED_NO_MORE)
        new: list[NewEntry] = []
        for decided in self._decisions.accounts:
            node = self._own.get(decided.account.account_id)
            self._release(decided.account, chosen)
            if decided.entry is not None:
                self._pin(decided, decided.entry)
                if node and node.pairs.keys() & _BESIDE:
                    self._edits.comment_out(node, _OF_THE_STANDARD)
                elif node:
                    self._edits.delete(node, _OF_THE_STANDARD)
                continue
            if node:
                self._edit_own(node, decided)
            else:
                new.append(self._new_entry(decided))
        if self._draft.joins:
            self._name_tax_types()
        write_overrides(self._edits, self._new_overrides)
        write_entries(self._edits, new, list(self._neighbours()))
        return self._edits.apply()

    def _pin(self, decided: DecidedAccount, entry: DesiredAccount) -> None:
        """Write the override, if one is needed, for an account that joins the standard."""
        account, node = decided.account, self._overrides.get(entry.inherited)
        settled = self._decisions.joining.settled.get(account.account_id)
        if settled and settled.entry is entry and not decided.keep:
            return
        values: dict[str, Value] = {}
        pinned = nodes.text_of(node.get("account_id")).casefold() if node else ""
        other = pinned not in ("", account.account_id.casefold())
        by_role = entry.system_account and entry.system_account == account.system_account
        same = code_key(account.code) == code_key(entry.code)
        named = same and name_key(account.name) == name_key(entry.known_name)
        if other or not (pinned or by_role or named):
            values["account_id"] = account.account_id
        keep: list[str] = []
        for name in decided.keep:
            value = account.value(name)
            if self._source.why_not(name, value) and name in KEPT:
                keep.append(name)
            elif name == "tax_type":
                values[name] = self._source.tax_rate(str(value), entry.text("tax_type"))
            else:
                values[name] = value
        reason = decided.row[REASON] if decided.keep else ""
        if node is not None:
            self._edit_override(node, values, keep, reason)
        elif values or keep:
            fields: dict[str, Written] = {"standard": target(entry), **values}
            fields |= {"keep": keep} if keep else {}
            fields |= {"reason": reason} if reason else {}
            self._new_overrides.append({n: fields[n] for n in OVERRIDE_FIELDS if n in fields})

    def _edit_override(
        self, node: nodes.Mapping, values: dict[str, Value], keep: list[str], reason: str
    ) -> None:
        removed = {"omit"} & node.pairs.keys()
        if removed and not reason:
            removed.add("reason")
        if node.pairs.keys() - removed <= SAYS_NOTHING and not values and not keep:
            self._edits.comment_out(node, _OMITTED_NO_MORE)
            return
        self._edits.remove(node, removed & node.pairs.keys())
        for name, value in values.items():
            if nodes.text_of(node.get(name)) != value:
                self._edits.set_value(node, name, value)
        if keep:
            self._edits.add_to_list(node, "keep", keep)
        if reason and nodes.text_of(node.get("reason")) != reason:
            self._edits.set_value(node, "reason", reason)

    def _omit(self, entry: DesiredAccount, reason: str) -> None:
        node = self._overrides.get(entry.inherited)
        if node is None:
            self._new_overrides.append({"standard": target(entry), "omit": True, "reason": reason})
            return
        self._edits.remove(node, node.pairs.keys() - SAYS_NOTHING - {"omit"})
        if "omit" not in node.pairs:
            self._edits.set_value(node, "omit", value=True)
        if nodes.text_of(node.get("reason")) != reason:
            self._edits.set_value(node, "reason", reason)

    def _release(self, account: Account, decided: Collection[Source]) -> None:
        """Remove an account's `account_id` from all overrides but those of entries in `decided`."""
        for entry, node in self._overrides.items():
            if entry in decided:
                continue
            if nodes.text_of(node.get("account_id")).casefold() != account.account_id.casefold():
                continue
            if node.pairs.keys() <= SAYS_NOTHING | {"account_id"}:
                self._edits.comment_out(node, _OMITTED_NO_MORE)
            else:
                self._edits.remove(node, {"account_id"})

    def _edit_own(self, node: nodes.Mapping, decided: DecidedAccount) -> None:
        if decided.verdict is Verdict.ARCHIVE:
            self._edits.set_value(node, "status", "ARCHIVED")
        elif decided.new_code:
            self._edits.set_value(node, "code", decided.new_code)
            if decided.account.code and "account_id" not in node.pairs:
                self._edits.add_to_list(node, "previously", [decided.account.code])

    def _name_tax_types(self) -> None:
        """Write each tax rate by its name in `tax_types`; remove a rate that has no name there."""
        for node in self._layout.entries:
            written = nodes.text_of(node.get("tax_type"))
            removed = self._edits.is_removed(node)
            if removed or not written or self._source.tax_types is None:
                continue
            named = self._source.tax_rate(self._source.rates.code_for(written))
            if named:
                self._edits.set_value(node, "tax_type", named)
            else:
                self._edits.remove(node, {"tax_type"})

    def _new_entry(self, decided: DecidedAccount) -> NewEntry:
        """Return a new entry for an account that is the organisation's own or is to be archived."""
        account = decided.account
        if decided.verdict is Verdict.ARCHIVE:
            keys = {"code": account.code, "name": account.name}
            held = {code_key(account.code), name_key(account.name)} & self._held
            if held or not account.code or any(self._source.why_not(*one) for one in keys.items()):
                keys = {"account_id": account.account_id}
            return NewEntry(account, {**keys, "status": "ARCHIVED"})
        entry = new_entry(account, self._source, UsedValues())
        if decided.new_code:
            entry.values["code"] = decided.new_code
            entry.previously = account.code
        if not entry.values:
            raise XerosyncError(
                f"{self._draft.path} cannot hold {account.label}: a plan would not find it again.",
                "Nothing was written. Leave its decision empty, and give it a code in Xero.",
            )
        return entry

    def _neighbours(self) -> Iterator[Neighbour]:
        for node in self._layout.entries:
            if not self._edits.is_removed(node):
                kind, system = nodes.text_of(node.get("type")), "system_account" in node.pairs
                section = section_of(kind, system=system)
                yield Neighbour(node, nodes.text_of(node.get("code")), section)


def _check(text: str, adoptee: Adoptee, decisions: Decisions, library: Library) -> None:
    """Raise `XerosyncError` unless a plan would match each account with the decided entry."""
    path = adoptee.draft.path
    desired = library.require(ChartFile(text.encode(), path)).chart
    found = {m.account.account_id: m.desired for m in match(adoptee.chart, desired) if m.account}
    for one in decisions.accounts:
        entry = found.get(one.account.account_id)
        place = one.entry.inherited if one.entry else Source()
        if entry is None or entry.inherited != place:
            meant = standard_label(one.entry) if one.entry else "an account of its own"
            raise XerosyncError(
                f"{path} cannot record {one.account.label} as {meant}: a plan would not find it.",
                "Nothing was written. Leave its decision empty, and please report this.",
            )
