"""A change → warnings: what Xero may refuse or ignore, and what an archive can break.

Nobody has documented these; a warning says so and the plan goes on. Once one is known for
sure it moves to `rules` or away.
"""

from __future__ import annotations

from collections.abc import Iterator

from xerosync.change import Action, Change
from xerosync.model import CLASS_OF_TYPE, FIELD, Account, Status

_UNSURE = "Xero does not document whether its API takes this; if it does not, the step fails."


def cautions(change: Change, former: Account | None = None) -> tuple[str, ...]:
    """Give every warning that the change calls for, the gravest first.

    `former` is the account that stands under a code which the entry had before.
    """
    return (
        *_of_identity(change, former),
        *_of_action(change),
        *_of_fields(change),
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


def _of_action(change: Change) -> Iterator[str]:
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


def _of_fields(change: Change) -> Iterator[str]:
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
