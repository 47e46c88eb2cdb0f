"""A plan as tables for a terminal: one for each kind of change, then notes and limits.

Text from a file or from Xero goes through `visible` into a Rich `Text`, never into markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from xerosync.desired import Source
from xerosync.organisations.group import UUID
from xerosync.plan.blocks import limits
from xerosync.plan.plan import Action, Blocked, Change, Plan, count_blocked
from xerosync.render.plan.footnotes import Footnotes
from xerosync.render.plan.terminal_view import STYLE, PlanView, ViewOptions, why_blocked
from xerosync.render.words import blocked_title, line_of, no_changes, untouched
from xerosync.text import visible

LISTED_UNMANAGED = 10
"""Unless `verbose`, up to this many unmanaged accounts are listed; the others are counted."""

NARROW = 64
"""On a terminal with fewer columns, each account is a paragraph instead of a table row."""


def plan_view(plan: Plan, options: ViewOptions | None = None) -> RenderableType:
    """Return the view of one plan: organisation, tables, notes and limits, but no summary."""
    shown = PlanView(plan, options or ViewOptions())
    parts: list[RenderableType] = [*shown.heading()]
    parts += [
        _changes(action, changes, shown) for action in Action if (changes := shown.of(action))
    ]
    if shown.blocked:
        parts.append(_blocked(shown.blocked, shown))
    if read := shown.usage_read():
        parts.append(Text(read, "dim"))
    impossible = [Text(visible(f"! {sentence}"), "yellow") for sentence in plan.desired.notes]
    parts += titled("Cannot be undone", impossible)
    parts += titled("Temporary codes and names", list(map(Text, shown.temporary_values())))
    if not shown.options.verbose:
        parts += titled("Notes (! look first)", notes_table(shown.notes))
    left = [Text(visible(f"! {sentence}"), "yellow") for sentence in plan.left_file]
    parts += titled("Unmanaged accounts to look at", left)
    parts += _unmanaged(shown)
    parts += limit_lines(plan)
    return Group(*(line for part in parts for line in (part, Text())))


def limit_lines(plan: Plan) -> list[RenderableType]:
    """Return the safety limits that the whole plan exceeds, whatever `ViewOptions.only` selects."""
    lines = [f"{breach.message} An apply needs {breach.flag}." for breach in limits.check(plan)]
    return titled("Safety limits exceeded", [Text(visible(line), "red") for line in lines])


def summary_line(plan: Plan) -> str:
    """Return the summary of a plan as one or two sentences. Scripts may depend on its form."""
    if plan.empty:
        return no_changes(plan)
    count = plan.summary
    todo = ", ".join(f"{count[action]} to {action}" for action in Action)
    blocked = f", {count['blocked']} blocked" if count["blocked"] else ""
    return f"Plan: {todo}; {untouched(plan)}{blocked}."


def titled(title: str, parts: Sequence[RenderableType]) -> list[RenderableType]:
    """Return a list of one paragraph with a bold title, or an empty list if `parts` is empty."""
    return [Group(Text(title, "bold"), *parts)] if parts else []


def changes_table(title: Text, columns: Sequence[str]) -> Table:
    """Return an empty table with these columns."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        show_edge=False,
    )
    for column in columns:
        table.add_column(
            column,
            no_wrap=column in {"", "Line", "In"},
            overflow="fold",
            justify="right" if column in {"Line", "In"} else "left",
            min_width=4 if column in {"Code", "Line"} else None,
            max_width=24 if column == "Account" else None,
        )
    return table


def _changes(action: Action, changes: Sequence[Change], shown: PlanView) -> RenderableType:
    title = Text(f"{len(changes)} to {action}", f"bold {STYLE[action]}")
    if shown.options.width < NARROW:
        return Group(title, *(_paragraph(action, change, shown) for change in changes))
    noted = not shown.options.verbose and any(shown.notes.signs(change) for change in changes)
    where = _where((change.source for change in changes), shown)
    columns = ["", "Code", "Account", "Change", *(["Notes"] if noted else []), where]
    table = changes_table(title, columns)
    for change in changes:
        table.add_row(
            Text(action.glyph, STYLE[action]),
            shown.account(change.code, known=change.account is not None),
            shown.account(change.name, known=change.account is not None),
            Text("\n").join(shown.fields(change)),
            *([Text(shown.notes.signs(change), "dim")] if noted else []),
            Text(_line(change.source, shown), "dim"),
        )
    return table


def _paragraph(action: Action, change: Change, shown: PlanView) -> RenderableType:
    """Return a change as a paragraph, for a terminal that is too narrow for a table."""
    head = Text(f"{action.glyph} ", STYLE[action])
    head.append_text(shown.account(change.label, known=change.account is not None))
    signs = "" if shown.options.verbose else shown.notes.signs(change)
    head.append(f"{_at(change.source, shown)}{' ' + signs if signs else ''}", "dim")
    return Group(head, *[Padding(line, (0, 0, 0, 4)) for line in shown.fields(change)])


def _blocked(blocked: Sequence[Blocked], shown: PlanView) -> RenderableType:
    title = Text(blocked_title(count_blocked(blocked), len(blocked)), "bold red")
    copied = any(UUID.search(one.hint) for one in blocked)  # a column would cut such an id
    if copied or shown.options.width < NARROW:
        parts: list[RenderableType] = [title]
        for item in blocked:
            where = _at(item.source, shown)
            head = Text("! ", "red").append(visible(item.label)).append(where, "dim")
            parts += [head, Padding(why_blocked(item), (0, 0, 0, 4))]
        return Group(*parts)
    where = _where((item.source for item in blocked), shown)
    table = changes_table(title, ["", "Code", "Account", "Why, and what to do", where])
    for item in blocked:
        table.add_row(
            Text("!", "red"),
            Text(visible(item.code)),
            Text(visible(item.name)),
            why_blocked(item),
            Text(_line(item.source, shown), "dim"),
        )
    return table


def _line(source: Source, shown: PlanView) -> str:
    return line_of(source, shown.plan.file) or "-"


def _at(source: Source, shown: PlanView) -> str:
    line = line_of(source, shown.plan.file)
    return f" ({'line ' if line.isdecimal() else ''}{line})" if line else ""


def _where(sources: Iterable[Source], shown: PlanView) -> str:
    elsewhere = any(one.line and one.file != shown.plan.file for one in sources)
    return "Where" if elsewhere else "Line"


def notes_table(notes: Footnotes) -> list[Table]:
    """Return a list of one table with the notes and their signs, or [] if there are no notes."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for sign, note in notes.signed():
        table.add_row(Text(sign, "yellow" if note.warning else "dim"), Text(visible(note.sentence)))
    return [table] if table.row_count else []


def _unmanaged(shown: PlanView) -> list[RenderableType]:
    accounts, verbose = shown.unmanaged, shown.options.verbose
    title = f"{len(accounts)} unmanaged (in Xero but not in the file; left alone)"
    listed = [
        Text(visible(f"? {account.code or '-':<10} {account.name} ({account.type})"), "dim")
        for account in (accounts if verbose else accounts[:LISTED_UNMANAGED])
    ]
    more = len(accounts) - len(listed)
    if more > 0:
        listed.append(
            Text(f"  and {more:,} more: `plan --verbose` or `show --verbose` lists all", "dim")
        )
    return titled(title, listed)
