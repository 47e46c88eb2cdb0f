"""`xerosync pull`: the new text of a chart file, checked by a plan."""

from __future__ import annotations

from xerosync.apply.verify import check_pulled
from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.first_file import new_file
from xerosync.chartfile.edit.local_edits import LocalEdits
from xerosync.chartfile.edit.merge import update_file
from xerosync.chartfile.edit.new_entry import SourceFields
from xerosync.chartfile.load import parse
from xerosync.desired import DesiredChart
from xerosync.history.baseline import Baseline
from xerosync.model import Chart


def pull(
    data: bytes,
    desired: DesiredChart | None,
    chart: Chart,
    known: SourceFields,
    file: str,
    *,
    baseline: Baseline | None = None,
) -> Merged:
    """Return a chart file brought up to date with Xero, or a new one if `desired` is None.

    Edits of the file since `baseline` stay if they were not applied. Raises `XerosyncError` if a
    plan for the new text would change or block an account that is not in the result's `pending`.
    """
    if desired is None:
        result = new_file(chart, known)
    else:
        result = update_file(data, desired, chart, known, local=LocalEdits.since(baseline))
    check_pulled(chart, parse(result.complete, file, lint=False).chart, result.pending)
    return result
