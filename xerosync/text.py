"""Text from strangers → text that can be shown: nothing in it acts.

Names of accounts, files and errors may hold terminal escapes, line breaks, marks that turn
the direction of writing round, or commands that a CI runner takes from its log. Each is
shown as an escape instead of being obeyed; letters of every script, and the joiners that
some of them need, stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

_JOINERS = "\u200c\u200d"
_COMMAND = re.compile(r"::(?=[A-Za-z])|##(?=\w*\[)")
"""What a runner obeys in a line of output: `::error::` at its start (GitHub), `##[error]`
(GitHub) and `##vso[` (Azure) anywhere in it. A name can stand where a line is wrapped, so
both are taken out of all text."""


def visible(text: str) -> str:
    r"""Show what would act as an escape: `\n`, `\x1b`, `\u202e`, `\x3a:error`."""
    if not text.isprintable():
        text = "".join(c if _harmless(c) else _escape(c) for c in text)
    return _COMMAND.sub(lambda found: _escape(found[0][0]) + found[0][1], text)


def visible_json(text: str) -> str:
    """Give the same JSON in a spelling of which no line is a command to a CI runner.

    Only `##[` needs it: no line of JSON begins with a colon.
    """
    return _COMMAND.sub(lambda found: found[0].replace("##", "\\u0023#"), text)


def _harmless(character: str) -> bool:
    return (
        character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs"
    )


def _escape(character: str) -> str:
    known = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"}.get(character)
    if known:
        return known
    point = ord(character)
    if point <= 0xFF:  # noqa: PLR2004 the last that two digits hold
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"  # noqa: PLR2004


def day(moment: datetime) -> str:
    """Return the date as people write it: 3 November 2026."""
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y}"


def day_and_time(moment: datetime) -> str:
    """Return the date and the time: 3 November 2026 at 09:30 UTC."""
    return f"{day(moment)} at {moment.astimezone(UTC):%H:%M} UTC"


def timestamp(moment: datetime) -> str:
    """Return the moment as RFC 3339 in UTC, to the second: 2026-11-03T09:30:00Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one: 3 accounts."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
