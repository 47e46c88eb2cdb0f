"""Which files may be for the same organisation."""

from __future__ import annotations

import pytest

from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.organisations.distinct import distinct_charts, rivals

PINS = {
    "name.yaml": OrganisationPin("acme  ltd"),
    "id.yaml": OrganisationPin(tenant_id="AB-1"),
    "both.yaml": OrganisationPin("Other", "ab-1"),
    "else.yaml": OrganisationPin("Best Ltd", "ab-2"),
    "none.yaml": OrganisationPin(),
}


def chart(pin: OrganisationPin, file: str = "a.yaml") -> DesiredChart:
    return DesiredChart(file, (), pin)


@pytest.mark.parametrize(
    ("pin", "found"),
    [
        (OrganisationPin("Acme Ltd"), ["name.yaml"]),
        (OrganisationPin(tenant_id="ab-1"), ["id.yaml", "both.yaml"]),
        (OrganisationPin("Acme Ltd", "ab-1"), ["name.yaml", "id.yaml", "both.yaml"]),
        (OrganisationPin(), []),
    ],
)
def test_a_file_with_the_same_name_or_tenant_id_is_a_rival(
    pin: OrganisationPin, found: list[str]
) -> None:
    assert rivals([chart(pin)], PINS) == found


def test_the_charts_of_other_jobs_may_include_ours() -> None:
    one, two = chart(OrganisationPin("A", "1"), "1.yaml"), chart(OrganisationPin("B", "2"))
    assert distinct_charts([one], [one, two], by_name=True) == ((one,), ())
    other = chart(OrganisationPin("A", "1"), "3.yaml")
    _, (failed,) = distinct_charts([one, two], [one, two, other])
    assert failed.error.message == "1.yaml and 3.yaml are both for A."
