"""Check the characters and the quotes of text fields.

Reports text that other programs would not read as text, control characters, characters that
change the order in which text is displayed, and invisible characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from xerosync.chartfile.fields import ACCOUNT_FIELDS, CHOICES, FLAGS, ORGANISATION_FIELDS
from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, Sequence
from xerosync.chartfile.syntax.scalars import SUSPECTS, misread

_NAMING = ("required_accounts", "forbidden_accounts")
"""The settings of `lint:` that name accounts by code or name."""

_CODES = frozenset({"code", "previously", *_NAMING})
_FREE = frozenset({"description", "note"})
"""Fields that may have several lines."""

_TEXTS = frozenset(ACCOUNT_FIELDS) - FLAGS - CHOICES.keys() - {"waive"}
_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of controls, lone surrogates, line and paragraph separators."""

_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional embeddings, overrides and isolates (Unicode Annex 9)."""

_UNSEEN = frozenset("\u00ad\u200b\u2060\ufeff")
"""Soft hyphen, zero-width space, word joiner, zero-width no-break space."""


def check_characters(root: Mapping, accounts: Sequence, report: Report) -> None:
    """Check the text fields of the organisation, of the lint section and of each account."""
    organisation = root.get("organisation")
    if isinstance(organisation, Mapping):
        for key in ORGANISATION_FIELDS:
            _check(key, organisation.get(key), report)
    lint = root.get("lint")
    if isinstance(lint, Mapping):
        for key in _NAMING:
            _check(key, lint.get(key), report)
    for account in accounts.items:
        if isinstance(account, Mapping):
            for key, (_, value) in account.pairs.items():
                if key in _TEXTS:
                    _check(key, value, report)


def _check(key: str, node: Node | None, report: Report) -> None:
    for scalar in _scalars(node):
        text = scalar.text
        if not text:
            continue
        if scalar.plain and text[0] in SUSPECTS:
            _check_quotes(key, scalar, report)
        if not text.isprintable():
            _check_characters(key, scalar, report)


def _scalars(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        yield from (item for item in node.items if isinstance(item, Scalar))


def _check_quotes(key: str, scalar: Scalar, report: Report) -> None:
    kind = "" if scalar.null else misread(scalar.text)
    if not kind or key == "note":
        return
    rule = "unquoted-code" if key in _CODES else "unquoted-text"
    what = "code" if key in _CODES else key
    report.warn(
        rule, scalar,
        f"The {what} {scalar.text[:60]} has no quotes; other programs read it as {kind}.",
        f"Write {quoted(scalar.text)}.",
    )  # fmt: skip


def _check_characters(key: str, scalar: Scalar, report: Report) -> None:
    allowed = "\n\t" if key in _FREE else ""
    for character in scalar.text:
        if character in allowed:
            continue
        point = f"U+{ord(character):04X}"
        if character in _REORDERING:
            report.error(
                "control-character", scalar,
                f"{key} contains {point}, which changes the order in which text is displayed.",
                "Remove it.",
            )  # fmt: skip
            return
        if unicodedata.category(character) in _CONTROLS:
            line_break = character in "\n\r"
            what = "a line break" if line_break else "a tab" if character == "\t" else ""
            report.error(
                "control-character", scalar,
                f"{key} contains {what or 'the control character ' + point}.",
                "Write the text on one line." if line_break else "Remove it.",
            )  # fmt: skip
            return
        if character in _UNSEEN and key not in _FREE:
            report.warn(
                "invisible-character", scalar,
                f"{key} contains the invisible character {point}.",
                "Remove it, unless it is intended.",
            )  # fmt: skip
            return
