"""The sections of a chart file, and the place of a new account in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xerosync.chartfile.syntax.nodes import Mapping
from xerosync.model import Account, AccountClass, class_of, code_order

SYSTEM = "System accounts: Xero posts to these itself; xerosync finds them by their role"
_SECTIONS = {
    "BANK": "Banks",
    AccountClass.REVENUE: "Income",
    "DIRECTCOSTS": "Direct costs",
    AccountClass.EXPENSE: "Running costs",
    AccountClass.ASSET: "Assets",
    AccountClass.LIABILITY: "Liabilities",
    AccountClass.EQUITY: "Equity",
}
"""The section of each type or class, in the order of a new file."""

_OTHER = "Other"
_ORDER = (*_SECTIONS.values(), _OTHER, SYSTEM)


def section_of(account_type: str, account_class: str = "", *, system: bool) -> str:
    """Return the section that an account belongs to."""
    if system:
        return SYSTEM
    known = _SECTIONS.get(account_type) or _SECTIONS.get(account_class or class_of(account_type))
    return known or _OTHER


def section_of_account(account: Account) -> str:
    """Return the section that an account of Xero belongs to."""
    return section_of(account.type, account.account_class, system=bool(account.system_account))


def file_order(account: Account) -> tuple[object, ...]:
    """Return a key that sorts accounts as in a new file: by section, then by code."""
    section = _ORDER.index(section_of_account(account))
    return (section, code_order(account.code), account.name, account.account_id)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entry of the file, beside which a new entry may be inserted."""

    entry: Mapping
    code: str
    section: str


class Neighbours:
    """The entries that remain in a file, in their order."""

    def __init__(self, entries: Sequence[Neighbour]) -> None:
        self._all = entries
        self._coded = [(code_order(n.code), n) for n in entries if n.section != SYSTEM and n.code]
        codes = [code for code, _ in self._coded]
        self._sorted = codes == sorted(codes)

    def beside(self, code: str, section: str) -> tuple[Mapping | None, bool]:
        """Return the neighbour of a new entry, and whether the new entry goes after the neighbour.

        If the codes in the file are in order, the code decides; codes of system accounts do not
        count. Otherwise the section decides, then the code within the section. An account without
        a code goes to the end of its section. In an empty file, the neighbour is None.
        """
        same = [n for n in self._all if n.section == section]
        if not code and same:
            return same[-1].entry, True
        ranked = self._coded if code else []
        if same and not self._sorted:
            ranked = [(key, n) for key, n in ranked if n.section == section]
        key = code_order(code)
        before = max((k for k, _ in ranked if k <= key), default=None)
        if before is not None:
            return next(n.entry for k, n in reversed(ranked) if k == before), True
        if ranked:
            return min(ranked, key=lambda pair: pair[0])[1].entry, False
        others = [n for n in self._all if n.section != SYSTEM] or self._all
        return (others[-1].entry, True) if others else (None, True)
