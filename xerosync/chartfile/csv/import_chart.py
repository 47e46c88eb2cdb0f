"""Bring the accounts of a CSV into a chart file."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.chartfile.csv.current import comparable_charts
from xerosync.chartfile.csv.read import CsvChart
from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.merge import update_file
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.edit.pull import pull
from xerosync.chartfile.load import parse
from xerosync.desired import DesiredChart, OrganisationPin
from xerosync.errors import Problem, UsageError
from xerosync.model import Chart, Organisation


@dataclass(frozen=True, slots=True)
class ImportedChart:
    """The file's new text, warnings about the CSV, and a note on what could not be compared."""

    result: Merged
    problems: tuple[Problem, ...] = ()
    note: str = ""


def import_chart(
    source: CsvChart,
    data: bytes,
    desired: DesiredChart | None,
    file: str,
    organisation: OrganisationPin = OrganisationPin(),
    *,
    archive_missing: bool = False,
) -> ImportedChart:
    """Return a chart file updated from a CSV, or a new file if `desired` is None.

    `data` are the file's bytes, and `desired` is its chart. Entries that the CSV lacks stay; with
    `archive_missing`, the active ones become ARCHIVED, except protected and system accounts.

    Raises `UsageError` if the file is new and `organisation` is empty. Raises `ChartError` if the
    new text would not be a valid chart, or if it is ambiguous which account an entry means.
    """
    known = SourceFields(fields=source.fields, ids=False)
    if desired is None:
        if not organisation.label:
            raise UsageError(
                f"{file} is new, and {source.file} names no organisation.",
                'Add --organisation "NAME", with the name as Xero shows it.',
            )
        chart = Chart(Organisation(organisation.tenant_id, organisation.name), source.accounts)
        return ImportedChart(pull(b"", None, chart, known, file))
    comparable = comparable_charts(source, desired)
    missing = "archive" if archive_missing else "keep"
    result = update_file(data, comparable.desired, comparable.chart, known, missing=missing)
    parse(result.complete, file, lint=False)
    return ImportedChart(result, comparable.warnings, comparable.note)
