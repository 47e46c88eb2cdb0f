"""What Markdown pages share: a hidden marker, and tables cut to the size of a comment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar
from urllib.parse import quote

from xerosync.desired import Source
from xerosync.render.account_usage import usage_sentence
from xerosync.render.inline import code, inline, prose
from xerosync.render.plan.footnotes import Footnote
from xerosync.render.words import FieldRow, capital, line_of, shorten, shorten_both
from xerosync.usage import AccountUsage

LONGEST = 65_536
"""The longest comment that GitHub accepts, in characters."""
BODY = LONGEST - 536
"""The longest page. The rest of the comment is for what `ci/comment.py` adds."""

_NOTE = 200
"""The number of characters reserved for a sentence that says what was left out."""
_VALUE, _NAME, _SENTENCE, _MARKER = 160, 150, 1_000, 200
"""The most characters of a value, of a name, of a sentence, and of the names in a marker."""

_Subject = TypeVar("_Subject")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with a table or a list. `head` and `tail` stand before and after the rows.

    `noun` follows the number of rows in a sentence: "12 warnings", "12 to archive".
    """

    head: str
    rows: tuple[str, ...]
    tail: str = ""
    noun: str = "rows"


def place_cell(source: Source, file: str) -> str:
    """Return a place as "12", or as "standard.yaml:12" if it is not in `file`; "" if unknown."""
    line = line_of(source, file)
    return line if line.isdecimal() else code(shorten(line, _NAME)) if line else ""


def marker(kind: str, names: Iterable[str]) -> str:
    """Return the hidden first line of a page, with `kind`, and with `names` or their hash."""
    # Not every parser allows two hyphens inside an HTML comment.
    quoted = ",".join(
        quote(name, safe="/", errors="backslashreplace").replace("--", "-%2D") for name in names
    )
    if len(quoted) > _MARKER:
        quoted = hashlib.sha256(quoted.encode()).hexdigest()
    return f"<!-- xerosync:{kind}:{quoted} -->"


def pages(
    subjects: Sequence[_Subject], most: int, page: Callable[[_Subject, int], str], noun: str
) -> str:
    """Return the pages of the first subjects, as many as fit into the size `most` together.

    `page` is called with a subject and its share of the size. The page may be longer than this
    share. If subjects are left out, the last line counts them.
    """
    parts: list[str] = []
    most -= _NOTE
    for number, subject in enumerate(subjects):
        left = len(subjects) - number
        text = page(subject, most // left)
        if size(text) > most:
            parts.append(f"_And {_numbered(left, noun, more=True)}, left out for length._\n")
            break
        parts.append(text)
        most -= size(text) + len("\n")
    return "\n".join(parts).rstrip("\n") + "\n"


def size(text: str) -> int:
    """Return the length in UTF-16 units: GitHub may count these instead of characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(blocks: Iterable[Block], most: int, *, empty: bool = False) -> str:
    """Return the blocks that fit into the size `most`. A last line counts the rows of the others.

    A block that fits only in part is cut, and says how many rows are left out. A block without
    rows is left out, unless `empty`.
    """
    parts: list[str] = []
    left_out: list[str] = []
    most -= 2 * _NOTE
    for block in blocks:
        if not (block.rows or empty):
            continue
        written = _cut(block, most)
        if written:
            parts.append(written)
            most -= size(written)
        else:
            left_out.append(_numbered(len(block.rows), block.noun))
    if left_out:
        parts.append(f"_Left out for length: {', '.join(left_out)}._\n\n")
    return "".join(parts)


def account_cell(code: str, name: str) -> str:
    """Return an account as inline Markdown: its code in bold, if it has one, and its name."""
    number = f"**{name_cell(code)}** " if code.strip() else ""
    return f"{number}{name_cell(name)}"


def name_cell(name: str) -> str:
    """Return a name, cut and quoted as inline Markdown."""
    return inline(shorten(name, _NAME))


def value_cells(row: FieldRow) -> FieldRow:
    """Return a field with its values cut and quoted as inline Markdown."""
    before, after = shorten_both(row.before, row.after, _VALUE)
    return FieldRow(row.label, inline(before), inline(after))


def sentence_cell(sentence: str) -> str:
    """Return one of xerosync's own sentences, cut and quoted as inline Markdown."""
    return prose(shorten(sentence, _SENTENCE))


def usage_cell(usage: AccountUsage | None) -> str:
    """Return sentences on what uses an account, "" if its usage is unknown."""
    return usage_sentence(usage, quote=inline) if usage else ""


def field_rows(rows: Sequence[FieldRow], account: str, more: Sequence[str]) -> str:
    """Return a table row for each field. Only the first row has the account and `more` cells."""
    written = []
    for row in rows:
        written.append(f"| {' | '.join((account, *value_cells(row), *more))} |\n")
        account, more = "", [""] * len(more)
    return "".join(written)


def note_sign(note: Footnote) -> str:
    """Return the sign of a note, W1 or N1: GitLab would turn the terminal's `!1` into a link."""
    return f"{'W' if note.warning else 'N'}{note.number}"


def folded(title: str, rows: Iterable[str], noun: str, table: str = "") -> Block:
    """Return a block that a reader unfolds by its title. `table` is the head of a table in it."""
    head = f"<details>\n<summary>{capital(title)}</summary>\n\n{table}"
    return Block(head, tuple(rows), "\n</details>\n", noun)


def _numbered(count: int, noun: str, *, more: bool = False) -> str:
    """Return a number with the noun of a block: "1 warning", "12 more to archive"."""
    after = re.sub(r"s\b", "", noun, count=1) if count == 1 else noun
    return f"{count:,}{' more' if more else ''} {after}"


def _cut(block: Block, most: int) -> str:
    """Return the block with the rows that fit into size `most`; "" if it has rows but none fits."""
    most -= size(block.head) + size(block.tail) + _NOTE
    kept = sum(total <= most for total in accumulate(map(size, block.rows)))
    more = len(block.rows) - kept
    if more and not kept:
        return ""
    left_out = _numbered(more, block.noun, more=True)
    note = f"\n_And {left_out}, left out for length._\n" if more else ""
    return f"{block.head}{''.join(block.rows[:kept])}{note}{block.tail}\n"
