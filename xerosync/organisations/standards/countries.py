"""The charts of a standard without an overlay: one for each country that its tax types name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import ChartError, Problem
from xerosync.organisations.standards.documents import Document, Finding, Kind
from xerosync.organisations.standards.inherited import Standard, combine
from xerosync.organisations.standards.merge import Merger

T = TypeVar("T")

ANYWHERE = ""
"""The country of a standard without tax types: its chart is the same in every country."""


@dataclass(frozen=True, slots=True)
class StandardCharts:
    """The charts of a standard by country, and a problem for each country without a chart.

    The countries are those of the standard's tax types, or `ANYWHERE`.
    """

    file: str
    name: str
    charts: Mapping[str, DesiredChart]
    problems: Mapping[str, Problem] = field(default_factory=dict)

    def chart(self, country: str, *, any_country: bool = False) -> DesiredChart:
        """Return the standard's chart in a country; `country` is "" if it is unknown.

        With `any_country`, an unknown country gets the first chart of the standard.
        Raises `ChartError` if the standard has no chart in the country.
        """
        found = self._in(self.charts, country, any_country=any_country)
        if found is None:
            raise ChartError((self._problem(country, any_country=any_country),))
        return found

    @staticmethod
    def _in(found: Mapping[str, T], country: str, *, any_country: bool) -> T | None:
        one = found.get(ANYWHERE) or found.get(country)
        return next(iter(found.values()), None) if any_country and not (one or country) else one

    def _problem(self, country: str, *, any_country: bool) -> Problem:
        countries = ", ".join(sorted({*self.charts, *self.problems}))
        here = f"; this organisation is in {country}"
        unknown = "; Xero states no country for this organisation"
        alone = "Export its chart from Xero as CSV, then use --current FOLDER and --country XX."
        return self._in(self.problems, country, any_country=any_country) or Problem(
            self.file, 0, 0, "tax-type-not-for-country",
            f"The tax types of the standard are for {countries}{here if country else unknown}.",
            "Add the country's codes under tax_types." if country else alone,
        )  # fmt: skip


def charts_of(standards: Sequence[Standard], file: str, name: str) -> StandardCharts:
    """Return the chart of combined standards in each country that their tax types name.

    Raises `ChartError` if the standards contradict each other.
    """
    standard, disagree = combine(standards)
    if disagree:
        raise ChartError(tuple(map(_problem, disagree)))
    countries = sorted({country for _, country in standard.tax_types}) or [ANYWHERE]
    merger = Merger(standard, {name})
    charts: dict[str, DesiredChart] = {}
    problems: dict[str, Problem] = {}
    for country in countries:
        alone = DesiredChart(file, (), OrganisationPin(country=country))
        merged, findings = merger.merge(Document(file, Kind.ORGANISATION, alone))
        wrong = [finding for finding in findings if finding.severity == "error"]
        if wrong:
            problems[country] = _problem(wrong[0])
        else:
            charts[country] = merged.chart
    return StandardCharts(file, name, charts, problems)


def _problem(finding: Finding) -> Problem:
    place = finding.place
    return Problem(
        place.file, place.line, place.column, finding.rule, finding.message, finding.hint
    )
