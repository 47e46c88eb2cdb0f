"""Rules that block a change in the plan, before the apply; most say what Xero would refuse.

`RULES` lists their functions, except two that `check` calls itself. `doubts` warns of what Xero may
refuse, and blocks what Xero refuses according to a report. Sources: Xero's API documentation, Xero
Central, and issues of Xero's SDKs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from xerosync.desired import DeleteRefused
from xerosync.model import FIELD, AppliesTo, Status, TaxRate, class_of
from xerosync.plan.blocks.doubts import doubts_of
from xerosync.plan.known import Known
from xerosync.plan.matching.pins import leave_to_xero, new_account
from xerosync.plan.plan import Action, Blocked, Change
from xerosync.plan.tax_rates import TaxRates, percent_text, split_label
from xerosync.suggestions import nearest
from xerosync.text import full_stop, series
from xerosync.xero_behaviour import Question

_APPLIES_TO = {
    AppliesTo.ALL: "all accounts",
    AppliesTo.BANK: "bank accounts only",
    AppliesTo.NOT_BANK: "all accounts except bank accounts",
}

FILLED_BY_XERO = ("tax_type", "reporting_code", "bank_account_type", "currency_code")
"""Fields that Xero fills in by itself when they are not sent."""

BANK_KEEPS = ("bank_account_type", "currency_code", "tax_type")
"""Fields of a bank account that Xero does not change, except `tax_type` if a report says so."""

_NO_TAX = ("NONE", "BASEXCLUDED")
"""The tax rates that bank accounts have; BASEXCLUDED is used in Australia."""

Rule = Callable[[Change, Known], Iterator[Blocked]]


def check(
    change: Change, known: Known, delete_refused: DeleteRefused = DeleteRefused.FAIL
) -> tuple[Blocked, ...]:
    """Return a block for each way in which the change breaks a rule.

    If the entry pins an account that does not exist, only that is reported. What Xero refuses
    according to a report (see `doubts`) is reported only if the change breaks no other rule.
    """
    found = [*_unknown_pin(change)] or [one for rule in RULES for one in rule(change, known)]
    found = found or [*_reported(change, known, delete_refused)]
    name = change.name or (change.desired.system_account if change.desired else "")
    return tuple(replace(one, name=name) for one in found)


def _unknown_pin(change: Change) -> Iterator[Blocked]:
    """Block an entry whose `account_id` or `system_account` Xero does not have."""
    entry = change.desired
    if entry is None or change.account:
        return
    if entry.account_id:
        yield change.blocked(
            "unknown-account-id",
            f"Xero has no account with the id {entry.account_id}.",
            "Correct account_id, or remove it: the rest of the entry then says which account it is."
            if entry.code or entry.system_account or entry.text("bank_account_number")
            else "Correct account_id.",
        )
    elif entry.system_account:
        yield change.blocked(
            "unknown-system-account",
            f"The organisation has no system account with the role {entry.system_account}.",
            "Remove the entry: Xero creates its system accounts itself, when a feature "
            "(multi-currency, expense claims, payroll) is first used.",
        )


def _reported(change: Change, known: Known, delete_refused: DeleteRefused) -> Iterator[Blocked]:
    for doubt in doubts_of(change, known, delete_refused):
        if doubt.question and (reason := doubt.refusal(known)):
            yield change.blocked(f"xero-{doubt.question.replace('_', '-')}", reason, doubt.way_out)


def _required(change: Change, _known: Known) -> Iterator[Blocked]:
    """Block a missing code, name or type; a bank account needs its number instead of a code."""
    if change.action is Action.DELETE:
        return
    number_or_code = "bank_account_number" if change.account_type == "BANK" else "code"
    for name in ("name", "type", number_or_code):
        field, changed = FIELD[name], change.field(name)
        if changed and field.comparable(changed.after):
            continue
        bank = "bank " if name == "bank_account_number" else ""
        if change.action is Action.CREATE:
            key = "the number it has in Xero" if bank else "under `previously` its code in Xero"
            yield change.blocked(
                "missing-field",
                f"A new {bank}account needs a {field.label}.",
                f"Add `{name}:` to this entry. If the account exists already, write {key}, or "
                "add its account_id.",
            )
        elif change.account and changed:
            own = change.desired is None or not change.desired.inherited.file
            keep = ", or remove the line to keep Xero's" if own else ""
            yield change.blocked(
                "missing-field",
                f"{'A bank' if bank else 'An'} account must have a {field.label}.",
                f"Give `{name}:` a value{keep}.",
            )


def _lengths(change: Change, _known: Known) -> Iterator[Blocked]:
    for changed in change.fields:
        field, length = FIELD[changed.field], len(str(changed.after))
        if field.max_length and length > field.max_length:
            yield change.blocked(
                f"{field.name}-too-long".replace("_", "-"),
                f"The {field.label} has {length} characters; Xero allows {field.max_length}.",
                f"Shorten it by {length - field.max_length}.",
            )


def _applicable(change: Change, _known: Known) -> Iterator[Blocked]:
    """Block a field that accounts of the type do not have; `_required` blocks a missing type."""
    for changed in change.fields if change.account_type else ():
        field = FIELD[changed.field]
        if not field.applies(change.account_type) and field.comparable(changed.after):
            yield change.blocked(
                "field-not-for-type",
                f"{field.name} does not apply to an account of type {change.account_type}: "
                f"it is for {_APPLIES_TO[field.applies_to]}.",
                leave_to_xero(change, field.name),
            )


def _never_empty(change: Change, known: Known) -> Iterator[Blocked]:
    """Block an empty value for a field that Xero fills in.

    It is assumed, not documented, that Xero would set the default again.
    """
    if change.desired is None or change.action is Action.DELETE:
        return
    bank = change.account_type == "BANK"
    clears = known.is_known(Question.CLEAR_REPORTING_CODE, "cleared")
    for name in FILLED_BY_XERO:
        field = FIELD[name]
        kept = bank and change.account and name in BANK_KEEPS
        cleared = name == "reporting_code" and change.account and clears
        if kept or cleared or not field.applies(change.account_type):
            continue
        if change.desired.values.get(name) == "" and (change.field(name) or not change.account):
            usable = ""
            if name == "tax_type" and not bank:
                codes = [r.tax_type for r in known.rates.usable_for(class_of(change.account_type))]
                usable = f" ({', '.join(codes)})" if codes else ""
            yield change.blocked(
                "never-empty",
                f"An empty {field.label} might not stay empty in Xero; then each plan would clear "
                "it again.",
                leave_to_xero(change, name, f"Write the {field.label} you want{usable}"),
            )


def _known_type(change: Change, _known: Known) -> Iterator[Blocked]:
    changed = change.field("type")
    if changed and changed.after and not class_of(str(changed.after)):
        yield change.blocked(
            "unknown-type",
            f"{changed.after} is not an account type in Xero's API documentation.",
            _did_you_mean(str(changed.after), FIELD["type"].choices) or "Choose another type.",
        )


def _known_status(change: Change, _known: Known) -> Iterator[Blocked]:
    account = change.account
    if account and account.status not in (Status.ACTIVE, Status.ARCHIVED):
        yield change.blocked(
            "unknown-status",
            f"The account's status in Xero is {account.status}, which xerosync does not know.",
            "Look at the account in Xero, and leave it out of the file until this is resolved.",
        )


def _system(change: Change, _known: Known) -> Iterator[Blocked]:
    """Block a change that would retype, archive or delete a system account (Xero Central)."""
    account = change.account
    if not account or not account.system_account:
        return
    what = f"{account.label} is the system account {account.system_account}"
    if change.field("type"):
        yield change.blocked(
            "system-account-type",
            f"{what}: Xero keeps its type {account.type}.",
            _keep(change, "type", account.type),
        )
    if change.removes:
        yield change.blocked(
            "system-account-archive",
            f"{what}: Xero posts to it by itself and refuses to {change.action} it.",
            "Leave its status in the file as in Xero. If it belongs to a feature of Xero that is"
            " not needed, such as expense claims, turn the feature off in Xero's settings.",
        )
    elif account.status == Status.ARCHIVED and change.action is Action.UPDATE:
        yield change.blocked(
            "system-account-archive",
            f"{what}, and archived: an edit would restore it, and Xero would refuse to archive "
            "it again.",
            "Keep its fields in the file as they are in Xero.",
        )


def _retype(change: Change, known: Known) -> Iterator[Blocked]:
    changed = change.field("type")
    if not change.account or not changed or not changed.after:
        return
    if "BANK" in (changed.before, changed.after):
        accepted = known.is_known(Question.RETYPE_TO_BANK, "accepted")
        never = "xerosync" if accepted and changed.after == "BANK" else "Xero"
        yield change.blocked(
            "retype-bank",
            f"The type cannot change from {changed.before} to {changed.after}: {never} never "
            "converts an account to or from a bank account.",
            new_account(change.desired, changed.after),
        )
    elif changed.after == "INVENTORY":
        yield change.blocked(
            "retype-inventory",
            "An account's type cannot be changed to INVENTORY.",
            f"{new_account(change.desired, 'INVENTORY')} "
            "Before you archive it, move any stock items to the new account in Xero.",
        )


def _bank(change: Change, known: Known) -> Iterator[Blocked]:
    """Block new PayPal accounts, and bank account values that Xero does not take (Xero docs)."""
    if change.account_type != "BANK":
        return
    wanted = change.field("bank_account_type")
    if wanted and wanted.after == "PAYPAL" and not change.account:
        yield change.blocked(
            "paypal",
            "Xero's API does not create PayPal accounts.",
            "Add the PayPal account in Xero (Accounting, Bank accounts) with the code and name of "
            "this entry, then run again.",
        )
    rate = change.field("tax_type")
    if not change.account and rate and rate.after not in _NO_TAX:
        yield change.blocked(
            "bank-field-fixed",
            f"A bank account in Xero has no tax: it does not take the rate {rate.after}.",
            leave_to_xero(change, "tax_type"),
        )
    if not change.account or change.account.type != "BANK":
        return
    takes_tax = known.is_known(Question.BANK_TAX, "accepted")
    for name in BANK_KEEPS:
        changed = change.field(name)
        if changed and not (name == "tax_type" and takes_tax):
            new = f" For another {changed.label}, create a new account."
            yield change.blocked(
                "bank-field-fixed",
                f"Xero does not change the {changed.label} of a bank account from {changed.was} to "
                f"{changed.becomes}.",
                _keep(change, name, str(changed.before)) + ("" if name == "tax_type" else new),
            )


def _keep(change: Change, name: str, value: str) -> str:
    """Return how to keep Xero's value of a field; the value is named if a file may contain it."""
    choices = FIELD[name].choices
    can_be_written = value and (value in choices or not choices)
    return leave_to_xero(change, name, f"Write `{name}: {value}`" if can_be_written else "")


def _protect(change: Change, _known: Known) -> Iterator[Blocked]:
    if not change.desired or not change.desired.protect or not change.account:
        return
    if change.removes or change.field("type"):
        forbidden = change.action.past if change.removes else "given another type"
        yield change.blocked(
            "protected",
            f"This account is protected (`protect: true`): it cannot be {forbidden}.",
            "Write `protect: false` first, in a separate change that the account's owner reviews.",
        )


def _tax_rate(change: Change, known: Known) -> Iterator[Blocked]:
    """Block a tax rate that is unknown, ambiguous, inactive, or for other accounts (Xero docs)."""
    rates, code = known.rates, _rate_after(change)
    if not code or not rates.all:
        return
    account_class = _class_after(change)
    fitting = rates.usable_for(account_class)
    usable = ", ".join(f"{r.tax_type} ({r.name})" for r in fitting)
    apply = f"Rates that apply to {account_class} accounts: {usable or 'none'}."
    if not account_class:
        apply = "Add `type:`: which rates apply depends on it."
    rate = rates.by_code(code)
    if rate is None:
        same = rates.by_name(code)
        if len(same) > 1:
            reason = f"{len(same)} tax rates are named {full_stop(code)}"
            codes = ", ".join(
                r.tax_type + (f" ({percent_text(r.percent)})" if r.percent is not None else "")
                for r in same
            )
            yield change.blocked("tax-rate-ambiguous", reason, f"Write the code: one of {codes}.")
            return
        names = (*(r.tax_type for r in fitting), *(r.name for r in fitting))
        other = _other_percent(code, rates)
        reason = full_stop(f"The organisation has no tax rate {code}{other}")
        near = _at_percent(code, fitting) if other else _did_you_mean(code, names)
        hint = f"{near} {apply}".strip()
        yield change.blocked("tax-rate-unknown", reason, hint)
        return
    if rate.status != Status.ACTIVE:
        what = f"The tax rate {rate.tax_type} ({rate.name})"
        yield change.blocked(
            "tax-rate-inactive", f"{what} is {rate.status.lower()} in Xero.", apply
        )
        return
    reason = rate_of_other_class(change, rates)
    if reason and not known.is_known(Question.TAX_MISMATCH, "accepted"):
        yield change.blocked("tax-rate-class", f"The {reason}.", apply)


def rate_of_other_class(change: Change, rates: TaxRates) -> str:
    """Return a clause if the change leaves an account with a tax rate of another class, else "".

    Only a new rate or type is checked. The clause begins with "tax rate", without an article.
    """
    code, account_class = _rate_after(change), _class_after(change)
    rate = rates.by_code(code) if code else None
    if rate is None or not account_class or account_class in rate.applies_to:
        return ""
    kept = "" if change.field("tax_type") else ", and the account keeps it when its type changes"
    what = f"tax rate {rate.tax_type} ({rate.name})"
    return f"{what} does not apply to {account_class} accounts{kept}"


def _rate_after(change: Change) -> str:
    """Return the tax rate after a change of the rate or the type, "" after any other change."""
    changed = change.field("tax_type")
    if change.action is Action.DELETE:
        return ""
    if changed:
        return str(changed.after)
    return change.account.tax_type if change.account and change.field("type") else ""


def _class_after(change: Change) -> str:
    known = change.account.account_class if change.account and not change.field("type") else ""
    return class_of(change.account_type, known)


def _other_percent(label: str, rates: TaxRates) -> str:
    """Return a clause with the percents of the rates that have a label's name, "" if unknown."""
    found = sorted({r.percent for r in rates.of_any_percent(label) if r.percent is not None})
    if not found:
        return ""
    what = "the rate of that name is" if len(found) == 1 else "the rates of that name are"
    return f": {what} at {series([percent_text(percent) for percent in found])}"


def _at_percent(label: str, fitting: Iterable[TaxRate]) -> str:
    """Return a sentence with the rates in `fitting` that have a label's percent, "" if none."""
    percent = split_label(label)[1]
    found = ", ".join(f"{r.tax_type} ({r.name})" for r in fitting if r.percent == percent)
    return f"Rates at {percent_text(percent)}: {found}." if percent is not None and found else ""


@lru_cache(maxsize=256)
def _did_you_mean(written: str, choices: tuple[str, ...]) -> str:
    near = nearest(written, choices)
    return f"Did you mean {near}?" if near else ""


RULES: tuple[Rule, ...] = (
    _required,
    _lengths,
    _known_type,
    _known_status,
    _applicable,
    _never_empty,
    _system,
    _retype,
    _bank,
    _protect,
    _tax_rate,
)
