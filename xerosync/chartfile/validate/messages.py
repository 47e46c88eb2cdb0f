"""Explain schema errors in words that an accountant understands."""

from __future__ import annotations

from collections.abc import Sequence as AbstractSequence

from xerosync.chartfile.fields import (
    ACCOUNT_FIELDS,
    CHOICES,
    FLAGS,
    IDENTITIES,
    LIMIT_FIELDS,
    LIMIT_MAXIMA,
    LINT_FIELDS,
    NEVER_EMPTY,
    ORGANISATION_FIELDS,
    ORGANISATION_IDENTITIES,
    SECTIONS,
)
from xerosync.chartfile.lint.rules import RULE_IDS, WAIVERS, Severity
from xerosync.chartfile.problems import Place, Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Scalar, ValueNode, text_of
from xerosync.chartfile.syntax.scalars import boolean, whole
from xerosync.chartfile.validate.schema_error import SchemaError, kind_of_node, suggest
from xerosync.model import CLASS_OF_TYPE, FIELD
from xerosync.text import counted

_KNOWN: dict[str, tuple[AbstractSequence[str], str, str]] = {
    "head": (SECTIONS, "unknown-field", "A chart file has no field {}."),
    "account": (ACCOUNT_FIELDS, "unknown-field", "An account has no field {}."),
    "standard": (("name",), "unknown-field", "standard has no field {}."),
    "organisation": (ORGANISATION_FIELDS, "unknown-field", "organisation has no field {}."),
    "limits": (LIMIT_FIELDS, "unknown-field", "limits has no field {}."),
    "lint": (LINT_FIELDS, "unknown-field", "lint has no field {}."),
    "severity": (RULE_IDS, "unknown-rule", "There is no lint rule {}."),
    "waive": (WAIVERS, "unknown-rule", "There is no rule {} that can be waived."),
    "code_ranges": (tuple(CLASS_OF_TYPE), "wrong-value", "{} is not a type that a file can have."),
}
"""For each mapping, its possible names, and the rule and message for any other name."""

_SECTION_HINT = "Write its fields on the lines below, indented."
_EXPECTED = {
    "account": ("An account", "a mapping of fields", "Write `- code: …`, then its other fields."),
    "organisation": ("organisation", "a mapping of fields", _SECTION_HINT),
    "limits": ("limits", "a mapping of fields", _SECTION_HINT),
    "behaviour": (
        "behaviour", "the path of a report",
        "Write a path such as xero-behaviour.json, or remove the line.",
    ),
    "lint": ("lint", "a mapping of fields", _SECTION_HINT),
    "severity": (
        "severity", "a mapping of rules", "Write `code-range: warn` on the line below, indented.",
    ),
    "code_ranges": (
        "code_ranges", "a mapping of account types",
        "Write `REVENUE: 200-299` on the line below, indented.",
    ),
    "waive": (
        "waive", "a mapping of rules to reasons",
        "Write `code-range: agreed with the auditors` on the line below, indented.",
    ),
    "name_pattern": ("name_pattern", "a regular expression", "Put it in quotes."),
    "required_fields": ("required_fields", "a list of fields", "Example: [description]."),
    "required_accounts": ("required_accounts", "a list of codes or names", 'Example: ["200"].'),
    "forbidden_accounts": ("forbidden_accounts", "a list of codes or names", 'Example: ["999"].'),
    "standard_account": (
        "An account", "a mapping of fields", "Write `- code: …`, then its other fields.",
    ),
    "override": (
        "An override", "a mapping of fields", "Write `- standard: …`, then what differs.",
    ),
    "version": ("version", "the number 1", "Write `version: 1`."),
    "standard": ("standard", "a mapping of fields", "Write `standard: {name: …}`."),
    "extends": ("extends", "a path, or a list of paths", "Write a path in quotes."),
    "tags": ("tags", "a list of words", "Example: [retail]."),
    "tax_types": (
        "tax_types", "a mapping of names", "Write `sales: {NZ: OUTPUT2}` below it, indented.",
    ),
    "initial": ("initial", "a list of fields", "Example: [description]."),
    "archive_requires": (
        "archive_requires", "a list of requirements", "Example: [zero_balance, unused].",
    ),
    "overrides": ("overrides", "a list", "Begin each override with `- standard: …`."),
    "keep": ("keep", "a list of fields", "Example: [name]."),
    "take": ("take", "a list of codes or names", 'Example: ["615"].'),
}  # fmt: skip
_MISSING = {
    "version": ("missing-field", "The file has no version.", "Begin the file with `version: 1`."),
    "accounts": (
        "missing-field", "The file has no accounts.",
        "Add `accounts:` with a list of accounts, or `accounts: []`.",
    ),
    "organisation": (
        "missing-organisation", "The file does not say which organisation it is for.",
        "Under organisation, give at least one of name, tenant_id and short_code.",
    ),
    "account": (
        "missing-identity", "Nothing identifies this account.",
        "Give at least a code, name, account_id, system_account or bank_account_number.",
    ),
}  # fmt: skip
"""The rule, message and hint for what is missing from a file, or from an account."""

_NOT_ONE_OF = {
    "type": "an account type that a file can have",
    "status": "a status",
    "bank_account_type": "a kind of bank account",
    "system_account": "one of Xero's system accounts",
}
_INSTEAD_OF_EMPTY = {
    "standard_account": "Write one.",
    "override": "Write another, or remove the line to leave it as it is in the standard.",
}
"""The hint for an empty field in these sections, except for `previously` and `status`."""

_TRUE_WORDS = frozenset({"yes", "y", "on", "1", "true", "t"})
_FALSE_WORDS = frozenset({"no", "n", "off", "0", "false", "f"})


def report_schema_error(found: SchemaError, report: Report) -> None:
    """Report one violation of the schema."""
    node, field = found.node, found.field
    match found.keyword:
        case "additionalProperties" if isinstance(node, Mapping):
            _unknown_names(field, node, report)
        case "required" if isinstance(node, Mapping) and found.value not in node.pairs:
            _missing(found.value, node.start, report)
        case "anyOf" if isinstance(node, Mapping):
            _no_identity(field, node, report)
        case "not" if isinstance(found.parent, Mapping):
            kind = text_of(found.parent.get("type"))
            _field_not_for_type(field, found.parent.pairs[field][0], kind, report)
        case "maxLength" if isinstance(node, Scalar):
            _too_long(field, node, found.value, report)
        case _ if found.section in {"severity", "code_ranges", "waive"} or (
            found.item and field in LINT_FIELDS
        ):
            _wrong_in_lint(found, report)
        case _ if field == "version" and isinstance(node, Scalar):
            _unknown_version(node, report)
        case "type":
            _wrong_type(found, report)
        case _ if isinstance(node, Scalar):
            _wrong_value(found, node, report)


def _unknown_names(where: str, node: Mapping, report: Report) -> None:
    known, rule, message = _KNOWN[where]
    only_in_standard = ("optional", "overridable") if where == "account" else ()
    for name, (at, _) in node.pairs.items():
        if name not in known and name not in only_in_standard:
            report.error(rule, at, message.format(quoted(name)), suggest(name, known))


def _missing(name: str, at: Place, report: Report) -> None:
    rule, message, hint = _MISSING[name]
    report.error(rule, at, message, hint)


def _no_identity(field: str, node: Mapping, report: Report) -> None:
    """Report a mapping without an identity, unless an identifying field has a wrong type."""
    names = ORGANISATION_IDENTITIES if field == "organisation" else IDENTITIES
    if all(isinstance(node.get(name), Scalar | None) for name in names):
        _missing(field, node.start, report)


def _field_not_for_type(name: str, at: Place, kind: str, report: Report) -> None:
    if kind == "BANK":
        message, hint = f"A bank account cannot have {name}.", "Remove it."
    else:
        message = f"{name} is for bank accounts only, and this account is {kind}."
        hint = "Remove it, or change the type to BANK."
    report.error("field-not-for-type", at, message, hint)


def _too_long(field: str, node: Scalar, most: int, report: Report) -> None:
    hint = f"Shorten it by {counted(len(node.text) - most, 'character')}."
    message = f"{'A code' if field == 'previously' else field} has {len(node.text):,} characters; "
    if field == "name_pattern":
        report.error("invalid-pattern", node, f"{message}at most {most:,} are allowed.", hint)
    else:
        report.error("too-long", node, f"{message}Xero allows at most {most:,}.", hint)


def _wrong_in_lint(found: SchemaError, report: Report) -> None:
    """Report a wrong value in `lint:`, or a waiver without a reason."""
    node, section = found.node, found.field if found.item else found.section
    text, what = text_of(node), kind_of_node(node)
    what = what if what.startswith('"') else what.capitalize()
    if section == "waive":
        report.error(
            "waiver-without-reason", node, f"The waiver of {found.field} gives no reason.",
            f"Write the reason: `{found.field}: agreed with the auditors`.",
        )  # fmt: skip
    elif section == "severity":
        hint = suggest(text, tuple(Severity))
        report.error("wrong-value", node, f"{what} is not a severity.", hint)
    elif section == "required_fields":
        hint = suggest(text, tuple(FIELD))
        report.error("wrong-value", node, f"{what} is not a field of an account.", hint)
    elif section in {"required_accounts", "forbidden_accounts"}:
        rule = "cannot-be-empty" if isinstance(node, Scalar) else "wrong-type"
        message = f"{what} in {section} is not a code or a name."
        report.error(rule, node, message, "Write a code or a name in quotes, or remove it.")
    else:
        hint = "Write 200-299, one code, or a list of them."
        report.error("invalid-range", node, f"{what} is not a range of codes.", hint)


def _wrong_type(found: SchemaError, report: Report) -> None:
    node, field, item = found.node, found.field, found.item
    null = isinstance(node, Scalar) and node.null
    if null and not item and field in {*NEVER_EMPTY, *CHOICES, "name_pattern"}:
        _empty(found, report)
    elif null and field == "organisation":
        _missing(field, node, report)
    else:
        who, what, hint = _expected(field, node, item=item)
        is_instead = f"{who} is empty; it must be {what}."
        if not null:
            is_instead = f"{who} must be {what}, not {kind_of_node(node)}."
        report.error("wrong-type", node, is_instead, hint)


def _wrong_value(found: SchemaError, node: Scalar, report: Report) -> None:
    """Report a value of the right type that is not allowed."""
    field = found.field
    if not node.text.strip() and field in {*NEVER_EMPTY, "previously", "name_pattern"}:
        _empty(found, report)
        return
    hint = ""
    if field in CHOICES:
        hint = suggest(node.text, _choices(found))
        message = f"{field} cannot be {quoted(node.text)}."
        if field in _NOT_ONE_OF:
            message = f"{quoted(node.text)} is not {_NOT_ONE_OF[field]}."
    elif field in LIMIT_MAXIMA:
        message = f"{field} must be from 0 to {LIMIT_MAXIMA[field]:,}, not {node.text}."
    elif field == "account_id":
        message = f"{quoted(node.text)} is not a Xero account id."
        hint = (
            "An id is five groups of 8, 4, 4, 4 and 12 digits or letters from a to f, joined by "
            "dashes."
        )
    else:
        message = f"{quoted(node.text)} is not a currency code."
        hint = "Write three capital letters, such as NZD."
        if len(node.text) == 3 and node.text.isascii() and node.text.isalpha():  # noqa: PLR2004, ISO 4217
            hint = f"Did you mean {node.text.upper()}?"
    report.error("wrong-value", node, message, hint)


def _empty(found: SchemaError, report: Report) -> None:
    node, field = found.node, found.field
    if field == "previously":
        message, hint = "An earlier code cannot be empty.", "Remove it."
    elif field in {"unmanaged", "on_delete_refused", "status"}:
        message, hint = f"{field} is empty.", suggest("", _choices(found))
    else:
        message, hint = f"{field} is empty.", "Remove the line to leave it as it is in Xero."
        if field in NEVER_EMPTY:
            message = f"An account must have a {field}."
            hint = "Give it one, or, if the account is already in Xero, remove the line."
        hint = _INSTEAD_OF_EMPTY.get(found.section, hint)
        if field == "name_pattern":
            hint = "Write a regular expression in quotes, or remove the line."
    report.error("cannot-be-empty", node, message, hint)


def _choices(found: SchemaError) -> tuple[str, ...]:
    allowed = found.value if found.keyword == "enum" else CHOICES[found.field]
    return tuple(choice for choice in CHOICES[found.field] if choice in allowed)


def _unknown_version(node: Scalar, report: Report) -> None:
    wrong = f"must be the number 1, not {quoted(node.text)}" if node.text else "is empty"
    hint = "Write `version: 1`."
    if node.plain and whole(node.text) is not None:
        hint += " If the file is for a newer xerosync, update xerosync."
    report.error("unknown-version", node, f"version {wrong}.", hint)


def _expected(field: str, node: ValueNode, *, item: bool) -> tuple[str, str, str]:
    """Return the subject and the expected type for the message, and the hint."""
    text = text_of(node)
    if field in _EXPECTED:
        return _EXPECTED[field]
    if field in FLAGS:
        return field, "true or false", _flag_hint(node)
    if field in LIMIT_MAXIMA:
        wanted = f"a whole number from 0 to {LIMIT_MAXIMA[field]:,}"
        return field, wanted, _number_hint(text, LIMIT_MAXIMA[field])
    if field == "accounts":
        null = isinstance(node, Scalar) and node.null
        hint = "Write `accounts: []` if there are none." if null else ""
        return field, "a list", hint or "Begin each account with a dash."
    if field == "previously" and not item:
        hint = "Write [], or remove the line." if isinstance(node, Scalar) else 'Example: ["200"].'
        hint = f"Write [{quoted(text)}]." if text else hint
        return field, "a list of codes", hint
    who = "An earlier code" if item else field
    hint = "Write a code, or remove it." if item and isinstance(node, Scalar) else ""
    return who, "text", hint or "Put text that begins with [, { or - in quotes."


def _flag_hint(node: ValueNode) -> str:
    if isinstance(node, Scalar):
        word = node.text.strip().casefold()
        if not node.plain and boolean(node.text) is not None:
            return "Remove the quotes."
        if word in _TRUE_WORDS | _FALSE_WORDS:
            return f"Write {str(word in _TRUE_WORDS).lower()}."
    return "Write true or false."


def _number_hint(text: str, most: int) -> str:
    number = text.strip().strip("+%").replace(",", "").replace("_", "").strip()
    if len(number) < 10 and number.isascii() and number.isdigit() and int(number) <= most:  # noqa: PLR2004
        return f"Write {int(number)}, without quotes or signs."
    return f"Write a whole number from 0 to {most:,}, in digits only."
