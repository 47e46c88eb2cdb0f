"""The chart of one organisation, with its chart file or its CSV, if any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from xerosync.desired import DesiredChart
from xerosync.history.baseline import Baseline
from xerosync.model import Chart, Organisation
from xerosync.plan.organisation import check_organisation
from xerosync.plan.usage import ReadUsage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Book:
    """The books of one organisation.

    `file` is its chart file or its CSV, "" if only the sign-in lists the organisation. `desired`
    is what a chart file asks for, None without one. The chart of a CSV has no tenant id, and
    only the names of tax rates.
    """

    chart: Chart
    desired: DesiredChart | None = None
    file: str = ""

    @property
    def exported(self) -> bool:
        """Whether the chart is from a CSV."""
        return not self.chart.organisation.tenant_id


BookWork = Callable[[Book], T]
"""The work that a command does on each book. For `--engine`, it must be pure and picklable."""


def whole_book(book: Book) -> Book:
    """Return the book itself, for a command that needs all books at once."""
    return book


@dataclass(frozen=True, slots=True)
class OfBook(Generic[T]):
    """The result of the work on the books of one organisation."""

    organisation: Organisation
    file: str
    result: T


def work_on_book(
    desired: DesiredChart,
    current: Chart,
    _base: Baseline | None,
    _read: ReadUsage,
    *,
    work: BookWork[T],
) -> OfBook[T]:
    """Return the result of the work on one organisation's chart.

    `desired.file` is "" without a chart file. Raises `WrongOrganisation` if the file names another.
    """
    known = desired if desired.file else None
    if known:
        check_organisation(desired.organisation, current.organisation)
    return OfBook(current.organisation, desired.file, work(Book(current, known, desired.file)))
