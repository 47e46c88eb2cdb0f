"""(the chart that the books hold, a chart file or none) → the text that the file should have.

A new file is written whole (`first_file`); in one that exists only what differs is edited
(`merge`), by the places of its text (`layout`), so that comments, order, quotes and line
ends stay. No YAML library writes here: each would put the whole file in its own form.
"""

from __future__ import annotations

from xerosync.chartfile.edit import first_file
from xerosync.chartfile.edit.entry import Books, Knowledge, Taken, compose
from xerosync.chartfile.edit.merge import Merged, merge
from xerosync.chartfile.syntax.source import decode
from xerosync.model import Chart, DesiredChart, Status
from xerosync.plan.organisation import check_organisation

EVERYTHING = Knowledge()
_BOM = "\ufeff"


def new_file(chart: Chart, knowledge: Knowledge = EVERYTHING) -> Merged:
    """Write a first chart file for the books: every active account, archived ones not."""
    books, taken = Books.of(chart, knowledge), Taken()
    result, entries = Merged(""), []
    for account in first_file.in_order(chart.accounts):
        if account.status != Status.ACTIVE:
            if account.status not in set(Status):
                result.warnings.append(
                    f"{account.label} is left out: its status in Xero is "
                    f"{account.status or 'empty'}."
                )
            continue
        entry = compose(account, books, taken)
        result.warnings += [
            f"{account.label}: {name} left out of the file: {why}."
            for name, why in entry.left_out.items()
        ]
        if entry.pairs:
            entries.append(entry)
        else:
            result.warnings.append(
                f"{account.label or account.account_id} is left out: nothing that a file can say "
                "finds it again."
            )
    result.text = first_file.write(chart.organisation, entries)
    return result


def update_file(
    data: bytes,
    desired: DesiredChart,
    chart: Chart,
    knowledge: Knowledge = EVERYTHING,
    *,
    missing: str = "retire",
) -> Merged:
    """Bring the books' drift into a chart file, whose bytes say `desired`.

    Raises `WrongOrganisation` for other books, and `ChartError` where it is ambiguous which
    account an entry speaks of.
    """
    check_organisation(desired.organisation, chart.organisation)
    text = decode(data, desired.file)
    result = merge(text, desired, Books.of(chart, knowledge), missing=missing)
    if data.startswith(_BOM.encode()):
        result.text = _BOM + result.text
    return result
