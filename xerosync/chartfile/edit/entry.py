"""An account that the books hold → the entry that a chart file gets for it.

Only what matters is written: no default, nothing that Xero alone decides, and nothing
that the file could not say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from xerosync.chartfile.edit.representable import clean, unsayable
from xerosync.chartfile.syntax.quoting import block, scalar
from xerosync.model import (
    FIELD,
    FIELDS,
    SYSTEM_ACCOUNTS,
    Account,
    Chart,
    Value,
    bank_number_key,
    code_key,
    name_key,
)
from xerosync.plan.tax_rates import TaxRates
from xerosync.text import visible

IDENTIFYING = {"code": code_key, "name": name_key, "bank_account_number": bank_number_key}
"""The fields that must be unique in a file, and the form in which they are."""

_READ_ONLY = frozenset({"reporting_code"})
"""Whether Xero's API takes it is not known: see `plan.explain`."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the source of a chart can tell, and so what may be written from it.

    `ids`: whether its account ids are Xero's. `every`: write default values too.
    """

    fields: frozenset[str] = frozenset(f.name for f in FIELDS)
    ids: bool = True
    every: bool = False


@dataclass(slots=True)
class Taken:
    """The codes, names, numbers, roles and ids that entries of the file have by now."""

    keys: set[tuple[str, str]] = field(default_factory=set)

    def take(self, key: str, value: Value) -> bool:
        """Take a value for an entry; False when another entry has it."""
        identity = (key, IDENTIFYING.get(key, str)(str(value)))
        if identity[1] and identity in self.keys:
            return False
        self.keys.add(identity)
        return True


@dataclass(slots=True)
class Entry:
    """What is to be written for one account: its fields in their order.

    `left_out` says of each field that the file cannot hold, why.
    """

    account: Account
    pairs: dict[str, Value] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Books:
    """A chart, seen as what to write from: who is alone with a code, which rates there are."""

    chart: Chart
    knowledge: Knowledge
    rates: TaxRates
    holders: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, chart: Chart, knowledge: Knowledge) -> Books:
        """Count who holds what."""
        holders: dict[tuple[str, str], int] = {}
        for account in chart.accounts:
            for name, key_of in IDENTIFYING.items():
                identity = (name, key_of(str(account.value(name))))
                holders[identity] = holders.get(identity, 0) + 1
        return cls(chart, knowledge, TaxRates(chart.tax_rates), holders)

    def alone(self, name: str, value: Value) -> bool:
        """Tell whether one account at most has this code, name or number."""
        return self.holders.get((name, IDENTIFYING[name](str(value))), 0) < 2  # noqa: PLR2004

    def unsayable(self, name: str, value: Value) -> str:
        """Say why the file cannot give this field this value; "" when it can."""
        if name == "tax_type" and value and self.rates.code_for(str(value)) != value:
            return f"a tax rate is named {value}, and has another code"
        return unsayable(name, value)

    def rate_as_written(self, tax_type: str, before: str) -> str:
        """Give a tax rate as the file writes it: by name where it wrote a name before."""
        if before and self.rates.by_code(before) is None and self.rates.by_name(before):
            rate = self.rates.by_code(tax_type)
            if rate and self.rates.code_for(rate.name) == tax_type:
                return rate.name
        return tax_type


def compose(account: Account, books: Books, taken: Taken) -> Entry:
    """Give the entry of an account that no entry speaks of yet.

    An entry without a field that finds the account again has no pairs: it cannot be written.
    """
    entry = Entry(account)
    role = account.system_account
    if role and role not in SYSTEM_ACCOUNTS:
        entry.left_out["system_account"] = "the role is not one that a file can name"
    elif role and taken.take("system_account", role):
        entry.pairs["system_account"] = role
    for name in _wanted(account, books, by_role="system_account" in entry.pairs):
        value = clean(account.value(name))
        why = books.unsayable(name, value)
        if not why and name in IDENTIFYING and not taken.take(name, value):
            why = f"another account of the file has the {FIELD[name].label} too"
        if why:
            entry.left_out[name] = why
        else:
            entry.pairs[name] = value
    if not is_found(account, entry.pairs, books) and not pin(account, entry.pairs, books):
        entry.pairs.clear()
    return entry


def is_found(account: Account, pairs: Mapping[str, Value], books: Books) -> bool:
    """Tell whether these fields alone find the account again."""
    if "system_account" in pairs or "account_id" in pairs:
        return True
    if pairs.get("code"):
        return books.alone("code", pairs["code"])
    bank = account.type == "BANK" and pairs.get("type") == "BANK"
    return bank and any(
        bool(pairs.get(name)) and books.alone(name, pairs[name])
        for name in ("bank_account_number", "name")
    )


def pin(account: Account, pairs: dict[str, Value], books: Books) -> bool:
    """Add the account's id to an entry; False where the id is none that a file can hold."""
    if not books.knowledge.ids or unsayable("account_id", account.account_id):
        return False
    pairs["account_id"] = account.account_id
    return bool(account.account_id)


def _wanted(account: Account, books: Books, *, by_role: bool) -> Iterator[str]:
    """Name the fields worth writing of an account, in their order."""
    defaults = {
        "tax_type": "NONE",
        "bank_account_type": "BANK",
        "currency_code": books.chart.organisation.base_currency,
    }

    def _is_default(name: str) -> bool:
        if account.type != "BANK":
            return False
        told_by_name = name == "tax_type" and not books.knowledge.ids
        return told_by_name or account.value(name) == defaults.get(name)

    for spec in FIELDS:
        value = account.value(spec.name)
        empty = spec.comparable(value) == spec.empty
        if spec.name not in books.knowledge.fields or not spec.applies(account.type):
            continue
        if spec.name in {"code", "name", "type"}:
            if value and not (by_role and spec.name == "type" and not books.knowledge.every):
                yield spec.name
        elif books.knowledge.every:
            if not empty or spec.flag:
                yield spec.name
        elif not (empty or by_role or spec.name in _READ_ONLY or _is_default(spec.name)):
            yield spec.name


def render(entry: Entry, column: int, line_end: str) -> str:
    """Write an entry in lines, its dash in a column; ends with a line end."""
    indent = " " * (column + 2)
    lines = []
    for name, value in entry.pairs.items():
        text = str(value)
        written = block(text, indent + "  ", line_end) if "\n" in text else ""
        lines.append(f"{name}: {written or scalar(name, value)}")
    lines[1:1] = [f"# {name} left out: {why}" for name, why in _told(entry)]
    return (" " * column) + "- " + (line_end + indent).join(lines) + line_end


def render_flow(entry: Entry) -> str:
    """Write an entry in braces, on one line."""
    pairs = (f"{name}: {scalar(name, value, flow=True)}" for name, value in entry.pairs.items())
    return "{" + ", ".join(pairs) + "}"


def _told(entry: Entry) -> Iterable[tuple[str, str]]:
    return ((name, visible(why)) for name, why in entry.left_out.items())
