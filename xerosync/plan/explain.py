"""Explain each change: its reasons, what it means for the books, and what to look at first.

A warning says what Xero does not document, and the plan goes on. Once a warning is known
to be a rule of Xero, it moves to `rules`; once it is known to be wrong, it goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from xerosync.model import (
    CLASS_OF_TYPE,
    FIELD,
    Account,
    AccountClass,
    DeleteRefused,
    Status,
    class_of,
)
from xerosync.plan.matching import Match, Via
from xerosync.plan.plan import Action, Change

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


_UNSURE = "Xero does not document whether its API takes this; if it does not, the step fails."


def cautions(change: Change, former: Account | None = None) -> tuple[str, ...]:
    """Give every warning that the change calls for, the gravest first.

    `former` is the account that stands under a code which the entry had before.
    """
    return (
        *_of_identity(change, former),
        *_cautions_of_action(change),
        *_cautions_of_fields(change),
        *_of_banks(change),
    )


def _of_identity(change: Change, former: Account | None) -> Iterator[str]:
    account, renamed = change.account, change.field("name")
    if former and not account:
        yield (
            f"The entry says that it had the code {former.code} before, and {former.label} in "
            "Xero is taken to be another entry's. So this account is new, without any history. "
            f"If it is {former.label}, pin it with account_id: {former.account_id}; if not, "
            "remove `previously`."
        )
    if account and former and renamed:
        yield (
            f"This is {account.label} in Xero, found by its code, and it is renamed. The code "
            f"{former.code}, which the entry says that it had before, is {former.label} there. "
            f"If that one is meant, pin this entry to it with account_id: {former.account_id}; "
            "if the renumbering is done, remove `previously`."
        )


def _cautions_of_action(change: Change) -> Iterator[str]:
    account = change.account
    if change.action is Action.DELETE:
        yield (
            "A delete cannot be undone. Xero refuses it for an account with transactions, "
            "which the API does not show."
        )
    if account and account.system_account:
        if change.action is Action.RESTORE:
            yield f"Restoring an archived system account: {_UNSURE}"
        elif change.fields:
            yield (
                f"{account.label} is the system account {account.system_account}. Xero's "
                f"screens let it be edited. {_UNSURE}"
            )
    renamed = change.field("name")
    if account and renamed and change.action is Action.RESTORE and not change.field("code"):
        yield (
            f"The archived account {account.label} holds this code, so it comes back under the "
            "new name, with its history. If a new account is meant, choose another code."
        )
    if account and account.status == Status.ARCHIVED and change.action is Action.UPDATE:
        yield "The account is archived: it is restored for the edit, and archived again."


def _cautions_of_fields(change: Change) -> Iterator[str]:
    account = change.account
    retyped = change.field("type")
    if account and retyped:
        yield f"Type {retyped.before} to {retyped.after}: {_UNSURE}"
    reporting = change.field("reporting_code")
    if reporting:
        yield f"Report code {reporting.after}: {_UNSURE}"
    payments = change.field("enable_payments_to_account")
    profit_and_loss = CLASS_OF_TYPE.get(change.account_type) in ("REVENUE", "EXPENSE")
    if payments and payments.after and profit_and_loss:
        yield f"Payments to an account of type {change.account_type}: {_UNSURE}"
    for changed in change.fields:
        label = FIELD[changed.field].label
        if changed.after == "" and account:
            yield f"Clearing the {label}: {_UNSURE}"
        elif changed.field in ("code", "name") and not str(changed.after)[0].isalnum():
            yield (
                f"The {label} {changed.after} starts with a symbol, which Xero's screens are "
                f"said to refuse: {_UNSURE}"
            )


def _of_banks(change: Change) -> Iterator[str]:
    account = change.account
    if account and account.type == "BANK":
        edited = [f.field for f in change.fields if f.field in ("name", "bank_account_number")]
        if edited:
            what = " and ".join(FIELD[name].label for name in edited)
            yield f"The {what} of a bank account: {_UNSURE}"
    bank_type = change.field("bank_account_type")
    if bank_type and bank_type.after == "CREDITCARD" and not account:
        yield (
            "Xero's API checks a credit card's number as if it were a bank account's, and "
            "may refuse it (Xero-OpenAPI issue 535)."
        )
