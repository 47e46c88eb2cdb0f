"""A change → what it means for the books, in an accountant's words."""

from __future__ import annotations

from collections.abc import Iterator

from xerosync.change import Action, Change
from xerosync.matching import Match, Via
from xerosync.model import AccountClass, DeleteRefused, Status, class_of

_STATEMENT = {
    AccountClass.ASSET: "assets on the balance sheet",
    AccountClass.LIABILITY: "liabilities on the balance sheet",
    AccountClass.EQUITY: "equity on the balance sheet",
    AccountClass.REVENUE: "income in the profit and loss",
    AccountClass.EXPENSE: "expenses in the profit and loss",
}
_PROFIT_AND_LOSS = (AccountClass.REVENUE, AccountClass.EXPENSE)


def found_by(match: Match) -> Iterator[str]:
    """Say how an account was found, where that is not by its own code."""
    account = match.account
    if account is None:
        return
    if match.via is Via.PREVIOUSLY:
        yield "Renumbered, as `previously` says."
    elif match.via is Via.PARKED:
        yield (f"An interrupted apply left this account as {account.label}; the move is finished.")
    elif match.via is Via.BANK_ACCOUNT_NUMBER and match.desired.code:
        yield f"Found by its bank account number; its code is {account.code or 'empty'}."
    elif match.via is Via.ARCHIVED_NAME:
        yield (
            f"The archived account {account.label} holds this name, so it is restored: a new "
            "account of that name would be refused."
        )
    elif (
        match.via is Via.CODE
        and account.status == Status.ARCHIVED
        and match.desired.status == Status.ACTIVE
    ):
        yield "Its code is that of an archived account, so that one is restored and none created."


def meaning(change: Change, delete_refused: DeleteRefused) -> tuple[str, ...]:
    """Give what the change means for reports, tax and daily work; nothing for the plain."""
    return (*_of_fields(change), *_of_action(change, delete_refused))


def _of_fields(change: Change) -> Iterator[str]:
    if change.account is None:
        return
    if change.field("code"):
        yield (
            "The history follows: every past transaction and report shows the new code. "
            "Bank rules, apps and imports that name the old code must be changed."
        )
    retyped = change.field("type")
    if retyped:
        yield _retype(str(retyped.before), str(retyped.after), change.account.account_class)
    if change.field("tax_type"):
        yield (
            "Only new transactions take the new tax rate; what is posted keeps its own, and "
            "filed returns do not change."
        )


def _retype(before: str, after: str, class_before: str) -> str:
    was, will = class_of(before, class_before), class_of(after)
    if was == will or was not in _STATEMENT or will not in _STATEMENT:
        return (
            f"Reports show the account under {after} instead of {before}, in past periods "
            "too: comparatives move."
        )
    here, there = _STATEMENT[AccountClass(was)], _STATEMENT[AccountClass(will)]
    moves = f"Its whole balance moves from {here} to {there}, in past periods too"
    if (was in _PROFIT_AND_LOSS) != (will in _PROFIT_AND_LOSS):
        return f"{moves}: comparatives and the profit of past years change."
    return f"{moves}: comparatives move."


def _of_action(change: Change, delete_refused: DeleteRefused) -> Iterator[str]:
    match change.action:
        case Action.ARCHIVE:
            yield (
                "No new transaction can use it, and repeating invoices, bank rules and apps "
                "that name it fail. Its history stays in the reports, and it can be restored."
            )
            if change.desired is None:
                yield "It is not in the file, and the file says `unmanaged: archive`."
        case Action.RESTORE:
            yield "New transactions can use it again; its history never left."
        case Action.DELETE if delete_refused is DeleteRefused.ARCHIVE:
            yield "Where Xero refuses the delete, it is archived (`on_delete_refused: archive`)."
        case _:
            pass
