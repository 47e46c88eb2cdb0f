"""`xerosync pull`: the text that a chart file should have, proven by a plan."""

from __future__ import annotations

from xerosync.apply.verify import check_pulled
from xerosync.chartfile.edit.first_file import new_file
from xerosync.chartfile.edit.merge import Merged, update_file
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.load import parse
from xerosync.model import Chart, DesiredChart


def pull(
    data: bytes, desired: DesiredChart | None, chart: Chart, known: SourceFields, file: str
) -> Merged:
    """Return a chart file brought up to date with Xero, or a new one if `desired` is None.

    Raises an error if a plan of it would still find a difference: this is checked before
    anything is written.
    """
    result = new_file(chart, known) if desired is None else update_file(data, desired, chart, known)
    check_pulled(chart, parse(result.text, file, lint=False).chart)
    return result
