"""Text from strangers → inline Markdown in which nothing of it acts.

Two things can act. Markdown and HTML are kept from it by writing their signs as character
references. What a forge does afterwards, with the text that is then shown (GitHub and
GitLab turn @names, #1, GH-1, !1, commit hashes, addresses and :emoji: into links, notices
or pictures), it leaves off inside `code`: so a word that looks like any of these is set as
code, and all others stay plain. What is set never stands at the start of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from xerosync.text import visible

_PLAIN = re.compile(r"(?:[^\x00-\x7f]|[A-Za-z0-9.,;:()'\"/%?+&!=_{}<>|-])*")
_ACTS = re.compile(
    r"""
      [A-Za-z]-\d                   # GH-1, and the keys of a tracker
    | \b[0-9a-f]{7,40}\b            # a commit
    | [!&]\d | %\w                  # GitLab: a merge request, an epic, a milestone
    | ^/\w                          # GitLab: a quick action
    | :.                            # an emoji, an address; a colon at the end is just that
    | \w\.\w\w | www\.              # an address without its scheme
    """,
    re.IGNORECASE | re.VERBOSE,
)
_REFERENCED = re.compile(r"[&\"!=_{}<>|]")
_SIMPLE = re.compile(r"[\w.=/()%+-]([\w ,;:.=/()%+-]*[\w.=/()%+-])?", re.ASCII)
"""What stands between backticks as it is; all else goes into the tag, by references."""
_QUOTED = re.compile(r"`([^`\n]{1,120})`")


def inline(text: str) -> str:
    """Quote a name or a value; "" stays empty."""
    words = visible(text).split(" ")
    groups = groupby(words, key=_is_plain)
    return " ".join(_plain(group) if plain else _code(" ".join(group)) for plain, group in groups)


def code(text: str) -> str:
    """Quote a text as code, as a path or a flag."""
    return _code(visible(text))


def prose(text: str) -> str:
    """Quote a sentence of ours, in which `backticks` mark what is code."""
    parts = _QUOTED.split(text)
    return "".join(
        code(part) if place % 2 else _spaced(part or " ") for place, part in enumerate(parts)
    ).strip()


def _spaced(text: str) -> str:
    """Quote a part of a sentence, keeping the space at its ends."""
    before = " " if text[:1] == " " else ""
    after = " " if text[-1:] == " " and text.strip() else ""
    return f"{before}{inline(text.strip())}{after}"


def _is_plain(word: str) -> bool:
    return _PLAIN.fullmatch(word) is not None and not _ACTS.search(word)


def _plain(words: Iterable[str]) -> str:
    return _REFERENCED.sub(lambda found: f"&#{ord(found[0])};", " ".join(words))


def _code(text: str) -> str:
    if _SIMPLE.fullmatch(text):
        return f"`{text}`"
    quoted = re.sub(r"[^A-Za-z0-9 \x80-\U0010ffff]", lambda found: f"&#{ord(found[0])};", text)
    return f"<code>{quoted}</code>" if text else ""
