"""A plan is made only for the organisation that the file names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import ORGANISATION, account, chart, wanted

from xerosync.desired import OrganisationPin, Source
from xerosync.errors import UsageError, WrongOrganisation
from xerosync.plan.build import build
from xerosync.plan.organisation import check_asked, check_organisation


@pytest.mark.parametrize(
    "pin",
    [
        OrganisationPin(),
        OrganisationPin(name="Demo Company (NZ)"),
        OrganisationPin(name="  demo company  (nz)"),
        OrganisationPin(tenant_id="TENANT-1"),
        OrganisationPin(short_code="!demo"),
        OrganisationPin(name="Demo Company (NZ)", tenant_id="tenant-1", short_code="!demo"),
    ],
)
def test_the_organisation_that_the_file_names_passes(pin: OrganisationPin) -> None:
    check_organisation(pin, ORGANISATION)


@pytest.mark.parametrize(
    ("pin", "differs"),
    [
        (OrganisationPin(name="Acme"), ("name Acme in the file",)),
        (OrganisationPin(tenant_id="tenant-2"), ("tenant_id tenant-2 in the file",)),
        (OrganisationPin(short_code="!DEMO"), ("short_code !DEMO in the file",)),
        (OrganisationPin(name="Demo Company (NZ)", tenant_id="other"), ("tenant_id other",)),
        (OrganisationPin(name="A", short_code="B"), ("name A", "short_code B")),
    ],
)
def test_each_part_given_in_the_file_must_match(
    pin: OrganisationPin, differs: tuple[str, ...]
) -> None:
    with pytest.raises(WrongOrganisation) as caught:
        check_organisation(replace(pin, source=Source("accounts.yaml", 3, 1)), ORGANISATION)
    for part in differs:
        assert part in str(caught.value)
    assert "Demo Company (NZ)" in str(caught.value)
    assert "Nothing" in caught.value.hint


def test_a_detail_that_xero_does_not_give_is_shown_as_none() -> None:
    with pytest.raises(WrongOrganisation, match=r"short_code !demo in your option, none in Xero\."):
        check_organisation(
            OrganisationPin(short_code="!demo"), replace(ORGANISATION, short_code="")
        )


def test_for_a_journal_the_error_does_not_say_to_correct_it() -> None:
    pin = OrganisationPin(tenant_id="tenant-2", source=Source("runs/1.jsonl"))
    with pytest.raises(WrongOrganisation, match="records an apply to the organisation") as caught:
        check_organisation(pin, ORGANISATION)
    assert "tenant_id tenant-2 there, tenant-1 in Xero" in caught.value.message
    assert caught.value.hint.endswith("Use the credentials of the organisation that it names.")


def test_the_error_names_the_line_in_the_file() -> None:
    pin = OrganisationPin(name="Acme", source=Source("accounts.yaml", 3, 1))
    with pytest.raises(WrongOrganisation, match=r"accounts\.yaml:3 is for the organisation Acme"):
        check_organisation(pin, ORGANISATION)


def test_the_error_names_no_file_if_there_is_none() -> None:
    pin = OrganisationPin(name="Acme")
    with pytest.raises(WrongOrganisation, match=r"^You asked for the organisation Acme") as caught:
        check_organisation(pin, ORGANISATION)
    assert "name Acme in your option" in str(caught.value)
    assert caught.value.hint.endswith("or ask for Demo Company (NZ).")
    assert "file" not in str(caught.value) + caught.value.hint


def test_no_plan_is_made_for_another_organisation() -> None:
    with pytest.raises(WrongOrganisation):
        build(chart(account("1")), wanted(pin=OrganisationPin(name="Acme")))


@pytest.mark.parametrize(
    ("asked", "passes"),
    [
        (OrganisationPin(), True),
        (OrganisationPin(name="demo company (NZ)"), True),
        (OrganisationPin(tenant_id="TENANT-1"), True),
        (OrganisationPin(name="Other Ltd"), False),
        (OrganisationPin(tenant_id="tenant-2"), False),
    ],
)
def test_an_option_may_not_ask_for_another_organisation(
    asked: OrganisationPin, passes: bool
) -> None:
    pin = OrganisationPin(name="Demo Company (NZ)", tenant_id="tenant-1")
    if passes:
        check_asked(pin, asked, "accounts.yaml")
    else:
        with pytest.raises(UsageError, match=r"accounts\.yaml is for the organisation"):
            check_asked(pin, asked, "accounts.yaml")
