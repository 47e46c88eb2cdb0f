"""Old codes and their new codes: rows of a map, and rules for whole ranges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from xerosync.chartfile.edit.representable import why_not
from xerosync.chartfile.problems import quoted
from xerosync.desired import Source
from xerosync.errors import UsageError
from xerosync.model import code_key

_RULE = re.compile(r"\s*(\S+?)\s*(?:=|->|→)\s*(\S+)\s*")
_DIGIT = re.compile(r"[xX]")
_SYNTAX = "Write --range '6xx=56xx': each x stands for one digit, which stays."


@dataclass(frozen=True, slots=True)
class CodeRow:
    """An account's old code and new code, and its new name if that changes, too.

    `place` is the place of the row in the map; it is empty for a code from a range.
    """

    old: str
    new: str
    name: str = ""
    place: Source = Source()


@dataclass(frozen=True, slots=True)
class RangeRule:
    """A range of codes that get new codes: `6xx=56xx` moves 600 to 5600 and 699 to 5699."""

    old: str
    new: str

    @classmethod
    def parse(cls, text: str) -> RangeRule:
        """Read a rule such as `6xx=56xx`. Raises `UsageError` if it is not valid."""
        found = _RULE.fullmatch(text)
        if not found:
            raise UsageError(f"{quoted(text)} is not a rule for a range of codes.", _SYNTAX)
        rule = cls(*found.groups())
        digits = [len(_DIGIT.findall(side)) for side in (rule.old, rule.new)]
        if not digits[0] or digits[0] != digits[1]:
            raise UsageError(
                f"{quoted(text)}: both sides need the same number of x, and at least one.", _SYNTAX
            )
        why = why_not("code", rule.new)
        if why:
            raise UsageError(f"{quoted(text)}: {why}.", "Choose other new codes.")
        return rule

    def new_code(self, code: str) -> str:
        """Return the new code for a code in the range, "" for any other code."""
        parts = map(re.escape, _DIGIT.split(self.old))
        found = re.fullmatch("([0-9])".join(parts), code.strip(), re.IGNORECASE)
        digits = iter(found.groups() if found else ())
        return _DIGIT.sub(lambda _: next(digits), self.new) if found else ""

    def overlaps(self, other: RangeRule) -> bool:
        """Whether a code could be in both ranges."""
        if len(self.old) != len(other.old):
            return False
        pairs = zip(self.old.casefold(), other.old.casefold(), strict=True)
        return all(
            a == b or (a == "x" and b.isdecimal()) or (b == "x" and a.isdecimal()) for a, b in pairs
        )

    def __str__(self) -> str:
        return f"{self.old}={self.new}"


@dataclass(frozen=True, slots=True)
class CodeMap:
    """The new codes: rows for single codes, and rules for ranges. A row takes precedence."""

    rows: Mapping[str, CodeRow] = field(default_factory=dict)
    """The rows of the map, by the `code_key` of the old code."""

    rules: tuple[RangeRule, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[CodeRow] = (), rules: Sequence[RangeRule] = ()) -> CodeMap:
        """Return a map. Raises `UsageError` if a code could be in the ranges of two rules."""
        for one, other in combinations(rules, 2):
            if one.overlaps(other):
                raise UsageError(
                    f"A code could be in both ranges: {one} and {other}.",
                    "Give ranges that do not overlap.",
                )
        return cls({code_key(row.old): row for row in rows}, tuple(rules))

    def find(self, code: str) -> CodeRow | None:
        """Return the row for a code, else a row made by a rule, None if no rule fits either."""
        if row := self.rows.get(code_key(code)):
            return row
        new = next(filter(None, (rule.new_code(code) for rule in self.rules)), "")
        return CodeRow(code, new) if new else None

    def new_range(self, low: str, high: str) -> tuple[str, str] | None:
        """Return the new first and last code of a range; None unless one rule moves both.

        Rows are used only for a range of a single code, where `low` equals `high`.
        """
        if low == high:
            row = self.find(low)
            return (row.new, row.new) if row else None
        for rule in self.rules:
            new = rule.new_code(low), rule.new_code(high)
            if all(new):
                return new
        return None
