"""Read flags and numbers, and find plain scalars that other parsers do not read as text.

xerosync reads text as it is written. Other programs do not: YAML 1.1 (most libraries and
many editors) and YAML 1.2 disagree about `010`, `1_000`, `NO` and `12:30`.
Sources: the type repository of YAML 1.1 (yaml.org/type) and YAML 1.2.2, chapter 10.3.
"""

from __future__ import annotations

import re

_BOOLEAN = re.compile(
    r"y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"
)
_NUMBER = re.compile(
    r"""[-+]?0b[01_]+                                     # binary
    | [-+]?0o?[0-7_]+                                     # octal, of 1.1 and of 1.2
    | [-+]?0x[0-9a-fA-F_]+                                # hexadecimal
    | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?    # sexagesimal: 12:30
    | [-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?
    | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN)
    """,
    re.VERBOSE,
)
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?)?"
)
SUSPECTS = frozenset("0123456789+-.=<yYnNtTfFoO")
"""The first characters of all text that `misread` recognises, for a quick check."""

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,8})", re.ASCII)


def misread(text: str) -> str:
    """Return what other parsers take this unquoted text for; "" if they all take it for text.

    Text that every parser reads as null is not misread.
    """
    if not text or text[0] not in SUSPECTS:
        return ""
    if _BOOLEAN.fullmatch(text):
        return "true or false"
    if _DATE.fullmatch(text):
        return "a date"
    if _NUMBER.fullmatch(text):
        return "a number"
    return "YAML syntax" if text in {"=", "<<"} else ""


def boolean(text: str) -> bool | None:
    """Return the flag that text such as `true`, `True` or `TRUE` means; None for other text."""
    if text in {"true", "True", "TRUE"}:
        return True
    return False if text in {"false", "False", "FALSE"} else None


def whole(text: str) -> int | None:
    """Return a whole number of at most nine digits without leading zeros; None for other text."""
    return int(text) if _WHOLE.fullmatch(text) else None
