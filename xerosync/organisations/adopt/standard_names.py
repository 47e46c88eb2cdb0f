"""Find an account of the standard by what a person writes: code, role, name, or code and name."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync.desired import DesiredAccount
from xerosync.model import code_key, name_key
from xerosync.organisations.adopt.adoption import standard_label
from xerosync.text import visible


class Names:
    """The accounts of one standard by their codes, roles and names."""

    def __init__(self, standard: Sequence[DesiredAccount]) -> None:
        self._found: dict[str, list[DesiredAccount]] = {}
        self._without_zeros: dict[str, list[DesiredAccount]] = {}
        for entry in standard:
            names = (entry.system_account, entry.known_name, visible(standard_label(entry)))
            keys = {code_key(entry.code), *map(name_key, names)} - {""}
            for key in keys:
                self._found.setdefault(key, []).append(entry)
            if entry.code.isdecimal():
                self._without_zeros.setdefault(entry.code.lstrip("0"), []).append(entry)

    def find(self, written: str) -> DesiredAccount | str:
        """Return the account that is meant, or else the text "no account" or "several accounts".

        A spreadsheet may have removed the leading zeros of a number.
        """
        by_code = [e for e in self._found.get(code_key(written), ()) if e.code]
        exact = [e for e in by_code if code_key(e.code) == code_key(written)]
        found = exact or self._found.get(name_key(written), [])
        if not found and written.isdecimal():
            found = self._without_zeros.get(written.lstrip("0"), [])
        if len(found) == 1:
            return found[0]
        return "several accounts" if found else "no account"
