"""Find tax rates by name or by code: a file may use either, but a plan compares codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from xerosync.desired import DesiredChart
from xerosync.model import Status, TaxRate, Value, name_key
from xerosync.plan.matching.match import Match
from xerosync.plan.plan import Change, FieldChange

_PERCENT = re.compile(r"\s*\(([0-9]{1,4}(?:[.,][0-9]{1,8})?)\s*%\)$")
_CUSTOM = re.compile(r"TAX[0-9]{3,}")
"""Xero's codes for the rates that an organisation adds."""


def split_label(label: str) -> tuple[str, Decimal | None]:
    """Return the parts of a label such as `City Tax (8.25%)`: the name, and the percent or None."""
    found = _PERCENT.search(label)
    if not found:
        return label, None
    return label[: found.start()], Decimal(found[1].replace(",", "."))


def percent_text(percent: Decimal) -> str:
    """Return a percent without needless zeros: `8.25%`."""
    return f"{percent.normalize():f}%"


class TaxRates:
    """The tax rates of one organisation, found by code or by display name."""

    def __init__(self, rates: Iterable[TaxRate]) -> None:
        self.all = tuple(rates)
        self._by_code = {rate.tax_type.casefold(): rate for rate in self.all}
        self._by_name: dict[str, list[TaxRate]] = {}
        for rate in self.all:
            self._by_name.setdefault(name_key(rate.name), []).append(rate)

    def by_code(self, code: str) -> TaxRate | None:
        """Return the rate with this code in Xero, None if the organisation lacks it."""
        return self._by_code.get(code.casefold())

    def name_of(self, code: str) -> str:
        """Return a rate's display name, "" if unknown. Add the percent if rates share the name."""
        rate = self.by_code(code)
        if rate is None:
            return ""
        return _labelled(rate) if len(self._by_name[name_key(rate.name)]) > 1 else rate.name

    def csv_label(self, rate: TaxRate) -> str:
        """Return a rate's name in Xero's chart CSV, where a custom rate has its percent."""
        return _labelled(rate) if _CUSTOM.fullmatch(rate.tax_type) else self.name_of(rate.tax_type)

    def portable(self, code: str) -> str:
        """Return a rate's code, or a custom rate's CSV name, for use in any organisation.

        A custom rate's code may be the code of a different rate in another organisation.
        """
        rate = self.by_code(code)
        return self.csv_label(rate) if rate and _CUSTOM.fullmatch(rate.tax_type) else code

    def by_name(self, label: str) -> tuple[TaxRate, ...]:
        """Return the active rates with this display name. If none is active, return inactive rates.

        If a label ends with a percent, as in `City Tax (8.25%)`, omit rates with another percent.
        """
        found = self._by_name.get(name_key(label))
        if not found:
            _, percent = split_label(label)
            found = [r for r in self.of_any_percent(label) if r.percent in (percent, None)]
        return tuple([rate for rate in found if rate.status == Status.ACTIVE] or found)

    def of_any_percent(self, label: str) -> tuple[TaxRate, ...]:
        """Return the rates with the name in a label. Any percent will do."""
        return tuple(self._by_name.get(name_key(split_label(label)[0]), ()))

    def code_for(self, written: str) -> str:
        """Return Xero's code for a code or name. Return an unknown or ambiguous text unchanged."""
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
    """Return the chart with Xero's codes for its tax rates (see `TaxRates.code_for`)."""

    def coded(values: Mapping[str, Value]) -> Mapping[str, Value]:
        written = str(values.get("tax_type", ""))
        return {**values, "tax_type": rates.code_for(written)} if written else values

    resolved = (
        replace(entry, values=coded(entry.values), initial=coded(entry.initial))
        for entry in desired.accounts
    )
    return replace(desired, accounts=tuple(resolved))


def keep_shared(match: Match, rates: TaxRates) -> Match:
    """Return the match; if its entry names the account's tax rate, the entry gets the rate's code.

    So a name that several rates share is ambiguous only if the account has none of these rates.
    """
    account, written = match.account, match.desired.text("tax_type")
    if account is None or not written or rates.by_code(written):
        return match
    if account.tax_type not in {rate.tax_type for rate in rates.by_name(written)}:
        return match
    values = {**match.desired.values, "tax_type": account.tax_type}
    return replace(match, desired=replace(match.desired, values=values))


def _labelled(rate: TaxRate) -> str:
    if rate.percent is None or split_label(rate.name)[1] is not None:
        return rate.name
    return f"{rate.name} ({percent_text(rate.percent)})"


def with_names(change: Change, rates: TaxRates) -> Change:
    """Return the change with the names of its tax rates as labels, for people to read."""

    def named(field: FieldChange) -> FieldChange:
        if field.field != "tax_type":
            return field
        before, after = (rates.name_of(str(code)) for code in (field.before, field.after))
        return replace(field, before_label=before, after_label=after)

    return replace(change, fields=tuple(map(named, change.fields)))
