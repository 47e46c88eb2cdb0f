"""Choosing among several organisations of one sign-in: never simply the first."""

from __future__ import annotations

import pytest

from xero.scripted import Script, client_for, reply
from xerosync.errors import AccessDenied
from xerosync.model import OrganisationPin
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.tenants import Connection, find_tenant, pick

URL = Addresses().connections
SEVERAL = (Connection("id-a", "Acme"), Connection("id-b", "Beta"), Connection("id-c", "Beta"))


def find(wanted: OrganisationPin | None, chosen: str, *, open_: tuple[Connection, ...]) -> str:
    listed = [
        {"tenantId": one.tenant_id, "tenantName": one.name, "tenantType": "ORGANISATION"}
        for one in open_
    ]
    return find_tenant(client_for(Script(reply(200, listed))), URL, wanted, chosen)


@pytest.mark.parametrize("wanted", [None, OrganisationPin(), OrganisationPin(short_code="!x")])
def test_the_choice_at_sign_in_is_used_for_files_that_name_none(
    wanted: OrganisationPin | None,
) -> None:
    assert find(wanted, "id-b", open_=SEVERAL) == "id-b"


def test_the_file_takes_precedence_over_the_choice_at_sign_in() -> None:
    assert find(OrganisationPin(name="Acme"), "id-b", open_=SEVERAL) == "id-a"
    assert find(OrganisationPin(tenant_id="id-c"), "id-b", open_=SEVERAL) == "id-c"


@pytest.mark.parametrize("wanted", [OrganisationPin(name="Gamma"), OrganisationPin(name="Beta")])
def test_the_choice_at_sign_in_is_not_used_if_the_file_names_another(
    wanted: OrganisationPin,
) -> None:
    """The file names an unknown organisation, or one of two with the same name."""
    with pytest.raises(AccessDenied, match="not clear which one to use"):
        find(wanted, "id-a", open_=SEVERAL)


def test_a_choice_that_is_no_longer_connected_is_reported() -> None:
    with pytest.raises(AccessDenied, match="no longer connected"):
        find(None, "id-z", open_=SEVERAL)


@pytest.mark.parametrize(("text", "found"), [("acme", "id-a"), ("ID-B", "id-b"), ("id-c", "id-c")])
def test_an_organisation_is_picked_by_name_or_id(text: str, found: str) -> None:
    assert pick(SEVERAL, text).tenant_id == found


@pytest.mark.parametrize(("text", "says"), [("Gamma", "is not among"), ("Beta", "more than one")])
def test_an_unclear_choice_lists_the_organisations(text: str, says: str) -> None:
    with pytest.raises(AccessDenied, match=says) as caught:
        pick(SEVERAL, text)
    assert "Beta (id-c)" in caught.value.message
