"""A strict model of Xero: accepts one call at a time and refuses whatever Xero would.

It shares no code with `fakes.FakeLedger` and the sandbox, and is stricter than both: it also
refuses what Xero might refuse, so that a plan that passes here passes anywhere. With a report on
Xero's behaviour it answers each open question as the report does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from xerosync.model import FIELD, Account, Chart, Status, Value, class_of, code_key, name_key
from xerosync.plan.plan import Action, Step
from xerosync.xero_behaviour import Behaviour, Question

_OF_BANKS = {"name": Question.BANK_RENAME, "bank_account_number": Question.BANK_NUMBER}
"""The fields of a bank account that a real Xero may refuse to update."""


class Refusal(AssertionError):
    """Xero would have refused this call."""


class Books:
    """The books of one organisation, changed step by step."""

    def __init__(self, chart: Chart, behaviour: Behaviour | None = None) -> None:
        self.original = chart
        self.behaviour = behaviour
        self.accounts = {a.account_id: a for a in chart.accounts}
        self.created = 0

    @property
    def chart(self) -> Chart:
        """The chart as it would be read now."""
        return replace(self.original, accounts=tuple(self.accounts.values()))

    def copy(self) -> Books:
        """Return a copy, to try something else on."""
        other = Books(self.original, self.behaviour)
        other.accounts, other.created = dict(self.accounts), self.created
        return other

    def answers(self, question: Question, *answers: str) -> bool:
        """Whether the report has one of these answers to a question."""
        return self.behaviour is not None and self.behaviour.answer(question) in answers

    def send(self, step: Step, account_id: str) -> str:
        """Make one call and return the id of the account. Raises `Refusal`."""
        if step.operation is Action.CREATE:
            return self._create(step)
        account = self.accounts.get(account_id)
        _require(account is not None, step, "Account is not found")
        assert account is not None
        match step.operation:
            case Action.UPDATE:
                self.accounts[account_id] = self._updated(step, account)
            case Action.ARCHIVE:
                _require(not account.system_account, step, "Cannot archive System accounts")
                _require(account.status == Status.ACTIVE, step, "archived already")
                self.accounts[account_id] = replace(account, status=Status.ARCHIVED)
            case Action.RESTORE:
                _require(account.status == Status.ARCHIVED, step, "active already")
                self.accounts[account_id] = replace(account, status=Status.ACTIVE)
            case Action.DELETE:
                _require(not account.system_account, step, "Cannot delete System accounts")
                active = account.status == Status.ACTIVE
                question = Question.DELETE_UNUSED if active else Question.DELETE_ARCHIVED
                if self.answers(question, "refused"):
                    _require(step.fallback is Action.ARCHIVE, step, "Cannot delete")
                    return self.send(replace(step, operation=Action.ARCHIVE), account_id)
                del self.accounts[account_id]
        return account_id

    def _create(self, step: Step) -> str:
        values = step.values
        kind = str(values.get("type", ""))
        for name in ("name", "type", "bank_account_number" if kind == "BANK" else "code"):
            _require(bool(values.get(name)), step, f"{name} is missing")
        _require(all(FIELD[name].on_create for name in values), step, "not on create")
        _require(values.get("bank_account_type") != "PAYPAL", step, "PayPal")
        card = values.get("bank_account_type") == "CREDITCARD"
        refused = self.answers(Question.CREDIT_CARD, "refused")
        _require(not (card and refused), step, "credit card")
        self.created += 1
        account = Account(f"new-{self.created}", account_class=class_of(kind), tax_type="NONE")
        account = self._with(step, account)
        self.accounts[account.account_id] = account
        return account.account_id

    def _updated(self, step: Step, account: Account) -> Account:
        values = step.values
        _require(bool(values), step, "nothing to update")
        active = account.status == Status.ACTIVE
        _require(active, step, "Can only update STATUS on Archived accounts")
        _require(all(FIELD[name].on_update for name in values), step, "not on update")
        kind = str(values.get("type", account.type))
        if kind != account.type:
            _require(not account.system_account, step, "type of a system account")
            _require("BANK" not in (kind, account.type), step, "type to or from BANK")
            _require(kind != "INVENTORY", step, "Account cannot be updated to Inventory")
            same = class_of(kind) == class_of(account.type)
            question = Question.RETYPE_IN_CLASS if same else Question.RETYPE_ACROSS_CLASSES
            _require(not self.answers(question, "refused"), step, "retype")
        for name, question in _OF_BANKS.items() if account.type == "BANK" else ():
            changes = name in values and values[name] != account.value(name)
            _require(not (changes and self.answers(question, "refused")), step, name)
        if values.get("description") == "" and account.description:
            refused = self.answers(Question.CLEAR_DESCRIPTION, "refused")
            _require(not refused, step, "an empty description")
        if account.type == "BANK" and "tax_type" in values:
            _require(self.answers(Question.BANK_TAX, "accepted"), step, "tax of a bank account")
        if account.system_account and values.get("name", account.name) != account.name:
            _require(not self.answers(Question.SYSTEM_RENAME, "refused"), step, "system name")
        return self._with(step, account)

    def _stored(self, step: Step, kind: str) -> dict[str, Value]:
        """Return the values of a step that these books store; the others are ignored."""
        sent = dict(step.values)
        ignored = set()
        if sent.get("description") == "" and self.answers(Question.CLEAR_DESCRIPTION, "kept"):
            ignored.add("description")
        if code := sent.get("reporting_code"):
            in_use = {account.reporting_code for account in self.original.accounts}
            known = code in in_use or code == class_of(kind)[:3]
            of_it = Question.KNOWN_REPORTING_CODE if known else Question.UNKNOWN_REPORTING_CODE
            _require(not self.answers(of_it, "refused"), step, "report code")
            if self.answers(of_it, "ignored"):
                ignored.add("reporting_code")
        if sent.get("enable_payments_to_account") and class_of(kind) in ("EXPENSE", "REVENUE"):
            refused = self.answers(Question.PAYMENTS_ON_EXPENSE, "refused")
            _require(not refused, step, "payments")
            if self.answers(Question.PAYMENTS_ON_EXPENSE, "ignored"):
                ignored.add("enable_payments_to_account")
        return {name: value for name, value in sent.items() if name not in ignored}

    def _with(self, step: Step, account: Account) -> Account:
        sent = self._stored(step, str(step.values.get("type", account.type)))
        kept = {name: FIELD[name].comparable(value) for name, value in sent.items()}
        after: Account = replace(account, **kept)  # type: ignore[arg-type]
        after = replace(after, account_class=class_of(after.type, after.account_class))
        for name, value in sent.items():
            field = FIELD[name]
            fits = not field.max_length or len(str(value)) <= field.max_length
            _require(fits, step, f"{name} is too long")
            _require(field.applies(after.type) or not value, step, f"{name} on {after.type}")
        _require(bool(after.code) or after.type == "BANK", step, "no code")
        _require(bool(after.name), step, "no name")
        for other in self.accounts.values():
            if other.account_id == account.account_id:
                continue
            archived = other.status == Status.ARCHIVED
            if not (archived and self.answers(Question.ARCHIVED_CODE, "accepted")):
                same_code = after.code and code_key(other.code) == code_key(after.code)
                _require(not same_code, step, f"Please enter a unique Code ({other.label})")
            if not (archived and self.answers(Question.ARCHIVED_NAME, "accepted")):
                same_name = name_key(other.name) == name_key(after.name)
                _require(not same_name, step, f"Please enter a unique Name ({other.label})")
        if after.tax_type and ("tax_type" in sent or "type" in sent):
            rates = [r for r in self.original.tax_rates if r.tax_type == after.tax_type]
            fits = any(r.status == "ACTIVE" and after.account_class in r.applies_to for r in rates)
            fits = fits or self.answers(Question.TAX_MISMATCH, "accepted")
            _require(fits, step, f"tax type {after.tax_type} on {after.account_class}")
        return after


def _require(condition: bool, step: Step, text: str) -> None:
    if not condition:
        raise Refusal(f"{text}: {step}")


def interleaved(steps: Sequence[Step], seed: int | None) -> Iterator[Step]:
    """Yield the steps as a run might send them: each after those it needs.

    Without a seed they come in the order of the plan.
    """
    dice = Random(seed)  # noqa: S311 no secret is made of it
    waiting = list(steps)
    done: set[int] = set()
    while waiting:
        ready = [step for step in waiting if done.issuperset(step.needs)]
        step = waiting[0] if seed is None else ready[dice.randrange(len(ready))]
        assert step in ready, f"{step} comes before what it needs"
        waiting.remove(step)
        yield step
        done.add(step.number)


def run_what_is_accepted(books: Books, steps: Sequence[Step], seed: int) -> list[Step]:
    """Send the steps as a run does, which skips those that need a failed one; return the refused.

    A delete that is refused falls back if its step says so.
    """
    ids: dict[int, str] = {}
    failed: set[int] = set()
    refused = []
    for step in interleaved(steps, seed):
        if not failed.isdisjoint(step.needs):
            failed.add(step.number)
            continue
        try:
            ids[step.change] = books.send(step, step.account_id or ids.get(step.change, ""))
        except Refusal:
            failed.add(step.number)
            refused.append(step)
    return refused


def run(
    books: Books, steps: Sequence[Step], seed: int | None = None, upto: int | None = None
) -> None:
    """Send the steps, or the first `upto` of them, as a run might. Raises `Refusal`."""
    ids: dict[int, str] = {}
    for sent, step in enumerate(interleaved(steps, seed)):
        if sent == upto:
            return
        ids[step.change] = books.send(step, step.account_id or ids.get(step.change, ""))
