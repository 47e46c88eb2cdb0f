"""Find chart files that are for the same organisation: an organisation may have only one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import UsageError
from xerosync.model import Organisation, name_key
from xerosync.organisations.failed import FailedOrganisation
from xerosync.plan.plan import Plan
from xerosync.text import full_stop, series

T = TypeVar("T")

RULE = "organisation-twice"
"""The id of the rule that no two files have the same tenant id."""


def both_for(organisation: str, files: Sequence[str]) -> UsageError:
    """Return the error for several files that are for one organisation."""
    how = "both" if len(files) == 2 else "all"  # noqa: PLR2004 (two)
    return UsageError(
        f"{series(files)} are {how} for {full_stop(organisation)}",
        "An organisation has one file: put all its accounts in one of these and remove the rest, or"
        " correct the organisation that a file names.",
    )


def distinct_charts(
    charts: Sequence[DesiredChart],
    elsewhere: Sequence[DesiredChart] = (),
    *,
    alone: bool = True,
    by_name: bool = False,
) -> tuple[tuple[DesiredChart, ...], tuple[FailedOrganisation, ...]]:
    """Return the charts whose organisation has only one chart. Return the other charts as failed.

    Charts with the same tenant id are for one organisation. With `by_name`, so are charts with the
    same name and profile, unless both have a tenant id. `elsewhere` has charts of other shards,
    and may include `charts`. With `alone`, raises `UsageError` if all fail with the same error.
    """
    books: dict[Hashable, list[DesiredChart]] = {}
    for chart in (*charts, *elsewhere):
        for key in _keys_of(chart.organisation):
            books.setdefault(key, []).append(chart)

    def same(chart: DesiredChart, other: DesiredChart) -> bool:
        one, another = chart.organisation, other.organisation
        if one.tenant_id and another.tenant_id:
            return same_organisation(one, another)
        return other is chart or (by_name and chart.profile == other.profile)

    def failure(chart: DesiredChart) -> FailedOrganisation | None:
        pin = chart.organisation
        found = (other for key in _keys_of(pin) for other in books[key] if same(chart, other))
        files = sorted({other.file for other in found})
        error = both_for(pin.name or pin.tenant_id, files)
        failed = FailedOrganisation(chart.file, pin.name, error, chart.tags, pin.tenant_id)
        return failed if len(files) > 1 else None

    return _split(charts, failure, alone=alone)


def distinct_plans(
    found: Sequence[T], plan_of: Callable[[T], Plan], *, alone: bool = True
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Return the results for organisations with only one file, and the other results as failed.

    The plan of a second file would not know what the first one changes. With `alone`, raises
    `UsageError` if all results fail with the same error.
    """

    def about(one: T) -> tuple[Organisation, str, tuple[str, ...]]:
        plan = plan_of(one)
        return plan.organisation, plan.file, plan.desired.tags

    return distinct_books(found, about, alone=alone)


def distinct_books(
    found: Sequence[T],
    about: Callable[[T], tuple[Organisation, str, tuple[str, ...]]],
    *,
    alone: bool = True,
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    """Return the results for organisations with only one file, and the other results as failed.

    `about` returns a result's organisation, file and tags; `alone` is as in `distinct_plans`.
    """
    files: dict[str, list[str]] = {}
    for one in found:
        organisation, file, _ = about(one)
        files.setdefault(organisation.tenant_id, []).append(file)

    def failure(one: T) -> FailedOrganisation | None:
        its, file, tags = about(one)
        same = files[its.tenant_id]
        failed = FailedOrganisation(file, its.name, both_for(its.name, same), tags, its.tenant_id)
        return failed if len(same) > 1 else None

    return _split(found, failure, alone=alone)


def same_organisation(one: OrganisationPin, other: OrganisationPin) -> bool:
    """Whether two pins name one organisation: by their ids, or by their names if one has no id."""
    if one.tenant_id and other.tenant_id:
        return one.tenant_id.casefold() == other.tenant_id.casefold()
    return bool(one.name) and name_key(one.name) == name_key(other.name)


def rivals(charts: Iterable[DesiredChart], pins: Mapping[str, OrganisationPin]) -> list[str]:
    """Return the files whose organisation, in `pins`, may be that of one of the charts."""
    known = {key for chart in charts for key in _keys_of(chart.organisation)}
    return [file for file, pin in pins.items() if known.intersection(_keys_of(pin))]


def _keys_of(pin: OrganisationPin) -> tuple[Hashable, ...]:
    by_id = [("id", pin.tenant_id.casefold())] if pin.tenant_id else []
    return (*by_id, *([("name", name_key(pin.name))] if pin.name else []))


def _split(
    found: Iterable[T], failure_of: Callable[[T], FailedOrganisation | None], *, alone: bool
) -> tuple[tuple[T, ...], tuple[FailedOrganisation, ...]]:
    kept, failed = [], []
    for one in found:
        if failure := failure_of(one):
            failed.append(failure)
        else:
            kept.append(one)
    if alone and failed and not kept and len({one.error.message for one in failed}) == 1:
        raise failed[0].error
    return tuple(kept), tuple(failed)
