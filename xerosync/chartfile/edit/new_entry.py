"""The new entry in a chart file for an account in Xero.

It never has values that a chart file cannot represent. With the default `SourceFields`, it also
leaves out values that need not be written, such as defaults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from xerosync.chartfile.edit.representable import normalized, why_not
from xerosync.model import (
    FIELD,
    FIELDS,
    SYSTEM_ACCOUNTS,
    Account,
    Chart,
    Status,
    Value,
    bank_number_key,
    code_key,
    name_key,
)
from xerosync.plan.tax_rates import TaxRates

UNIQUE = {"code": code_key, "name": name_key, "bank_account_number": bank_number_key}
"""Fields that must be unique in a file, besides ids and roles; each with its key function."""

NOT_FOUND_AGAIN = "no field that a chart file can hold identifies the account"
_READ_ONLY = frozenset({"reporting_code"})
"""Fields that Xero's API may not accept. A new entry from Xero has them only with `every`."""


@dataclass(frozen=True, slots=True)
class SourceFields:
    """The fields that the source of a chart has, and which of their values to write.

    `ids` is whether the source has Xero's account ids; a CSV has none. From a CSV, default values
    are written too, so that an export writes the same CSV again. With `every`, default values and
    flags that are false are written from any source.
    """

    fields: frozenset[str] = frozenset(f.name for f in FIELDS)
    ids: bool = True
    every: bool = False


@dataclass(slots=True)
class UsedValues:
    """The codes, names, bank account numbers and roles that the file's entries already have."""

    values: set[tuple[str, str]] = field(default_factory=set)

    def add(self, key: str, value: Value) -> bool:
        """Record a value of an entry; return False if another entry has it."""
        identity = (key, UNIQUE.get(key, str)(str(value)))
        if identity[1] and identity in self.values:
            return False
        self.values.add(identity)
        return True


@dataclass(slots=True)
class NewEntry:
    """The fields to write for one account, in their order.

    `left_out` gives the reason for each field that the file cannot hold. `previously` is the
    account's former code, "" if it has none.
    """

    account: Account
    values: dict[str, Value] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    previously: str = ""


@dataclass(frozen=True, slots=True)
class ChartSource:
    """A chart whose accounts are written into a file.

    `holders` counts the accounts that have each code, name and bank account number. `tax_types` are
    the names that the file uses for tax rates, with Xero's codes; None if it uses no such names.
    """

    chart: Chart
    known: SourceFields
    rates: TaxRates
    holders: Counter[tuple[str, str]]
    tax_types: Mapping[str, str] | None = None

    @classmethod
    def of(
        cls, chart: Chart, known: SourceFields, tax_types: Mapping[str, str] | None = None
    ) -> ChartSource:
        """Return the source for a chart."""
        holders = Counter(
            (name, key_of(str(account.value(name))))
            for account in chart.accounts
            for name, key_of in UNIQUE.items()
        )
        return cls(chart, known, TaxRates(chart.tax_rates), holders, tax_types)

    def is_unique(self, name: str, value: Value) -> bool:
        """Whether at most one account has this code, name or bank account number."""
        return self.holders[name, UNIQUE[name](str(value))] <= 1

    def why_not(self, name: str, value: Value) -> str:
        """Return why a file cannot hold a value in a field; "" if it can."""
        if name == "tax_type" and value and self.tax_types is not None:
            return "" if self._named(str(value)) else f"tax_types has no name for {value}"
        if name == "tax_type" and value and self.rates.code_for(str(value)) != value:
            return f"another tax rate is named {value}"
        return why_not(name, value)

    def _named(self, tax_type: str) -> str:
        """Return the name under `tax_types` for a tax rate, "" if there is none."""
        key = name_key(tax_type)
        return next(
            (
                name
                for name, code in (self.tax_types or {}).items()
                if self.rates.code_for(code) == tax_type or name_key(code) == key
            ),
            "",
        )

    def tax_rate(self, tax_type: str, before: str = "") -> str:
        """Return the text to write for a tax rate: its name under `tax_types`, "" if it has none.

        Without `tax_types`, return Xero's code. But if the text `before` was a display name, return
        the new rate's, with a percentage if needed to tell rates apart: `City Tax (8.25%)`. If
        even that is ambiguous, return the code.
        """
        if self.tax_types is not None:
            return self._named(tax_type)
        if before and self.rates.by_code(before) is None and self.rates.of_any_percent(before):
            rate = self.rates.by_code(tax_type)
            labels = (rate.name, self.rates.name_of(tax_type)) if rate else ()
            return next((x for x in labels if self.rates.code_for(x) == tax_type), tax_type)
        return tax_type


def new_entries(
    accounts: Iterable[Account], source: ChartSource, used: UsedValues, omitted: list[str]
) -> Iterator[NewEntry]:
    """Yield the entry of each active account, and add to `omitted` what the file cannot hold."""
    for account in accounts:
        if account.status != Status.ACTIVE:
            if account.status not in set(Status):
                omitted.append(left_out(account, unknown_status(account)))
            continue
        entry = new_entry(account, source, used)
        omitted += [left_out(account, why, name) for name, why in entry.left_out.items()]
        if entry.values:
            yield entry
        else:
            omitted.append(left_out(account, NOT_FOUND_AGAIN))


def left_out(account: Account, why: str, name: str = "") -> str:
    """Return the warning that an account is left out of the file or, with `name`, only a field."""
    what = f"{account.label or account.account_id}{': ' if name else ''}{name}"
    return f"{what} left out of the file: {why}."


def unknown_status(account: Account) -> str:
    """Return the reason for leaving out an account whose status is not known."""
    return f"its status in Xero is {account.status or 'empty'}"


def new_entry(account: Account, source: ChartSource, used: UsedValues) -> NewEntry:
    """Return an entry for an account that has none.

    If nothing would find the account again, `values` is empty: the entry cannot be written.
    """
    entry = NewEntry(account)
    role = account.system_account
    if role and role not in SYSTEM_ACCOUNTS:
        entry.left_out["system_account"] = "a file cannot name this role"
    elif role and used.add("system_account", role):
        entry.values["system_account"] = role
    for name in _fields(account, source, by_role="system_account" in entry.values):
        value = normalized(account.value(name))
        why = source.why_not(name, value)
        if not why and name in UNIQUE and not used.add(name, value):
            why = f"another account of the file has this {FIELD[name].label}"
        if why:
            entry.left_out[name] = why
        else:
            entry.values[name] = source.tax_rate(str(value)) if name == "tax_type" else value
    if not is_found(account, entry.values, source) and not pin(account, entry.values, source):
        entry.values.clear()
    return entry


def is_found(account: Account, values: Mapping[str, Value], source: ChartSource) -> bool:
    """Whether these values are enough to find the account again."""
    if "system_account" in values or "account_id" in values:
        return True
    if values.get("code"):
        return source.is_unique("code", values["code"])
    bank = account.type == "BANK" and values.get("type") == "BANK"
    return bank and any(
        bool(values.get(name)) and source.is_unique(name, values[name])
        for name in ("bank_account_number", "name")
    )


def pin(account: Account, values: dict[str, Value], source: ChartSource) -> bool:
    """Add the account's id to an entry; return False if there is no id that a file can hold."""
    if not source.known.ids or not account.account_id or why_not("account_id", account.account_id):
        return False
    values["account_id"] = account.account_id
    return True


def _fields(account: Account, source: ChartSource, *, by_role: bool) -> Iterator[str]:
    """Yield the fields of an account that are worth writing, in their order."""
    known = source.known
    defaults: dict[str, Value] = {}
    if account.type == "BANK":
        defaults = {
            "tax_type": "NONE",
            "bank_account_type": "BANK",
            "currency_code": source.chart.organisation.base_currency,
        }
    for spec in FIELDS:
        name, value = spec.name, account.value(spec.name)
        empty = spec.comparable(value) == spec.empty
        if name not in known.fields or not spec.applies(account.type):
            continue
        if name in {"code", "name", "type"}:
            wanted = value and not (by_role and name == "type" and not known.every)
        elif known.every:
            wanted = not empty or spec.flag
        elif not known.ids:
            wanted = not empty
        else:
            default = name in _READ_ONLY or defaults.get(name) == value
            wanted = not (empty or by_role or default)
        if wanted:
            yield name
