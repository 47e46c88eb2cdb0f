"""A plan as Markdown for a comment on a pull request, or for the summary of a job.

The page always fits into one comment. Destructive changes come first; details are folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xerosync.model import FIELD
from xerosync.plan import estimate
from xerosync.plan.blocks import limits
from xerosync.plan.explain import MEANS
from xerosync.plan.impact import moves, moves_mean
from xerosync.plan.plan import Action, Change, Plan
from xerosync.render.account_usage import usage_read
from xerosync.render.inline import code, inline, prose
from xerosync.render.markdown_page import (
    BODY,
    Block,
    account_cell,
    field_rows,
    fit,
    folded,
    marker,
    name_cell,
    note_sign,
    place_cell,
    sentence_cell,
    size,
    usage_cell,
    value_cells,
)
from xerosync.render.plan.footnotes import Footnote, Footnotes
from xerosync.render.words import (
    DESTRUCTIVE_FIRST,
    ORIGIN,
    FieldRow,
    blocked_title,
    capital,
    counts_of,
    facts,
    field_rows_of,
    in_reading_order,
    shorten,
    temporary_values,
    untouched,
    value_text,
)
from xerosync.text import first_few, visible

_FOLDED_FROM = 15
"""Tables of updates, restores or creates are folded if they have more accounts than this."""
_NAMED = 3
"""A note names up to this many accounts; the others are counted."""


def plan_as_markdown(plan: Plan) -> str:
    """Return a plan as Markdown of at most `BODY` characters, with a newline at the end."""
    first, head = plan_marker(plan) + "\n", _head(plan)
    return f"{first}\n{head}{fit(_blocks(plan), BODY - size(first + head))}".rstrip("\n") + "\n"


def plan_marker(plan: Plan) -> str:
    """Return the page's hidden first line, by which a job finds the organisation's comment."""
    return marker("plan", [plan.organisation.tenant_id or plan.file or "unnamed"])


def _head(plan: Plan) -> str:
    known = inline(facts(plan.organisation))
    lines = [
        f"## Plan for {name_cell(visible(plan.organisation.name)) or 'an organisation'}",
        "",
        f"**{capital(counts_of(plan.summary))}.** {untouched(plan)}.",
        f"From {code(shorten(plan.file, 150))}{f' (organisation: {known})' if known else ''}."
        + (f" {prose(needed)}" if (needed := estimate.sentence(plan)) else ""),
        *([sentence_cell(read)] if (read := usage_read(plan)) else []),
        "",
    ]
    breaches = limits.check(plan)
    if breaches:
        flags = " ".join(breach.flag for breach in breaches)
        lines += [
            "> [!CAUTION]",
            "> **Safety limits are exceeded.** Nothing is applied unless you raise them.",
            *(f"> - {prose(capital(breach.message))}" for breach in breaches),
            ">",
            f"> If that is what you want, apply with {code(flags)}.",
            "",
        ]
    return "\n".join(lines) + "\n"


def _blocks(plan: Plan) -> Iterator[Block]:
    notes = Footnotes(in_reading_order(plan))
    for action in DESTRUCTIVE_FIRST[:2]:
        yield _table(plan, action, notes)
    yield _blocked(plan)
    lines = tuple(f"- {sentence_cell(note)}\n" for note in plan.desired.notes)
    yield Block("### Cannot be undone\n\n", lines, noun="notes on what cannot be undone")
    yield _moves(plan)
    lines = tuple(_noted(plan, note) for note in notes.warnings)
    yield Block("### Look at these first\n\n", lines, noun="warnings")
    for action in DESTRUCTIVE_FIRST[2:]:
        yield _table(plan, action, notes)
    lines = tuple(_noted(plan, note) for note in notes.reasons)
    yield folded("Why, and what it means for the books", lines, "notes")
    lines = tuple(f"- Account {sentence_cell(line)}\n" for _, line in temporary_values(plan))
    yield folded("Temporary codes and names", lines, "temporary values")
    lines = tuple(f"- {sentence_cell(sentence)}\n" for sentence in plan.left_file)
    yield Block(
        "### Unmanaged accounts to look at\n\n", lines, noun="unmanaged accounts to look at"
    )
    yield folded(
        f"{len(plan.unmanaged)} unmanaged: in Xero but not in the file, left alone",
        (
            f"| {account_cell(one.code, one.name)} | {inline(value_text(one.type))} |\n"
            for one in plan.unmanaged
        ),
        "unmanaged",
        "| Account | Type |\n| --- | --- |\n",
    )


def _table(plan: Plan, action: Action, notes: Footnotes) -> Block:
    changes = [change for change in plan.changes if change.action is action]
    noun = f"to {action}"
    title = f"{len(changes)} {noun}"
    used = any(usage_cell(change.usage) for change in changes)
    last = ["Still used"] if used else []
    more = [_more(change, notes, plan.file, used=used) for change in changes]
    if action in (Action.DELETE, Action.ARCHIVE, Action.CREATE):
        sets = "Sets" if action is Action.CREATE else "Also"
        table, row = _columns("Account", "Type", sets, *last), _one_row
    else:
        table, row = _columns("Account", "Field", "Before", "After", *last), _rows
    lines = tuple(map(row, changes, more))
    if action in DESTRUCTIVE_FIRST[:2]:
        return Block(f"### {title}\n\n{MEANS[action]}\n\n{table}", lines, noun=noun)
    if len(changes) > _FOLDED_FROM:
        return folded(title, lines, noun, table)
    return Block(f"### {title}\n\n{table}", lines, noun=noun)


def _columns(*names: str) -> str:
    return (
        f"| {' | '.join((*names, 'Notes', 'Line'))} |\n"
        f"| {' | '.join(['---'] * len(names))} | --- | ---: |\n"
    )


def _one_row(change: Change, more: Sequence[str]) -> str:
    """Return an account as one table row: code, name, type, and the other fields that are set."""
    others = "; ".join(
        value_cells(row).line()
        for row in field_rows_of(change)
        if row.label not in ("status", FIELD["type"].label)
    )
    kind = inline(value_text(change.account_type))
    return f"| {' | '.join((account_cell(change.code, change.name), kind, others, *more))} |\n"


def _rows(change: Change, more: Sequence[str]) -> str:
    rows = field_rows_of(change) or (FieldRow("", "", ""),)
    return field_rows(rows, account_cell(change.code, change.name), more)


def _more(change: Change, notes: Footnotes, file: str, *, used: bool) -> list[str]:
    """Return the last cells of a row: usage (only if `used`), notes with the origin, and place."""
    signs = [note_sign(note) for note in notes.of(change)]
    signs += [ORIGIN[change.origin]] if change.origin else []
    usage = [usage_cell(change.usage)] if used else []
    return [*usage, ", ".join(signs), place_cell(change.source, file)]


def _blocked(plan: Plan) -> Block:
    blocked = plan.blocked
    lines = tuple(
        f"| {account_cell(item.code, item.name)} | {sentence_cell(item.reason)} "
        f"| {sentence_cell(item.hint)} | {code(item.rule)} "
        f"| {place_cell(item.source, plan.file)} |\n"
        for item in blocked
    )
    return Block(
        f"### {blocked_title(plan.summary['blocked'], len(blocked))}\n\n"
        "Blocked changes cannot be made. Nothing is applied until their causes are fixed, unless "
        "you apply the other changes with `--skip-blocked`.\n\n"
        "| Account | Why | What to do | Rule | Line |\n| --- | --- | --- | --- | ---: |\n",
        lines,
        noun="blocked",
    )


def _moves(plan: Plan) -> Block:
    found = moves(plan)
    lines = tuple(
        f"| {account_cell(move.change.code, move.change.name)} | {move.before} | {move.after} |\n"
        for move in found
    )
    return Block(
        f"### {len(found)} to move in the financial statements\n\n{moves_mean(found)}\n\n"
        "| Account | From | To |\n| --- | --- | --- |\n",
        lines,
        noun="moves",
    )


def _noted(plan: Plan, note: Footnote) -> str:
    who = first_few([inline(shorten(plan.changes[i].label, 60)) for i in note.changes], _NAMED)
    return f"- **{note_sign(note)}** {sentence_cell(note.sentence)} ({who})\n"
