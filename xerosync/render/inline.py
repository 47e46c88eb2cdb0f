"""Quote untrusted text as inline Markdown, so that nothing in it has an effect.

Characters with a meaning in Markdown or HTML become character references, or are inside code.
GitHub and GitLab also turn @names, #1, GH-1, !1, commit hashes, addresses and :emoji: into links,
notices or pictures, but not inside `code`. A word that looks like one of these is therefore written
as code. Callers must not put quoted text at the start of a line.
"""

from __future__ import annotations

import re
from itertools import groupby

from xerosync.text import visible

_PLAIN = re.compile(r"(?:[^\x00-\x7f]|[A-Za-z0-9.,;:()'\"/%?+&!=_{}<>|-])*")
_ACTS = re.compile(
    r"""
      [A-Za-z]-\d                   # GH-1, and the keys of a tracker
    | \b[0-9a-f]{7,40}\b            # a commit
    | [!&]\d | %\w                  # GitLab: a merge request, an epic, a milestone
    | ^/\w                          # GitLab: a quick action
    | :.                            # an emoji, an address; but not a colon at the end
    | \w\.\w\w | www\.              # an address without its scheme
    """,
    re.IGNORECASE | re.VERBOSE,
)
_REFERENCED = re.compile(r"[&\"!=_{}<>|]")
_SIMPLE = re.compile(r"[\w.=/()%+-]([\w ,;:.=/()%+-]*[\w.=/()%+-])?", re.ASCII)
"""Text that is safe in backticks. Other text is escaped and written in a `<code>` tag."""
_EDGES = re.compile(r"(\(?)(.*?)([,;.)]*:?)")
"""Words and the punctuation around them. The punctuation is not written as code."""
QUOTED = re.compile(r"`([^`\n]{1,120})`")
"""Code, in backticks, in a sentence that xerosync wrote."""


def inline(text: str) -> str:
    """Return a name or a value as inline Markdown, "" for ""."""
    words = visible(text).split(" ")
    groups = groupby(words, lambda word: bool(_PLAIN.fullmatch(word) and not _ACTS.search(word)))
    texts = ((plain, " ".join(group)) for plain, group in groups)
    return " ".join(
        _REFERENCED.sub(lambda found: f"&#{ord(found[0])};", text) if plain else _span(text)
        for plain, text in texts
    )


def code(text: str) -> str:
    """Return text, such as a path or a flag, as Markdown code."""
    return _code(visible(text))


def prose(text: str) -> str:
    """Return one of xerosync's own sentences as inline Markdown. Text in backticks stays code."""
    parts = QUOTED.split(text)
    return "".join(
        code(part) if place % 2 else _spaced(part or " ") for place, part in enumerate(parts)
    ).strip()


def _spaced(text: str) -> str:
    """Quote a part of a sentence. If it starts or ends with a space, keep one space there."""
    before = " " if text[:1] == " " else ""
    after = " " if text[-1:] == " " and text.strip() else ""
    return f"{before}{inline(text.strip())}{after}"


def _span(text: str) -> str:
    edges = _EDGES.fullmatch(text)
    before, words, after = edges.groups() if edges else ("", text, "")
    return f"{before}{_code(words)}{after}"


def _code(text: str) -> str:
    if _SIMPLE.fullmatch(text):
        return f"`{text}`"
    quoted = re.sub(r"[^A-Za-z0-9 \x80-\U0010ffff]", lambda found: f"&#{ord(found[0])};", text)
    return f"<code>{quoted}</code>" if text else ""
