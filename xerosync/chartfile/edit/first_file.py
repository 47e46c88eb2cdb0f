"""A chart that the books hold → the text of a first chart file for it."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync.chartfile.edit.entry import Entry, render
from xerosync.chartfile.edit.representable import organisation_part
from xerosync.chartfile.edit.sections import ORDER, section_of
from xerosync.chartfile.syntax.quoting import scalar
from xerosync.model import Account, Organisation, code_order
from xerosync.text import visible


def in_order(accounts: Sequence[Account]) -> list[Account]:
    """Put accounts in the order of a new file: by section, then by code."""
    return sorted(accounts, key=_place)


def write(organisation: Organisation, entries: Sequence[Entry]) -> str:
    """Write a new chart file; `entries` are in the order of `in_order`."""
    head = [
        f"# The chart of accounts of {visible(organisation.name)}.",
        "# Change it here, look at `xerosync plan`, then `xerosync apply`.",
        "version: 1",
        "organisation:  # the only books this file may change",
    ]
    for key in ("name", "tenant_id", "short_code"):
        part = organisation_part(getattr(organisation, key))
        if part:
            head.append(f"  {key}: {scalar(key, part)}")
    lines = [line + "\n" for line in head]
    lines.append("\naccounts:\n" if entries else "\naccounts: []\n")
    section = ""
    for entry in entries:
        own = _section(entry.account)
        if own != section:
            lines.append(("\n" if section else "") + f"  # --- {own}\n")
            section = own
        lines.append(render(entry, 2, "\n"))
    return "".join(lines)


def _section(account: Account) -> str:
    return section_of(account.type, account.account_class, system=bool(account.system_account))


def _place(account: Account) -> tuple[object, ...]:
    section = ORDER.index(_section(account))
    return (section, code_order(account.code), account.name, account.account_id)
