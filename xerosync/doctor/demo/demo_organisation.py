"""Read which organisation answers, and whether Xero says that it is a demo company."""

from __future__ import annotations

from xerosync.doctor.demo.port import RawAnswer, first, text
from xerosync.errors import Refused
from xerosync.model import Organisation


class NoDemoCompany(Refused):
    """Xero does not say that this is a demo company, or the run began with another organisation."""


def read_organisation(answer: RawAnswer) -> Organisation:
    """Return the organisation in an answer. Only `IsDemoCompany: true` makes it a demo company."""
    found = first(answer.data, "Organisations")
    return Organisation(
        text(found, "OrganisationID"),
        text(found, "Name"),
        text(found, "ShortCode"),
        text(found, "CountryCode"),
        is_demo_company=answer.done and found.get("IsDemoCompany") is True,
    )
