"""The canonical form of a chart file: the same chart, with every comment in its place.

Codes are put in quotes, and so is text that other programs misread. Flags are written in one way.
Fields are sorted, and indentation is corrected. Accounts and overrides are sorted by code within
their section. A section begins with a banner such as `# --- Income`, or with another comment that
an empty line separates from the account below. An account in `{…}` over several lines is moved as
a whole. If a layout cannot be moved (such as `? key`), the file keeps its order and indentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as AbstractSequence
from typing import Any

from xerosync.chartfile.chart_file import ChartFile
from xerosync.chartfile.fields import (
    ACCOUNT_FIELDS,
    CHOICES,
    FLAGS,
    LIMIT_FIELDS,
    LINT_FIELDS,
    NUMBERS,
    ORGANISATION_FIELDS,
    OVERRIDE_FIELDS,
    SECTIONS,
    plain,
)
from xerosync.chartfile.format.blocks import (
    WHITE,
    AccountBlock,
    FieldBlock,
    Lines,
    UnusualLayout,
    is_banner,
)
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence, text_of
from xerosync.chartfile.syntax.parse import read_tree
from xerosync.chartfile.syntax.quoting import double_quoted
from xerosync.chartfile.syntax.scalars import boolean, misread
from xerosync.chartfile.syntax.source import decode
from xerosync.model import code_order

KEY_ORDER = (
    "system_account",
    *(name for name in ACCOUNT_FIELDS[:-2] if name != "system_account"),
    "optional", "overridable", *ACCOUNT_FIELDS[-2:],
)  # fmt: skip
"""The order of an account's fields: the role of a system account comes first."""

_ITEMS = {"accounts": (KEY_ORDER, "code"), "overrides": (OVERRIDE_FIELDS, "standard")}
"""The lists whose items are sorted: the order of an item's fields, and the field to sort by."""

_ORDERS = {"organisation": ORGANISATION_FIELDS, "limits": LIMIT_FIELDS, "lint": LINT_FIELDS}
_CODES = frozenset(
    {"code", "previously", "standard", "take", "required_accounts", "forbidden_accounts"}
)
_WORDS = CHOICES.keys() | {"severity", "required_fields", "archive_requires"}


def canonical(data: bytes, file: str) -> str:
    """Return the canonical text of a chart file, without a byte order mark.

    Formatting the text again changes nothing, and the text describes the same chart. CRLF stays if
    every line has it. Raises ChartError for an invalid file. Rules and standards are not applied.
    """
    chart_file = ChartFile(data, file)
    if chart_file.alone:
        chart_file.check_archives(chart_file.accounts)
    chart_file.report.close()
    text = decode(data, file)
    windows = text.count("\r\n") == text.count("\n") == text.count("\r") > 0
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    formatted = _order(_rewrite(text))
    if _meaning(formatted) != _meaning(text):
        raise RuntimeError("formatting would change the chart")
    return formatted.replace("\n", "\r\n") if windows else formatted


def _meaning(text: str) -> tuple[Any, list[str]]:
    """Return the content of a chart file without the order of its accounts and overrides."""
    root = plain(read_tree(text))
    items = [
        repr((section, sorted(item.items(), key=lambda pair: pair[0])))
        for section in _ITEMS
        for item in root.pop(section, None) or ()
    ]
    return root, sorted(items)


# --- Values: quotes and flags


def _rewrite(text: str) -> str:
    """Return the text with codes and easily misread values quoted, flags as `true` or `false`."""
    for scalar, written in reversed(list(_values(read_tree(text), "", text))):
        text = text[: scalar.offset] + written + text[scalar.end :]
    return text


def _values(node: Node, key: str, text: str) -> Iterator[tuple[Scalar, str]]:
    """Yield the values to rewrite, each with its new text, which may be the same as before."""
    if isinstance(node, Scalar):
        written = _canonical_value(node, key, text[node.offset : node.end])
        if written:
            yield node, written
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _values(item, key, text)
    elif isinstance(node, Mapping):
        for name, (_, value) in node.pairs.items():
            yield from _values(value, key if key in {"severity", "waive"} else name, text)


def _canonical_value(node: Scalar, key: str, written: str) -> str:
    """Return how a value should be written; "" means that its text is kept."""
    if node.null or "\n" in written:
        return ""
    if key in FLAGS:
        flag = boolean(node.text) if node.plain else None
        return "" if flag is None else str(flag).lower()
    if key in NUMBERS or key in _WORDS:
        return ""
    single = node.plain or written.startswith("'")
    if (key in _CODES and single) or (node.plain and misread(node.text)):
        return double_quoted(node.text)
    return ""


# --- Order: fields and accounts


def _order(text: str) -> str:
    root = read_tree(text)
    whole = text if text.endswith("\n") else text + "\n"
    if whole != text and _meaning(whole) != _meaning(text):
        return text  # it ends in a block scalar, and the line end would become part of it
    if root.flow:
        return whole
    try:
        return "\n".join(_file(Lines(whole, root), root)).rstrip("\n") + "\n"
    except UnusualLayout:
        return whole


def _file(lines: Lines, root: Mapping) -> list[str]:
    fields = lines.fields(root, root.line - 1, len(lines.lines))
    out, lead = _head(lines, fields[0])
    leads = {block.name: lines.gap(block.lead) for block in fields} | {fields[0].name: lead}
    for block in _in_order(fields, SECTIONS):
        lead = leads[block.name]
        out += lead[lead[:1] == out[-1:] == [""] :]
        out += _section(lines, block)
    return out + lines.gap(range(fields[-1].stop, len(lines.lines)))


def _head(lines: Lines, first: FieldBlock) -> tuple[list[str], list[str]]:
    """Divide the lines above the first field into the file's head and the field's comments."""
    head = [line.rstrip(WHITE) for line in lines.lines[: first.start]]
    at = len(head)
    while at and head[at - 1].startswith("#") and "yaml-language-server" not in head[at - 1]:
        at -= 1
    if at and not head[at - 1]:
        return head[:at], head[at:]
    return head, []


def _section(lines: Lines, block: FieldBlock) -> list[str]:
    value, inside = block.value, range(block.start + 1, block.stop)
    out = lines.shifted(range(block.start, block.start + 1), block.column, 0)
    if isinstance(value, Sequence) and block.name in _ITEMS and not value.flow:
        return out + _items(lines, value, inside, *_ITEMS[block.name])
    if isinstance(value, Mapping) and block.name in _ORDERS and not value.flow:
        fields = lines.fields(value, inside.start, inside.stop)
        for field in _in_order(fields, _ORDERS[block.name]):
            out += _indented(lines.gap(field.lead), 2)
            out += lines.shifted(range(field.start, field.stop), field.column, 2)
        return out + _indented(lines.gap(range(fields[-1].stop, inside.stop)), 2)
    return lines.shifted(range(block.start, block.stop), block.column, 0)


def _items(
    lines: Lines, node: Sequence, inside: range, order: AbstractSequence[str], key: str
) -> list[str]:
    accounts, footer = lines.accounts(node, inside.start, inside.stop)
    sections: list[list[AccountBlock]] = [[]]
    for account in accounts:
        if account.header:
            sections.append([])
        sections[-1].append(account)
    gaps = [account.blank for section in sections for account in section[1:]]
    separate = 2 * sum(gaps) > len(gaps)  # most have an empty line above, so all get one
    out: list[str] = []
    for section in sections:
        out += _indented(section[0].header if section else (), 2)
        for at, account in enumerate(sorted(section, key=lambda item: _code_order(item, key))):
            out += [""] if separate and at else []
            out += _item(lines, account, order)
    return out + _indented(footer, 2)


def _item(lines: Lines, account: AccountBlock, order: AbstractSequence[str]) -> list[str]:
    lead, node = _indented(account.lead, 2), account.node
    whole = range(account.start, account.stop)
    if not isinstance(node, Mapping) or node.flow:
        out = lines.shifted(whole, node.column - 1, 4, blanks=False)
        out[0] = out[0].lstrip(WHITE)
        if isinstance(node, Mapping) and lines.last_line(node) == node.line - 1:
            out[0] = _flow(node, out[0], order)
        return [*lead, "  - " + out[0], *out[1:]]
    fields = lines.fields(node, whole.start, whole.stop)
    ordered = _in_order(fields, order)
    out, held = [], lines.gap(ordered[0].lead, blanks=False)
    if not any(map(is_banner, held)):
        lead, held = lead + _indented(held, 2), []
    for field in ordered:
        out += _indented(lines.gap(field.lead, blanks=False), 4) if field is not ordered[0] else []
        out += lines.shifted(range(field.start, field.stop), field.column, 4, blanks=False)
        out += _indented(held, 4)
        held = []
    out += _indented(lines.gap(range(fields[-1].stop, whole.stop), blanks=False), 4)
    return [*lead, "  - " + out[0].lstrip(WHITE), *out[1:]]


def _flow(node: Mapping, line: str, order: AbstractSequence[str]) -> str:
    """Return an account in braces with its fields in order; its `line` begins with the brace."""
    ordered = sorted(node.pairs, key=order.index)
    if ordered == list(node.pairs):
        return line
    written = (
        line[key.offset - node.offset : max(key.end, value.end) - node.offset].strip(WHITE)
        for key, value in (node.pairs[name] for name in ordered)
    )
    return "{" + ", ".join(written) + "}" + line[node.end - node.offset :]


def _code_order(account: AccountBlock, key: str) -> Any:  # noqa: ANN401, a key to sort by
    node = account.node
    return code_order(text_of(node.get(key)) if isinstance(node, Mapping) else "")


def _in_order(
    fields: AbstractSequence[FieldBlock], order: AbstractSequence[str]
) -> list[FieldBlock]:
    return sorted(fields, key=lambda field: order.index(field.name))


def _indented(comments: AbstractSequence[str], column: int) -> list[str]:
    return [" " * column + line if line else "" for line in comments]
