"""(a chart file, the chart that the books hold) → the file with the books' drift in it.

Only what the file manages and what differs is edited. An account that the file leaves out
comes in at its place by code; an entry whose account is gone is commented out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from xerosync.chartfile.edit.edits import Edits
from xerosync.chartfile.edit.entry import (
    IDENTIFYING,
    Books,
    Entry,
    Taken,
    compose,
    is_found,
    pin,
    render,
    render_flow,
)
from xerosync.chartfile.edit.first_file import in_order
from xerosync.chartfile.edit.layout import Entry as Place
from xerosync.chartfile.edit.layout import lay_out
from xerosync.chartfile.edit.pairing import pair
from xerosync.chartfile.edit.representable import clean
from xerosync.chartfile.edit.sections import Neighbour, Neighbours, above, section_of
from xerosync.model import (
    FIELD,
    Account,
    DeleteRefused,
    DesiredAccount,
    DesiredChart,
    Status,
    Value,
    class_of,
    code_key,
)
from xerosync.plan.tax_rates import resolve

_KNOWN = (Status.ACTIVE, Status.ARCHIVED)
_FINDING = frozenset({*IDENTIFYING, "type"})
"""The fields whose change can make an entry lose its account."""


@dataclass(slots=True)
class Merged:
    """The file's new text; what was edited, and what could not be written, in sentences."""

    text: str
    edited: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def merge(text: str, desired: DesiredChart, books: Books, *, missing: str = "retire") -> Merged:
    """Bring the books' drift into the text of a chart file; `desired` is what it says now.

    `missing` is what becomes of an entry whose account the books do not have: `retire` it
    (a comment), `keep` it, or `archive` it (`status: ARCHIVED`).
    Raises `ChartError` where it is ambiguous which account an entry speaks of.
    """
    return _Merge(text, desired, books, missing).run()


class _Merge:
    def __init__(self, text: str, desired: DesiredChart, books: Books, missing: str) -> None:
        self._desired = desired
        self._resolved = resolve(desired, books.rates)
        self._books = books
        self._missing = missing
        self._layout = lay_out(text)
        self._edits = Edits(self._layout)
        self._taken = Taken()
        self._result = Merged(text)
        self._neighbours: list[Neighbour] = []
        self._left = len(desired.accounts)

    def run(self) -> Merged:
        found = pair(self._books.chart, self._resolved)
        triples = list(zip(self._layout.entries, self._desired.accounts, found, strict=True))
        for place, entry, met in triples:
            if met.account is None:
                self._absent(place, entry)
        for place, entry, met in triples:
            if met.account is not None:
                self._present(place, entry, met.desired, met.account)
        managed = {met.account.account_id for met in found if met.account}
        self._add([a for a in self._books.chart.accounts if a.account_id not in managed])
        self._result.text = self._edits.apply()
        return self._result

    def _absent(self, place: Place, entry: DesiredAccount) -> None:
        """See to an entry whose account the books do not have."""
        if entry.status != Status.ACTIVE or self._missing == "keep":
            self._claim(entry, {k: v for k, v in entry.values.items() if k in IDENTIFYING})
            self._stay(place, entry.code, entry.text("type"), system=bool(entry.system_account))
        elif self._missing == "archive":
            self._edits.set_value(place, "status", str(Status.ARCHIVED))
            self._claim(entry, {k: v for k, v in entry.values.items() if k in IDENTIFYING})
            self._stay(place, entry.code, entry.text("type"), system=bool(entry.system_account))
            self._result.edited.append(f"{entry.label}: status ACTIVE → ARCHIVED")
        else:
            self._retire(place, entry, "it is not in Xero")

    def _present(
        self, place: Place, entry: DesiredAccount, resolved: DesiredAccount, account: Account
    ) -> None:
        """Bring one account's drift into its entry."""
        if account.status not in _KNOWN:
            self._retire(place, entry, f"its status in Xero is {account.status or 'empty'}")
            return
        wishes = dict(self._wishes(entry, resolved, account))
        final: dict[str, Value] = {
            name: value
            for name, before in entry.values.items()
            if (value := wishes.get(name, before)) is not None
        }
        if entry.account_id or entry.system_account:
            final["account_id"] = account.account_id
            if entry.account_id and account.account_id.casefold() != entry.account_id:
                wishes["account_id"] = account.account_id
        elif wishes.keys() & _FINDING and not is_found(account, final, self._books):
            if not pin(account, final, self._books):
                self._retire(place, entry, "nothing that a file can say finds it again")
                return
            wishes["account_id"] = account.account_id
        self._write(place, entry, wishes)
        self._set_status(place, entry, account)
        self._mend_history(place, entry, str(final.get("code", "")))
        self._claim(entry, {})
        self._stay(
            place, account.code, account.type, account.account_class,
            system=bool(account.system_account),
        )  # fmt: skip

    def _wishes(
        self, entry: DesiredAccount, resolved: DesiredAccount, account: Account
    ) -> Iterator[tuple[str, Value | None]]:
        """Give the fields to edit, each with its value; None takes the field out."""
        for name, written in entry.values.items():
            spec = FIELD[name]
            value = clean(account.value(name))
            if not spec.applies(account.type) and "type" in entry.values:
                yield name, None
                continue
            if name not in self._books.knowledge.fields:
                continue
            same = spec.comparable(resolved.values[name]) == spec.comparable(value)
            why = "" if same else self._books.unsayable(name, value)
            if name in IDENTIFYING and not why and not self._taken.take(name, value):
                why = "another account of the file has it too"
            if why and value == "" and name not in {"name", "type"}:
                why = ""
            if why:
                self._warn(account.label, name, why)
                yield name, None
            elif not same:
                if name == "tax_type":
                    value = self._books.rate_as_written(str(value), str(written))
                yield name, value

    def _write(self, place: Place, entry: DesiredAccount, wishes: dict[str, Value | None]) -> None:
        gone = [name for name, value in wishes.items() if value is None]
        self._edits.remove(place, gone, instead=str(wishes.get("account_id") or ""))
        for name, value in wishes.items():
            if value is None:
                self._result.edited.append(f"{entry.label}: {name} taken out")
                continue
            if name != "account_id" or len(gone) < len(place.pairs):
                self._edits.set_value(place, name, None if value == "" else value)
            label = FIELD[name].label if name in FIELD else name
            before = entry.values.get(name, "")
            self._result.edited.append(f"{entry.label}: {label} {_said(before)} → {_said(value)}")

    def _set_status(self, place: Place, entry: DesiredAccount, account: Account) -> None:
        given_up = (
            entry.status == Status.DELETED
            and account.status == Status.ARCHIVED
            and self._desired.delete_refused is DeleteRefused.ARCHIVE
        )
        if entry.status != account.status and not given_up:
            self._edits.set_value(place, "status", account.status)
            self._result.edited.append(f"{entry.label}: status {entry.status} → {account.status}")

    def _mend_history(self, place: Place, entry: DesiredAccount, code: str) -> None:
        """Take out of `previously` the code that the account has."""
        keep = tuple(c for c in entry.previously if code_key(c) != code_key(code))
        if len(keep) < len(entry.previously):
            self._edits.set_codes(place.pairs["previously"], keep)
            self._result.edited.append(f"{entry.label}: {code} is no former code of it any more")

    def _add(self, unmanaged: Sequence[Account]) -> None:
        """Write an entry for each active account that the file leaves out."""
        wanted = [a for a in unmanaged if not a.system_account and self._is_active(a)]
        entries = []
        for account in sorted(wanted, key=lambda a: (bool(a.code), a.code, a.name, a.account_id)):
            entry = compose(account, self._books, self._taken)
            for name, why in entry.left_out.items():
                self._warn(account.label, name, why)
            if entry.pairs:
                entries.append(entry)
                self._left += 1
                self._result.edited.append(f"{account.label}: added")
            else:
                self._warn(account.label, "entry", "nothing that a file can say finds it again")
        self._place(entries)
        if not self._left and self._layout.entries and not self._layout.flow:
            self._edits.empty_list()

    def _place(self, entries: Sequence[Entry]) -> None:
        by_id = {entry.account.account_id: entry for entry in entries}
        ordered = [by_id[a.account_id] for a in in_order([e.account for e in entries])]
        layout, edits = self._layout, self._edits
        neighbours = Neighbours(sorted(self._neighbours, key=lambda n: n.place.start))
        if not layout.entries:
            lines = "".join(render(entry, 2, layout.line_end) for entry in ordered)
            if lines:
                edits.fill_list(lines)
            return
        for entry in ordered:
            account = entry.account
            section = section_of(account.type, account.account_class, system=False)
            place, after = neighbours.beside(account.code, section)
            place = place or layout.entries[-1]
            if layout.flow:
                edits.insert_flow(place, render_flow(entry), after=after)
                continue
            lines = render(entry, layout.column(place.dash), layout.line_end)
            edits.insert(place.tail if after else above(place, layout), lines)

    def _is_active(self, account: Account) -> bool:
        if account.status == Status.ACTIVE:
            return True
        if account.status not in {*_KNOWN, Status.DELETED}:
            self._warn(account.label, "entry", f"its status in Xero is {account.status or 'empty'}")
        return False

    def _retire(self, place: Place, entry: DesiredAccount, why: str) -> None:
        self._edits.retire(place)
        self._left -= 1
        self._result.edited.append(f"{entry.label}: commented out, as {why}")

    def _claim(self, entry: DesiredAccount, values: dict[str, Value]) -> None:
        """Note what an entry of the file holds, so that no other entry gets it too."""
        for name, value in values.items():
            self._taken.take(name, value)
        if entry.system_account:
            self._taken.take("system_account", entry.system_account)

    def _stay(
        self, place: Place, code: str, account_type: str, account_class: str = "", *, system: bool
    ) -> None:
        """Note an entry that stays, for others to stand beside."""
        section = section_of(account_type, account_class or class_of(account_type), system=system)
        self._neighbours.append(Neighbour(place, code, section))

    def _warn(self, label: str, name: str, why: str) -> None:
        self._result.warnings.append(f"{label}: {name} left out of the file: {why}.")


def _said(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f'"{value}"' if value else "nothing"
