"""Divergences → what a night's job reports: text for a log, Markdown for an issue, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from xerosync import __version__
from xerosync.history.drift import Divergence
from xerosync.plan.plan import Change, Origin
from xerosync.plan.serialize import to_json
from xerosync.render.inline import code, inline, prose
from xerosync.render.plan.markdown import LONGEST, mark
from xerosync.render.truncate import Block, fit, size
from xerosync.render.words import Row, chart_address, rows, shorten, spoken
from xerosync.text import day_and_time, timestamp, visible, visible_json

FORMAT_VERSION = "1.0"
_ROOM = LONGEST - 536
_NAME, _VALUE, _SENTENCE = 150, 160, 1_000
_WAY_OUT = (
    "To accept what was done in Xero, run `xerosync pull` and commit the file. "
    "To put it back, run `xerosync plan` and `xerosync apply`."
)


def sentence(found: Divergence) -> str:
    """Say in a line whether there is drift; no name of a stranger is in it."""
    since = f" since the last apply ({day_and_time(found.since)})" if found.since else ""
    waits = ""
    if found.pending:
        changes = "change of the file waits" if found.pending == 1 else "changes of the file wait"
        waits = f" {found.pending} {changes} to be applied."
    if found.clean:
        return f"No drift{since}{'' if since else ': Xero is as the file says'}.{waits}"
    parts = [
        f"{count} {what}"
        for count, what in (
            (found.count - len(found.added), "different from the file"),
            (len(found.added), "new in Xero"),
        )
        if count
    ]
    return f"Drift{since}: {', '.join(parts)}.{waits}"


def told(change: Change) -> str:
    """Say of one account what is not as the file has it."""
    if change.account is None:
        return "in the file, and not in Xero"
    if change.desired is None:
        return "in Xero, and not in the file"
    return "; ".join(f"{r.label}: {r.before} in Xero, {r.after} in the file" for r in rows(change))


def as_text(found: Sequence[Divergence]) -> str:
    """Give the report as lines for a log."""
    lines = []
    for one in found:
        lines += [f"{one.plan.organisation.name} ({one.plan.file}): {sentence(one)}"]
        for change in one.drifted:
            lines.append(f"  {change.label}: {told(change)}")
            lines += [f"      {reason}" for reason in _when(change)]
        for item in one.blocked:
            lines.append(f"  {item.label}: cannot be put back: {item.reason}")
        for account in one.added:
            lines.append(f"  {account.label}: new in Xero, not in the file")
    return "".join(visible(line) + "\n" for line in lines)


def as_markdown(found: Sequence[Divergence]) -> str:
    """Give the report as Markdown for an issue, at most `LONGEST` characters."""
    names = [one.plan.organisation.tenant_id or one.plan.file for one in found]
    parts = [mark("drift", names) + "\n"]
    room = _ROOM - size(parts[0])
    for number, one in enumerate(found):
        organisation = one.plan.organisation
        head = (
            f"## Drift in {inline(shorten(visible(organisation.name), _NAME)) or 'a chart'}\n\n"
            f"**{sentence(one)}** Compared with {code(shorten(one.plan.file, _NAME))}.\n\n"
        )
        text = head + fit(_blocks(one), room // (len(found) - number) - size(head))
        room -= size(text)
        parts.append(text)
    if not all(one.clean for one in found):
        parts.append(_WAY_OUT + "\nXero does not tell who edited an account.\n")
    return "\n".join(parts).rstrip("\n") + "\n"


def as_json(found: Sequence[Divergence], created_at: datetime) -> str:
    """Give the report as a document for programs; a new minor version only adds."""
    document = {
        "format_version": FORMAT_VERSION,
        "xerosync_version": __version__,
        "created_at": timestamp(created_at),
        "drift": not all(one.clean for one in found),
        "charts": [_as_data(one) for one in found],
    }
    return visible_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _blocks(one: Divergence) -> Iterator[Block]:
    table = "| Account | Field | In Xero | In the file | Line |\n| --- | --- | --- | --- | ---: |\n"
    if one.drifted:
        yield Block(
            f"### {len(one.drifted)} different from the file\n\n{table}",
            tuple(_rows(change) for change in one.drifted),
            noun="differences",
        )
    if one.blocked:
        lines = tuple(
            f"- {_account(item.code, item.name)}: {prose(shorten(item.reason, _SENTENCE))}"
            f" {prose(shorten(item.hint, _SENTENCE))}\n"
            for item in one.blocked
        )
        yield Block("### Different, and xerosync cannot put it back\n\n", lines, noun="blocked")
    if one.added:
        yield Block(
            f"### {len(one.added)} new in Xero, and not in the file\n\n"
            "| Account | Type |\n| --- | --- |\n",
            tuple(
                f"| {_account(a.code, a.name)} | {inline(spoken(a.type))} |\n" for a in one.added
            ),
            noun="new accounts",
        )
    reasons = dict.fromkeys(
        f"- **{inline(shorten(change.label, _NAME))}**: {prose(shorten(reason, _SENTENCE))}\n"
        for change in one.drifted
        for reason in _when(change)
    )
    if reasons:
        yield Block("### When\n\n", tuple(reasons), noun="notes")


def _when(change: Change) -> tuple[str, ...]:
    """Give when it was edited in Xero; the plan's other reasons are about putting it back."""
    return change.reasons[:1] if change.origin in (Origin.XERO, Origin.BOTH) else ()


def _rows(change: Change) -> str:
    """Write a row for each field that differs."""
    account = _account(change.code, change.name)
    line = str(change.source.line or "")
    lines = rows(change)
    if change.account is None:
        lines = (Row("account", "(none)", "in the file"),)
    elif change.desired is None:
        lines = (Row("account", "in Xero", "(none)"),)
    written = []
    for number, row in enumerate(lines):
        first = account if number == 0 else ""
        before, after = (inline(shorten(value, _VALUE)) for value in (row.before, row.after))
        shown = line if number == 0 else ""
        written.append(f"| {first} | {row.label} | {before} | {after} | {shown} |\n")
    return "".join(written)


def _account(account_code: str, name: str) -> str:
    number = f"**{inline(shorten(account_code, _NAME))}** " if account_code.strip() else ""
    return f"{number}{inline(shorten(name, _NAME))}"


def _as_data(one: Divergence) -> dict[str, Any]:
    return {
        "file": one.plan.file,
        "organisation": to_json(one.plan.organisation),
        "address": chart_address(one.plan.organisation),
        "since": timestamp(one.since) if one.since else None,
        "summary": {
            "drifted": len(one.drifted),
            "blocked": len(one.blocked),
            "added": len(one.added),
            "pending": one.pending,
        },
        "drifted": [_change(change) for change in one.drifted],
        "blocked": [
            {
                "code": item.code,
                "name": item.name,
                "account_id": item.account_id,
                "source": to_json(item.source),
                "rule": item.rule,
                "reason": item.reason,
                "hint": item.hint,
            }
            for item in one.blocked
        ],
        "added": [
            {"code": a.code, "name": a.name, "account_id": a.account_id, "type": a.type}
            for a in one.added
        ],
    }


def _change(change: Change) -> dict[str, Any]:
    edited = change.account.updated_at if change.account else None
    return {
        "would": change.action,
        "code": change.code,
        "name": change.name,
        "account_id": change.account_id,
        "source": to_json(change.source),
        "fields": [{"field": f.field, "xero": f.before, "file": f.after} for f in change.fields],
        "origin": change.origin,
        "edited_at": timestamp(edited) if edited else None,
        "reasons": list(change.reasons),
    }
