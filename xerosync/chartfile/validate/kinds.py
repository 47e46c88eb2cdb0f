"""Explain the schema errors of standards, files that extend them, and fields such as `tags`."""

from __future__ import annotations

import re

from xerosync.chartfile.fields import (
    INITIAL,
    KEPT,
    NEVER_STANDARD,
    OVERRIDE_FIELDS,
    STANDARD_FIELDS,
)
from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Scalar, ValueNode, pairs_of, text_of
from xerosync.chartfile.validate.schema_error import SchemaError, kind_of_node, suggest
from xerosync.usage import Requirement

_WRONG_KIND = {
    "organisation": (
        "two-kinds", "A file is a standard or the chart of one organisation, not both.",
        "Remove `standard:` or `organisation:`.",
    ),
    "profile": (
        "not-in-standard", "A standard cannot have a profile: it is for no single organisation.",
        "Put it in the file of the organisation.",
    ),
    "initial": (
        "only-in-standard", "Only a standard can have `initial:`.",
        "Remove it; if the file extends a standard, move it there or write `keep` in an override.",
    ),
    "overrides": (
        "needs-extends", "The file has overrides, but extends no standard.",
        "Add `extends:` with the path of the standard, or remove overrides.",
    ),
    "take": (
        "needs-extends", "The file has `take`, but extends no standard.",
        "Add `extends:` with the path of the standard, or remove `take`.",
    ),
}  # fmt: skip
"""The rule, message and hint for each section that some kinds of file cannot have."""

_LISTS = {
    "extends": ("the path of a standard", "Write a path such as ../standard/chart.yaml."),
    "tags": ("a tag", "At most 50 letters, digits or . - _; begin with a letter or digit."),
    "initial": ("a field that can be initial", ""),
    "keep": ("a field that can be kept", ""),
    "archive_requires": ("a requirement", ""),
    "take": ("a code, system_account or name", "Write one in quotes, or remove the item."),
}
"""For each list, what its items are, and the hint for an item that is something else."""

_TEXTS = {
    "country": (
        "The country {} is not two capital letters.",
        "Write the code that Xero uses, such as NZ, AU or GB.",
    ),
    "name": ("The name of a standard is empty.", "Write the name that plans should show."),
    "standard": (
        "The override does not say which account it changes.",
        'Name an account of the standard, such as `standard: "404"`.',
    ),
    "code": ("An override cannot clear the code.", "Write another code, or remove the line."),
    "behaviour": (
        "The path of the report is empty.",
        "Write a path such as xero-behaviour.json, or remove the line.",
    ),
    "reason": ("The reason is empty.", "Write why, or remove the line."),
}
_NEVER_NULL = {("standard", "name"), ("override", "code"), ("limits", "reason")}
"""Each section and field in which null is an error with a message of its own, in `_TEXTS`."""

_COUNTRY = re.compile(r"[A-Z]{2}")
_NOT_IN_XERO = {"UK": "GB", "EL": "GR"}
"""Codes that people write for countries, and the codes that Xero uses."""


def check_countries(root: Mapping, report: Report) -> None:
    """Report country codes that Xero spells otherwise, such as UK, which is GB in Xero."""
    organisation = pairs_of(root.get("organisation"))
    found = [organisation["country"][1]] if "country" in organisation else []
    for _, codes in pairs_of(root.get("tax_types")).values():
        found += (at for at, _ in pairs_of(codes).values())
    for node in found:
        if right := _NOT_IN_XERO.get(text_of(node).strip()):
            report.error(
                "wrong-value", node, f"The country {text_of(node)} is {right} in Xero.",
                f"Write {right}.",
            )  # fmt: skip


def report_kind_error(found: SchemaError, report: Report) -> bool:  # noqa: C901 a case each
    """Report what this module can explain of a schema error. Return whether that is all of it."""
    node, field = found.node, found.field
    key = found.section, field
    match found.keyword:
        case "not" if found.section == "head" and isinstance(found.parent, Mapping):
            rule, message, hint = _WRONG_KIND[field]
            report.error(rule, found.parent.pairs[field][0], message, hint)
        case "additionalProperties" if isinstance(node, Mapping) and (
            field in {"account", "standard_account", "override"} or found.section == "tax_types"
        ):
            return _unknown_names(found, node, report)
        case "enum" if isinstance(found.parent, Mapping) and _never_in_standard(found, report):
            pass
        case "minItems" if field == "extends":
            report.error(
                "wrong-value", node, "The file extends no standard: the list is empty.",
                "Write the path of a standard, or remove the line.",
            )  # fmt: skip
        case "type" if key == ("override", "standard") or (
            key in _NEVER_NULL and isinstance(node, Scalar) and node.null
        ):
            rule = "wrong-type" if field == "standard" else "cannot-be-empty"
            report.error(rule, node, *_TEXTS[field])
        case "required" if found.value == "standard":
            report.error("missing-field", node, *_TEXTS["standard"])
        case "anyOf" if field == "standard_account" and isinstance(node, Mapping):
            report.error(
                "missing-identity", node.start, "Nothing identifies this account.",
                "Give it a code and a name, or a system_account.",
            )  # fmt: skip
        case "required" if field == "standard":
            report.error(
                "missing-field", node, "The standard has no name.",
                "Write `standard: {name: …}` with the name that plans show.",
            )  # fmt: skip
        case _ if found.section == "tax_types" or (
            found.section not in {"head", "account"}
            and _COUNTRY.fullmatch(field)
            and isinstance(found.parent, Mapping)
        ):
            _wrong_tax_type(found, report)
        case _ if field in _LISTS and (found.item or found.keyword == "pattern"):
            _wrong_item(field, node, report)
        case "pattern" if field in _TEXTS and (field != "name" or found.section == "standard"):
            message, hint = _TEXTS[field]
            report.error("wrong-value", node, message.format(quoted(text_of(node))), hint)
        case _:
            return False
    return True


def _unknown_names(found: SchemaError, node: Mapping, report: Report) -> bool:
    """Report names that a mapping cannot have. Return False for an account: not all are checked."""
    if found.section == "tax_types":
        for name, (at, _) in node.pairs.items():
            if not _COUNTRY.fullmatch(name):
                report.error(
                    "wrong-value", at, f"{quoted(name)} is not the code of a country.",
                    "Write two capital letters, then the tax rate's code in that country: "
                    "`NZ: OUTPUT2`.",
                )  # fmt: skip
        return True
    if found.field == "account":
        for name in ("optional", "overridable"):
            if name in node.pairs:
                message = f"Only an account of a standard has the field {name}."
                report.error("only-in-standard", node.pairs[name][0], message, "Remove it.")
        return False
    known = STANDARD_FIELDS if found.field == "standard_account" else OVERRIDE_FIELDS
    what = "An account of a standard" if known is STANDARD_FIELDS else "An override"
    for name, (at, _) in node.pairs.items():
        if name in known:
            continue
        if known is STANDARD_FIELDS and name in NEVER_STANDARD:
            is_id = name == "account_id"
            why = "an account_id belongs" if is_id else "bank accounts belong"
            where = "in an override" if is_id else "under accounts"
            report.error(
                "not-in-standard", at, f"{what} cannot have {name}: {why} to one organisation.",
                f"Put it in the file of the organisation, {where}.",
            )  # fmt: skip
        else:
            report.error(
                "unknown-field", at, f"{what} has no field {quoted(name)}.", suggest(name, known)
            )
    return True


def _never_in_standard(found: SchemaError, report: Report) -> bool:
    """Report a value that a standard never has; return False for any other."""
    field, text = found.field, text_of(found.node)
    if found.section == "head" and field == "unmanaged" and text == "archive":
        message = (
            "A standard cannot have `unmanaged: archive`: organisations also have accounts of "
            "their own"
        )
        hint = "Put it in the file of the organisation."
    elif found.section in {"standard_account", "override"} and field == "type" and text == "BANK":
        message = "A bank account belongs to one organisation, so it cannot come from a standard"
        hint = "Add the bank account under accounts, in the file of the organisation."
    elif found.section == "standard_account" and field == "status" and text == "DELETED":
        message = "A standard cannot delete an account"
        hint = "Write ARCHIVED, which retires it in every organisation and keeps its history."
    else:
        return False
    report.error("not-in-standard", found.node, f"{message}.", hint)
    return True


def _wrong_tax_type(found: SchemaError, report: Report) -> None:
    if found.section == "tax_types":
        message = f"The tax type {quoted(found.field)} must be a mapping of countries to codes."
    else:
        message = f"The code of {found.field} must be text, not {kind_of_node(found.node)}."
    report.error("wrong-type", found.node, message, "Example: {NZ: OUTPUT2, AU: OUTPUT}.")


def _wrong_item(field: str, node: ValueNode, report: Report) -> None:
    what, hint = _LISTS[field]
    known = {"initial": INITIAL, "keep": KEPT, "archive_requires": tuple(Requirement)}
    if field in known and isinstance(node, Scalar):
        hint = suggest(node.text, known[field])
    text = kind_of_node(node)
    text = text if text.startswith('"') else text.capitalize()
    report.error("wrong-value", node, f"{text} in {field} is not {what}.", hint)
