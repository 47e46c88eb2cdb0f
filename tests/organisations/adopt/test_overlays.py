"""Which overlay belongs to which organisation, and what new overlays are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import ChartError, Problem, UsageError
from xerosync.model import Chart, Organisation
from xerosync.organisations.adopt.overlays import Overlays, refuse_unknown
from xerosync.organisations.book import Book
from xerosync.organisations.failed import FailedOrganisation

FOLDER = Path("clients")
ID = "11111111-1111-4111-8111-11111111111"
"""A tenant id without its last digit."""

ACME, BRIGHT = Organisation(f"{ID}1", "Acme"), Organisation(f"{ID}2", "Bright")
EXPORTED = Organisation("", "Acme", country_code="NZ")
STANDARDS = ("standard.yaml",)

Invalid = tuple[FailedOrganisation, OrganisationPin]


def book(organisation: Organisation, desired: DesiredChart | None = None) -> Book:
    return Book(Chart(organisation, ()), desired, desired.file if desired else "")


def pinned(name: str = "", tenant_id: str = "", **other: str) -> OrganisationPin:
    return OrganisationPin(name, tenant_id, other.get("short_code", ""), other.get("country", ""))


def file(path: str, standard: str = "Rimu", profile: str = "", /, **pin: str) -> DesiredChart:
    return DesiredChart(path, (), pinned(**pin), standard=standard, profile=profile)


def invalid(path: str, /, **pin: str) -> Invalid:
    error = ChartError((Problem(path, 1, 1, "syntax", "It is invalid.", ""),))
    return FailedOrganisation(path, "", error), pinned(**pin)


def of_each(
    overlays: Overlays, books: Sequence[Book], standards: Sequence[str] = STANDARDS
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the organisations' overlays, and the messages about files that fail."""
    done, failed = overlays.of_each(books, standards, lambda *both: both)
    paths = {one.chart.organisation.name: path for one, path in done}
    assert all((one.desired.file if one.desired else path) == path for one, path in done)
    return paths, {one.file: one.error.message for one in failed}


def found(
    books: Sequence[Book], charts: Sequence[DesiredChart] = (), broken: Sequence[Invalid] = ()
) -> tuple[dict[str, str], dict[str, str]]:
    return of_each(Overlays(FOLDER).with_files(charts, broken, books), books)


@pytest.mark.parametrize(
    "pin", [{"tenant_id": f"{ID}1", "name": "Old Name"}, {"name": "ACME"}, {"tenant_id": f"{ID}1"}]
)
def test_a_file_belongs_to_the_organisation_of_its_tenant_id_or_else_of_its_name(
    pin: dict[str, str],
) -> None:
    paths, failed = found([book(ACME), book(BRIGHT)], [file("x.yaml", **pin)])
    assert paths == {"Acme": "x.yaml", "Bright": "clients/bright.yaml"}
    assert not failed


def test_the_file_that_a_book_was_read_with_is_its_overlay() -> None:
    paths, _ = of_each(Overlays(FOLDER), [book(ACME, file("own.yaml", name="Acme"))])
    assert paths == {"Acme": "own.yaml"}


@pytest.mark.parametrize("pin", [{"tenant_id": f"{ID}9"}, {"short_code": "!x"}])
def test_the_file_of_an_exported_book_is_found_by_its_name(pin: dict[str, str]) -> None:
    """A CSV has neither the tenant id, nor the short code, nor the profile that a file may name."""
    named = file("x.yaml", "Rimu", "work", name="ACME", country="NZ", **pin)
    books = [book(EXPORTED)]
    ((one, path),), failed = (
        Overlays(FOLDER)
        .with_files([named], [], books)
        .of_each(books, STANDARDS, lambda *both: both)
    )
    assert path == "x.yaml"
    assert not failed
    assert one.desired is not None
    assert one.desired.organisation == OrganisationPin("ACME", country="NZ")
    assert one.desired.profile == ""


@pytest.mark.parametrize("tenant_id", [f"{ID}1", ""])
def test_two_files_for_one_organisation_fail_and_it_is_left_out(tenant_id: str) -> None:
    both = [file(name, name="Acme", tenant_id=tenant_id) for name in ("x.yaml", "y.yaml")]
    paths, failed = found([book(ACME), book(BRIGHT)], both)
    assert paths == {"Bright": "clients/bright.yaml"}
    assert failed == dict.fromkeys(("x.yaml", "y.yaml"), "x.yaml and y.yaml are both for Acme.")


def test_two_files_with_one_name_fail_for_an_exported_book_whatever_else_they_name() -> None:
    both = [file(f"{n}.yaml", "Rimu", str(n), name="Acme", tenant_id=f"{ID}{n}") for n in (1, 2)]
    paths, failed = found([book(EXPORTED)], both)
    assert not paths
    assert set(failed) == {"1.yaml", "2.yaml"}


@pytest.mark.parametrize("pin", [{"tenant_id": f"{ID}1"}, {"name": "Acme"}])
def test_the_organisation_of_an_invalid_file_is_left_out(pin: dict[str, str]) -> None:
    paths, failed = found([book(ACME), book(BRIGHT)], broken=[invalid("x.yaml", **pin)])
    assert paths == {"Bright": "clients/bright.yaml"}
    assert set(failed) == {"x.yaml"}


def test_each_of_several_invalid_files_fails() -> None:
    broken = [invalid(f"{n}.yaml", name=name) for n, name in enumerate(("Acme", "Acme", "", ""))]
    paths, failed = found([book(ACME), book(BRIGHT)], broken=broken)
    assert paths == {"Bright": "clients/bright.yaml"}
    assert set(failed) == {"0.yaml", "1.yaml", "2.yaml", "3.yaml"}


def test_an_invalid_file_with_a_valid_tenant_id_stops_nothing() -> None:
    refuse_unknown([])
    refuse_unknown([invalid("x.yaml", tenant_id=f"{ID}A".upper())])


@pytest.mark.parametrize("pin", [{}, {"name": "Acme"}, {"tenant_id": "oops"}])
def test_an_invalid_file_that_may_be_for_any_organisation_is_refused(pin: dict[str, str]) -> None:
    known = invalid("known.yaml", tenant_id=f"{ID}1")
    with pytest.raises(ChartError) as told:
        refuse_unknown([known, invalid("x.yaml", **pin)])
    assert told.value.message == (
        "x.yaml is invalid, and has no valid tenant_id: its organisation could get a second"
        " overlay."
    )
    assert [one.file for one in told.value.problems] == ["x.yaml"]
    with pytest.raises(ChartError) as told:
        refuse_unknown([known, invalid("x.yaml", **pin), invalid("y.yaml", **pin)])
    assert told.value.message.endswith(" overlay. The same is true of 1 other file.")


def test_a_file_pinned_by_name_alone_is_not_taken_for_two_organisations() -> None:
    books = [book(ACME), book(Organisation(f"{ID}2", "Acme"))]
    paths, failed = found(books, [file("x.yaml", name="Acme")])
    assert paths == {"Acme": "x.yaml"}
    assert failed == {
        "x.yaml": "x.yaml may be for this organisation or for another of the same name."
    }


def test_the_failure_of_one_organisation_stops_no_other() -> None:
    def work(one: Book, path: str) -> str:
        if one.chart.organisation is ACME:
            raise UsageError("It fails.")
        return path

    done, failed = Overlays(FOLDER).of_each([book(ACME), book(BRIGHT)], STANDARDS, work)
    assert done == ("clients/bright.yaml",)
    assert [(one.file, one.name) for one in failed] == [("clients/acme.yaml", "Acme")]


def test_an_organisation_joins_the_standard_of_the_options_or_else_of_its_file() -> None:
    extends, alone = (file("x.yaml", standard, name="Acme") for standard in ("Rimu", ""))
    assert of_each(Overlays(FOLDER), [book(ACME, extends)], ()) == ({"Acme": "x.yaml"}, {})
    assert of_each(Overlays(FOLDER), [book(ACME, alone)]) == ({"Acme": "x.yaml"}, {})
    for one in (book(ACME, alone), book(ACME)):
        with pytest.raises(UsageError, match=r"Acme has no standard to join\."):
            of_each(Overlays(FOLDER), [one], ())


def new_name(name: str, taken: Sequence[str] = (), tenant_id: str = f"{ID}1") -> str:
    one = book(Organisation(tenant_id, name))
    ((path,), _) = Overlays(FOLDER, frozenset(taken)).of_each(
        [one], STANDARDS, lambda _, path: path
    )
    return path


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Acme Ltd.", "acme-ltd"),
        ("../../etc/passwd", "etc-passwd"),
        ("Ånne & Søn", "anne-sn"),
        ("CON", "organisation-11111111"),
        ("lpt1", "organisation-11111111"),
        ("漢字", "organisation-11111111"),
        ("A" * 59 + " B", "a" * 59),
    ],
)
def test_the_name_of_a_new_overlay_is_safe_on_every_system(name: str, path: str) -> None:
    assert new_name(name) == f"clients/{path}.yaml"


@pytest.mark.parametrize(
    ("taken", "path"),
    [
        (["acme.yaml"], "acme-11111111"),
        (["acme.yaml", "acme-11111111.yaml"], "acme-2"),
        (["acme.yaml", "acme-11111111.yaml", "acme-2.yaml"], "acme-3"),
    ],
)
def test_a_new_overlay_gets_no_name_that_is_in_the_folder(taken: list[str], path: str) -> None:
    assert new_name("Acme", taken) == f"clients/{path}.yaml"


def test_without_a_tenant_id_a_number_tells_new_overlays_apart() -> None:
    assert new_name("Acme", ["acme.yaml"], "") == "clients/acme-2.yaml"
    assert new_name("漢字", (), "") == "clients/organisation.yaml"


def test_organisations_with_alike_names_get_different_overlays() -> None:
    books = [book(Organisation("", name)) for name in ("Acme", "ACME!", "Acme.")]
    paths, _ = of_each(Overlays(FOLDER), books)
    assert [*paths.values()] == [f"clients/acme{end}.yaml" for end in ("", "-2", "-3")]


def test_a_folder_that_is_full_of_a_name_is_refused() -> None:
    taken = [f"acme-{number}.yaml" for number in range(10_000)]
    with pytest.raises(UsageError, match="clients has too many files called acme"):
        new_name("Acme", ["acme.yaml", *taken], "")
