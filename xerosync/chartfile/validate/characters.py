"""Check the characters and the quotes of text fields.

Reports text that other programs would not read as text, text that a `#` cuts short, reasons
without a letter or digit, control characters, characters that change the order in which text is
displayed, and invisible characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from xerosync.chartfile.fields import ACCOUNT_FIELDS, CHOICES, FLAGS, ORGANISATION_FIELDS
from xerosync.chartfile.problems import Report, quoted
from xerosync.chartfile.syntax.nodes import Mapping, Node, Scalar, items_of, pairs_of, text_of
from xerosync.chartfile.syntax.quoting import double_quoted
from xerosync.chartfile.syntax.scalars import SUSPECTS, misread
from xerosync.text import is_blank, visible

_NAMING = ("required_accounts", "forbidden_accounts")
"""The settings of `lint:` that name accounts by code or name."""

_CODES = frozenset({"code", "previously", "standard", "take", *_NAMING})
_FREE = frozenset({"description", "note", "reason"})
"""Fields that may have several lines."""

_TEXTS = frozenset({*ACCOUNT_FIELDS, "standard", "reason"}) - FLAGS - CHOICES.keys() - {"waive"}
_SECTIONS = {
    "standard": ("name",),
    "organisation": ORGANISATION_FIELDS,
    "limits": ("reason",),
    "lint": _NAMING,
}
"""Sections of the head (the file without accounts and overrides), each with fields to check."""

_HEAD = ("extends", "tags", "profile", "behaviour", "take")
"""Other fields of the head to check: each holds a text or a list of texts."""

_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of controls, lone surrogates, line and paragraph separators."""

_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional embeddings, overrides and isolates (Unicode Annex 9)."""

_UNSEEN = frozenset("\u00ad\u200b\u2060\ufeff")
"""Soft hyphen, zero-width space, word joiner, zero-width no-break space."""


_CUT = re.compile(r"[ \t](#[^\s#!-][^\r\n]*|# ?[0-9]+)[ \t]*(?:[\r\n]|\Z)")
"""A comment that looks like text, such as `#north` or `# 4` after one blank."""

_LONGEST_ADVICE = 80
_FEW = 3
"""If more values than this have no quotes, one warning is about them all."""


def check_characters(
    root: Mapping, accounts: Iterable[Node], report: Report, text: str = ""
) -> None:
    """Check the text fields of the head, of each override and of each account.

    `text` is the text of the file; without it, no comments are checked.
    """
    misreadings: dict[str, list[tuple[str, Scalar]]] = {"unquoted-code": [], "unquoted-text": []}
    for key, scalar in _texts(root, accounts):
        if scalar.plain and _misread(key, scalar):
            misreadings["unquoted-code" if key in _CODES else "unquoted-text"].append((key, scalar))
        if scalar.plain and text and (cut := _CUT.match(text, scalar.end)):
            _report_comment(key, scalar, cut[1], report)
        if not scalar.text.isprintable():
            _check_characters(key, scalar, report)
        if key == "reason" and text_of(scalar).strip() and is_blank(scalar.text):
            report.error(
                "wrong-value", scalar, "The reason has no letter and no digit.",
                "Write why, or remove the line.",
            )  # fmt: skip
    for rule, found in misreadings.items():
        _report_unquoted(rule, found, report)


def _texts(root: Mapping, accounts: Iterable[Node]) -> Iterator[tuple[str, Scalar]]:
    """Yield each text to check, after the name of its field."""
    yield from _head_texts(root)
    for account in (*items_of(root.get("overrides")), *accounts):
        for key, (_, value) in pairs_of(account).items():
            if key in _TEXTS:
                yield from _named(key, value)
            elif key == "waive":
                for _, reason in pairs_of(value).values():
                    yield from _named("reason", reason)


def _head_texts(root: Mapping) -> Iterator[tuple[str, Scalar]]:
    for name, keys in _SECTIONS.items():
        section = root.get(name)
        if isinstance(section, Mapping):
            for key in keys:
                yield from _named(key, section.get(key))
    for key in _HEAD:
        yield from _named(key, root.get(key))
    for tax_type, codes in pairs_of(root.get("tax_types")).values():
        yield "tax_types", tax_type
        for _, code in pairs_of(codes).values():
            yield from _named("tax_types", code)


def _named(field: str, node: Node | None) -> list[tuple[str, Scalar]]:
    if isinstance(node, Scalar):
        return [(field, node)]
    return [(field, item) for item in items_of(node) if isinstance(item, Scalar)]


def _misread(key: str, scalar: Scalar) -> str:
    """Return what other programs take an unquoted value for; "" for text, null and a `note`."""
    if scalar.text[:1] not in SUSPECTS or scalar.null or key == "note":
        return ""
    return misread(scalar.text)


def _report_unquoted(rule: str, found: list[tuple[str, Scalar]], report: Report) -> None:
    """Warn of each value without quotes; if there are many, warn once, at the first."""
    if len(found) > _FEW:
        (key, first), what = found[0], "codes" if rule == "unquoted-code" else "texts"
        report.warn(
            rule, first,
            f"{len(found)} {what} have no quotes, from this one on. Other programs do not read "
            f"them as text: they read `{first.text[:60]}` as {_misread(key, first)}, for example.",
            f"`{report.command('fmt')}` puts them in quotes.",
        )  # fmt: skip
        return
    for key, scalar in found:
        value = scalar.text[:60]
        what = f"code {value}" if key in _CODES else f"text `{value}` in {key}"
        report.warn(
            rule, scalar,
            f"The {what} has no quotes; other programs read it as {_misread(key, scalar)}.",
            f"Write {quoted(scalar.text)}.",
        )  # fmt: skip


def _report_comment(key: str, scalar: Scalar, comment: str, report: Report) -> None:
    whole = f"{scalar.text} {comment}".strip()
    advice = "put the whole text in double quotes"
    if len(whole) <= _LONGEST_ADVICE:
        advice = f"write {visible(double_quoted(whole))}"
    report.warn(
        "comment-in-text", scalar,
        f"The text in {key} ends before the #: {quoted(comment)} is a comment.",
        f"If it belongs to the text, {advice}; if it is a comment, write two spaces before the #.",
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
