"""The plans of many organisations as Markdown for a comment: a row for each group of changes.

The page fits into one comment, however many organisations there are. A change that many of them
share is one row. A row names its organisations only if they are few.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from xerosync.organisations.group import Group
from xerosync.organisations.review import Review
from xerosync.plan.impact import move, moves_mean
from xerosync.plan.plan import Blocked
from xerosync.render.inline import code, inline
from xerosync.render.markdown_page import (
    BODY,
    Block,
    account_cell,
    fit,
    folded,
    marker,
    name_cell,
    note_sign,
    sentence_cell,
    size,
    value_cells,
)
from xerosync.render.plan.footnotes import Footnote, Footnotes
from xerosync.render.review import phrases
from xerosync.render.review.lines_to_add import LineToAdd, lines_to_add
from xerosync.render.review.phrases import GroupRow
from xerosync.render.words import FieldRow, capital, shorten
from xerosync.text import counted, first_few, full_stop, visible

_OVERHEAD = 3_000
"""The number of characters reserved for headings, and for sentences on what was left out."""
_LISTED = 40
"""Below the tables, the organisations of a change are listed if there are at most this many."""
_VALUE = 60
"""If a cell lists several old values, each is cut to this many characters."""
_NAMED = 3
"""A note names up to this many accounts; the others are counted."""
_WHERE_ALL_ARE = "The HTML page and the JSON name the organisations of every change."


def review_as_markdown(review: Review) -> str:
    """Return the review as Markdown of at most `BODY` characters, with a newline at the end."""
    head = f"{review_marker(review)}\n\n{_head(review)}"
    notes = Footnotes((index, one.change) for index, one in enumerate(review.groups) if one.change)
    # Failures and warnings get only a part of the page, so that there is room for the changes.
    text = head
    text += fit(_stopped(review), (BODY - size(text)) // 3)
    text += fit(_first(review, notes), (BODY - size(text)) // 3)
    text += fit(_changes(review, notes, BODY - size(text)), BODY - size(text), empty=True)
    text += fit(_last(review, notes), BODY - size(text))
    return text.rstrip("\n") + "\n"


def review_marker(review: Review) -> str:
    """Return the hidden first line. It is the same for the same files, planned or not."""
    files = [*(plan.file for plan in review.plans), *(one.file for one in review.failed)]
    return marker("plan", sorted(files) or ["none"])


def _head(review: Review) -> str:
    standards = inline(shorten(phrases.standards(review), 300))
    estimate = phrases.estimate_of(review)
    lines = [
        f"## {phrases.title(review)}",
        "",
        f"**{capital(phrases.todo(review))}.** {phrases.planned(review)}.",
        *([f"From {full_stop(standards)}"] if standards else []),
        *([estimate] if estimate else []),
        *(
            f"{sentence_cell(sentence)} (in {_where(plans, review)})."
            for sentence, plans in phrases.usage_read(review)
        ),
        *([_WHERE_ALL_ARE] if any(len(one.plans) > _LISTED for one in _counted(review)) else []),
        "",
    ]
    breaches = phrases.exceeded(review)
    if breaches:
        flags = " ".join(dict.fromkeys(flag for _, flag in breaches))
        nothing = phrases.not_applied(review)
        lines += [
            "> [!CAUTION]",
            f"> **Safety limits are exceeded.** {nothing} unless you raise the limits.",
            *(f"> - {sentence_cell(sentence)}" for sentence, _ in breaches),
            ">",
            f"> If that is what you want, apply with {code(flags)}.",
            "",
        ]
    return "\n".join(lines) + "\n"


def _stopped(review: Review) -> Iterator[Block]:
    """Yield the organisations that were not planned, and then what is blocked."""
    lines = []
    for one in review.failed:
        why = " ".join(map(sentence_cell, phrases.failure(one)))
        file = code(shorten(one.file, 150))
        lines.append(f"| {name_cell(visible(one.name))} | {file} | {why} |\n")
    yield Block(
        f"### {len(review.failed):,} not planned\n\n"
        + _columns("Organisation", "File", "Why, and what to do"),
        tuple(lines),
        noun="not planned",
    )
    blocked = [(one, one.blocked) for one in review.groups if one.blocked]
    yield Block(
        f"### {phrases.blocked_title([one for one, _ in blocked])}\n\n"
        "Blocked changes cannot be made. Nothing is applied to an organisation with blocked "
        "changes until their causes are fixed, unless you apply its other changes with "
        "`--skip-blocked`.\n\n" + _columns("Account", "Why", "What to do", "Rule", "Organisations"),
        tuple(_blocked(one, item, review) for one, item in blocked),
        noun="blocked",
    )


def _first(review: Review, notes: Footnotes) -> Iterator[Block]:
    """Yield warnings, balances that move, what cannot be undone, and unmanaged accounts."""
    lines = tuple(_noted(review, note) for note in notes.warnings)
    yield Block("### Look at these first\n\n", lines, noun="warnings")
    yield _moves(review)
    impossible = phrases.notes(review, lambda plan: plan.desired.notes)
    yield _sentences("Cannot be undone", impossible, review, "notes on what cannot be undone")
    yield from _left(review)


def _moves(review: Review) -> Block:
    """Return the type changes that move a balance to another part of the financial statements."""
    found = [(one, moved) for one in review.groups if one.change and (moved := move(one.change))]
    found.sort(key=lambda item: not item[1].crosses)
    means = moves_mean(moved for _, moved in found)
    return Block(
        f"### {len(found)} to move in the financial statements\n\n{means}\n\n"
        + _columns("Account", "From", "To", "Organisations"),
        tuple(
            f"| {_account(one)} | {moved.before} | {moved.after} | {_where(one.plans, review)} |\n"
            for one, moved in found
        ),
        noun="moves",
    )


def _changes(review: Review, notes: Footnotes, most: int) -> Iterator[Block]:
    """Yield tables of the groups that fit into size `most`, then a table that sums up the others.

    Destructive changes get room first, then changes in many organisations.
    """
    groups = [one for one in review.groups if one.change]
    rows = {id(one): _row(one, review, notes) for one in groups}
    kept = sorted(groups, key=lambda one: (not one.destructive, -len(one.plans)))
    available = most - _OVERHEAD
    used = sum(map(size, rows.values()))
    while kept and used > available // 2:
        summed = (size("".join(block.rows)) for block in _summed(groups, rows, review))
        if used + sum(summed) <= available:
            break
        for one in kept[-max(1, len(kept) // 20) :]:
            kept.pop()
            used -= size(rows.pop(id(one)))
    for section in phrases.sections(review, groups):
        yield Block(
            f"### {section.heading}\n\n"
            + _columns("Action", "Account", "Change", "Organisations", "Notes"),
            tuple(rows[id(one)] for one in section.groups if id(one) in rows),
            noun="changes",
        )
    yield from _summed(groups, rows, review)


def _summed(groups: Sequence[Group], rows: Container[int], review: Review) -> Iterator[Block]:
    """Yield a table of the groups missing from `rows`, with a row for each account and action."""
    left = [one for one in groups if id(one) not in rows]
    accounts: dict[tuple[object, ...], list[Group]] = {}
    for one in left:
        accounts.setdefault((one.account, one.action), []).append(one)
    lines = []
    for found in accounts.values():
        plans = sorted({plan for one in found for plan in one.plans})
        what = counted(len(found), "different change" if len(found) > 1 else "change")
        cells = (str(found[0].action), _account(found[0]), what, _where(plans, review))
        lines.append(f"| {' | '.join(cells)} |\n")
    if lines:
        yield Block(
            f"### {counted(len(left), 'more change')}, summed by account\n\n"
            + _columns("Action", "Account", "Changes", "Organisations"),
            tuple(lines),
            noun="accounts",
        )


def _last(review: Review, notes: Footnotes) -> Iterator[Block]:
    """Yield folded lists on the changes: lines to add, reasons, temporary codes, organisations."""
    advised = tuple(_pin(one, pin) for one in review.groups for pin in lines_to_add(review, one))
    yield folded("What to add to each file for the blocked accounts", advised, "lines to add")
    lines = tuple(_noted(review, note) for note in notes.reasons)
    yield folded("Why, and what it means for the books", lines, "notes")
    title = "Temporary codes and names"
    temporary = _sentences(title, phrases.notes(review, phrases.temporary), review)
    yield folded(title, temporary.rows, "temporary values")
    listed = tuple(_listed(one, review) for one in _counted(review) if len(one.plans) <= _LISTED)
    yield folded("Organisations of the changes above", listed, "lists of organisations")


def _columns(*names: str) -> str:
    return f"| {' | '.join(names)} |\n| {' | '.join(['---'] * len(names))} |\n"


def _row(one: Group, review: Review, notes: Footnotes) -> str:
    signs = [note_sign(note) for note in (notes.of(one.change) if one.change else ())]
    since = phrases.since(one)
    sets = "; ".join(_set(row) for row in phrases.rows_of(one) if row.label != "status")
    cells = (
        f"{one.action}",
        _account(one),
        ". ".join(filter(None, (sets, phrases.used(review, one, inline)))),
        _where(one.plans, review),
        ", ".join([*signs, *([since] if since else [])]),
    )
    return f"| {' | '.join(cells)} |\n"


def _set(row: GroupRow) -> str:
    """Return a field with its values. An organisation count follows each of several old values."""
    if len(row.befores) > 1:
        before = phrases.before_text(row.befores, lambda text: inline(shorten(text, _VALUE)))
        return value_cells(FieldRow(row.label, "", row.after))._replace(before=before).line()
    return value_cells(FieldRow(row.label, row.befores[0][0], row.after)).line()


def _blocked(one: Group, item: Blocked, review: Review) -> str:
    cells = (
        _account(one),
        " ".join(filter(None, (sentence_cell(item.reason), phrases.used(review, one, inline)))),
        sentence_cell(item.hint),
        code(item.rule),
        _where(one.plans, review),
    )
    return f"| {' | '.join(cells)} |\n"


def _pin(one: Group, pin: LineToAdd) -> str:
    line = code(pin.line) if pin.is_code else sentence_cell(pin.line)
    return f"- {account_cell(one.code, one.name)}, {inline(shorten(pin.place, 180))}: {line}\n"


def _account(one: Group) -> str:
    others = phrases.also_called(one)
    return account_cell(one.code, one.name) + (
        f" ({inline(shorten(others, 150))})" if others else ""
    )


def _where(plans: Sequence[int], review: Review) -> str:
    return phrases.where(review, plans, name_cell)


def _left(review: Review) -> Iterator[Block]:
    """Yield the accounts that left the standard, then other unmanaged accounts to look at."""
    gone = [one for one in review.left_behind if one.standard]
    yield Block(
        f"### {phrases.LEFT_STANDARD}\n\n{phrases.ARCHIVE_THEM}\n\n",
        tuple(
            f"- {inline(shorten(visible(one.label), 160))}, unmanaged in "
            f"{_where(one.plans, review)}\n"
            for one in gone
        ),
        noun="accounts that left the standard",
    )
    others = ((one.sentence, one.plans) for one in review.left_behind if not one.standard)
    yield _sentences("Unmanaged accounts to look at", others, review)


def _sentences(
    title: str, found: Iterable[tuple[str, Sequence[int]]], review: Review, noun: str = ""
) -> Block:
    lines = tuple(
        f"- {sentence_cell(sentence)} (in {_where(plans, review)})\n" for sentence, plans in found
    )
    return Block(f"### {title}\n\n", lines, noun=noun or title.lower())


def _noted(review: Review, note: Footnote) -> str:
    groups = [review.groups[index] for index in note.changes]
    who = first_few([account_cell(one.code, one.name) for one in groups], _NAMED)
    return f"- **{note_sign(note)}** {sentence_cell(note.sentence)} ({who})\n"


def _counted(review: Review) -> list[Group]:
    return [one for one in review.groups if phrases.only_counted(review, one.plans)]


def _listed(one: Group, review: Review) -> str:
    names = ", ".join(name_cell(visible(review.names[plan])) for plan in one.plans)
    what = one.action or "blocked"
    return f"- {what} {account_cell(one.code, one.name)}: {names}\n"
