"""The refusals that `docs/walkthrough.md` lists, which the tests check."""

from __future__ import annotations

import re

from ci.jobs import ROOT

_ROW = re.compile(r"^\| ([^|`]+) \| `(.+)` \| (\d+) \|$", re.MULTILINE)


def refusals() -> dict[str, tuple[str, int]]:
    """Return the table: what is refused, its message, and its exit code."""
    text = (ROOT / "docs" / "walkthrough.md").read_text(encoding="utf-8")
    found = {what: (says, int(code)) for what, says, code in _ROW.findall(text)}
    assert len(found) == text.count("` | 5 |") + text.count("` | 4 |")
    return found


def assert_refused(what: str, code: int, log: str) -> None:
    """Check a refusal against its row of the table."""
    says, exits = refusals()[what]
    assert code == exits, log
    pattern = ".+".join(re.escape(part) for part in says.split("…"))
    assert re.search(pattern, " ".join(log.split())), f"{says!r} is not in:\n{log}"
