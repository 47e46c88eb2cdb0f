"""Validate a chart file against the JSON Schema, and report each error at its place.

The schema is the only judge of structure. The head of the file and each account are
validated apart, so that a file with many errors is not read to its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from xerosync.chartfile.fields import plain
from xerosync.chartfile.problems import Report
from xerosync.chartfile.schema import schema
from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Sequence
from xerosync.chartfile.validate.messages import SchemaError, report_schema_error

_ABOUT_WHOLE = frozenset({"additionalProperties", "required", "anyOf", "falseSchema"})
"""The keywords of which a mapping can break several at once."""

_Error = Any
"""A `jsonschema_rs.ValidationError`."""


def check_structure(root: Mapping, accounts: Sequence, report: Report) -> None:
    """Report every error of the schema in the head of the file and in each account."""
    pairs = dict(root.pairs)
    if "accounts" in pairs and isinstance(pairs["accounts"][1], Sequence):
        pairs["accounts"] = (pairs["accounts"][0], Sequence([], accounts.line, accounts.column))
    _check("head", Mapping(pairs, root.line, root.column), report)
    for node in accounts.items:
        if report.full:
            return
        if not isinstance(node, Opaque):
            check_account(node, report)


def check_account(node: Node, report: Report) -> None:
    """Report every error of the schema in one account."""
    _check("account", node, report)


@cache
def _validators() -> dict[str, Any]:
    import jsonschema_rs  # noqa: PLC0415, heavy

    whole = schema()
    account = {"$ref": "#/$defs/account", "$defs": whole["$defs"]}
    return {
        "head": jsonschema_rs.Draft202012Validator(whole),
        "account": jsonschema_rs.Draft202012Validator(account),
    }


def _check(part: str, node: Node, report: Report) -> None:
    data, validator = plain(node), _validators()[part]
    try:
        errors = () if validator.is_valid(data) else validator.iter_errors(data)
    except UnicodeEncodeError:
        errors = validator.iter_errors(_encodable(data))
    for error in _one_for_each_value(errors):
        if not report.full:
            report_schema_error(_located(error, part, node), report)


def _encodable(data: Any) -> Any:  # noqa: ANN401, plain data
    """Return the data with "?" for lone surrogates, which are not text to the validator."""
    return json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


def _one_for_each_value(errors: Iterable[_Error]) -> list[_Error]:
    """Return one error for each value, its type first; keep all about a mapping as a whole."""
    best: dict[tuple[str | int, ...], _Error] = {}
    whole: list[_Error] = []
    for error in errors:
        path = tuple(error.instance_path)
        if error.kind.name in _ABOUT_WHOLE:
            whole.append(error)
        elif path not in best or error.kind.name == "type":
            best[path] = error
    return [*best.values(), *whole]


def _located(error: _Error, part: str, node: Node) -> SchemaError:
    """Return an error with the node at the end of its path and the names that lead there."""
    names = [part]
    parent: Node = node
    item = False
    for step in error.instance_path:
        item = isinstance(step, int)
        if isinstance(node, Mapping) and isinstance(step, str):
            names.append(step)
            parent, node = node, node.pairs[step][1]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
    return SchemaError(
        error.kind.name, error.kind.value, ("", *names)[-2], names[-1], node, parent, item
    )
