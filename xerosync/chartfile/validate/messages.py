"""What is wrong with a value → the problem, in an accountant's words, with the way out."""

from __future__ import annotations

from collections.abc import Sequence as AbstractSequence

from xerosync.chartfile.fields import CHOICES, FLAGS, LIMIT_MAXIMA, NEVER_EMPTY, NUMBERS
from xerosync.chartfile.problems import Place, Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence
from xerosync.chartfile.syntax.scalars import boolean, whole
from xerosync.suggestions import nearest

_WHAT = {
    "": "A chart file",
    "account": "An account",
    "organisation": "organisation",
    "limits": "limits",
}
_TRUE_WORDS = frozenset({"yes", "y", "on", "1", "true", "t"})
_FALSE_WORDS = frozenset({"no", "n", "off", "0", "false", "f"})
_NUMBER_OF_CHOICES_SHOWN = 20


def unknown_field(
    name: str, at: Place, where: str, known: AbstractSequence[str], report: Report
) -> None:
    """Report a field that nobody knows."""
    near = nearest(name, known)
    hint = f"Did you mean {near}?" if near else f"It can have: {', '.join(known)}."
    report.error("unknown-field", at, f"{_WHAT[where]} has no field {quoted(name)}.", hint)


def missing_section(name: str, at: Place, report: Report) -> None:
    """Report a section that every chart file has."""
    if name == "organisation":
        missing_name(name, at, report)
        return
    hint = "Begin the file with `version: 1`." if name == "version" else "Write `accounts: []`."
    report.error("missing-field", at, f"The file has no {name}.", hint)


def missing_name(where: str, at: Place, report: Report) -> None:
    """Report that nothing tells which organisation, or which account, is meant."""
    if where == "organisation":
        report.error(
            "missing-organisation", at, "The file does not say which organisation it is for.",
            "Under organisation, give at least one of name, tenant_id and short_code.",
        )  # fmt: skip
    else:
        report.error(
            "missing-identity", at, "Nothing in this account says which one it is.",
            "Give at least a code, name, account_id, system_account or bank_account_number.",
        )  # fmt: skip


def field_not_for_type(name: str, at: Place, kind: str, report: Report) -> None:
    """Report a field that accounts of this type do not have."""
    if kind == "BANK":
        message, hint = f"A bank account has no {name}.", "Remove it."
    else:
        message = f"{name} is for bank accounts only, and this one is {kind}."
        hint = "Remove it, or make the type BANK."
    report.error("field-not-for-type", at, message, hint)


def too_long(key: str, node: Scalar, most: int, report: Report) -> None:
    """Report text that is longer than Xero takes."""
    length = len(node.text)
    excess = length - most
    who = "A code" if key == "previously" else key
    report.error(
        "too-long", node, f"{who} has {length:,} characters; Xero takes {most:,} at most.",
        f"Shorten it by {excess:,} character{'' if excess == 1 else 's'}.",
    )  # fmt: skip


def wrong_type(key: str, node: Node, report: Report, *, item: bool = False) -> None:
    """Report a value of the wrong kind: `key` is its field, `item` says that it is in a list."""
    if isinstance(node, Scalar) and key == "version":
        _unknown_version(node, report)
    elif isinstance(node, Scalar) and node.null and not item and key in {*NEVER_EMPTY, *CHOICES}:
        _empty(key, node, report)
    elif isinstance(node, Scalar) and node.null and key == "organisation":
        missing_name(key, node, report)
    else:
        expected, hint = _expected(key, node, item=item)
        report.error("wrong-type", node, f"{expected}, not {_kind(node)}.", hint)


def wrong_value(key: str, node: Scalar, report: Report) -> None:
    """Report a value of the right kind that is not one of those allowed."""
    if key == "version":
        _unknown_version(node, report)
        return
    if not node.text.strip() and key in {*NEVER_EMPTY, "previously"}:
        _empty(key, node, report)
        return
    hint = ""
    if key in CHOICES:
        near = nearest(node.text, CHOICES[key])
        hint = f"Did you mean {near}?" if near else _one_of(CHOICES[key])
        message = f"{key} cannot be {quoted(node.text)}."
        if key in _ARTICLES:
            message = f"{quoted(node.text)} is not {_ARTICLES[key]}."
    elif key in LIMIT_MAXIMA:
        message = f"{key} is {node.text}; it can be from 0 to {LIMIT_MAXIMA[key]:,}."
    elif key == "account_id":
        message = f"{quoted(node.text)} is not an account id of Xero."
        hint = "An id looks like 297c2dc5-cc47-4afd-8ec8-74990b8761e9."
    else:
        message = f"{quoted(node.text)} is not a currency."
        hint = "Write its three capital letters, such as NZD."
        if len(node.text) == 3 and node.text.isascii() and node.text.isalpha():  # noqa: PLR2004, ISO 4217
            hint = f"Did you mean {node.text.upper()}?"
    report.error("wrong-value", node, message, hint)


_FIELDS_OF = {
    "account": ("An account is a mapping of fields", "Write `- code: …`, then its other fields."),
    "organisation": ("organisation is a mapping of fields", "Put them on lines below, indented."),
    "limits": ("limits is a mapping of fields", "Put them on lines below, indented."),
}
_ARTICLES = {
    "type": "one of Xero's account types",
    "status": "a status",
    "bank_account_type": "a kind of bank account",
    "system_account": "one of Xero's system accounts",
}


def _empty(key: str, node: Scalar, report: Report) -> None:
    hint = "Remove the line to leave it as it is in Xero."
    if key == "previously":
        report.error("cannot-be-empty", node, "An earlier code cannot be empty.", "Remove it.")
    elif key in {"unmanaged", "on_delete_refused", "status"}:
        report.error("cannot-be-empty", node, f"{key} is empty.", _one_of(CHOICES[key]))
    elif key in NEVER_EMPTY:
        report.error("cannot-be-empty", node, f"No account is without a {key}.", hint)
    else:
        report.error("cannot-be-empty", node, f"{key} is empty.", hint)


def _unknown_version(node: Scalar, report: Report) -> None:
    hint = "Write `version: 1`."
    if node.plain and whole(node.text) is not None:
        hint += " If the file is for a newer xerosync, update xerosync."
    report.error(
        "unknown-version", node,
        f"The version of the file is {quoted(node.text)}; this xerosync reads version 1.", hint,
    )  # fmt: skip


def _expected(key: str, node: Node, *, item: bool) -> tuple[str, str]:
    """Say what a field takes, and how to get from what is there to that."""
    text = node.text if isinstance(node, Scalar) else ""
    if key in FLAGS:
        return f"{key} is true or false", _flag_hint(node)
    if key in NUMBERS:
        return f"{key} is a whole number", _number_hint(text)
    if key == "previously" and not item:
        hint = f"Write [{quoted(text)}]." if text else "Write [], or remove the line."
        return "previously is a list of codes", hint
    if key == "accounts":
        none = isinstance(node, Scalar) and node.null
        hint = "Write `accounts: []` if there are none." if none else ""
        return "accounts is a list", hint or "Begin each account with a dash."
    if key in _FIELDS_OF:
        return _FIELDS_OF[key]
    who = "An earlier code" if item else key
    hint = "Give a code, or remove the dash." if isinstance(node, Scalar) else ""
    return f"{who} is text", hint or "Put text that begins with [, { or - in quotes."


def _flag_hint(node: Node) -> str:
    if not isinstance(node, Scalar):
        return "Write true or false."
    if not node.plain and boolean(node.text) is not None:
        return "Remove the quotes."
    word = node.text.strip().casefold()
    if word in _TRUE_WORDS:
        return "Write true."
    return "Write false." if word in _FALSE_WORDS else "Write true or false."


def _number_hint(text: str) -> str:
    number = text.strip().removesuffix("%").replace(",", "").replace("_", "").strip()
    if len(number) <= 9 and number.isascii() and number.isdigit():  # noqa: PLR2004, as `whole`
        return f"Write {int(number)}, without quotes or signs."
    return "Write it in digits alone."


def _kind(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Scalar):
        return "empty" if node.null else quoted(node.text)
    return "an alias"


def _one_of(choices: AbstractSequence[str]) -> str:
    shown = choices[:_NUMBER_OF_CHOICES_SHOWN]
    return f"One of: {', '.join(shown)}."
