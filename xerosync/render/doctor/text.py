"""What the doctor found, as text: a line for each check, and a hint below it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from rich.text import Text

from xerosync.doctor.diagnosis import Check, CheckSection, Diagnosis, Level
from xerosync.text import counted, visible

_SIGNS = {Level.OK: "ok", Level.WARN: "warn", Level.FAIL: "fail", Level.NOT_CHECKED: "-"}
_STYLES = {
    Level.OK: "green",
    Level.WARN: "bold yellow",
    Level.FAIL: "bold red",
    Level.NOT_CHECKED: "dim",
}
_SIGN_WIDTH = 4
_LABEL_WIDTH = 17
_INDENT = 2 + _SIGN_WIDTH + 2 + _LABEL_WIDTH + 1


def section_text(section: CheckSection, width: int | None, fit: Callable[[str], str] = str) -> Text:
    """Return a section as text, wrapped at `width` columns. With None, nothing is wrapped.

    `fit` adds this run's options to a hint. A hint that the next check has too is shown only there.
    """
    text = Text(f"{section.title}\n", style="")
    text.stylize("bold", 0, len(section.title))
    following = [*(check.hint for check in section.checks[1:]), ""]
    for check, next_hint in zip(section.checks, following, strict=True):
        hint = "" if check.hint == next_hint else fit(check.hint)
        text.append_text(_check_text(check, hint, width))
    return text


def summary(diagnosis: Diagnosis) -> str:
    """Return a sentence with the number of checks of each level."""
    fails, warnings = diagnosis.count(Level.FAIL), diagnosis.count(Level.WARN)
    left_out = diagnosis.count(Level.NOT_CHECKED)
    parts = [
        f"{fails} failed" if fails else "",
        counted(warnings, "warning") if warnings else "",
        f"{diagnosis.count(Level.OK)} ok",
        f"{left_out} not checked" if left_out else "",
    ]
    return f"{', '.join(part for part in parts if part)}."


def _check_text(check: Check, hint: str, width: int | None) -> Text:
    sign = Text(f"  {_SIGNS[check.level]:<{_SIGN_WIDTH}}  ", _STYLES[check.level])
    text = sign.append(f"{check.label:<{_LABEL_WIDTH}} ", "default not bold not dim")
    style = "dim" if check.level is Level.NOT_CHECKED else "default not bold not dim"
    first, *more = [*_lines(check.message, width), *_lines(hint, width)]
    text.append(f"{first}\n", style)
    for line in more:
        text.append(f"{' ' * _INDENT}{line}\n", style)
    return text


def _lines(sentence: str, width: int | None) -> Iterator[str]:
    if not sentence:
        return
    shown = visible(sentence)
    if width is None:
        yield shown
    else:
        yield from textwrap.wrap(
            shown, max(width - _INDENT, 20), break_on_hyphens=False, break_long_words=False
        )
