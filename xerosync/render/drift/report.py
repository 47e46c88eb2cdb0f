"""Drift as text for a log, Markdown for an issue, and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from xerosync import __version__
from xerosync.history.drift import Drift
from xerosync.organisations.failed import FailedOrganisation
from xerosync.organisations.group import without_own
from xerosync.organisations.review import failed_to_json
from xerosync.plan.plan import Action, Blocked, Change, Origin
from xerosync.plan.saved.serialize import to_json
from xerosync.render.inline import code, inline
from xerosync.render.markdown_page import (
    BODY,
    Block,
    account_cell,
    field_rows,
    fit,
    marker,
    name_cell,
    pages,
    place_cell,
    sentence_cell,
    size,
)
from xerosync.render.words import FieldRow, action_rows, chart_address, field_rows_of, shorten
from xerosync.text import counted, day_and_time, json_text, timestamp, visible
from xerosync.workspace import command_line

FORMAT_VERSION = "1.0"

ELLIPSIS = "Above, … stands for what differs from file to file: `xerosync drift FILE` shows it."
_BELOW = "Here, … stands for a chart file or an account's id: see each organisation below."
_HINTS = 20
"""Up to this many shared hints are listed. Together they fill about a third of a page."""


def as_text(found: Sequence[Drift], failed: Sequence[FailedOrganisation] = ()) -> str:
    """Return the report as lines for a log.

    If there are several organisations, those without drift are only counted. Those with the same
    edits are listed together, and each hint is given once.
    """
    lines = []
    for bad in _by_cause(failed):
        error, number = bad[0].error, f" (in {len(bad)} files)" if len(bad) > 1 else ""
        named = ", ".join(f"{one.label} ({one.file})" if one.name else one.file for one in bad)
        lines += [f"{named}: not compared: {error.message}{number}"]
        lines += [f"      {error.hint}"] if error.hint else []
    several = _is_several(found, failed)
    reported: set[_Line] = set()
    shared = False
    for edits, organisations in _by_edits(found).items():
        if edits or not several:
            lines += organisations
        for line in edits:
            if line not in reported:
                lines.append(line.text)
            if line.alike and several:
                reported.add(line)
                shared |= line.masked
    if shared:
        lines.append(ELLIPSIS)
    if several:
        lines += [*_counted_clean(found), _totals(found, failed)]
    return "".join(visible(line) + "\n" for line in lines)


class _Line(NamedTuple):
    """A line about an edit, or a hint; `alike` is the hint with an ellipsis for ids and files.

    If `masked`, `text` has such an ellipsis in place of at least one id or file name.
    """

    text: str
    alike: str = ""
    masked: bool = False


def _by_edits(found: Iterable[Drift]) -> dict[tuple[_Line, ...], list[str]]:
    """Return the heading lines of organisations, grouped by the lines on their edits.

    If several organisations share a hint, an ellipsis stands for each id and file name in it.
    """
    edits = [(one, tuple(_edits(one))) for one in found]
    hints = Counter(hint for _, lines in edits for hint in {line.alike for line in lines})
    groups: dict[tuple[_Line, ...], list[str]] = {}
    for one, lines in edits:
        first = f"{one.plan.organisation.name} ({one.plan.file}): {_summary(one)}"
        shared = (
            _Line(line.alike, line.alike, masked=line.alike != line.text)
            if line.alike and hints[line.alike] > 1
            else line
            for line in lines
        )
        groups.setdefault(tuple(shared), []).append(first)
    return groups


def _edits(one: Drift) -> Iterator[_Line]:
    for change in one.drifted:
        yield _Line(f"  {change.label}: {_differences(change)}")
        yield from (_Line(f"      {reason}") for reason in _when(change))
    for item in one.blocked:
        has_way_out = item in one.moved or item in one.renamed
        what = "" if has_way_out else "cannot be undone: "
        yield _Line(f"  {item.label}: {what}{item.reason}")
        if has_way_out and item.hint:
            yield _Line(f"      {item.hint}", f"      {_alike(item, one)}")
    for account in one.added:
        yield _Line(f"  {account.label}: new in Xero, not in the file")


def _counted_clean(found: Iterable[Drift]) -> Iterator[str]:
    """Yield a line that counts the organisations without drift, or nothing if there are none."""
    clean = [one for one in found if one.clean]
    pending = sum(one.pending > 0 for one in clean)
    if clean:
        which = "It" if len(clean) == 1 else f"{pending:,} of them"
        verb = "has" if pending == 1 else "have"
        waiting = f" {which} {verb} changes in the file that are not applied yet."
        yield f"No drift in {counted(len(clean), 'organisation')}.{waiting if pending else ''}"


def as_markdown(found: Sequence[Drift], failed: Sequence[FailedOrganisation] = ()) -> str:
    """Return the report as Markdown for an issue, not longer than `BODY`.

    If there are several organisations, those without drift are only counted. Up to `_HINTS` hints
    that several organisations share are listed once, at the top.
    """
    shared: Mapping[str, int] = {}
    advice = "" if all(one.clean for one in found) else _advice(found)
    if _is_several(found, failed):
        files = sorted([*(one.plan.file for one in found), *(one.file for one in failed)])
        first = marker("drift", files) + f"\n\n# {_totals(found, failed)}\n"
        first += _not_compared(failed, BODY // 2) if failed else ""
        shown: Sequence[Drift] = [one for one in found if not one.clean]
        shared = _shared_hints(shown)
        rows = "".join(f"{number}. {sentence_cell(alike)}\n" for alike, number in shared.items())
        hints = {_alike(item, one): item.hint for one in shown for item in one.blocked}
        rows += f"\n{_BELOW}\n" if any(hints[alike] != alike for alike in shared) else ""
        first += f"\n## What to do\n\n{rows}" if rows else ""
    else:
        names = [one.plan.organisation.tenant_id or one.plan.file for one in found]
        first, shown = marker("drift", names or ["none"]) + "\n", found
    if not shown:
        return first
    page = partial(_page, shared=shared)
    return f"{first}\n{pages(shown, BODY - size(first + advice), page, 'charts')}{advice}"


def _is_several(found: Sequence[Drift], failed: Sequence[FailedOrganisation]) -> bool:
    return bool(failed) or len(found) > 1


def _by_cause(failed: Sequence[FailedOrganisation]) -> list[list[FailedOrganisation]]:
    found: dict[tuple[str, ...], list[FailedOrganisation]] = {}
    for one in failed:
        key = (one.error.message, one.error.hint, *one.error.details)
        found.setdefault(key, []).append(one)
    return list(found.values())


def _totals(found: Sequence[Drift], failed: Sequence[FailedOrganisation]) -> str:
    drifted = sum(not one.clean for one in found)
    total = counted(len(found) + len(failed), "organisation")
    missing = f", {len(failed):,} not compared" if failed else ""
    return f"Drift in {drifted:,} of {total}{missing}."


def _cell(one: FailedOrganisation) -> str:
    file = code(shorten(one.file, 150))
    return f"{name_cell(visible(one.name))} ({file})" if one.name else file


def _not_compared(failed: Sequence[FailedOrganisation], most: int) -> str:
    """Return a section on the organisations that failed, grouped by the reason."""
    shared, single = [], []
    for bad in _by_cause(failed):
        error = bad[0].error
        why = f"{sentence_cell(error.message)} {sentence_cell(error.hint)}".rstrip()
        if len(bad) == 1:
            single.append(f"- {_cell(bad[0])}: {why}\n")
        else:
            rows = tuple(f"- {_cell(one)}\n" for one in bad)
            shared.append(Block(f"{why} In {len(bad):,} files:\n\n", rows, noun="organisations"))
    alone = Block("", tuple(single), noun="organisations")
    return "\n## Not compared\n\n" + fit([*shared, alone], most)


def _shared_hints(found: Iterable[Drift]) -> dict[str, int]:
    """Return at most `_HINTS` hints that several organisations share; number 1 is most frequent."""
    counts = Counter(
        alike for one in found for alike in dict.fromkeys(_alike(i, one) for i in one.blocked)
    )
    often = [alike for alike, count in counts.most_common() if alike and count > 1]
    return {alike: number for number, alike in enumerate(often[:_HINTS], start=1)}


def _alike(item: Blocked, one: Drift) -> str:
    return without_own(item.hint, item.account_id, one.plan.file)


def _hint(item: Blocked, one: Drift, shared: Mapping[str, int]) -> str:
    """Return an item's hint. For a shared hint, return its number and any account id in it."""
    number = shared.get(_alike(item, one))
    if number is None:
        return sentence_cell(item.hint)
    own = item.account_id and item.account_id in item.hint
    given = f"; the account_id is {code(item.account_id)}" if own else ""
    return f"What to do: see {number} above{given}."


def _advice(found: Sequence[Drift]) -> str:
    """Return sentences on how to accept the edits in Xero, and how to undo them where possible.

    If several files have drift, or the file has a very long name, the commands name FILE instead.
    """
    files = [one.plan.file for one in found if not one.clean]
    file = files[0] if files == [shorten(files[0], 150)] else "FILE"
    pull, plan, apply = (code(command_line(name, file)) for name in ("pull", "plan", "apply"))
    accept = f"To accept the edits in Xero, run {pull} and commit the file."
    undo = ""
    if any(one.drifted for one in found):
        undo = f" To undo what is different from the file, run {plan} and {apply}."
    each = " FILE stands for each file named above." if file == "FILE" else ""
    stays = ""
    if any(one.added for one in found):
        stays = " An account that is new in Xero stays there until somebody archives it."
    return f"\n{accept}{undo}{each}{stays}\nXero does not say who edited an account.\n"


def as_json(
    found: Sequence[Drift], created_at: datetime, failed: Sequence[FailedOrganisation] = ()
) -> str:
    """Return the report as JSON for programs; a new minor `format_version` only adds keys.

    The key `failed` is only there if an organisation failed, or if several were compared.
    """
    document = {
        "format_version": FORMAT_VERSION,
        "xerosync_version": __version__,
        "created_at": timestamp(created_at),
        "drift": not all(one.clean for one in found),
        "charts": [_as_data(one) for one in found],
    }
    if _is_several(found, failed):
        document["failed"] = [failed_to_json(one) for one in failed]
    return json_text(document)


def _summary(found: Drift) -> str:
    """Return one line on whether there is drift, with counts but without names."""
    since = f" since the last apply ({day_and_time(found.since)})" if found.since else ""
    waiting = ""
    if found.pending:
        verb = "is" if found.pending == 1 else "are"
        waiting = f" {counted(found.pending, 'change')} in the file {verb} not applied yet."
    if found.clean:
        return f"No drift{since or ': Xero matches the file'}.{waiting}"
    added = len(found.added)
    parts = [f"{found.count - added} different from the file"] if found.count > added else []
    parts += [f"{added} new in Xero"] if added else []
    return f"Drift{since}: {', '.join(parts)}.{waiting}"


def _differences(change: Change) -> str:
    if change.account is None:
        return "in the file, but not in Xero"
    if change.desired is None:
        return "in Xero, but not in the file"
    if change.action is Action.DELETE:
        return "in Xero, but the file deletes it"
    status = action_rows(change.action, (), is_new=False)
    values = [(f.label, visible(f.was), visible(f.becomes)) for f in change.fields]
    return "; ".join(f"{name}: {a} in Xero, {b} in the file" for name, a, b in (*status, *values))


def _page(one: Drift, most: int, shared: Mapping[str, int]) -> str:
    head = (
        f"## Drift in {name_cell(visible(one.plan.organisation.name)) or 'a chart'}\n\n"
        f"**{_summary(one)}** Compared with {code(shorten(one.plan.file, 150))}.\n\n"
    )
    return head + fit(_blocks(one, shared), most - size(head))


def _blocks(one: Drift, shared: Mapping[str, int]) -> Iterator[Block]:
    yield Block(
        f"### {len(one.drifted)} different from the file\n\n"
        "| Account | Field | In Xero | In the file | Line |\n"
        "| --- | --- | --- | --- | ---: |\n",
        tuple(_rows(change, one.plan.file) for change in one.drifted),
        noun="differences",
    )
    blocked = [item for item in one.blocked if item not in (*one.moved, *one.renamed)]
    for heading, items, noun in (
        ("Renamed in Xero", one.renamed, "accounts renamed in Xero"),
        ("Has another code in Xero, or is another account", one.moved, "accounts to look at"),
        ("Different, and xerosync cannot undo it", blocked, "differences that cannot be undone"),
    ):
        lines = tuple(
            f"- {account_cell(item.code, item.name)}: {sentence_cell(item.reason)}"
            f" {_hint(item, one, shared)}\n"
            for item in items
        )
        yield Block(f"### {heading}\n\n", lines, noun=noun)
    yield Block(
        f"### {len(one.added)} new in Xero, not in the file\n\n| Account | Type |\n| --- | --- |\n",
        tuple(
            f"| {account_cell(a.code, a.name)} | {inline(visible(a.type))} |\n" for a in one.added
        ),
        noun="new accounts",
    )
    reasons = dict.fromkeys(
        f"- **{name_cell(change.label)}**: {sentence_cell(reason)}\n"
        for change in one.drifted
        for reason in _when(change)
    )
    yield Block("### When it was edited\n\n", tuple(reasons), noun="notes")


def _when(change: Change) -> tuple[str, ...]:
    """Return a change's first reason, which is about the edit in Xero; () if no edit is known."""
    return change.reasons[:1] if change.origin in (Origin.XERO, Origin.BOTH) else ()


def _rows(change: Change, file: str) -> str:
    rows = field_rows_of(change)
    if change.account is None:
        rows = (FieldRow("account", "(none)", "in the file"),)
    elif change.desired is None:
        rows = (FieldRow("account", "in Xero", "(none)"),)
    elif change.action is Action.DELETE:
        rows = (FieldRow("status", "in Xero", "DELETED"),)
    account = account_cell(change.code, change.name)
    return field_rows(rows, account, [place_cell(change.source, file)])


def _as_data(one: Drift) -> dict[str, Any]:
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
        "drifted": [_change_as_data(change) for change in one.drifted],
        "blocked": [to_json(item) for item in one.blocked],
        "added": [
            {"code": a.code, "name": a.name, "account_id": a.account_id, "type": a.type}
            for a in one.added
        ],
    }


def _change_as_data(change: Change) -> dict[str, Any]:
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
