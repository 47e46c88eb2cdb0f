"""Find the overlay of each organisation that joins a standard: its chart file, or a new one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import ChartError, UsageError, XerosyncError
from xerosync.model import Organisation, name_key
from xerosync.organisations.book import Book
from xerosync.organisations.distinct import distinct_charts
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.run import failed_at
from xerosync.text import counted

_T = TypeVar("_T")
_Invalid = Sequence[tuple[FailedOrganisation, OrganisationPin]]
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
"""Names that no file can have on Windows."""


@dataclass(frozen=True, slots=True)
class Overlays:
    """The overlays in a folder, by organisation: the charts of valid files, and files that fail.

    `names` are the file names in the folder, in lower case: no new overlay gets one of them. A key
    of `charts` or `failed` is a tenant id; the organisation's name if the file has no id or the
    books are a CSV, which has no ids; or the path of a failed file whose key is empty or taken.
    """

    folder: Path
    names: frozenset[str] = frozenset()
    charts: Mapping[str, DesiredChart] = field(default_factory=dict)
    failed: Mapping[str, FailedOrganisation] = field(default_factory=dict)

    def with_files(
        self, charts: Sequence[DesiredChart], invalid: _Invalid, books: Iterable[Book]
    ) -> Overlays:
        """Return the overlays with these valid charts, and these invalid files with their pins.

        A file also fails if another file is for its organisation.
        """
        csv = next((book.chart.organisation for book in books if book.exported), None)
        pins = {chart.file: chart.organisation for chart in charts}
        pinned = [_as_exported(chart, csv) if csv else chart for chart in charts]
        kept, twice = distinct_charts(pinned, alone=False, by_name=True)
        failed = dict[str, FailedOrganisation]()
        for one, pin in (*invalid, *((one, pins[one.file]) for one in twice)):
            key = (name_key(pin.name) if csv else _key(pin)) or one.file
            failed[one.file if key in failed else key] = replace(one, name=pin.name)
        valid = {_key(chart.organisation): chart for chart in kept}
        return replace(self, charts=valid, failed=failed)

    def of_each(
        self, books: Iterable[Book], standards: Sequence[str], work: Callable[[Book, str], _T]
    ) -> tuple[tuple[_T, ...], tuple[FailedOrganisation, ...]]:
        """Do the work on each book and the path of its overlay; return the results and failures.

        The work gets the book with the chart of its overlay, if that exists. The organisation of a
        file that fails is left out. `standards` are those that the options name. Raises
        `UsageError` if there are none, unless each organisation has a file that extends one.
        """
        found, failed = [], [*self.failed.values()]
        used, taken = set[str](), set(self.names)
        for book in books:
            organisation = book.chart.organisation
            if _theirs(self.failed, organisation):
                continue
            desired = book.desired or _theirs(self.charts, organisation)
            if not standards and not (desired and desired.standard):
                raise UsageError(
                    f"{organisation.name} has no standard to join.",
                    "Name one with --standard FILE, or extend one in the organisation's file.",
                )
            path = desired.file if desired else self._new_path(organisation, taken)
            try:
                if path in used:
                    raise UsageError(
                        f"{path} may be for this organisation or for another of the same name.",
                        "Write the tenant_id of the right one under organisation: in the file.",
                    )
                used.add(path)
                found.append(work(replace(book, desired=desired), path))
            except XerosyncError as error:
                failed.append(failed_at(book.file or path, organisation.name, error))
        return tuple(found), tuple(failed)

    def _new_path(self, organisation: Organisation, taken: set[str]) -> str:
        """Return the path of a new overlay, named for the organisation and not yet in use."""
        plain = unicodedata.normalize("NFKD", organisation.name).encode("ascii", "ignore").decode()
        name = re.sub(r"[^a-z0-9]+", "-", plain.casefold())[:60].strip("-")
        short = organisation.tenant_id[:8].casefold()
        if not name or _RESERVED.fullmatch(name):
            name = f"organisation-{short}".strip("-")
        numbered = (f"{name}-{number}" for number in range(2, 10_000))
        for one in chain((name, *([f"{name}-{short}"] if short else [])), numbered):
            if f"{one}.yaml" not in taken:
                taken.add(f"{one}.yaml")
                return str(self.folder / f"{one}.yaml")
        raise UsageError(f"{self.folder} has too many files called {name}.", "Use another folder.")


def _theirs(known: Mapping[str, _T], organisation: Organisation) -> _T | None:
    by_id = known.get(organisation.tenant_id.casefold()) if organisation.tenant_id else None
    return by_id or known.get(name_key(organisation.name))


def _key(pin: OrganisationPin) -> str:
    return pin.tenant_id.casefold() or name_key(pin.name)


def _as_exported(chart: DesiredChart, csv: Organisation) -> DesiredChart:
    """Return the chart without what a CSV lacks, such as the tenant id and the profile."""
    pin = chart.organisation
    pin = OrganisationPin(pin.name, country=csv.country_code and pin.country, source=pin.source)
    return replace(chart, organisation=pin, profile="")


def _is_id(tenant_id: str) -> bool:
    try:
        return str(UUID(tenant_id)) == tenant_id.casefold()
    except ValueError:
        return False


def refuse_unknown(invalid: _Invalid) -> None:
    """Raise `ChartError` if an invalid file may be for any organisation: it has no valid id."""
    unknown = [one for one, pin in invalid if not _is_id(pin.tenant_id)]
    if not unknown:
        return
    problems = (one.error.problems for one in unknown if isinstance(one.error, ChartError))
    error = ChartError(tuple(chain.from_iterable(problems)))
    error.message = (
        f"{unknown[0].file} is invalid, and has no valid tenant_id: its organisation could get a"
        " second overlay."
    )
    if len(unknown) > 1:
        error.message += f" The same is true of {counted(len(unknown) - 1, 'other file')}."
    error.hint = (
        "Nothing was written. Correct the file, or write the tenant_id of its organisation under"
        " organisation: in it."
    )
    raise error
