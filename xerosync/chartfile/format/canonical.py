"""A chart file → the same chart in its canonical form, every comment with what it speaks of.

Codes get quotes, fields and accounts their order, lines their indentation; nothing else is
touched. Accounts are sorted by code within their section: a section begins with a comment
that is a banner (`# --- Income`) or stands apart by an empty line. What is laid out in an
unusual way (`{…}` over several lines, `? key`) is moved as a whole, or left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xerosync.chartfile.fields import (
    ACCOUNT_FIELDS,
    CHOICES,
    FLAGS,
    LIMIT_MAXIMA,
    LINT_FIELDS,
    NUMBERS,
    ORGANISATION_FIELDS,
    SECTIONS,
    plain,
)
from xerosync.chartfile.format.blocks import WHITE, Item, Lines, Pair, Unusual, is_banner
from xerosync.chartfile.load import parse
from xerosync.chartfile.problems import Report
from xerosync.chartfile.syntax.parse import compose
from xerosync.chartfile.syntax.quoting import double_quoted
from xerosync.chartfile.syntax.scalars import boolean, misread
from xerosync.chartfile.syntax.source import decode
from xerosync.model import code_order

KEY_ORDER = ("system_account", *(name for name in ACCOUNT_FIELDS if name != "system_account"))
"""The fields of an account: what a system account is stands first."""

_ORDERS = {
    "organisation": ORGANISATION_FIELDS,
    "limits": tuple(LIMIT_MAXIMA),
    "lint": LINT_FIELDS,
}
_CODES = frozenset({"code", "previously", "required_accounts", "forbidden_accounts"})
_WORDS = CHOICES.keys() | {"severity", "required_fields"}
_Node = Any
"""A node of yaml, whose types name no attributes."""


def canonical(data: bytes, file: str) -> str:
    """Give the canonical text of a chart file: no byte order mark, its own kind of line ends.

    Formatting it again gives the same, and reading it the same chart. CRLF stays if every
    line has it. Raises ChartError for a file with errors; breaking its policy is none here.
    """
    parse(data, file, lint=False)
    text = decode(data, file)
    windows = text.count("\r\n") == text.count("\n") == text.count("\r") > 0
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    formed = _order(_rewrite(text))
    if _said(formed) != _said(text):
        raise RuntimeError("formatting would change the chart")
    return formed.replace("\n", "\r\n") if windows else formed


def _said(text: str) -> tuple[Any, list[str]]:
    """Give all that a text says, whatever the order of its accounts."""
    root = plain(_read(text))
    return root | {"accounts": None}, sorted(map(repr, map(_sorted, root["accounts"])))


def _read(text: str) -> Any:  # noqa: ANN401, the reader's node
    return compose(text, Report("", text))


def _sorted(account: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(account.items(), key=lambda pair: pair[0])


def _compose(text: str) -> _Node:
    import yaml  # noqa: PLC0415, heavy

    return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


# --- What is written otherwise: quotes and flags


def _rewrite(text: str) -> str:
    """Quote codes and what others misread, and write flags in one way."""
    lines = text.split("\n")
    edits: list[tuple[int, int, int, str]] = []
    _collect(_compose(text), "", edits)
    for line, start, end, written in sorted(edits, reverse=True):
        lines[line] = lines[line][:start] + written + lines[line][end:]
    return "\n".join(lines)


def _collect(node: _Node, key: str, edits: list[tuple[int, int, int, str]]) -> None:
    if not isinstance(node.value, list):
        start, end = node.start_mark, node.end_mark
        written = _written(node, key)
        if written and start.line == end.line:
            edits.append((start.line, start.column, end.column, written))
        return
    for child in node.value:
        if isinstance(child, tuple):
            _collect(child[1], child[0].value if key not in {"severity", "waive"} else key, edits)
        else:
            _collect(child, key, edits)


def _written(node: _Node, key: str) -> str:
    """Say how a value is to be written; "" when it stays."""
    text, is_plain = node.value, not node.style
    if is_plain and node.tag.endswith(":null"):
        return ""
    if key in FLAGS:
        flag = boolean(text) if is_plain else None
        return "" if flag is None else str(flag).lower()
    if key in NUMBERS or key in _WORDS:
        return ""
    if (key in _CODES and node.style in {None, "", "'"}) or (is_plain and misread(text)):
        return double_quoted(text)
    return ""


# --- What stands elsewhere: fields and accounts


def _order(text: str) -> str:
    root = _compose(text)
    whole = text if text.endswith("\n") else text + "\n"
    if whole != text and _said(whole) != _said(text):
        return text  # it ends in a block of text, to which a line end would be added
    if root.flow_style:
        return whole
    try:
        lines = Lines(text, root)
        return "\n".join(_file(lines, root)).rstrip("\n") + "\n"
    except Unusual:
        return whole


def _file(lines: Lines, root: _Node) -> list[str]:
    pairs = lines.pairs(root, root.value[0][0].start_mark.line, len(lines.lines))
    head, lead = _head(lines, pairs[0])
    leads = {pair.name: lines.gap(pair.lead) for pair in pairs} | {pairs[0].name: lead}
    out = head
    for pair in _in_order(pairs, SECTIONS):
        lead = leads[pair.name]
        out += lead[lead[:1] == out[-1:] == [""] :]
        out += _section(lines, pair)
    return out + lines.gap(range(pairs[-1].stop, len(lines.lines)))


def _head(lines: Lines, first: Pair) -> tuple[list[str], list[str]]:
    """Part what is above the first field: what heads the file, and what speaks of the field."""
    head = [line.rstrip(WHITE) for line in lines.lines[: first.start]]
    at = len(head)
    while at and head[at - 1].startswith("#") and "yaml-language-server" not in head[at - 1]:
        at -= 1
    if at and not head[at - 1]:
        return head[:at], head[at:]
    return head, []


def _section(lines: Lines, pair: Pair) -> list[str]:
    value, whole = pair.value, range(pair.start, pair.stop)
    opens = isinstance(value.value, list) and value.value and not value.flow_style
    if opens and pair.name == "accounts":
        first = lines.shifted(whole[:1], pair.column, 0)
        return first + _accounts(lines, value, pair.start + 1, pair.stop)
    if opens and pair.name in _ORDERS:
        out = lines.shifted(whole[:1], pair.column, 0)
        inner = lines.pairs(value, pair.start + 1, pair.stop)
        for field in _in_order(inner, _ORDERS[pair.name]):
            out += _indented(lines.gap(field.lead), 2)
            out += lines.shifted(range(field.start, field.stop), field.column, 2)
        return out + _indented(lines.gap(range(inner[-1].stop, pair.stop)), 2)
    return lines.shifted(whole, pair.column, 0)


def _accounts(lines: Lines, node: _Node, first: int, stop: int) -> list[str]:
    items, footer = lines.items(node, first, stop)
    sections: list[list[Item]] = [[]]
    for item in items:
        if item.header:
            sections.append([])
        sections[-1].append(item)
    apart = _stand_apart(sections)
    out: list[str] = []
    for section in sections:
        header = next((item.header for item in section), [])
        out += _indented(header, 2)
        for at, item in enumerate(sorted(section, key=lambda i: code_order(_code(i)))):
            out += [""] if apart and at else []
            out += _account(lines, item)
    return out + _indented(footer, 2)


def _stand_apart(sections: Sequence[Sequence[Item]]) -> bool:
    """Tell whether most accounts have an empty line above, so that all are to have one."""
    gaps = [item.blank for section in sections for item in section[1:]]
    return 2 * sum(gaps) > len(gaps)


def _account(lines: Lines, item: Item) -> list[str]:
    lead = _indented(item.lead, 2)
    if item.node.flow_style:
        column = item.node.start_mark.column
        out = lines.shifted(range(item.start, item.stop), column, 4, blanks=False)
        out[0] = (
            _flow(item.node, out[0].lstrip(WHITE))
            if _on_one_line(item.node)
            else out[0].lstrip(WHITE)
        )
        return [*lead, "  - " + out[0], *out[1:]]
    pairs = lines.pairs(item.node, item.start, item.stop)
    ordered = _in_order(pairs, KEY_ORDER)
    out, held = [], lines.gap(ordered[0].lead, blanks=False)
    if not any(map(is_banner, held)):
        lead, held = lead + _indented(held, 2), []
    for pair in ordered:
        out += _indented(lines.gap(pair.lead, blanks=False), 4) if pair is not ordered[0] else []
        out += lines.shifted(range(pair.start, pair.stop), pair.column, 4, blanks=False)
        out += _indented(held, 4)
        held = []
    out += _indented(lines.gap(range(pairs[-1].stop, item.stop), blanks=False), 4)
    return [*lead, "  - " + out[0].lstrip(WHITE), *out[1:]]


def _flow(node: _Node, line: str) -> str:
    """Order the fields of an account in braces; `line` begins with the brace."""
    at = node.start_mark.column
    names = [key.value for key, _ in node.value]
    wanted = sorted(range(len(names)), key=lambda n: KEY_ORDER.index(names[n]))
    if wanted == list(range(len(names))):
        return line
    said = [
        line[key.start_mark.column - at : max(key.end_mark.column, value.end_mark.column) - at]
        for key, value in node.value
    ]
    inside = ", ".join(said[n].strip(WHITE) for n in wanted)
    return "{" + inside + "}" + line[node.end_mark.column - at :]


def _on_one_line(node: _Node) -> bool:
    return bool(node.start_mark.line == node.end_mark.line)


def _code(item: Item) -> str:
    for key, value in item.node.value:
        if key.value == "code" and not value.tag.endswith(":null"):
            return str(value.value)
    return ""


def _in_order(pairs: Sequence[Pair], order: Sequence[str]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: order.index(pair.name))


def _indented(comments: Sequence[str], column: int) -> list[str]:
    return [" " * column + line if line else "" for line in comments]
