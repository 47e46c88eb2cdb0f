"""Choosing among several organisations of one sign-in: never simply the first."""

from __future__ import annotations

import pytest

from xerosync.desired import OrganisationPin
from xerosync.errors import AccessDenied
from xerosync.xero.auth.tenants import Connection, find_tenant, pick
from xerosync.xero.http.responses import no_access

SEVERAL = (Connection("id-a", "Acme"), Connection("id-b", "Beta"), Connection("id-c", "Beta"))


def find(wanted: OrganisationPin | None, chosen: str, *, open_: tuple[Connection, ...]) -> str:
    return find_tenant(open_, wanted, chosen)


@pytest.mark.parametrize("wanted", [None, OrganisationPin(), OrganisationPin(short_code="!x")])
def test_the_choice_at_sign_in_is_used_for_files_that_name_none(
    wanted: OrganisationPin | None,
) -> None:
    assert find(wanted, "id-b", open_=SEVERAL) == "id-b"


def test_the_file_takes_precedence_over_the_choice_at_sign_in() -> None:
    assert find(OrganisationPin(name="Acme"), "id-b", open_=SEVERAL) == "id-a"
    assert find(OrganisationPin(tenant_id="id-c"), "id-b", open_=SEVERAL) == "id-c"


def test_only_the_organisation_that_is_not_connected_is_named() -> None:
    """The others of the sign-in may be hundreds, and other clients."""
    with pytest.raises(AccessDenied) as caught:
        find(OrganisationPin(name="Gamma"), "id-a", open_=SEVERAL)
    assert caught.value.message == "Gamma is not among the organisations of this sign-in."
    assert not caught.value.naming_helps, "a name was given"


def test_without_a_name_the_hint_has_every_way_to_choose() -> None:
    with pytest.raises(AccessDenied, match="not clear which of these") as caught:
        find(OrganisationPin(), "", open_=SEVERAL)
    assert caught.value.naming_helps
    for way in ("`organisation:`", "with --organisation", "auth login --organisation", "TENANT_ID"):
        assert way in caught.value.hint


def test_only_organisations_with_the_same_name_are_listed() -> None:
    with pytest.raises(AccessDenied, match="not clear which of these") as caught:
        find(OrganisationPin(name="Beta"), "id-a", open_=SEVERAL)
    assert "Beta (id-b), Beta (id-c)" in caught.value.message
    assert "Acme" not in caught.value.message
    assert "give the tenant id" in caught.value.hint
    assert "Name it" not in caught.value.hint
    assert find(OrganisationPin(name="Beta", tenant_id="id-c"), "", open_=SEVERAL) == "id-c"


def test_a_short_code_alone_does_not_choose_and_the_hint_says_what_does() -> None:
    with pytest.raises(AccessDenied, match="not clear which of these") as caught:
        find(OrganisationPin(short_code="!Ab1"), "", open_=SEVERAL)
    assert "Xero's list of connections has no short codes" in caught.value.hint
    assert "Name it" not in caught.value.hint
    assert find(OrganisationPin(short_code="!Ab1"), "id-b", open_=SEVERAL) == "id-b"


def test_a_choice_that_is_no_longer_connected_is_reported() -> None:
    with pytest.raises(AccessDenied, match="no longer connected") as caught:
        find(None, "id-z", open_=SEVERAL)
    assert caught.value.naming_helps


@pytest.mark.parametrize(("text", "found"), [("acme", "id-a"), ("ID-B", "id-b"), ("id-c", "id-c")])
def test_an_organisation_is_picked_by_name_or_id(text: str, found: str) -> None:
    assert pick(SEVERAL, text).tenant_id == found


def test_of_many_organisations_only_ten_are_listed() -> None:
    many = tuple(Connection(f"id-{number}", f"Client {number}") for number in range(200))
    with pytest.raises(AccessDenied) as unclear:
        find(None, "", open_=many)
    with pytest.raises(AccessDenied) as unknown:
        pick(many, "Gamma")
    for caught in (unclear, unknown):
        assert caught.value.message.endswith("Client 9 (id-9) and 190 more.")


def test_an_ambiguous_choice_lists_only_the_organisations_that_match() -> None:
    with pytest.raises(AccessDenied) as caught:
        pick(SEVERAL, "beta")
    assert "Acme" not in caught.value.message


@pytest.mark.parametrize(("text", "says"), [("Gamma", "is not among"), ("Beta", "more than one")])
def test_an_unclear_choice_lists_the_organisations(text: str, says: str) -> None:
    with pytest.raises(AccessDenied, match=says) as caught:
        pick(SEVERAL, text)
    assert "Beta (id-c)" in caught.value.message


def test_a_refused_tenant_id_does_not_make_init_ask_for_a_name() -> None:
    """Its id may come from XERO_TENANT_ID, which takes precedence over any name."""
    assert not no_access("id-a").naming_helps
