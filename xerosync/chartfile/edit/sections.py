"""Account types → the sections of a new chart file, and an account's place in one that exists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xerosync.chartfile.edit.layout import Entry as Place
from xerosync.chartfile.edit.layout import Layout
from xerosync.model import AccountClass, code_order

BANKS, SYSTEM = "Banks", "System accounts: Xero posts to these by itself; found by their role"
_SECTIONS = {
    "BANK": BANKS,
    "DIRECTCOSTS": "Direct costs",
    AccountClass.REVENUE: "Income",
    AccountClass.EXPENSE: "Running costs",
    AccountClass.ASSET: "Assets",
    AccountClass.LIABILITY: "Liabilities",
    AccountClass.EQUITY: "Equity",
}
_OTHER = "Other"
ORDER = (
    BANKS, "Income", "Direct costs", "Running costs", "Assets", "Liabilities", "Equity", _OTHER,
    SYSTEM,
)  # fmt: skip

_HEADER = re.compile(r"[ \t]*#[ \t]*(?:[-=*#]{3,}|$)")
"""A comment that heads a section, not one account: `# --- Income`."""


def section_of(account_type: str, account_class: str, *, system: bool) -> str:
    """Give the section that an account belongs to."""
    if system:
        return SYSTEM
    return _SECTIONS.get(account_type) or _SECTIONS.get(account_class) or _OTHER


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entry of the file, as one that another may stand beside."""

    place: Place
    code: str
    section: str


class Neighbours:
    """The entries of a file that stay, in its order."""

    def __init__(self, found: Sequence[Neighbour]) -> None:
        self._all = found
        coded = [(code_order(n.code), n) for n in found if n.section != SYSTEM and n.code]
        keys = [key for key, _ in coded]
        self._sorted = keys == sorted(keys)
        self._coded = coded

    def beside(self, code: str, section: str) -> tuple[Place | None, bool]:
        """Choose the entry to stand beside, and whether after it; None for an empty file.

        In a file that is sorted by code throughout, the code decides; elsewhere the section
        first, then the code in it. An account without a code stands last of its section.
        """
        kin = [n for n in self._all if n.section == section]
        if not code and kin:
            return kin[-1].place, True
        ranked = self._coded if code else []
        if kin and not self._sorted:
            ranked = [(key, n) for key, n in ranked if n.section == section]
        key = code_order(code)
        before = max((k for k, _ in ranked if k <= key), default=None)
        if before is not None:
            return next(n.place for k, n in reversed(ranked) if k == before), True
        if ranked:
            after = min(k for k, _ in ranked)
            return next(n.place for k, n in ranked if k == after), False
        others = [n for n in self._all if n.section != SYSTEM] or list(self._all)
        return (others[-1].place, True) if others else (None, True)


def above(place: Place, layout: Layout) -> int:
    """Give the line start above an entry and the comments that speak of it, below a header."""
    at = layout.line_start(place.dash)
    while at > 0:
        line_start = layout.line_start(at - 1 - (layout.text[at - 2 : at] == "\r\n"))
        line = layout.text[line_start:at].rstrip("\r\n")
        if not line.lstrip().startswith("#") or _HEADER.match(line):
            break
        if line_start <= layout.colon:
            break
        at = line_start
    return at
