"""A standard by itself: what it says in each country that its tax types are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import ChartError, Problem
from xerosync.organisations.standards.documents import Document, Finding, Kind
from xerosync.organisations.standards.inherited import Standard, combine
from xerosync.organisations.standards.merge import Merger

ANYWHERE = ""
"""The country of a standard that names no tax types: it says the same in all of them."""


@dataclass(frozen=True, slots=True)
class StandardCharts:
    """The chart of a standard by country, and why there is none in others."""

    file: str
    name: str
    charts: Mapping[str, DesiredChart]
    problems: Mapping[str, Problem] = field(default_factory=dict)

    def chart(self, country: str, *, any_country: bool = False) -> DesiredChart:
        """Return what the standard says in a country, or with `any_country` in some country.

        Raises `ChartError` if its tax types are not for that country.
        """
        found = self.charts.get(ANYWHERE) or self.charts.get(country)
        if found is None and any_country and not country:
            found = next(iter(self.charts.values()), None)
        if found is not None:
            return found
        known = ", ".join(sorted(self.charts)) or "no country"
        raise ChartError(
            (
                self.problems.get(country)
                or Problem(
                    self.file, 0, 0, "tax-type-not-for-country",
                    f"The tax types of the standard are for {known}, and Xero says that this "
                    f"organisation is in {country or 'no country'}.",
                    "Add the country's codes under tax_types.",
                ),
            )
        )  # fmt: skip


def charts_of(standards: Sequence[Standard], file: str, name: str) -> StandardCharts:
    """Return what standards say together in each country that their tax types name.

    Raises `ChartError` if they contradict each other.
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
