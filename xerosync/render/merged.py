"""A chart file merged with its standards, as text and JSON, with the place of each value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xerosync import __version__
from xerosync.desired import Source
from xerosync.model import FIELDS, Status, display
from xerosync.organisations.standards.merge import MergedAccount, MergedChart
from xerosync.plan.saved.serialize import to_json
from xerosync.text import json_text, visible

FORMAT_VERSION = "1.0"
_WIDEST = 40
"""The widest column of values, in characters. Longer values run over into the next column."""

_OTHERS = ("status", "previously", "account_id", "system_account", "protect")
"""Keys of an entry that are not in `FIELDS`, in the order in which the text shows them."""

_Row = tuple[str, str, str]
"""A field, its value, and the place in a file that sets it."""


def as_text(merged: MergedChart) -> str:
    """Return the chart as text: each account with its fields, and the place of each value."""
    chart = merged.chart
    head = f"{chart.organisation.name or chart.standard or chart.file}, from {chart.file}"
    extends = f", extends {chart.standard}" if chart.standard and chart.organisation.name else ""
    lines = [visible(head + extends), *_table(_head_rows(merged))]
    for account in merged.accounts:
        entry = account.account
        name = entry.name or str(entry.initial.get("name", ""))
        label = f"{entry.code} {name}".strip() or entry.label
        lines += ["", visible(label), *_table(list(_rows(account)))]
        for reason in account.reasons:
            fields = f" for {', '.join(reason.fields)}" if reason.fields else ""
            lines += [visible(f"  reason{fields}: {reason.text}  {reason.place}")]
    if chart.omitted:
        lines += ["", "Omitted"]
        lines += [
            visible(f"  {e.label}  {e.source}{''.join(f': {r}' for r in e.reasons)}")
            for e in chart.omitted
        ]
    return "\n".join(lines) + "\n"


def as_json(merged: MergedChart) -> str:
    """Return the chart as JSON; a new minor `format_version` only adds keys."""
    chart = merged.chart
    return json_text(
        {
            "format_version": FORMAT_VERSION,
            "xerosync_version": __version__,
            "file": chart.file,
            "standard": chart.standard,
            "organisation": chart.organisation.parts(),
            "profile": chart.profile,
            "tags": [{"value": tag, "source": to_json(at)} for tag, at in merged.tags.items()],
            "settings": {
                name: {"value": cell.value, "source": to_json(cell.place)}
                for name, cell in merged.settings.items()
            },
            "accounts": [_account(account) for account in merged.accounts],
            "omitted": [
                {
                    "code": entry.code,
                    "name": entry.name,
                    "source": to_json(entry.source),
                    "inherited": to_json(entry.inherited),
                    "reasons": list(entry.reasons),
                }
                for entry in chart.omitted
            ],
        }
    )


def _head_rows(merged: MergedChart) -> list[_Row]:
    pin = merged.chart.organisation
    rows = [(name, value, str(pin.source)) for name, value in pin.parts().items() if value]
    rows += [("tag", tag, str(at)) for tag, at in merged.tags.items()]
    rows += [(name, str(cell.value), str(cell.place)) for name, cell in merged.settings.items()]
    return rows


def _rows(merged: MergedAccount) -> Iterator[_Row]:
    for name, value, at, note in _fields(merged):
        shown = ", ".join(value) if isinstance(value, tuple) else display(value)
        yield name, shown, f"{at}{f' ({note})' if note else ''}"


def _fields(
    merged: MergedAccount,
) -> Iterator[tuple[str, str | bool | tuple[str, ...], Source, str]]:
    """Yield each field with its value, its place, and when the value applies ("" for always)."""
    account = merged.account
    for field in FIELDS:
        if field.name in account.values:
            yield field.name, account.values[field.name], merged.place(field.name), ""
        elif field.name in account.initial:
            value = account.initial[field.name]
            yield field.name, value, merged.place(field.name), "only when it is created"
    for name in _OTHERS:
        value = getattr(account, name)
        if value and (value != Status.ACTIVE or name in merged.places):
            yield name, value, merged.place(name), ""
    if account.optional:
        yield "optional", True, merged.place("optional"), "only where the organisation has it"


def _table(rows: list[_Row]) -> list[str]:
    """Return rows in columns. A value longer than `_WIDEST` breaks the alignment of its row."""
    names = max((len(name) for name, _, _ in rows), default=0)
    values = max((len(visible(v)) for _, v, _ in rows if len(visible(v)) <= _WIDEST), default=0)
    return [
        f"  {name:<{names}}  {visible(value):<{values}}  {visible(at)}" for name, value, at in rows
    ]


def _account(merged: MergedAccount) -> dict[str, Any]:
    account = merged.account
    return {
        "code": account.code,
        "name": account.name or account.initial.get("name", ""),
        "own": merged.own,
        "source": to_json(account.source),
        "inherited": to_json(account.inherited),
        "reasons": list(account.reasons),
        "overrides": [
            {"reason": one.text, "fields": list(one.fields), "source": to_json(one.place)}
            for one in merged.reasons
        ],
        "fields": {
            name: {
                "value": list(value) if isinstance(value, tuple) else value,
                "source": to_json(at),
                "managed": name not in account.initial,
            }
            for name, value, at, _ in _fields(merged)
        },
    }
