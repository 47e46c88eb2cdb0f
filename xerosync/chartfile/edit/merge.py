"""Bring what changed in Xero into an existing chart file.

Only fields that the file manages and that differ are edited. An account that the file
lacks is added at its place by code; an entry whose account is gone is commented out.
Comments, order, quotes and line ends stay: a YAML library would rewrite the whole file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from xerosync.chartfile.edit.layout import Layout
from xerosync.chartfile.edit.local_edits import LocalEdits
from xerosync.chartfile.edit.matches import match_for_pull
from xerosync.chartfile.edit.new_entry import (
    NOT_FOUND_AGAIN,
    UNIQUE,
    ChartSource,
    SourceFields,
    UsedValues,
    is_found,
    left_out,
    new_entries,
    pin,
    render,
    render_flow,
    unknown_status,
)
from xerosync.chartfile.edit.representable import normalized
from xerosync.chartfile.edit.sections import (
    Neighbour,
    Neighbours,
    file_order,
    line_above,
    section_of,
    section_of_account,
)
from xerosync.chartfile.edit.text_edits import TextEdits
from xerosync.chartfile.syntax.nodes import Mapping
from xerosync.chartfile.syntax.source import decode
from xerosync.model import (
    FIELD,
    Account,
    Chart,
    DeleteRefused,
    DesiredAccount,
    DesiredChart,
    Status,
    Value,
    code_key,
)
from xerosync.plan.organisation import check_organisation
from xerosync.plan.tax_rates import keep_shared, resolve

_KNOWN = (Status.ACTIVE, Status.ARCHIVED)
_IDENTIFYING = frozenset({*UNIQUE, "type"})
"""The fields whose change can make an entry lose its account."""

_BOM = "\ufeff"


@dataclass(slots=True)
class Merged:
    """A file's new text, with sentences on what was edited and what could not be written.

    `kept` says what stays as the file has it, because it was never applied; `pending` are the
    ids and labels of those accounts, for which a plan still finds something to do.
    """

    text: str
    edited: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)


def update_file(
    data: bytes,
    desired: DesiredChart,
    chart: Chart,
    known: SourceFields | None = None,
    *,
    missing: str = "comment",
    local: LocalEdits | None = None,
) -> Merged:
    """Bring what changed in Xero into a chart file; `data` are its bytes, `desired` its content.

    `missing` decides about an entry whose account is not in Xero: `comment` it out, `keep`
    it, or `archive` it (`status: ARCHIVED`). Edits of the file that were
    never applied, according to `local`, stay.
    Raises `WrongOrganisation` for another organisation's chart, and `ChartError` if it is
    ambiguous which account an entry means.
    """
    check_organisation(desired.organisation, chart.organisation)
    text = decode(data, desired.file)
    source = ChartSource.of(chart, known or SourceFields())
    result = _Merge(text, desired, source, missing, local or LocalEdits()).run()
    if data.startswith(_BOM.encode()):
        result.text = _BOM + result.text
    return result


class _Merge:
    def __init__(
        self,
        text: str,
        desired: DesiredChart,
        source: ChartSource,
        missing: str,
        local: LocalEdits,
    ) -> None:
        self._desired = desired
        self._source = source
        self._missing = missing
        self._local = local
        self._present = {a.account_id for a in source.chart.accounts if a.status != Status.DELETED}
        self._layout = Layout(text)
        self._edits = TextEdits(self._layout)
        self._used = UsedValues()
        self._result = Merged(text)
        self._neighbours: list[Neighbour] = []

    def run(self) -> Merged:
        chart = self._source.chart
        rates = self._source.rates
        matches = [
            keep_shared(match, rates)
            for match in match_for_pull(chart, resolve(self._desired, rates), self._local.applied)
        ]
        found = list(zip(self._layout.entries, self._desired.accounts, matches, strict=True))
        for entry, wanted, match in found:
            if match.account is None:
                self._update_missing(entry, wanted)
        for entry, wanted, match in found:
            if match.account is not None:
                self._update(entry, wanted, match.desired, match.account)
        managed = {match.account.account_id for match in matches if match.account}
        self._add_accounts([a for a in chart.accounts if a.account_id not in managed])
        self._result.text = self._edits.apply()
        return self._result

    def _update_missing(self, entry: Mapping, wanted: DesiredAccount) -> None:
        """Update an entry whose account is not in Xero."""
        active = wanted.status == Status.ACTIVE
        new = active and self._local.is_new(wanted, self._present)
        if new:
            self._pend(wanted, "stays: it was added here and has not been applied yet")
        elif active and self._missing == "comment":
            self._comment_out(entry, wanted, "it is not in Xero")
            return
        if active and not new and self._missing == "archive":
            self._edits.set_value(entry, "status", str(Status.ARCHIVED))
            self._result.edited.append(f"{wanted.label}: status ACTIVE → ARCHIVED")
        for name, value in wanted.values.items():
            if name in UNIQUE:
                self._used.add(name, value)
        system = bool(wanted.system_account)
        self._keep(entry, wanted, wanted.code, section_of(wanted.text("type"), system=system))

    def _update(
        self, entry: Mapping, wanted: DesiredAccount, resolved: DesiredAccount, account: Account
    ) -> None:
        """Bring one account's changes into its entry."""
        if account.status not in _KNOWN:
            self._comment_out(entry, wanted, unknown_status(account))
            return
        changes = dict(self._changes(wanted, resolved, account))
        values: dict[str, Value] = {
            name: value
            for name, before in wanted.values.items()
            if (value := changes.get(name, before)) is not None
        }
        if wanted.account_id or wanted.system_account:
            if wanted.account_id and account.account_id.casefold() != wanted.account_id:
                changes["account_id"] = account.account_id
        elif changes.keys() & _IDENTIFYING and not is_found(account, values, self._source):
            if not pin(account, values, self._source):
                self._comment_out(entry, wanted, NOT_FOUND_AGAIN)
                return
            changes["account_id"] = account.account_id
        if account.account_id in self._result.pending:
            code, name = values.get("code", ""), values.get("name", "")
            self._result.pending |= {wanted.label, f"{code} {name}".strip()}
        self._write(entry, wanted, changes)
        self._set_status(entry, wanted, account)
        self._update_previously(entry, wanted, str(values.get("code", "")))
        self._keep(entry, wanted, account.code, section_of_account(account))

    def _changes(
        self, wanted: DesiredAccount, resolved: DesiredAccount, account: Account
    ) -> Iterator[tuple[str, Value | None]]:
        """Yield the fields to edit, each with its new value; None removes the field."""
        local = {
            name
            for name, value in resolved.values.items()
            if FIELD[name].comparable(value) != FIELD[name].comparable(account.value(name))
            and self._local.keeps(account, name, value)
        }
        kind = wanted.text("type") if "type" in local else account.type
        for name, written in wanted.values.items():
            spec = FIELD[name]
            value = normalized(account.value(name))
            if name in local:
                self._used.add(name, written)
                self._keep_edit(wanted, account, name, written)
                continue
            if not spec.applies(kind) and "type" in wanted.values:
                yield name, None
                continue
            if name not in self._source.known.fields:
                continue
            same = spec.comparable(resolved.values[name]) == spec.comparable(value)
            why = "" if same else self._source.why_not(name, value)
            if name in UNIQUE and not why and not self._used.add(name, value):
                why = "another account of the file has it too"
            if why and (value != "" or name in {"name", "type"}):
                self._result.warnings.append(left_out(account, why, name))
                yield name, None
            elif not same:
                if name == "tax_type":
                    value = self._source.tax_rate(str(value), str(written))
                yield name, value

    def _write(
        self, entry: Mapping, wanted: DesiredAccount, changes: dict[str, Value | None]
    ) -> None:
        removed = [name for name, value in changes.items() if value is None]
        self._edits.remove(entry, removed, instead=str(changes.get("account_id") or ""))
        for name, value in changes.items():
            if value is None:
                self._result.edited.append(f"{wanted.label}: {name} removed")
                continue
            if name != "account_id" or len(removed) < len(entry.pairs):
                self._edits.set_value(entry, name, None if value == "" else value)
            label = FIELD[name].label if name in FIELD else name
            before = _shown(wanted.values.get(name, ""))
            self._result.edited.append(f"{wanted.label}: {label} {before} → {_shown(value)}")

    def _keep_edit(
        self, wanted: DesiredAccount, account: Account, name: str, written: Value
    ) -> None:
        """Record that a field stays as the file has it."""
        value = account.value(name)
        self._pend(
            wanted,
            f"{FIELD[name].label} stays {_shown(written)}, which has not been applied yet; Xero "
            f"has {_shown(value)}",
            account,
        )

    def _pend(self, wanted: DesiredAccount, sentence: str, account: Account | None = None) -> None:
        self._result.kept.append(f"{wanted.label}: {sentence}")
        self._result.pending.add(account.account_id if account else wanted.label)

    def _set_status(self, entry: Mapping, wanted: DesiredAccount, account: Account) -> None:
        archived_instead = (
            wanted.status == Status.DELETED
            and account.status == Status.ARCHIVED
            and self._desired.delete_refused is DeleteRefused.ARCHIVE
        )
        if wanted.status == account.status or archived_instead:
            return
        if self._local.keeps_status(account, wanted):
            sentence = f"status stays {wanted.status}, which has not been applied yet"
            self._pend(wanted, sentence, account)
        else:
            self._edits.set_value(entry, "status", account.status)
            self._result.edited.append(f"{wanted.label}: status {wanted.status} → {account.status}")

    def _update_previously(self, entry: Mapping, wanted: DesiredAccount, code: str) -> None:
        """Remove the account's present code from `previously`."""
        if code_key(code) in map(code_key, wanted.previously):
            self._edits.remove_code(entry, "previously", code)
            self._result.edited.append(f"{wanted.label}: {code} removed from previously")

    def _add_accounts(self, unmanaged: list[Account]) -> None:
        """Write an entry for each active account that the file lacks."""
        left = [account for account in unmanaged if self._local.left_the_file(account)]
        for account in left:
            self._result.pending.add(account.account_id)
            if account.status == Status.ACTIVE:
                self._result.kept.append(
                    f"{account.label}: not added, because it was removed from the file after the "
                    "last apply"
                )
        accounts = sorted(
            (a for a in unmanaged if a not in left and not a.system_account),
            key=lambda a: (bool(a.code), a.code, a.name, a.account_id),
        )
        new = list(new_entries(accounts, self._source, self._used, self._result.warnings))
        self._result.edited += [f"{entry.account.label}: added" for entry in new]
        new.sort(key=lambda entry: file_order(entry.account))
        layout, edits = self._layout, self._edits
        if new and not layout.entries:
            edits.fill_list("".join(render(entry, 2, layout.line_end) for entry in new))
            return
        if layout.entries and not (new or self._neighbours or layout.accounts.flow):
            edits.empty_list()
        neighbours = Neighbours(sorted(self._neighbours, key=lambda n: n.entry.offset))
        for entry in new:
            section = section_of_account(entry.account)
            found, after = neighbours.beside(entry.account.code, section)
            neighbour = found or layout.entries[-1]
            if layout.accounts.flow:
                edits.insert_flow(neighbour, render_flow(entry), after=after)
            else:
                at = layout.below(neighbour) if after else line_above(neighbour, layout)
                column = layout.column(layout.dash(neighbour))
                edits.insert_lines(at, render(entry, column, layout.line_end))

    def _comment_out(self, entry: Mapping, wanted: DesiredAccount, why: str) -> None:
        self._edits.comment_out(entry)
        self._result.edited.append(f"{wanted.label}: commented out, because {why}")

    def _keep(self, entry: Mapping, wanted: DesiredAccount, code: str, section: str) -> None:
        """Record an entry that stays: its role is used, and others may stand beside it."""
        if wanted.system_account:
            self._used.add("system_account", wanted.system_account)
        self._neighbours.append(Neighbour(entry, code, section))


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f'"{value}"' if value else "nothing"
