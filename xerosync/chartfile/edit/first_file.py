"""The first chart file of an organisation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

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
from xerosync.model import Account, Chart, Organisation
from xerosync.text import full_stop, visible


def new_file(chart: Chart, known: SourceFields | None = None) -> Merged:
    """Return a first chart file with the organisation's active accounts."""
    result = Merged("")
    source, used = ChartSource.of(chart, known or SourceFields()), UsedValues()
    entries = new_entries(sorted(chart.accounts, key=file_order), source, used, result.left_out)
    organisation = chart.organisation
    whose = visible(organisation.name or organisation.tenant_id)
    lines = [
        f"# The chart of accounts of {full_stop(whose)}",
        "# Change it here, review the plan of xerosync, then apply it.",
        "version: 1",
        *_pin(organisation),
    ]
    result.text = "\n".join(lines) + "\n" + accounts_section(map(account_lines, entries))
    return result


def new_overlay(organisation: Organisation, extends: Sequence[str]) -> str:
    """Return a file that only extends standards; `extends` are their paths relative to the file."""
    lines = [
        f"# How the chart of {visible(organisation.name)} differs from its standard.",
        "version: 1",
        extends_line(extends),
        *_pin(organisation, country=organisation.country_code),
    ]
    return "\n".join(lines) + "\n"


def relative_paths(standards: Iterable[str | Path], file: str | Path) -> list[str]:
    """Return the paths of standards as a chart file names them: relative to its folder."""
    folder = Path(os.path.realpath(file)).parent
    relative = (os.path.relpath(os.path.realpath(one), folder) for one in standards)
    return [Path(one).as_posix() for one in relative]


def extends_line(paths: Sequence[str]) -> str:
    """Return the line that extends the standards at these paths."""
    written = [scalar("extends", one, flow=True) for one in paths]
    return f"extends: {written[0]}" if len(written) == 1 else f"extends: [{', '.join(written)}]"


def _pin(organisation: Organisation, country: str = "") -> list[str]:
    """Return the lines that name the organisation of a file."""
    keys = ("name", "tenant_id", "short_code")
    fields = {key: getattr(organisation, key) for key in keys} | {"country": country}
    written = {key: organisation_field(value) for key, value in fields.items()}
    lines = [f"  {key}: {scalar(key, value)}" for key, value in written.items() if value]
    return ["organisation:  # the only books this file may change", *lines]


def account_lines(entry: NewEntry) -> tuple[Account, str]:
    """Return the account of an entry, and the entry's lines in a new file."""
    return entry.account, render(entry, 2, "\n")


def accounts_section(accounts: Iterable[tuple[Account, str]]) -> str:
    """Return the text of `accounts` in a new file, with a comment above each section."""
    sections = [
        f"  # --- {section}\n" + "".join(lines for _, lines in group)
        for section, group in groupby(accounts, lambda one: section_of_account(one[0]))
    ]
    return f"\naccounts:{'' if sections else ' []'}\n" + "\n".join(sections)
