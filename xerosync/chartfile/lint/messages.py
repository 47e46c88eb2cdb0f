"""What is wrong with the `lint:` section, or with a waiver → the problem, in plain words."""

from __future__ import annotations

from collections.abc import Sequence as AbstractSequence
from typing import Any

from xerosync.chartfile.fields import LINT_FIELDS
from xerosync.chartfile.lint.rules import LINT_RULES, WAIVABLE, Severity
from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence
from xerosync.model import CLASS_OF_TYPE, FIELD
from xerosync.suggestions import nearest

_RULES = tuple(rule.id for rule in LINT_RULES)
_EXPECTED = {
    "lint": ("lint is a mapping of fields", "Put them on lines below, indented."),
    "severity": (
        "severity is a mapping of rules", "Write `code-range: warn` on a line below, indented.",
    ),
    "code_ranges": (
        "code_ranges is a mapping of types", "Write `REVENUE: 200-299` on a line below, indented.",
    ),
    "name_pattern": ("name_pattern is a regular expression", "Put it in quotes."),
    "required_fields": ("required_fields is a list of fields", "Write [description]."),
    "required_accounts": ("required_accounts is a list of codes or names", 'Write ["200"].'),
    "forbidden_accounts": ("forbidden_accounts is a list of codes or names", 'Write ["999"].'),
    "waive": (
        "waive is a mapping of rules and reasons",
        "Write `code-range: agreed with the auditors` on a line below, indented.",
    ),
}  # fmt: skip


def is_about_policy(path: AbstractSequence[str | int]) -> bool:
    """Tell whether an error's path leads into the policy or into a waiver."""
    return bool(path) and path[0] in {"lint", "waive"}


def report_policy(error: Any, root: Node, report: Report) -> None:  # noqa: ANN401, jsonschema's
    """Report one error of the schema in the policy or in a waiver."""
    path = list(error.absolute_path)
    section = path[1] if path[0] == "lint" and len(path) > 1 else path[0]
    deep = len(path) > (2 if path[0] == "lint" else 1)
    node = _walk(root, path)
    if isinstance(node, Mapping) and error.validator == "additionalProperties":
        _unknown(section, node, report)
    elif not deep and not (section == "name_pattern" and isinstance(node, Scalar)):
        expected, hint = _EXPECTED[section]
        report.error("wrong-type", node, f"{expected}, not {_kind(node)}.", hint)
    else:
        _value(section, str(path[-1]), node, report)


def _unknown(section: str, node: Mapping, report: Report) -> None:
    """Report the names in a mapping that it cannot have."""
    known, rule, says = {
        "lint": (LINT_FIELDS, "unknown-field", "lint has no field {}."),
        "severity": (_RULES, "unknown-rule", "No lint rule is called {}."),
        "waive": (WAIVABLE, "unknown-rule", "No rule that can be waived is called {}."),
        "code_ranges": (
            tuple(CLASS_OF_TYPE), "wrong-value", "{} is not one of Xero's account types.",
        ),
    }[section]  # fmt: skip
    for name, (at, _) in node.pairs.items():
        if name not in known:
            near = nearest(name, known)
            hint = f"Did you mean {near}?" if near else f"It can have: {', '.join(known)}."
            report.error(rule, at, says.format(quoted(name)), hint)


def _value(section: str, name: str, node: Node, report: Report) -> None:
    text = node.text if isinstance(node, Scalar) and not node.null else ""
    match section:
        case "waive":
            report.error(
                "waiver-without-reason", node, f"The waiver of {name} gives no reason.",
                f"Write why, in words: `{name}: agreed with the auditors`.",
            )  # fmt: skip
        case "severity":
            near = nearest(text, tuple(Severity))
            hint = f"Did you mean {near}?" if near else "One of: error, warn, off."
            report.error("wrong-value", node, f"{_said(node)} is not a severity.", hint)
        case "code_ranges":
            hint = "Write 200-299, one code, or a list of them."
            report.error("invalid-range", node, f"{_said(node)} is not a range of codes.", hint)
        case "required_fields":
            near = nearest(text, tuple(FIELD))
            hint = f"Did you mean {near}?" if near else f"One of: {', '.join(FIELD)}."
            report.error("wrong-value", node, f"{_said(node)} is not a field of an account.", hint)
        case "name_pattern" if text:
            hint = "A pattern has 200 characters at most."
            report.error("invalid-pattern", node, "The pattern is too long.", hint)
        case _:
            rule = "cannot-be-empty" if isinstance(node, Scalar) else "wrong-type"
            hint = "Write it in quotes, or remove it."
            report.error(rule, node, f"{section} holds {_kind(node)}.", hint)


def _kind(node: Node) -> str:
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar() if node.null or not node.text.strip():
            return "nothing"
        case Scalar():
            return quoted(node.text)
        case _:
            return "an alias"


def _said(node: Node) -> str:
    said = _kind(node)
    return said if said.startswith('"') else said.capitalize()


def _walk(node: Node, path: AbstractSequence[str | int]) -> Node:
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str):
            node = node.pairs[step][1]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = [item for item in node.items if not _is_opaque(item)][step]
    return node


def _is_opaque(node: Node) -> bool:
    return not isinstance(node, Scalar | Sequence | Mapping)
