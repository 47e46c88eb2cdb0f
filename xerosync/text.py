"""Make untrusted text safe to print, and write dates, times, counts and lists of names.

The names of accounts and files, and the texts of errors, may contain terminal escapes, line
breaks, marks that change the direction of writing, or commands that a CI runner reads from
its log. All of these are printed as visible escapes. Letters of every script, and the joiners
that some scripts need, stay as they are.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo

_JOINERS = "\u200c\u200d"
_COMMAND = re.compile(r"::(?=[A-Za-z])|##(?=\w*\[)")
"""Commands that a CI runner reads from its log: `::error::` at the start of a line (GitHub),
and `##[error]` (GitHub) and `##vso[` (Azure) anywhere. Wrapping may put any text at the start
of a line, so `visible` escapes all of them everywhere."""


_FIRST_YEAR, _LAST_YEAR = 2, 9997
_HALF = re.compile(r"[\ud800-\udfff]")
_FILLERS = "\u115f\u1160\u3164\uffa0"
"""Hangul fillers: letters that are invisible."""

_SPACES = re.compile(r"  +|\A | \Z")


def visible(text: str) -> str:
    r"""Return the text with everything unsafe escaped, as `\n`, `\x1b` or `\u202e`.

    In a CI command, only the first character is escaped: `::error` becomes `\x3a:error`.
    """
    if not text.isprintable():
        text = "".join(c if _harmless(c) else _escape(c) for c in text)
    return _COMMAND.sub(lambda found: _escape(found[0][0]) + found[0][1], text)


def whole(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate, which UTF-8 cannot encode.

    A lone surrogate is half of a character. It may come from a JSON escape, or from a file name or
    an environment variable that is not UTF-8.
    """
    return _HALF.sub("\ufffd", text)


def is_blank(text: str) -> bool:
    """Whether a reader sees no letter and no digit in the text."""
    seen = (c for c in text if c not in _FILLERS)
    return not any(unicodedata.category(c)[0] in "LN" for c in seen)


def told_apart(one: str, other: str) -> tuple[str, str]:
    r"""Return two texts unchanged, or with escapes if they differ but look the same.

    A no-break space becomes `\xa0`, a double space `\x20\x20`, and a ligature `\ufb01`.
    """
    if one == other or _as_seen(one) != _as_seen(other):
        return one, other
    return _bare(one), _bare(other)


def _as_seen(text: str) -> str:
    """Return what a reader sees: no invisible marks, and one space for any run of spaces."""
    seen = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join("".join(seen).split())


def _bare(text: str) -> str:
    """Escape invisible marks, outer or repeated spaces, and characters that NFKC replaces.

    NFKC replaces ligatures, unusual spaces and full-width letters. Combining accents are escaped.
    """
    text = _SPACES.sub(lambda found: _escape(" ") * len(found[0]), text)
    kept = unicodedata.normalize("NFKC", text)
    return "".join(
        _escape(c)
        if not c.isascii() and (c not in kept or unicodedata.category(c) in ("Zs", "Cf", "Mn"))
        else c
        for c in text
    )


def visible_json(text: str) -> str:
    """Return equivalent JSON that is as safe to print as the text that `visible` returns.

    JSON needs fewer escapes than other text: tabs and line breaks are raw only between its values.
    `::error` may stay, as CI runners read it only at the start of a line, where JSON never has it.
    """
    if not text.isascii() or "\x7f" in text:
        text = "".join(c if _harmless(c) or c in "\t\n\r" else json.dumps(c)[1:-1] for c in text)
        text = text.replace("\x7f", "\\u007f")
    return _COMMAND.sub(lambda found: found[0].replace("##", "\\u0023#"), text)


def json_text(document: object) -> str:
    """Return a document as indented JSON that is safe to print."""
    return visible_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def json_line(document: object) -> str:
    """Return a document as one line of JSON that is safe to print."""
    return visible_json(json.dumps(document, separators=(",", ":"), ensure_ascii=False)) + "\n"


def _harmless(character: str) -> bool:
    return (
        character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs"
    )


def _escape(character: str) -> str:
    if character == "\0":
        return "\\0"
    escaped = character.encode("unicode_escape").decode()
    return f"\\x{ord(character):02x}" if escaped == character else escaped


def day(moment: date) -> str:
    """Return a date as people write it: 3 November 2026. A `datetime` is converted to UTC."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y}"


def day_and_time(moment: datetime, zone: tzinfo | None = UTC) -> str:
    """Return the date and the time: 3 November 2026 at 09:30 UTC. `zone` None means local time."""
    moment = moment.astimezone(zone)
    return f"{day(moment.date())} at {moment:%H:%M %Z}"


def to_the_second(moment: datetime) -> str:
    """Return the date and the time to the second, in UTC: 2026-11-03 09:30:00 UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def timestamp(moment: datetime, timespec: str = "seconds") -> str:
    """Return the moment as RFC 3339 in UTC: 2026-11-03T09:30:00Z."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def sortable(moment: datetime) -> str:
    """Return the moment for a file name: 20261103T093000.250Z. Later moments sort after earlier."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z"


def read_timestamp(text: str) -> datetime:
    """Read an ISO 8601 date and time with a time zone, and return it in UTC.

    Raises `ValueError` for other texts, and for years near `datetime`'s limits: 1, 9998 and 9999.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("no date and time with a zone")
    return moment.astimezone(UTC)


def series(words: Sequence[str], before_last: str = "and") -> str:
    """Return words as a sentence lists them: plan, pull and apply."""
    *most, last = words or ("",)
    return f"{', '.join(most)} {before_last} {last}" if most else last


def first_few(names: Sequence[str], most: int, between: str = ", ") -> str:
    """Return up to `most` of the names, and the number of the others: A, B and 3 more."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return between.join(names[:most]) + more


def counted(count: int, noun: str) -> str:
    """Return a number and a noun, such as "3 accounts"; only after 1 is the noun singular."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def with_extra(extra: str) -> str:
    """Return how to install xerosync with an extra: the beginning of a sentence."""
    return f"Install xerosync again, with the extra [{extra}], as its README.md says under Install"


def arrow(*, plain: bool) -> str:
    """Return the arrow between two values; if `plain`, in ASCII."""
    return "->" if plain else "→"


def full_stop(text: str) -> str:
    """Return the text, with a full stop added unless it ends with one, as "Acme Inc." does."""
    return text if text.endswith(".") else f"{text}."
