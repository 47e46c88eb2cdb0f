"""A sandbox that answers as a report says is asked again, and the same report comes out.

So a report that somebody has contributed holds the sandbox to account: where it cannot answer
as that Xero did, this fails.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from behaviours import answers_of, assumed, opposite

from doctor.demo.conftest import OpenCompany
from xerosync.xero_behaviour import OTHER, Behaviour, from_json

FOLDER = Path(__file__).parents[3] / "behaviour"
PLACES = {"NZ": "NZ", "AU": "AU", "GB": "UK", "US": "US"}
REPORTS = {
    **{f"assumed-{country}": assumed(country) for country in ("NZ", "AU")},
    **{f"opposite-{country}": opposite(country) for country in ("NZ", "AU")},
    **{
        path.stem: from_json(json.loads(path.read_text("utf-8")))
        for path in sorted(FOLDER.glob("*.json"))
    },
}
"""The reports that are made here, and those that people have contributed."""


def replayed(open_company: OpenCompany, report: Behaviour) -> Behaviour:
    """Return the report on a sandbox that answers as a report says."""
    texts = {str(question): one.texts for question, one in report.findings.items() if one.texts}
    company = open_company(
        country=PLACES.get(report.country, "NZ"), behaviour=answers_of(report), texts=texts
    )
    return company.ask()


@pytest.mark.parametrize("name", REPORTS)
def test_a_replayed_report_gives_the_same_report(open_company: OpenCompany, name: str) -> None:
    """And what comes out can be replayed in turn, with every text."""
    went_in = REPORTS[name]
    first = replayed(open_company, went_in)
    known = {q: one.answer for q, one in went_in.findings.items() if one.answer != OTHER}
    assert {q: one.answer for q, one in first.findings.items() if q in known} == known
    assert replayed(open_company, first).findings == first.findings
