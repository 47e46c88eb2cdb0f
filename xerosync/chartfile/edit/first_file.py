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
from xerosync.model import Chart, Organisation
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
        "# Change it here, review `xerosync plan`, then run `xerosync apply`.",
        "version: 1",
        *_pin(organisation),
    ]
    result.text = "\n".join(lines) + "\n" + accounts_section(entries)
    return result


def new_overlay(organisation: Organisation, extends: Sequence[str]) -> str:
    """Write a file that only extends standards; `extends` are their paths relative to it."""
    parents = ", ".join(scalar("extends", one, flow=len(extends) > 1) for one in extends)
    lines = [
        f"# How the chart of {visible(organisation.name)} differs from its standard.",
        "version: 1",
        f"extends: {parents}" if len(extends) == 1 else f"extends: [{parents}]",
        *_pin(organisation, country=organisation.country_code),
    ]
    return "\n".join(lines) + "\n"


def _pin(organisation: Organisation, country: str = "") -> list[str]:
    """Return the lines that say which books a file is for."""
    keys = ("name", "tenant_id", "short_code")
    fields = {key: organisation_field(getattr(organisation, key)) for key in keys}
    fields["country"] = country
    lines = [f"  {key}: {scalar(key, value)}" for key, value in fields.items() if value]
    return ["organisation:  # the only books this file may change", *lines]


def accounts_section(entries: Sequence[NewEntry]) -> str:
    """Return the `accounts` of a new file, with a comment above each section."""
    sections = [
        f"  # --- {section}\n" + "".join(render(entry, 2, "\n") for entry in group)
        for section, group in groupby(entries, lambda entry: section_of_account(entry.account))
    ]
    return f"\naccounts:{'' if entries else ' []'}\n" + "\n".join(sections)
