"""Write a value as YAML text that every parser reads as exactly that value."""

from __future__ import annotations

import re

from xerosync.chartfile.fields import CHOICES
from xerosync.chartfile.syntax.nodes import NULLS
from xerosync.chartfile.syntax.scalars import misread
from xerosync.model import Value

_PLAIN = re.compile(
    r"(?:[^\W\d_]|[0-9]+%? [^\W\d_])(?:[\w .,;/()&%+*=@'\"$<>?!~^|\\-]*[\w.)%!?'-])?"
)
"""Text that may need no quotes, such as Bank Fees and 15% GST."""

_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]*\.ya?ml")
"""A path that needs no quotes, even in brackets."""

_ALWAYS_QUOTED = frozenset(
    {
        "code", "previously", "standard", "take", "short_code", "reporting_code",
        "bank_account_number",
    }
)  # fmt: skip
_LONGEST_LINE = 1000


def scalar(key: str, value: Value, *, flow: bool = False) -> str:
    """Return the value of a field on one line; with `flow`, for use inside brackets.

    Fields in `_ALWAYS_QUOTED` always get quotes; other text gets them if it may need them.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if key in CHOICES and value in CHOICES[key]:
        return value
    if key not in _ALWAYS_QUOTED and _is_plain(value) and not (flow and "," in value):
        return value
    return double_quoted(value)


def double_quoted(text: str) -> str:
    """Return text in double quotes, on one line, with escapes for what is not safe to show."""
    return '"' + "".join(map(_escaped, text)) + '"'


def block(text: str, indent: str, line_end: str) -> str:
    """Return text as a literal block; "" if it has one line, or is better in quotes."""
    lines = text.removesuffix("\n").split("\n")
    plain = (
        len(lines) > 1
        and lines[0][:1] not in {"", " ", "\t"}
        and lines[-1].strip()
        and all(line == line.rstrip() and _is_shown(line) for line in lines)
    )
    if not plain or text.endswith("\n\n"):
        return ""
    mark = "|" if text.endswith("\n") else "|-"
    return line_end.join([mark, *(indent + line if line else "" for line in lines)])


def _is_plain(text: str) -> bool:
    return (
        bool(_PLAIN.fullmatch(text) or _PLAIN_PATH.fullmatch(text))
        and _is_shown(text)
        and " #" not in text
        and text not in NULLS
        and not misread(text)
    )


def _is_shown(line: str) -> bool:
    return line.isprintable() and len(line) <= _LONGEST_LINE


def _escaped(character: str) -> str:
    if character == '"':
        return '\\"'
    if character != "\\" and (character.isprintable() or _is_mark(character)):
        return character
    return character.encode("unicode_escape").decode()


def _is_mark(character: str) -> bool:
    """Whether a character is a zero-width joiner or non-joiner, or a space outside ASCII."""
    return character in "\u200c\u200d" or (
        character >= "\u00a0" and character.isspace() and character not in "\u2028\u2029"
    )
