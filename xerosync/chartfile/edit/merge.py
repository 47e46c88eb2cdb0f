"""Bring what changed in Xero into an existing chart file.

Of the fields in the file, only those that differ in Xero are edited. Comments, order, quotes and
line ends stay: a YAML library would rewrite the whole file.
"""

from __future__ import annotations

from collections.abc import Iterable

from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.edit.differences import Differences, edited_values
from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.layout import Layout
from xerosync.chartfile.edit.local_edits import LocalEdits
from xerosync.chartfile.edit.matches import match_for_pull
from xerosync.chartfile.edit.new_entry import (
    NOT_FOUND_AGAIN,
    UNIQUE,
    ChartSource,
    SourceFields,
    is_found,
    new_entries,
    pin,
    unknown_status,
)
from xerosync.chartfile.edit.new_entry_text import write_entries
from xerosync.chartfile.edit.overrides import Inheritance, Overrides
from xerosync.chartfile.edit.sections import Neighbour, section_of, section_of_account
from xerosync.chartfile.edit.text_edits import NOT_IN_XERO, TextEdits
from xerosync.chartfile.library import Library
from xerosync.chartfile.syntax.nodes import Mapping
from xerosync.chartfile.syntax.source import decode, with_bom_of
from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.model import Account, Chart, Status, Value, account_key, code_key, name_key
from xerosync.plan.matching.match import Match, MatchedBy
from xerosync.plan.organisation import check_organisation
from xerosync.plan.tax_rates import keep_shared, resolve
from xerosync.text import visible

_IDENTIFYING = frozenset({*UNIQUE, "type"})
"""The fields whose change can make an entry lose its account."""


def update_file(
    data: bytes,
    desired: DesiredChart,
    chart: Chart,
    known: SourceFields | None = None,
    *,
    missing: str = "comment",
    local: LocalEdits | None = None,
) -> Merged:
    """Return a chart file updated from Xero; `data` are its bytes, and `desired` is its content.

    `missing` says what to do with an active entry whose account is not in Xero: `comment` it out
    (`omit: true` if it is inherited), `keep` it, or `archive` it (`status: ARCHIVED`). The file's
    edits that were never applied, according to `local`, stay. Raises `WrongOrganisation` for
    another organisation's chart, and `ChartError` if it is ambiguous which account an entry means.
    """
    check_organisation(desired.organisation, chart.organisation)
    text = decode(data, desired.file)
    inheritance = Inheritance(ChartFile(data, desired.file), Library())
    source = ChartSource.of(chart, known or SourceFields(), inheritance.before.tax_types)

    def merged(reason: str) -> Merged:
        edits = TextEdits(Layout(text))
        differences = Differences(source, local or LocalEdits(), Merged(text))
        overrides = Overrides(inheritance, edits, differences, reason)
        return _Merge(desired, edits, differences, missing, overrides).run()

    result = merged("")
    result.explained = merged("To be filled in").text if result.unexplained else ""
    result.text = with_bom_of(data, result.text)
    return result


class _Merge:
    def __init__(
        self,
        desired: DesiredChart,
        edits: TextEdits,
        differences: Differences,
        missing: str,
        overrides: Overrides,
    ) -> None:
        self._desired = desired
        self._layout = edits.layout
        self._edits = edits
        self._differences = differences
        self._source = differences.source
        self._local = differences.local
        self._used = differences.used
        self._result = differences.result
        self._missing = missing
        self._overrides = overrides
        self._neighbours: list[Neighbour] = []

    def run(self) -> Merged:
        pairs = list(zip(self._desired.accounts, self._match(), strict=True))
        split = len(pairs) - len(self._layout.entries)
        inherited, own = self._overrides.without_others(pairs[:split]), pairs[split:]
        entries = list(zip(self._layout.entries, own, strict=True))
        held = self._held(match for _, match in (*inherited, *own))
        self._overrides.update_missing(inherited, self._missing, held)
        for entry, (wanted, match) in entries:
            if match.account is None:
                self._update_missing(entry, wanted)
        managed = {match.account.account_id for _, match in own if match.account}
        managed |= self._overrides.update_found(inherited)
        omitted = {match.account.account_id for _, match in inherited if match.account} - managed
        for entry, (wanted, match) in entries:
            if match.account is not None:
                self._update(entry, wanted, match.desired, match.account)
        self._overrides.write_new()
        self._add_accounts(managed, omitted)
        self._result.text = self._edits.apply()
        return self._result

    def _match(self) -> list[Match]:
        """Return one match for each entry; the match of an entry that Xero lacks has no account."""
        chart, rates = self._source.chart, self._source.rates
        resolved = resolve(self._overrides.expecting(self._desired, chart.accounts), rates)
        found = {
            id(match.desired): keep_shared(match, rates)
            for match in match_for_pull(chart, resolved, self._local.applied)
        }
        return [found.get(id(e)) or Match(e, None, MatchedBy.NOTHING) for e in resolved.accounts]

    def _held(self, matches: Iterable[Match]) -> frozenset[tuple[str, str]]:
        """Return the codes and names of active or matched accounts, such as ("code", "200")."""
        matched = {match.account.account_id for match in matches if match.account}
        return frozenset(
            key
            for account in self._source.chart.accounts
            if account.status == Status.ACTIVE or account.account_id in matched
            for key in (("code", code_key(account.code)), ("name", name_key(account.name)))
            if key[1]
        )

    def _update_missing(self, entry: Mapping, wanted: DesiredAccount) -> None:
        active = wanted.status == Status.ACTIVE
        new = self._differences.is_new(wanted)
        if active and not new and self._missing == "comment":
            done = self._edits.comment_out(entry, NOT_IN_XERO)
            self._result.edited.append(f"{wanted.label}: {done}, because it is not in Xero")
            return
        fixed = wanted.protect or wanted.system_account
        if active and not new and self._missing == "archive" and not fixed:
            self._edits.set_value(entry, "status", str(Status.ARCHIVED))
            self._differences.record_edit(wanted, "status", Status.ARCHIVED)
        self._differences.record_used(wanted)
        system = bool(wanted.system_account)
        self._keep(entry, wanted, wanted.code, section_of(wanted.text("type"), system=system))

    def _update(
        self, entry: Mapping, wanted: DesiredAccount, resolved: DesiredAccount, account: Account
    ) -> None:
        if account.status not in (Status.ACTIVE, Status.ARCHIVED):
            self._comment_out(entry, wanted, unknown_status(account))
            return
        changes = dict(self._differences.fields(wanted, resolved, account))
        values = edited_values(wanted, changes)
        if wanted.account_id or wanted.system_account:
            if wanted.account_id and account.account_id.casefold() != wanted.account_id:
                changes["account_id"] = account.account_id
        elif changes.keys() & _IDENTIFYING and not is_found(account, values, self._source):
            if not pin(account, values, self._source):
                self._comment_out(entry, wanted, NOT_FOUND_AGAIN)
                return
            changes["account_id"] = account.account_id
        self._differences.record_labels(wanted, account, changes)
        self._write(entry, wanted, changes)
        status = self._differences.status(wanted, account, self._desired.delete_refused)
        if status:
            self._edits.set_value(entry, "status", status)
            self._differences.record_edit(wanted, "status", status)
        code = str(values.get("code", ""))
        if self._edits.remove_former_code(entry, code):
            self._result.edited.append(f"{wanted.label}: {code} removed from `previously`")
        self._keep(entry, wanted, account.code, section_of_account(account))

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
            self._differences.record_edit(wanted, name, value)

    def _add_accounts(self, managed: set[str], omitted: set[str]) -> None:
        """Add each account without a role, unless the file has it, or had omitted or removed it.

        One that only this pull omits (`omitted`) may be added, and is not reported as removed.
        """
        unwanted = {account_key(entry.code, entry.name) for entry in self._desired.omitted}
        unmanaged = [
            account
            for account in self._source.chart.accounts
            if account.account_id not in managed
            and account_key(account.code, account.name) not in unwanted
        ]
        left = [account for account in unmanaged if self._local.left_the_file(account)]
        for account in left:
            self._result.pending.add(account.account_id)
            if account.status == Status.ACTIVE and account.account_id not in omitted:
                self._result.kept.append(
                    f"{account.label}: not added, because it was removed from the file after the "
                    "last apply"
                )
        accounts = sorted(
            (a for a in unmanaged if a not in left and not a.system_account),
            key=lambda a: (bool(a.code), a.code, a.name, a.account_id),
        )
        new = list(new_entries(accounts, self._source, self._used, self._result.left_out))
        self._result.edited += [f"{entry.account.label}: added" for entry in new]
        write_entries(self._edits, new, self._neighbours)

    def _comment_out(self, entry: Mapping, wanted: DesiredAccount, why: str) -> None:
        done = self._edits.comment_out(entry, f"Commented out, because {visible(why)}:")
        self._result.edited.append(f"{wanted.label}: {done}, because {why}")

    def _keep(self, entry: Mapping, wanted: DesiredAccount, code: str, section: str) -> None:
        if wanted.system_account:
            self._used.add("system_account", wanted.system_account)
        self._neighbours.append(Neighbour(entry, code, section))
