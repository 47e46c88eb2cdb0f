"""Write new overrides into a chart file, each on one line in braces if it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xerosync.chartfile.edit.text_edits import TextEdits
from xerosync.chartfile.syntax import nodes
from xerosync.chartfile.syntax.quoting import block, scalar
from xerosync.model import Value, code_order

_WIDEST = 100

SAYS_NOTHING = frozenset({"standard", "reason", "note"})
"""The fields of an override that change nothing."""

Written = Value | list[str] | None
"""The value to write into a field of an override: None writes null."""


def write_overrides(edits: TextEdits, new: Sequence[Mapping[str, Written]]) -> None:
    """Add `new` overrides in the order of their codes. If no override is left, write `[]`."""
    layout, section = edits.layout, edits.layout.sections.get("overrides")
    new = sorted(new, key=lambda fields: code_order(str(fields["standard"])))
    entries = section.entries if section else ()
    if new and not (section and entries):
        lines = "".join(_lines(fields, 2, layout.line_end) for fields in new)
        edits.fill_list("overrides", lines, ", ".join(map(_braces, new)))
        return
    if section is None:
        return
    if not new and entries and not section.node.flow and all(map(edits.is_removed, entries)):
        edits.empty_list(section)
    for fields in new:
        order = code_order(str(fields["standard"]))
        above = [one for one in entries if code_order(nodes.text_of(one.get("standard"))) <= order]
        beside = above[-1] if above else entries[0]
        if section.node.flow:
            item = _braces(fields)
        else:
            item = _lines(fields, layout.column(layout.dash(beside)), layout.line_end)
        edits.insert_beside(section, beside, item, after=bool(above))


def _braces(fields: Mapping[str, Written]) -> str:
    return "{" + ", ".join(f"{n}: {_value(n, v, flow=True)}" for n, v in fields.items()) + "}"


def _lines(fields: Mapping[str, Written], column: int, line_end: str) -> str:
    """Return an override on one line in braces, or on several if that is too wide."""
    start = " " * column + "- "
    short = start + _braces(fields)
    if len(short) <= _WIDEST:
        return short + line_end
    indent = " " * (column + 2)
    lines = []
    for name, value in fields.items():
        text = block(value, indent + "  ", line_end) if isinstance(value, str) else ""
        lines.append(f"{name}: {text or _value(name, value)}")
    return start + (line_end + indent).join(lines) + line_end


def _value(name: str, value: Written, *, flow: bool = False) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return "null" if value is None else scalar(name, value, flow=flow)
