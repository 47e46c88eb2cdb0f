"""A plan with one line for each change, for plans with hundreds of changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.text import Text

from xerosync.plan.plan import Action, Plan
from xerosync.render.account_usage import brief_usage
from xerosync.render.plan.terminal_view import STYLE, PlanView, ViewOptions
from xerosync.render.words import FieldRow, field_rows_of
from xerosync.text import visible

_WIDEST_CODE, _WIDEST_NAME = 12, 32


def brief_lines(plan: Plan, options: ViewOptions) -> Iterator[Text]:
    """Yield a heading, and a line for each change and each blocked change that `options` selects.

    Then yield sentences on usage, on what cannot be undone, and on unmanaged accounts to look at.
    """
    shown = PlanView(plan, options)
    yield from shown.heading()
    labels = [(c.code, c.name) for _, c in shown.changes]
    codes, names = label_widths([*labels, *((b.code, b.name) for b in shown.blocked)])

    def line(glyph: str, style: str, code: str, name: str, what: str, *, known: bool) -> Text:
        text = Text(f"{glyph} ", style)
        text.append_text(padded(shown.account(code, known=known), codes))
        text.append(" ").append_text(padded(shown.account(name, known=known), names))
        text.append(f"  {what}" if what else "")
        text.rstrip()
        return text

    for action in Action:
        for change in shown.of(action):
            warned = " !" if change.warnings else ""
            used = brief_usage(change.usage) if change.usage else ""
            fields = brief_fields(action, field_rows_of(change), options.arrow)
            what = ", ".join(filter(None, (fields, used))) + warned
            known = change.account is not None
            yield line(
                action.glyph, STYLE[action], change.code, change.name, what.strip(), known=known
            )
    for item in shown.blocked:
        what = f"blocked: {visible(item.reason)}"
        yield line("!", "red", item.code, item.name, what, known=False)
    if read := shown.usage_read():
        yield Text(read, "dim")
    for sentence in plan.desired.notes:
        yield Text(f"! cannot be undone: {visible(sentence)}", "yellow")
    for sentence in plan.left_file:
        yield Text(f"! {visible(sentence)}", "yellow")


def brief_fields(action: Action | None, rows: Iterable[FieldRow], arrow: str) -> str:
    """Return the fields of a change. A field with long values has only its label."""
    said = []
    for row in rows:
        if row.label == "status":
            said.append(str(action))
            continue
        most = 2 * _WIDEST_NAME if row.before else _WIDEST_NAME
        said.append(row.line(arrow) if len(row.before) + len(row.after) <= most else row.label)
    return ", ".join(said)


def label_widths(labels: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """Return the column widths for these codes and names. A long code or name may be wider."""
    widths = [(cell_len(visible(code)), cell_len(visible(name))) for code, name in labels]
    codes, names = map(max, zip((0, 0), *widths, strict=True))
    return min(_WIDEST_CODE, codes), min(_WIDEST_NAME, names)


def padded(text: Text, width: int) -> Text:
    """Add spaces to the end of a text, up to a width, and return it."""
    return text.append(" " * (width - cell_len(text.plain)))
