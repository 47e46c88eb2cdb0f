"""The first chart file of an organisation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.new_entry import (
    ChartSource,
    NewEntry,
    SourceFields,
    UsedValues,
    new_entries,
)
from xerosync.chartfile.edit.new_entry_text import render
from xerosync.chartfile.edit.representable import organisation_field
from xerosync.chartfile.edit.sections import file_order, section_of_account
from xerosync.chartfile.syntax.quoting import scalar
from xerosync.model import Chart
from xerosync.text import visible


def new_file(chart: Chart, known: SourceFields | None = None) -> Merged:
    """Write a first chart file: every active account, and no archived one."""
    result = Merged("")
    source, used = ChartSource.of(chart, known or SourceFields()), UsedValues()
    entries = list(
        new_entries(sorted(chart.accounts, key=file_order), source, used, result.warnings)
    )
    organisation = chart.organisation
    lines = [
        f"# The chart of accounts of {visible(organisation.name)}.",
        "# Change it here, look at `xerosync plan`, then `xerosync apply`.",
        "version: 1",
        "organisation:  # the only books this file may change",
    ]
    for key in ("name", "tenant_id", "short_code"):
        value = organisation_field(getattr(organisation, key))
        if value:
            lines.append(f"  {key}: {scalar(key, value)}")
    result.text = "\n".join(lines) + "\n" + accounts_section(entries)
    return result


def accounts_section(entries: Sequence[NewEntry]) -> str:
    """Return the `accounts` of a new file, with a comment above each section."""
    sections = [
        f"  # --- {section}\n" + "".join(render(entry, 2, "\n") for entry in group)
        for section, group in groupby(entries, lambda entry: section_of_account(entry.account))
    ]
    return f"\naccounts:{'' if entries else ' []'}\n" + "\n".join(sections)
