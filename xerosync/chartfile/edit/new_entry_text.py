"""Write new accounts into a chart file, each at its place by section and code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xerosync.chartfile.edit.new_entry import NewEntry
from xerosync.chartfile.edit.sections import Neighbour, Neighbours, file_order, section_of_account
from xerosync.chartfile.edit.text_edits import TextEdits
from xerosync.chartfile.syntax.quoting import block, scalar
from xerosync.text import visible


def write_entries(
    edits: TextEdits, new: Iterable[NewEntry], neighbours: Sequence[Neighbour]
) -> None:
    """Add accounts to a file; `neighbours` are the entries that stay in the file."""
    new = sorted(new, key=lambda entry: file_order(entry.account))
    layout, section = edits.layout, edits.layout.sections.get("accounts")
    if not (section and section.entries):
        if new:
            lines = "".join(render(entry, 2, layout.line_end) for entry in new)
            edits.fill_list("accounts", lines, ", ".join(map(render_flow, new)))
        return
    if not (new or neighbours or section.node.flow):
        edits.empty_list(section)
    places = Neighbours(sorted(neighbours, key=lambda n: n.entry.offset))
    for entry in new:
        found, after = places.beside(entry.account.code, section_of_account(entry.account))
        neighbour = found or section.entries[-1]
        if section.node.flow:
            item = render_flow(entry)
        else:
            item = render(entry, layout.column(layout.dash(neighbour)), layout.line_end)
        edits.insert_beside(section, neighbour, item, after=after)


def render(entry: NewEntry, column: int, line_end: str) -> str:
    """Return the lines of an entry, with its dash at this column; each ends with `line_end`."""
    indent = " " * (column + 2)
    lines = []
    for name, value in entry.values.items():
        written = block(str(value), indent + "  ", line_end) or scalar(name, value)
        lines.append(f"{name}: {written}")
    lines += _previously(entry)
    lines[1:1] = [f"# {name} left out: {visible(why)}" for name, why in entry.left_out.items()]
    return (" " * column) + "- " + (line_end + indent).join(lines) + line_end


def render_flow(entry: NewEntry) -> str:
    """Return an entry in braces, on one line."""
    pairs = (f"{name}: {scalar(name, value, flow=True)}" for name, value in entry.values.items())
    return "{" + ", ".join([*pairs, *_previously(entry)]) + "}"


def _previously(entry: NewEntry) -> list[str]:
    before = entry.previously
    return [f"previously: [{scalar('previously', before)}]"] if before else []
