"""Validate a chart file against the JSON Schema, and report each error at its place.

The schema alone decides which structure is valid. `jsonschema-rs` is fast and passes what is valid;
`jsonschema` explains what is not. Each override, each account, and the head (the rest of the file)
are validated separately, so that checking stops early in a file with very many errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from xerosync.chartfile.fields import plain
from xerosync.chartfile.problems import Report
from xerosync.chartfile.schema import schema
from xerosync.chartfile.syntax.nodes import Mapping, Node, Opaque, Sequence, items_of
from xerosync.chartfile.validate.kinds import report_kind_error
from xerosync.chartfile.validate.messages import report_schema_error
from xerosync.chartfile.validate.schema_error import SchemaError

_ABOUT_WHOLE = frozenset({"additionalProperties", "required", "anyOf"})
"""The keywords about a whole mapping; a mapping can violate several of them at once."""

_Error = Any
"""A `jsonschema.ValidationError`."""


def check_structure(root: Mapping, accounts: Iterable[Node], report: Report) -> None:
    """Report the violations of the schema in the file's head, its overrides and its accounts."""
    pairs = dict(root.pairs)
    overrides = items_of(root.get("overrides"))
    for name in ("accounts", "overrides"):
        if name in pairs and isinstance(pairs[name][1], Sequence):
            key, node = pairs[name]
            pairs[name] = (key, Sequence([], node.line, node.column))
    check_part("head", Mapping(pairs, root.line, root.column), report)
    kind = "standard_account" if "standard" in root.pairs else "account"
    for part, nodes in (("override", overrides), (kind, accounts)):
        for node in nodes:
            if report.full:
                return
            if not isinstance(node, Opaque):
                check_part(part, node, report)


def check_part(part: str, node: Node, report: Report) -> None:
    """Report the violations of the schema in one part of a file, such as an `account`."""
    data = plain(node)
    if _is_valid(part, data):
        return
    for error in _one_for_each_value(_explainer(part).iter_errors(data)):
        for found in _located(error, part, node):
            if not report.full and not report_kind_error(found, report):
                report_schema_error(found, report)


def _schema_of(part: str) -> dict[str, Any]:
    whole = schema()
    return whole if part == "head" else {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]}


@cache
def _validator(part: str) -> Any:  # noqa: ANN401, imported late
    import jsonschema_rs  # noqa: PLC0415, heavy

    return jsonschema_rs.Draft202012Validator(_schema_of(part))


def _is_valid(part: str, data: Any) -> bool:  # noqa: ANN401, plain data
    try:
        return bool(_validator(part).is_valid(data))
    except UnicodeEncodeError:  # a lone surrogate, which is not text to this validator
        return False


@cache
def _explainer(part: str) -> Any:  # noqa: ANN401, imported late
    """Return the validator of `jsonschema`, changed in two ways.

    In a pattern, `$` does not match before a final line break: that is JSON Schema's rule,
    not Python's. The error of a field with the schema `false` has the whole path of the
    field; in an unchanged validator, the path would lack the last step.
    """
    from jsonschema import Draft202012Validator, ValidationError, validators  # noqa: PLC0415, heavy

    def pattern(_: object, wanted: str, value: object, __: object) -> Iterator[_Error]:
        if isinstance(value, str) and not re.search(wanted.replace("$", r"\Z"), value):
            yield ValidationError(f"{value!r} does not match {wanted!r}")

    def properties(one: Any, wanted: dict[str, Any], value: object, said: Any) -> Iterator[_Error]:  # noqa: ANN401
        named = {name: {"not": {}} if part is False else part for name, part in wanted.items()}
        yield from Draft202012Validator.VALIDATORS["properties"](one, named, value, said)

    changed = {"pattern": pattern, "properties": properties}
    return validators.extend(Draft202012Validator, changed)(_schema_of(part))  # type: ignore[no-untyped-call]


def _one_for_each_value(errors: Iterable[_Error]) -> list[_Error]:
    """Return all errors about whole mappings, and one for each value, preferably about its type."""
    best: dict[tuple[str | int, ...], _Error] = {}
    whole: list[_Error] = []
    for error in errors:
        path = tuple(error.absolute_path)
        if error.validator in _ABOUT_WHOLE:
            whole.append(error)
        elif path not in best or error.validator == "type":
            best[path] = error
    return [*best.values(), *whole]


def _located(error: _Error, part: str, node: Node) -> Iterator[SchemaError]:
    """Yield an error with its node, section and field.

    A `required` error becomes one for each required field, whether present or missing.
    """
    names = [part]
    parent: Node = node
    item = False
    for step in error.absolute_path:
        item = isinstance(step, int)
        if isinstance(node, Mapping) and isinstance(step, str):
            names.append(step)
            parent, node = node, node.pairs[step][1]
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
    if isinstance(node, Opaque):
        return  # it was already reported
    required = error.validator == "required"
    for value in error.validator_value if required else [error.validator_value]:
        yield SchemaError(error.validator, value, ("", *names)[-2], names[-1], node, parent, item)
