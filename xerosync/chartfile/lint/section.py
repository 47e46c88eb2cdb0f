"""The `lint:` section and the waivers of a file: what its accounts break, and where.

`rules` judges; this module reads the policy from nodes, ignoring what the schema has
reported already, and finds the place in the file of each thing found.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence as AbstractSequence

from xerosync.chartfile.lint.pattern import MAX_LENGTH, Pattern, PatternError
from xerosync.chartfile.lint.rules import LINT_RULES, WAIVABLE, CodeRange, Policy, Severity, check
from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence, text_of
from xerosync.model import CLASS_OF_TYPE, FIELD, DesiredAccount, code_order
from xerosync.text import visible

_RULES = frozenset(rule.id for rule in LINT_RULES)
_SEVERITIES = frozenset(Severity)
_NONE: AbstractMapping[str, str] = {}


def read_policy(root: Mapping, report: Report) -> Policy:
    """Read the policy of a file, and report patterns and ranges that are none."""
    lint = root.get("lint")
    if not isinstance(lint, Mapping):
        return Policy()
    return Policy(
        severity={
            rule: Severity(text_of(node))
            for rule, node in _pairs(lint.get("severity"))
            if rule in _RULES and text_of(node) in _SEVERITIES
        },
        code_ranges={
            kind: tuple(_ranges(node, report))
            for kind, node in _pairs(lint.get("code_ranges"))
            if kind in CLASS_OF_TYPE
        },
        name_pattern=_pattern(lint.get("name_pattern"), report),
        required_fields=tuple(
            text_of(node) for node in _items(lint.get("required_fields")) if text_of(node) in FIELD
        ),
        required_accounts=tuple(map(text_of, _items(lint.get("required_accounts")))),
        forbidden_accounts=tuple(
            text for text in map(text_of, _items(lint.get("forbidden_accounts"))) if text.strip()
        ),
    )


def waivers_of(node: Mapping) -> AbstractMapping[str, str]:
    """Give the rules that an account waives, and why; those without a reason are errors."""
    if "waive" not in node.pairs:
        return _NONE
    waived = _pairs(node.get("waive"))
    return {rule: text_of(reason) for rule, reason in waived if rule in WAIVABLE}


def check_policy(
    root: Mapping,
    nodes: AbstractSequence[Mapping],
    accounts: AbstractSequence[DesiredAccount],
    policy: Policy,
    report: Report,
) -> None:
    """Report what the accounts break; each stands at its place in `nodes`."""
    lint = root.get("lint") or root
    for found in check(accounts, policy, [waivers_of(node) for node in nodes]):
        around = lint if found.account is None else nodes[found.account]
        tell = report.error if found.severity is Severity.ERROR else report.warn
        tell(found.rule, _place(around, found.path), found.message, found.hint)


def _place(around: Node, path: tuple[str | int, ...]) -> Node:
    """Follow a path as far as it leads; a waiver and a severity are pointed at by name."""
    at: Node = around.start if isinstance(around, Mapping) else around
    node = around
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.pairs:
            name, node = node.pairs[step]
            at = name if path[0] in {"waive", "severity"} else node
        elif isinstance(node, Sequence) and isinstance(step, int):
            at = node = node.items[step]
        else:
            break
    return at


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    if not isinstance(node, Mapping):
        return []
    return [(name, value) for name, (_, value) in node.pairs.items()]


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Sequence) else []


def _pattern(node: Node | None, report: Report) -> Pattern | None:
    text = text_of(node)
    if not isinstance(node, Scalar) or not text or len(text) > MAX_LENGTH:
        return None
    try:
        return Pattern(text)
    except PatternError as error:
        report.error(
            "invalid-pattern", node,
            f"{quoted(text)} is not a pattern: {visible(str(error))}.",
            "It is a regular expression (RE2) for the whole name, without look-around and "
            "back references.",
        )  # fmt: skip
        return None


def _ranges(node: Node, report: Report) -> list[CodeRange]:
    found = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        text = text_of(item)
        if not isinstance(item, Scalar) or not text.strip():
            continue
        low, dash, high = text.partition(".." if ".." in text else "-")
        read = CodeRange(low.strip(), high.strip() if dash else low.strip())
        if not read.low or not read.high or (dash == "-" and "-" in high):
            report.error(
                "invalid-range", item, f"{quoted(text)} is not a range of codes.",
                "Write 200-299, one code, or 4-1000..4-1999 where codes have a dash.",
            )  # fmt: skip
        elif code_order(read.low) > code_order(read.high):
            report.error(
                "invalid-range", item, f"No code is in the range {quoted(text)}.",
                f"Write {quoted(str(CodeRange(read.high, read.low)))}.",
            )  # fmt: skip
        else:
            found.append(read)
    return found
