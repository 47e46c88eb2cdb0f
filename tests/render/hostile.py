"""Hostile names, and readers of each output, for `test_hostile_names`."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console, RenderableType

from xerosync.text import visible

ATTACKS = {
    "rich markup": "[bold red]EVIL[/bold red] [link=https://evil.example]x[/link]",
    "terminal colours": "\x1b[31mEVIL\x1b[2J\x1b[H",
    "8-bit controls": "\x9b31mEVIL\x9d0;title\x9c",
    "terminal link": "\x1b]8;;https://evil.example\x1b\\EVIL\x1b]8;;\x1b\\",
    "terminal title": "\x1b]0;EVIL\x07",
    "lines": "EVIL\n::error::x\r\n# heading\r| a | b |\n\n- [ ] task",
    "command": "::error file=a,line=1::EVIL",
    "format": "%{danger_start}EVIL%{danger_end} %{link_start}",
    "slack": "<!channel> <@U1> <https://evil.example|EVIL> *b* `c` &amp; :tada:",
    "card": "EVIL {{DATE(2026-11-24T09:00:00Z,SHORT)}} [x](https://evil.example) **b**",
    "old command": "##[error]EVIL ##[add-mask]x ##vso[task.setvariable]y",
    "command after a word": f"{'x' * 24} ::add-mask::EVIL",
    "bidi": "EVIL\u202egnp.\u2066x\u2069 \u200bzero \u00adsoft",
    "separators": "EVIL\u2028next\u2029para\x85nel",
    "pipes": "a | b || EVIL \\| c |",
    "backticks": "`EVIL` ``x`` ``` ~~~ `<b>`",
    "emphasis": "**EVIL** _x_ __y__ ~~z~~ ==m==",
    "links": "[EVIL](https://evil.example) ![x](y) [z]: /u <https://a.example>",
    "autolinks": "EVIL https://evil.example www.evil.example a@evil.example mailto:x@y.example",
    "mentions": "@EVIL @org/team user@EVIL",
    "references": "#1 GH-1 EVIL/repo#2 !3 &4 %5 ~label $6 PROJ-12 gh-77",
    "commits": "EVIL deadbeef 0123456789abcdef0123456789abcdef01234567",
    "emoji and maths": ":tada: :+1: $EVIL$ $$x$$ $`y`$",
    "footnotes and tasks": "[^1] EVIL [x] [[wiki]] [ ] {{ 7*7 }} {% x %}",
    "block starts": "# EVIL > x - y 1. z + w --- === /close",
    "entities": "&lt;EVIL&gt; &#60;b&#62; &amp;lt;",
    "html": '<img src=x onerror=alert(1)> <b onclick="x">EVIL</b> <!-- c -->',
    "script": "</script><script>alert('EVIL')</script>",
    "style": "</style><style>*{display:none}</style>EVIL",
    "end of the marker": "--> <b>EVIL</b> <!-- --!> --",
    "end of details": "</details></summary></code>EVIL<details open>",
    "cdata": "]]><![CDATA[EVIL]]> <?xml?> <!DOCTYPE x>",
    "attribute": "\" autofocus onfocus=alert(1) x='EVIL",
    "address": "javascript:alert('EVIL') data:text/html,x",
    "formula": '=HYPERLINK("https://evil.example","EVIL")',
    "formulas": "+EVIL -1 @SUM(A1) \t=x",
    "long": "EVIL " * 300,
    "wide": "\uff20EVIL \uff1cb\uff1e \u0c15\u0c4d\u0c37 \U0001f469\u200d\U0001f467",
    "lone surrogate": "EVIL\ud800",
    "marks": "EVIL" + "\u0301" * 40,
}  # fmt: skip

COMMAND = re.compile(r"^\s*::[A-Za-z]|##\w*\[", re.MULTILINE)
"""What a runner of GitHub or Azure obeys in a log."""

PIECES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^;]*;(?:https://go\.xero\.com/[ -~]*)?\x1b\\")
"""The only sequences that may reach a terminal: colours, and links into Xero."""


def printed(view: RenderableType, width: int, *, terminal: bool) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=terminal, markup=False, emoji=False,
        highlight=False, color_system="truecolor" if terminal else None, legacy_windows=False,
    )  # fmt: skip
    console.print(view)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def assert_quiet(text: str) -> None:
    """Check that nothing is left that a terminal or a runner obeys."""
    rest = PIECES.sub("", text)
    assert all(c.isprintable() or c == "\n" or visible(c) == c for c in set(rest))
    assert not COMMAND.search(rest)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


FORGE = re.compile(
    r"@\w|(?<!\w)#\d|\bGH-\d|[A-Z]-\d|\b[0-9a-f]{7,40}\b|https?:|www\.|:\w+:|\$|[!&]\d|%\w|~\w"
    r"|\^\w|\[|\]|^/\w|javascript:|mailto:",
    re.IGNORECASE | re.MULTILINE,
)
"""What GitHub or GitLab turns into a link or a picture in text that is shown."""

OUR_BLOCKS = re.compile(
    r"<!-- xerosync:(plan|drift):[\w%./~,-]+ -->"
    r"|<details>\n<summary>\d+ [\w ,:]+</summary>"
    r"|<details>\n<summary>[A-Z][\w ,]+</summary>"
    r"|</details>"
)


def read(tokens: list[Token]) -> tuple[str, str]:
    """Return the text outside code, and all text; fail for anything that is not ours."""
    plain, shown = [], []
    for token in tokens:
        if token.type == "html_block":
            assert OUR_BLOCKS.fullmatch(token.content.strip()), token.content
        assert token.type not in {"fence", "code_block", "hr", "lheading_open"}, token
        inside = False
        for child in token.children or ():
            match child.type:
                case "html_inline":
                    assert child.content in {"<code>", "</code>"}, child.content
                    inside = child.content == "<code>"
                case "text" | "code_inline":
                    shown.append(child.content)
                    if child.type == "text" and not inside:
                        plain.append(child.content)
                case "strong_open" | "strong_close" | "softbreak":
                    plain.append(" ")
                case "em_open" | "em_close":
                    plain.append(" ")
                    assert "for length" in token.content, token.content
                case other:
                    pytest.fail(f"{other}: {token.content}")
        assert not inside
        plain.append("\n")
    text = "".join(plain).replace("[!CAUTION]", "").replace("at 09:00 UTC", "")
    return text, "".join(shown)


def assert_tables_are_whole(text: str) -> None:
    """Check that every row has as many cells as its head: no name opened or closed one."""
    head = 0
    for line in text.splitlines():
        if not line.startswith("|"):
            head = 0
            continue
        head = head or line.count("|")
        assert line.count("|") == head, line
        assert line.endswith("|")


def assert_tame_markdown(text: str, attack: str) -> None:
    """Check that only our own markup is left, and that the text has the name in it."""
    assert len(text) < 65_536
    assert not COMMAND.search(text)
    assert text.isprintable() or not set(text) & set("\r\x1b\x85\u2028\u202e")
    assert_tables_are_whole(text)
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    plain, shown = read(tokens)
    assert not FORGE.search(plain), FORGE.search(plain)
    whole = squeezed(visible(attack))
    if len(whole) < 100:
        assert whole in squeezed(shown)
    assert "EVIL" in shown


class Page(HTMLParser):
    """A page, parsed as a browser does."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)
