"""Doubts about a change: Xero does not document whether the API accepts the change.

Most doubts are warnings. Once a report on Xero's behaviour settles one, it is gone, or a block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xerosync.desired import DeleteRefused
from xerosync.model import CLASS_OF_TYPE, AccountClass, Status
from xerosync.plan.known import Known
from xerosync.plan.matching.pins import leave_to_xero, new_account
from xerosync.plan.plan import Action, Change
from xerosync.xero_behaviour import Question

UNSURE = "Xero does not document whether its API accepts this; the step may fail."

_ACCEPTED, _REFUSED = ("accepted",), ("refused",)
_NEVER_TAKEN = {
    "refused": "Xero refused this",
    "kept": "Xero accepted this but kept the old value",
    "ignored": "Xero accepted this but stored nothing",
}
"""The words for each answer that blocks a change."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubt whether Xero accepts `what`. The `warning` is shown until a report settles the doubt.

    If the report's answer to the `question` is in `taken`, there is no warning. If it is in
    `never`, the change is blocked, with `way_out` as the hint.
    """

    what: str
    warning: str
    question: Question | None = None
    taken: tuple[str, ...] = _ACCEPTED
    never: tuple[str, ...] = _REFUSED
    way_out: str = ""

    def is_open(self, known: Known) -> bool:
        """Whether no answer has settled the doubt yet."""
        settled = (*self.taken, *self.never)
        return self.question is None or not known.is_known(self.question, *settled)

    def refusal(self, known: Known) -> str:
        """Return why a report on Xero's behaviour blocks the change, "" if none does."""
        if self.question is None or not known.is_known(self.question, *self.never):
            return ""
        said = _NEVER_TAKEN[known.answer(self.question)]
        return f"{self.what}: {said} {known.evidence(self.question)}."


def doubts_of(change: Change, known: Known, delete_refused: DeleteRefused) -> Iterator[Doubt]:
    """Yield the doubts about a change."""
    yield from _of_delete(change, delete_refused)
    yield from _of_system_account(change, known)
    yield from _of_type(change)
    yield from _of_reporting_code(change, known)
    yield from _of_payments(change)
    yield from _of_texts(change)
    yield from _of_bank_account(change, known)


def _unsure(what: str) -> str:
    return f"{what}: {UNSURE}"


def _of_delete(change: Change, delete_refused: DeleteRefused) -> Iterator[Doubt]:
    """Yield a doubt about a delete, unless the account may be archived instead."""
    account = change.account
    if change.action is not Action.DELETE or account is None:
        return
    archived = account.status == Status.ARCHIVED
    if delete_refused is DeleteRefused.FAIL or archived:
        question = Question.DELETE_ARCHIVED if archived else Question.DELETE_UNUSED
        way_out = "Write `status: ARCHIVED`, which keeps its history."
        what = f"Deleting {'an archived' if archived else 'an'} account"
        yield Doubt(what, "", question, ("deleted",), way_out=way_out)


def _of_system_account(change: Change, known: Known) -> Iterator[Doubt]:
    account = change.account
    if account is None or not account.system_account or change.action is Action.DELETE:
        return
    names = {changed.field for changed in change.fields}
    restored = change.action is Action.RESTORE
    warning = (
        f"{account.label} is the system account {account.system_account}. Xero's "
        f"screens let you edit it. {UNSURE}"
    )
    if restored:
        warning = f"Restoring an archived system account: {UNSURE}"
    refused = "name" in names and known.is_known(Question.SYSTEM_RENAME, *_REFUSED)
    if refused or (names == {"name"} and not restored):
        way_out = leave_to_xero(change, "name", f"Write `name: {account.name}`")
        what = f"Renaming the system account {account.system_account}"
        yield Doubt(what, warning, Question.SYSTEM_RENAME, way_out=way_out)
    elif names or restored:
        yield Doubt("", warning)


def _of_type(change: Change) -> Iterator[Doubt]:
    retyped = change.field("type")
    if change.account is None or retyped is None:
        return
    before, after = (CLASS_OF_TYPE.get(str(one)) for one in (retyped.before, retyped.after))
    what = f"Changing the type from {retyped.before} to {retyped.after}"
    yield Doubt(
        what,
        _unsure(what),
        Question.RETYPE_IN_CLASS if before == after else Question.RETYPE_ACROSS_CLASSES,
        way_out=new_account(change.desired, retyped.after),
    )


def _of_reporting_code(change: Change, known: Known) -> Iterator[Doubt]:
    changed = change.field("reporting_code")
    if changed is None or not changed.after:
        return
    never = ("ignored", "refused")
    what = f"Report code {changed.after}"
    of_known, way_out = Question.KNOWN_REPORTING_CODE, leave_to_xero(change, changed.field)
    if changed.after in known.reporting_codes or known.is_known(of_known, *never):
        yield Doubt(what, _unsure(what), of_known, ("stored",), never, way_out)
        return
    warning = _unsure(what)
    if known.is_known(Question.UNKNOWN_REPORTING_CODE, *never):
        warning = (
            f"{what}: no account has it yet. Xero did not store an unknown report code "
            f"{known.evidence(Question.UNKNOWN_REPORTING_CODE)}."
        )
    yield Doubt(what, warning, Question.UNKNOWN_REPORTING_CODE, ("stored",), ())


def _of_payments(change: Change) -> Iterator[Doubt]:
    payments = change.field("enable_payments_to_account")
    profit_and_loss = (AccountClass.REVENUE, AccountClass.EXPENSE)
    if payments and payments.after and CLASS_OF_TYPE.get(change.account_type) in profit_and_loss:
        what = f"Payments to an account of type {change.account_type}"
        never, off = ("refused", "ignored"), f"Write `{payments.field}: false`"
        way_out = leave_to_xero(change, payments.field, off)
        yield Doubt(what, _unsure(what), Question.PAYMENTS_ON_EXPENSE, _ACCEPTED, never, way_out)


def _of_texts(change: Change) -> Iterator[Doubt]:
    """Yield a doubt for each cleared text, and for a code or name that starts with a symbol."""
    for changed in change.fields:
        if changed.after == "" and change.account:
            what = f"Clearing the {changed.label}"
            questions = {
                "description": Question.CLEAR_DESCRIPTION,
                "reporting_code": Question.CLEAR_REPORTING_CODE,
            }
            yield Doubt(
                what,
                _unsure(what),
                questions.get(changed.field),
                ("cleared",),
                ("kept", "refused"),
                leave_to_xero(change, changed.field, "Write another text"),
            )
        elif changed.field in ("code", "name") and not str(changed.after)[0].isalnum():
            what = f"The {changed.label} {changed.after} starts with a symbol"
            yield Doubt(
                what,
                f"{what}, which Xero's screens are said to refuse: {UNSURE}",
                Question.SYMBOL_FIRST if changed.field == "name" else None,
                way_out=f"Start the {changed.label} with a letter or a digit.",
            )


def _of_bank_account(change: Change, known: Known) -> Iterator[Doubt]:
    account = change.account
    if account and account.type == "BANK":
        questions = {"name": Question.BANK_RENAME, "bank_account_number": Question.BANK_NUMBER}
        edited = {f.label: questions[f.field] for f in change.fields if f.field in questions}
        still_open = [label for label, question in edited.items() if not known.answer(question)]
        if still_open:
            what = f"Changing the {' and '.join(still_open)} of a bank account"
            yield Doubt(what, _unsure(what))
        for label in edited.keys() - {*still_open}:
            what = f"Changing the {label} of a bank account"
            yield Doubt(what, _unsure(what), edited[label], way_out=f"Keep the {label} as in Xero.")
    bank_type = change.field("bank_account_type")
    if bank_type and bank_type.after == "CREDITCARD" and not account:
        yield Doubt(
            "A new credit card account",
            "Xero's API checks a credit card's number as if it were a bank account's, and "
            "may refuse it (Xero-OpenAPI issue 535).",
            Question.CREDIT_CARD,
            way_out="Add the credit card in Xero (Accounting, Bank accounts) with the code and "
            "name of this entry, then run again.",
        )
