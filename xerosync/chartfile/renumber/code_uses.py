"""The texts of a chart file that name accounts: in overrides, `take`, and its own rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from xerosync.chartfile.renumber.code_map import CodeMap
from xerosync.chartfile.renumber.code_moves import CodeMoves, MovingFile
from xerosync.chartfile.syntax import nodes
from xerosync.chartfile.syntax.nodes import Node, Scalar, Sequence
from xerosync.model import code_key, name_key
from xerosync.organisations.standards.inherited import account_keys
from xerosync.organisations.standards.merge import MergedAccount


@dataclass(frozen=True, slots=True)
class CodeUse:
    """A scalar that names an account or a range of codes, and the `text` to write instead.

    `field` is the field of the scalar. `what` names the field in messages. `flow` is whether the
    scalar is in brackets or braces.
    """

    node: Scalar
    field: str
    text: str
    what: str
    flow: bool = False


def uses(file: MovingFile, moves: CodeMoves, codes: CodeMap) -> Iterator[CodeUse]:
    """Yield each text that names an account or a range of codes, if a renumbering changes it."""
    root = file.layout.root
    inherited = _Names(file.inherited, moves)
    section = file.layout.sections.get("overrides")
    for entry in section.entries if section else ():
        target = entry.get("standard")
        if isinstance(target, Scalar) and (text := inherited.after(target.text)):
            yield CodeUse(target, "standard", text, "override", entry.flow)
    for item, flow in _items(root.get("take")):
        if text := inherited.after(item.text):
            yield CodeUse(item, "take", text, "take", flow)
    lint = root.get("lint")
    if isinstance(lint, nodes.Mapping):
        yield from _of_rules(lint, _Names(file.merged, moves), codes)


class _Names:
    """Finds an account by its code, else by its `system_account`, else by its name."""

    def __init__(self, accounts: Iterable[MergedAccount], moves: CodeMoves) -> None:
        self._moves = moves
        self._by_key: dict[tuple[str, str], MergedAccount] = {}
        for one in accounts:
            for key in account_keys(partial(_text, one)):
                self._by_key.setdefault(key, one)

    def after(self, target: str) -> str:
        """Return the text that replaces the code or name `target`; "" if `target` stays."""
        field, one = self.find(target)
        if one is None or field == "system_account":
            return ""
        new = self._moves.new_code(one) if field == "code" else self._moves.new_name(one)
        return "" if new == _text(one, field) else new

    def find(self, target: str) -> tuple[str, MergedAccount | None]:
        """Return the matching field and its account, such as ("code", account), or ("", None)."""
        role = ("system_account", target.strip())
        for key in (("code", code_key(target)), role, ("name", name_key(target))):
            if key in self._by_key:
                return key[0], self._by_key[key]
        return "", None


def _text(one: MergedAccount, name: str) -> str:
    return one.account.known_name if name == "name" else str(getattr(one.account, name))


def _of_rules(lint: nodes.Mapping, names: _Names, codes: CodeMap) -> Iterator[CodeUse]:
    """Yield the texts that change in a file's `lint` rules.

    A code changes even if no account of the file has it: files that extend this one may have it.
    """
    for name in ("required_accounts", "forbidden_accounts"):
        for item, flow in _items(lint.get(name)):
            text = names.after(item.text)
            if names.find(item.text)[1] is None:
                row = codes.find(item.text)
                text = row.new if row else ""
            if text:
                yield CodeUse(item, name, text, f"lint: {name}", flow)
    for kind, (_, node) in nodes.pairs_of(lint.get("code_ranges")).items():
        for item, flow in _items(node):
            dash = ".." if ".." in item.text else "-"
            ends = [end.strip() for end in item.text.split(dash)]
            if new := codes.new_range(ends[0], ends[-1]):
                text = dash.join(new[: len(ends)])
                yield CodeUse(item, "code_ranges", text, f"lint: code_ranges of {kind}", flow)


def _items(node: Node | None) -> Iterator[tuple[Scalar, bool]]:
    """Yield each text of a list, or a single text, and whether it is in brackets."""
    if isinstance(node, Scalar) and not node.null:
        yield node, False
    for item in nodes.items_of(node):
        if isinstance(item, Scalar):
            yield item, isinstance(node, Sequence) and node.flow
