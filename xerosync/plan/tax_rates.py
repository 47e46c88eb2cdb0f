"""Tax rates by name and by code: a file may use either, the plan compares codes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from xerosync.model import DesiredAccount, DesiredChart, Status, TaxRate, name_key
from xerosync.plan.plan import Change, FieldChange

_PERCENT = re.compile(r"\s*\([0-9]+(?:[.,][0-9]+)?\s*%\)$")


class TaxRates:
    """The tax rates of one organisation, found by code or by display name."""

    def __init__(self, rates: Iterable[TaxRate]) -> None:
        self.all = tuple(rates)
        self._by_code = {rate.tax_type.casefold(): rate for rate in self.all}
        self._by_name: dict[str, list[TaxRate]] = {}
        for rate in self.all:
            self._by_name.setdefault(name_key(rate.name), []).append(rate)

    def by_code(self, code: str) -> TaxRate | None:
        """Return the rate with Xero's code for it."""
        return self._by_code.get(code.casefold())

    def name_of(self, code: str) -> str:
        """Return the display name of a rate, "" if the organisation lacks it."""
        rate = self.by_code(code)
        return rate.name if rate else ""

    def by_name(self, name: str) -> tuple[TaxRate, ...]:
        """Return the rates with a display name: the active ones, or else all.

        Xero's chart CSV appends the percentage to some names, as in `Tax Exempt (0%)`.
        """
        without_percent = name_key(_PERCENT.sub("", name))
        found = self._by_name.get(name_key(name)) or self._by_name.get(without_percent, [])
        active = [rate for rate in found if rate.status == Status.ACTIVE]
        return tuple(active or found)

    def code_for(self, written: str) -> str:
        """Return Xero's code for a code or name; unknown and ambiguous ones stay as written."""
        rate = self.by_code(written)
        if rate:
            return rate.tax_type
        found = self.by_name(written)
        return found[0].tax_type if len(found) == 1 else written

    def usable_for(self, account_class: str) -> tuple[TaxRate, ...]:
        """Return the active rates that apply to a class of accounts."""
        return tuple(
            rate
            for rate in self.all
            if rate.status == Status.ACTIVE and account_class in rate.applies_to
        )


def resolve(desired: DesiredChart, rates: TaxRates) -> DesiredChart:
    """Return the chart with Xero's code for every tax rate."""

    def resolved(entry: DesiredAccount) -> DesiredAccount:
        written = entry.text("tax_type")
        if not written:
            return entry
        return replace(entry, values={**entry.values, "tax_type": rates.code_for(written)})

    return replace(desired, accounts=tuple(map(resolved, desired.accounts)))


def with_names(change: Change, rates: TaxRates) -> Change:
    """Return the change with the names of tax rates, which people know better than codes."""

    def named(field: FieldChange) -> FieldChange:
        if field.field != "tax_type":
            return field
        before, after = (rates.name_of(str(code)) for code in (field.before, field.after))
        return replace(field, before_label=before, after_label=after)

    return replace(change, fields=tuple(map(named, change.fields)))
