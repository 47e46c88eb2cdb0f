"""The first chart file of an organisation, an overlay of a standard, or a standard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from xerosync.chartfile.edit.edited_text import Merged
from xerosync.chartfile.edit.new_entry import (
    ChartSource,
    SourceFields,
    UsedValues,
    new_entries,
    render,
)
from xerosync.chartfile.edit.representable import organisation_field
from xerosync.chartfile.edit.sections import file_order, section_of_account
from xerosync.chartfile.syntax.quoting import scalar
from xerosync.model import Account, Chart, Organisation
from xerosync.text import visible


def new_file(chart: Chart, known: SourceFields | None = None) -> Merged:
    """Write a first chart file: every active account, and no archived one."""
    organisation = chart.organisation
    head = [
        f"# The chart of accounts of {visible(organisation.name)}.",
        "# Change it here, look at `xerosync plan`, then `xerosync apply`.",
        "version: 1",
        *_pin(organisation, "name", "tenant_id", "short_code"),
    ]
    return _with_accounts(head, chart.accounts, ChartSource.of(chart, known or SourceFields()))


def new_overlay(organisation: Organisation, extends: Sequence[str]) -> str:
    """Write a file that takes everything from standards, which are named as seen from it."""
    parents = ", ".join(scalar("extends", one, flow=len(extends) > 1) for one in extends)
    lines = [
        f"# How the chart of {visible(organisation.name)} differs from its standard.",
        "version: 1",
        f"extends: {parents}" if len(extends) == 1 else f"extends: [{parents}]",
        *_pin(organisation, "name", "tenant_id", "short_code", country=organisation.country_code),
    ]
    return "\n".join(lines) + "\n"


def new_standard(name: str, chart: Chart) -> Merged:
    """Write a standard of the active accounts of an organisation.

    Its bank accounts and system accounts are its own.
    """
    head = [
        f"# What the chart of {visible(chart.organisation.name)} has, for many organisations.",
        "# An organisation's file extends it, and may differ.",
        "version: 1",
        f"standard: {{name: {scalar('name', name, flow=True)}}}",
    ]
    shared = [one for one in chart.accounts if one.type != "BANK" and not one.system_account]
    return _with_accounts(head, shared, ChartSource.of(chart, SourceFields()))


def _pin(organisation: Organisation, *keys: str, country: str = "") -> list[str]:
    """Return the lines that say which books a file is for."""
    fields = {key: organisation_field(getattr(organisation, key)) for key in keys}
    fields["country"] = country
    lines = [f"  {key}: {scalar(key, value)}" for key, value in fields.items() if value]
    return ["organisation:  # the only books this file may change", *lines]


def _with_accounts(head: list[str], accounts: Iterable[Account], source: ChartSource) -> Merged:
    result, used = Merged(""), UsedValues()
    entries = list(new_entries(sorted(accounts, key=file_order), source, used, result.warnings))
    lines = [*head, "", "accounts:" if entries else "accounts: []", ""]
    sections = [
        f"  # --- {section}\n" + "".join(render(entry, 2, "\n") for entry in group)
        for section, group in groupby(entries, lambda entry: section_of_account(entry.account))
    ]
    result.text = "\n".join(lines) + "\n".join(sections)
    return result
