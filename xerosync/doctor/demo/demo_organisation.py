"""The organisation that answers: a demo company only if Xero itself says so."""

from __future__ import annotations

from xerosync.doctor.demo.port import RawAnswer, first, text
from xerosync.errors import Refused
from xerosync.model import Organisation


class NoDemoCompany(Refused):
    """Xero does not say that this is a demo company, or the run began in other books."""


def read_organisation(answer: RawAnswer) -> Organisation:
    """Return the organisation of an answer. Only a plain `true` makes it a demo company."""
    found = first(answer.data, "Organisations")
    return Organisation(
        text(found, "OrganisationID"),
        text(found, "Name"),
        text(found, "ShortCode"),
        text(found, "CountryCode"),
        is_demo_company=answer.done and found.get("IsDemoCompany") is True,
    )
