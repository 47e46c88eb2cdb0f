"""Nodes → what the schema says against them, in our words and at their places.

JSON Schema judges (see `precheck` for what it is spared); each of its errors becomes one
problem, by keyword. Its own sentences are never shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xerosync.chartfile.fields import (
    ACCOUNT_FIELDS,
    BANK_FIELDS,
    IDENTITIES,
    LIMIT_MAXIMA,
    NOT_BANK_FIELDS,
    ORGANISATION_FIELDS,
    SECTIONS,
    plain,
)
from xerosync.chartfile.lint.messages import is_about_policy, report_policy
from xerosync.chartfile.problems import Report
from xerosync.chartfile.schema import schema
from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Scalar, Sequence, text_of
from xerosync.chartfile.validate import messages
from xerosync.chartfile.validate.precheck import account_is_right, head_is_right

_KNOWN = {
    "": SECTIONS,
    "organisation": ORGANISATION_FIELDS,
    "limits": tuple(LIMIT_MAXIMA),
    "account": ACCOUNT_FIELDS,
}
_ABOUT_WHOLE = ("additionalProperties", "required", "anyOf", None)
"""The keywords that judge a mapping; None is `false`, for a field that a type forbids."""

_Error = Any
"""A `jsonschema.ValidationError`."""


def check_head(root: Mapping, report: Report) -> None:
    """Report what is wrong with all but the accounts."""
    if head_is_right(root):
        return
    pairs = dict(root.pairs)
    if "accounts" in pairs and isinstance(pairs["accounts"][1], Sequence):
        key, accounts = pairs["accounts"]
        pairs["accounts"] = (key, Sequence([], accounts.line, accounts.column))
    bare = Mapping(pairs, root.line, root.column)
    for error in _errors(validator().iter_errors(plain(bare))):
        _report(error, bare, "", report)


def check_accounts(accounts: Sequence, report: Report) -> None:
    """Report what is wrong with each account."""
    suspects = [node for node in accounts.items if not account_is_right(node)]
    if not suspects:
        return
    judge = validator()
    judge = judge.evolve(schema=judge.schema["$defs"]["account"])
    for node in suspects:
        if report.full:
            return
        if not isinstance(node, Opaque):
            for error in _errors(judge.iter_errors(plain(node))):
                _report(error, node, "account", report)


def validator() -> Any:  # noqa: ANN401, jsonschema is not imported until it is needed
    """Give a validator of the whole schema."""
    import jsonschema  # noqa: PLC0415, heavy

    return jsonschema.Draft202012Validator(schema())


def _errors(found: Iterator[_Error]) -> list[_Error]:
    """Keep one error a value; those about a mapping as a whole are all kept."""
    best: dict[tuple[str | int, ...], _Error] = {}
    whole: list[_Error] = []
    for error in found:
        path = tuple(error.absolute_path)
        if error.validator in _ABOUT_WHOLE:
            whole.append(error)
        elif path not in best or error.validator == "type":
            best[path] = error
    return [*best.values(), *whole]


def _report(error: _Error, root: Node, what: str, report: Report) -> None:
    path = list(error.absolute_path)
    if is_about_policy(path):
        report_policy(error, root, report)
        return
    key, node = _walk(root, path)
    where = key or what
    if isinstance(node, Mapping) and error.validator in _ABOUT_WHOLE:
        _report_whole(error, node, where, report)
    elif isinstance(node, Scalar) and error.validator == "maxLength":
        messages.too_long(key, node, error.validator_value, report)
    elif isinstance(node, Scalar) and error.validator != "type":
        messages.wrong_value(key, node, report)
    else:
        item = bool(path) and isinstance(path[-1], int)
        messages.wrong_type(where, node, report, item=item)


def _report_whole(error: _Error, node: Mapping, where: str, report: Report) -> None:
    match error.validator:
        case "additionalProperties":
            for name, (at, _) in node.pairs.items():
                if name not in _KNOWN[where]:
                    messages.unknown_field(name, at, where, _KNOWN[where], report)
        case "required":
            for name in error.validator_value:
                if name not in node.pairs:
                    messages.missing_section(name, node.start, report)
        case "anyOf":
            names = ORGANISATION_FIELDS if where == "organisation" else IDENTITIES
            if all(isinstance(node.get(name), Scalar | None) for name in names):
                messages.missing_name(where, node.start, report)
        case _:
            _report_aliens(node, report)


def _report_aliens(account: Mapping, report: Report) -> None:
    """Report each field that does not belong to the type that the account gives."""
    kind = text_of(account.get("type"))
    for name, (at, _) in account.pairs.items():
        if name in (NOT_BANK_FIELDS if kind == "BANK" else BANK_FIELDS):
            messages.field_not_for_type(name, at, kind, report)


def _walk(node: Node, path: list[str | int]) -> tuple[str, Node]:
    """Give the field at the end of a path, and its value."""
    key = ""
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str):
            key, node = step, node.pairs[step][1]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = [item for item in node.items if not isinstance(item, Opaque)][step]
    return key, node
