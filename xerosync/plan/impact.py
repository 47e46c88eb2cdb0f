"""Accounts whose balance moves to another part of the financial statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xerosync.model import AccountClass, class_of
from xerosync.plan.plan import Change, Plan


@dataclass(frozen=True, slots=True)
class StatementPart:
    """A part of the financial statements: `statement` and, within it, `part`."""

    statement: str
    part: str

    def __str__(self) -> str:
        return f"{self.statement}, {self.part}"

    @property
    def phrase(self) -> str:
        """The part in a sentence: assets on the balance sheet, income in the profit and loss."""
        where = "on" if self.statement == BALANCE_SHEET else "in"
        return f"{self.part} {where} the {self.statement}"


BALANCE_SHEET, PROFIT_AND_LOSS = "balance sheet", "profit and loss"

_PART_OF_CLASS: Mapping[str, StatementPart] = {
    AccountClass.ASSET: StatementPart(BALANCE_SHEET, "assets"),
    AccountClass.LIABILITY: StatementPart(BALANCE_SHEET, "liabilities"),
    AccountClass.EQUITY: StatementPart(BALANCE_SHEET, "equity"),
    AccountClass.REVENUE: StatementPart(PROFIT_AND_LOSS, "income"),
    AccountClass.EXPENSE: StatementPart(PROFIT_AND_LOSS, "expenses"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """One account that moves; `index` is the index of its change in the plan."""

    index: int
    change: Change
    before: StatementPart
    after: StatementPart

    @property
    def crosses(self) -> bool:
        """Whether the account moves between statements: this changes the profit of past years."""
        return self.before.statement != self.after.statement


def moves_mean(found: Iterable[Move]) -> str:
    """Return a sentence on what these moves change in past periods."""
    return f"Balances move {in_past_periods(any(one.crosses for one in found))}."


def in_past_periods(crosses: bool = False) -> str:
    """Return the clause on what a new type changes in past periods; `crosses` is as in `Move`."""
    profit = " and the profit of past years" if crosses else ""
    return f"in past periods too: comparatives{profit} change"


def moves(plan: Plan) -> tuple[Move, ...]:
    """Return the moves of accounts whose type changes; those between statements come first."""
    found = [move(change, index) for index, change in enumerate(plan.changes)]
    return tuple(sorted((m for m in found if m), key=lambda m: not m.crosses))


def move(change: Change, index: int = 0) -> Move | None:
    """Return where a change moves its account, None if the account stays or may stay."""
    retyped = change.field("type")
    if change.account is None or retyped is None:
        return None
    before = _part_of(str(retyped.before), change.account.account_class)
    after = _part_of(str(retyped.after))
    return Move(index, change, before, after) if before and after and before != after else None


def _part_of(account_type: str, fallback: str = "") -> StatementPart | None:
    return _PART_OF_CLASS.get(class_of(account_type, fallback))
