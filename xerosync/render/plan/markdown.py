"""Plans → Markdown for a comment on a pull request, or the summary of a job.

It begins with a hidden marker, by which the comment is found again and updated in place,
and always fits into one comment. What destroys comes first; details are folded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from xerosync.model import FIELD, Account
from xerosync.plan import estimate, limits
from xerosync.plan.impact import moves
from xerosync.plan.plan import Action, Blocked, Change, Plan
from xerosync.render.inline import code, inline, prose
from xerosync.render.plan.footnotes import Note, Notes
from xerosync.render.truncate import Block, fit, size
from xerosync.render.words import (
    DESTRUCTIVE_FIRST,
    ORIGIN,
    Row,
    detours,
    facts,
    headline,
    in_reading_order,
    of_action,
    rest,
    rows,
    shorten,
    spoken,
)
from xerosync.text import visible

LONGEST = 65_536
"""GitHub takes no longer comment."""

_ROOM = LONGEST - 536
_LEAST = 1_500
"""With less room than this, a plan is counted and not shown."""
_FOLDED_FROM = 15
"""Tables of more accounts than this are folded, unless they destroy."""
_VALUE, _NAME, _SENTENCE = 160, 150, 1_000
"""So many characters of a value, a name and a sentence are shown."""

_MEANS = {
    Action.DELETE: "This cannot be undone.",
    Action.ARCHIVE: "No new transaction can use an archived account; its history stays.",
}


def plans_as_markdown(plans: Sequence[Plan]) -> str:
    """Give plans as Markdown, at most `LONGEST` characters; it ends with a line end."""
    parts = [marker(plans) + "\n"]
    room = _ROOM - size(parts[0])
    for number, plan in enumerate(plans):
        share = room // (len(plans) - number)
        text = _plan(plan, share)
        if size(text) > room:
            parts.append(f"_And {len(plans) - number} more plans, left out for length._\n")
            break
        parts.append(text)
        room -= size(text)
    return "\n".join(parts).rstrip("\n") + "\n"


def marker(plans: Sequence[Plan]) -> str:
    """Give the hidden first line: it names the books, so each has a comment of its own."""
    return mark("plan", [plan.organisation.tenant_id or plan.file or "unnamed" for plan in plans])


def mark(kind: str, names: Iterable[str]) -> str:
    """Give a hidden line by which a page of this kind, of these books, is found again."""
    marked = ",".join(_marked(name) for name in names)
    if len(marked) > 200:  # noqa: PLR2004 enough for five ids
        marked = hashlib.sha256(marked.encode()).hexdigest()
    return f"<!-- xerosync:{kind}:{marked} -->"


def _marked(name: str) -> str:
    """Spell a name so that it cannot end the comment: two hyphens would."""
    return quote(name, safe="/", errors="backslashreplace").replace("--", "-%2D")


def _plan(plan: Plan, room: int) -> str:
    head = _head(plan)
    if size(head) + _LEAST > room:
        return head
    return head + fit(_blocks(plan), room - size(head))


def _head(plan: Plan) -> str:
    organisation = plan.organisation
    known = facts(organisation)
    lines = [
        f"## Plan for {inline(shorten(visible(organisation.name), _NAME)) or 'an organisation'}",
        "",
        f"**{_capital(headline(plan))}.** {rest(plan).capitalize()}.",
        f"From {code(shorten(plan.file, _NAME))}{' for ' + inline(known) if known else ''}."
        + (f" {prose(estimate.sentence(plan))}" if plan.steps else ""),
        "",
    ]
    breaches = limits.check(plan)
    if breaches:
        flags = " ".join(breach.flag for breach in breaches)
        lines += [
            "> [!CAUTION]",
            "> **Safety limits are exceeded,** and nothing is applied unless they are raised.",
            *(f"> - {prose(_capital(breach.message))}" for breach in breaches),
            ">",
            f"> If that is what you want, apply with {code(flags)}.",
            "",
        ]
    return "\n".join(lines) + "\n"


def _blocks(plan: Plan) -> Iterator[Block]:
    notes = Notes(in_reading_order(plan))
    for action in DESTRUCTIVE_FIRST[:2]:
        yield from _table(plan, action, notes)
    if plan.blocked:
        yield _blocked(plan.blocked)
    if plan.desired.notes:
        lines = tuple(f"- {prose(shorten(note, _SENTENCE))}\n" for note in plan.desired.notes)
        yield Block("### Cannot be undone\n\n", lines, noun="that cannot be undone")
    yield from _moves(plan)
    if notes.warnings:
        lines = tuple(_noted(plan, note) for note in notes.warnings)
        yield Block("### Look at these first\n\n", lines, noun="warnings")
    for action in DESTRUCTIVE_FIRST[2:]:
        yield from _table(plan, action, notes)
    if notes.reasons:
        lines = tuple(_noted(plan, note) for note in notes.reasons)
        yield _folded("Why, and what it means for the books", lines, "notes")
    way = tuple(f"- Account {prose(shorten(line, _SENTENCE))}\n" for _, line in detours(plan))
    if way:
        yield _folded("Temporary codes on the way", way, "temporary codes")
    if plan.unmanaged:
        yield _unmanaged(plan.unmanaged)


def _table(plan: Plan, action: Action, notes: Notes) -> Iterator[Block]:
    changes = of_action(plan, action)
    if not changes:
        return
    title = f"{len(changes)} to {action}"
    noun = f"to {action}"
    if action in _MEANS:
        head = f"### {title}\n\n{_MEANS[action]}\n\n{_columns('Account', 'Type', 'Also')}"
        yield Block(head, tuple(_one_row(change, notes) for change in changes), noun=noun)
        return
    if action is Action.CREATE:
        table = _columns("Account", "Type", "Sets")
        lines = tuple(_one_row(change, notes) for change in changes)
    else:
        table = _columns("Account", "Field", "Before", "After")
        lines = tuple(_rows(change, notes) for change in changes)
    if len(changes) > _FOLDED_FROM:
        yield _folded(title, lines, noun, table)
    else:
        yield Block(f"### {title}\n\n{table}", lines, noun=noun)


def _columns(*names: str) -> str:
    return (
        f"| {' | '.join((*names, 'Notes', 'Line'))} |\n"
        f"| {' | '.join(['---'] * len(names))} | --- | ---: |\n"
    )


def _one_row(change: Change, notes: Notes) -> str:
    """Write an account on one row, with what is set beside its type."""
    told, line = _told(change, notes)
    others = "; ".join(
        f"{row.label}: {_after(change, row)}"
        for row in rows(change)
        if row.label not in ("status", FIELD["type"].label)
    )
    kind = inline(spoken(change.account_type))
    return f"| {_account(change.code, change.name)} | {kind} | {others} | {told} | {line} |\n"


def _after(change: Change, row: Row) -> str:
    before = f"{inline(shorten(row.before, _VALUE))} → " if change.account else ""
    return before + inline(shorten(row.after, _VALUE))


def _rows(change: Change, notes: Notes) -> str:
    """Write an account with a row for each field that changes; they are kept together."""
    first = (_account(change.code, change.name), *_told(change, notes))
    written = []
    for number, row in enumerate(rows(change) or (Row("", "", ""),)):
        account, told, line = first if number == 0 else ("", "", "")
        before, after = (inline(shorten(value, _VALUE)) for value in (row.before, row.after))
        written.append(f"| {account} | {row.label} | {before} | {after} | {told} | {line} |\n")
    return "".join(written)


def _told(change: Change, notes: Notes) -> tuple[str, str]:
    """Give the signs of a change's notes, where it comes from, and its line in the file."""
    told = [_sign(note) for note in notes.of(change)]
    told += [ORIGIN[change.origin]] if change.origin else []
    return ", ".join(told), str(change.source.line or "")


def _account(account_code: str, name: str) -> str:
    number = f"**{inline(shorten(account_code, _NAME))}** " if account_code.strip() else ""
    return f"{number}{inline(shorten(name, _NAME))}"


def _blocked(blocked: Sequence[Blocked]) -> Block:
    lines = tuple(
        f"| {_account(item.code, item.name)} "
        f"| {prose(shorten(item.reason, _SENTENCE))} "
        f"| {prose(shorten(item.hint, _SENTENCE))} "
        f"| {code(item.rule)} | {item.source.line or ''} |\n"
        for item in blocked
    )
    return Block(
        f"### {len(blocked)} blocked\n\n"
        "These cannot be done, so nothing is applied until they are mended, or the rest is "
        "applied with `--skip-blocked`.\n\n"
        "| Account | Why | The way out | Rule | Line |\n| --- | --- | --- | --- | ---: |\n",
        lines,
        noun="blocked",
    )


def _moves(plan: Plan) -> Iterator[Block]:
    found = moves(plan)
    crossing = sum(move.crosses for move in found)
    if not found:
        return
    lines = tuple(
        f"| {_account(move.change.code, move.change.name)} | {move.before} | {move.after} |\n"
        for move in found
    )
    means = "Balances move in past periods too, so comparatives change"
    means += ", and with them the profit of past years" if crossing else ""
    yield Block(
        f"### {len(found)} to move in the financial statements\n\n{means}.\n\n"
        "| Account | From | To |\n| --- | --- | --- |\n",
        lines,
        noun="moves",
    )


def _noted(plan: Plan, note: Note) -> str:
    number = len(note.changes)
    who = ", ".join(inline(shorten(plan.changes[i].label, 60)) for i in note.changes[:3])
    more = f" and {number - 3} more" if number > 3 else ""  # noqa: PLR2004 as above
    return f"- **{_sign(note)}** {prose(shorten(note.sentence, _SENTENCE))} ({who}{more})\n"


def _sign(note: Note) -> str:
    """Give a note's sign; `!1` would be a merge request to GitLab."""
    return f"{'W' if note.warning else 'N'}{note.number}"


def _unmanaged(accounts: Sequence[Account]) -> Block:
    lines = tuple(f"| {_account(a.code, a.name)} | {inline(spoken(a.type))} |\n" for a in accounts)
    return _folded(
        f"{len(accounts)} unmanaged: in Xero, not in the file, left alone",
        lines,
        "unmanaged",
        "| Account | Type |\n| --- | --- |\n",
    )


def _folded(title: str, lines: Iterable[str], noun: str, table: str = "") -> Block:
    head = f"<details>\n<summary>{_capital(title)}</summary>\n\n{table}"
    return Block(head, tuple(lines), "\n</details>\n", noun)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
