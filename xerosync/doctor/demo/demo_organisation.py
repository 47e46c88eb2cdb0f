"""The organisation that answers: a demo company only if Xero itself says so."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.doctor.demo.port import RawAnswer, first, text
from xerosync.errors import Refused


class NoDemoCompany(Refused):
    """Xero does not say that this is a demo company, or the run began in other books."""


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """The organisation that answers, as Xero describes it."""

    id: str
    name: str
    short_code: str
    country: str
    is_demo: bool


def read_organisation(answer: RawAnswer) -> DemoOrganisation:
    """Return the organisation of an answer. Only a plain `true` makes it a demo company."""
    found = first(answer.data, "Organisations")
    return DemoOrganisation(
        text(found, "OrganisationID"),
        text(found, "Name"),
        text(found, "ShortCode"),
        text(found, "CountryCode"),
        is_demo=answer.done and found.get("IsDemoCompany") is True,
    )
