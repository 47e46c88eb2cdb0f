"""Tax rates as people write them → the codes that Xero takes.

A file may say `OUTPUT2` or `15% GST on Income`; the diff compares codes alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from xerosync.model import DesiredChart, Status, TaxRate

_PERCENT = re.compile(r"\s*\([0-9]+(?:[.,][0-9]+)?\s*%\)$")


class TaxRates:
    """The tax rates of one organisation, found by code or by display name."""

    def __init__(self, rates: Iterable[TaxRate]) -> None:
        self.all = tuple(rates)
        self._by_code = {rate.tax_type.casefold(): rate for rate in self.all}
        self._by_name: dict[str, list[TaxRate]] = {}
        for rate in self.all:
            self._by_name.setdefault(_spoken(rate.name), []).append(rate)

    def by_code(self, code: str) -> TaxRate | None:
        """Find a rate by Xero's code for it."""
        return self._by_code.get(code.casefold())

    def name_of(self, code: str) -> str:
        """Give the display name of a rate, "" for one that the organisation lacks."""
        rate = self.by_code(code)
        return rate.name if rate else ""

    def by_name(self, name: str) -> tuple[TaxRate, ...]:
        """Find rates by display name: the active ones, or else all of that name.

        Xero's chart CSV appends the percentage to some names, as in `Tax Exempt (0%)`.
        """
        found = self._by_name.get(_spoken(name)) or self._by_name.get(_without_percent(name), [])
        active = [rate for rate in found if rate.status == Status.ACTIVE]
        return tuple(active or found)

    def code_for(self, written: str) -> str:
        """Give Xero's code for what a file says; what is unknown or ambiguous stays as it is."""
        rate = self.by_code(written)
        if rate:
            return rate.tax_type
        found = self.by_name(written)
        return found[0].tax_type if len(found) == 1 else written

    def usable_for(self, account_class: str) -> tuple[TaxRate, ...]:
        """Give the active rates that apply to a class of accounts."""
        return tuple(
            rate
            for rate in self.all
            if rate.status == Status.ACTIVE and account_class in rate.applies_to
        )


def resolve(desired: DesiredChart, rates: TaxRates) -> DesiredChart:
    """Put every tax rate of the chart in the form that compares: Xero's code."""
    return replace(
        desired,
        accounts=tuple(
            replace(
                entry,
                values={**entry.values, "tax_type": rates.code_for(entry.text("tax_type"))},
            )
            if entry.text("tax_type")
            else entry
            for entry in desired.accounts
        ),
    )


def _without_percent(name: str) -> str:
    return _spoken(_PERCENT.sub("", name))


def _spoken(name: str) -> str:
    return " ".join(name.split()).casefold()
