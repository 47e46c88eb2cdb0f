"""A plan → the accounts whose balance moves to another part of the financial statements."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync.model import AccountClass, class_of
from xerosync.plan.plan import Change, Plan

BALANCE_SHEET, PROFIT_AND_LOSS = "balance sheet", "profit and loss"

_PLACE = {
    AccountClass.ASSET: (BALANCE_SHEET, "assets"),
    AccountClass.LIABILITY: (BALANCE_SHEET, "liabilities"),
    AccountClass.EQUITY: (BALANCE_SHEET, "equity"),
    AccountClass.REVENUE: (PROFIT_AND_LOSS, "income"),
    AccountClass.EXPENSE: (PROFIT_AND_LOSS, "expenses"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the financial statements: `statement` and, within it, `part`."""

    statement: str
    part: str

    def __str__(self) -> str:
        return f"{self.statement}, {self.part}"


@dataclass(frozen=True, slots=True)
class Move:
    """One account that moves; `change` is the index of its change in the plan."""

    index: int
    change: Change
    before: Place
    after: Place

    @property
    def crosses(self) -> bool:
        """Whether it leaves one statement for the other: profits of past years change."""
        return self.before.statement != self.after.statement


def moves(plan: Plan) -> tuple[Move, ...]:
    """Give the accounts that a change of type moves; from one statement to the other first."""
    found = []
    for index, change in enumerate(plan.changes):
        retyped = change.field("type")
        if change.account is None or retyped is None:
            continue
        before = _place(str(retyped.before), change.account.account_class)
        after = _place(str(retyped.after), "")
        if before and after and before != after:
            found.append(Move(index, change, before, after))
    return tuple(sorted(found, key=lambda move: not move.crosses))


def _place(account_type: str, fallback: str) -> Place | None:
    name = class_of(account_type, fallback)
    return Place(*_PLACE[AccountClass(name)]) if name in _PLACE else None
