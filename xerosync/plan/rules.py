"""A change → the rules of Xero that it breaks: found in the plan, not at apply.

Each rule is one function; `RULES` is the list. What Xero is known to refuse is here; what
nobody has seen it refuse is a warning in `cautions`. Sources: the Accounts page of
Xero's API documentation, and issues of Xero's SDKs where named.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from xerosync.model import FIELD, AppliesTo, DesiredAccount, Status, class_of
from xerosync.plan.plan import Action, Blocked, Change
from xerosync.plan.tax_rates import TaxRates


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a change breaks: its id, the reason, and the way out."""

    rule: str
    reason: str
    hint: str


_FOR = {
    AppliesTo.ALL: "all accounts",
    AppliesTo.BANK: "bank accounts alone",
    AppliesTo.NOT_BANK: "all accounts but bank accounts",
}

FILLED_BY_XERO = ("tax_type", "reporting_code", "bank_account_type", "currency_code")
"""What Xero gives an account by itself where it is not told."""

BANK_KEEPS = ("bank_account_type", "currency_code", "tax_type")
"""What a bank account keeps for good."""

_NO_TAX = ("NONE", "BASEXCLUDED")
"""What bank accounts have as tax rate: the latter in Australia."""

Rule = Callable[[Change, TaxRates], Iterator[Violation]]


def check(change: Change, rates: TaxRates) -> tuple[Blocked, ...]:
    """Give one block for each rule that the change breaks."""
    return tuple(
        Blocked(
            change.code,
            change.name,
            violation.rule,
            violation.reason,
            violation.hint,
            change.source,
            change.account_id,
        )
        for rule in RULES
        for violation in rule(change, rates)
    )


def check_pin(desired: DesiredAccount) -> Blocked | None:
    """Block an entry that names an account, by id or role, which Xero does not have."""
    if desired.account_id:
        rule, reason, hint = (
            "unknown-account-id",
            f"Xero has no account with the id {desired.account_id}.",
            (
                "Remove account_id to find it by code, or copy the id from `xerosync plan "
                "--format json`. A demo company gives every account a new id when it is reset."
            ),
        )
    elif desired.system_account:
        rule, reason, hint = (
            "unknown-system-account",
            f"The organisation has no system account with the role {desired.system_account}.",
            (
                "Remove the entry: Xero makes its system accounts itself, when a feature "
                "(multi-currency, expense claims, payroll) is first used."
            ),
        )
    else:
        return None
    return Blocked(
        desired.code, desired.name or desired.system_account, rule, reason, hint, desired.source
    )


def _required(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    """Code, name and type are needed; a bank account needs its number instead of a code."""
    if change.action is Action.DELETE:
        return
    bank = change.account_type == "BANK"
    needed = ["name", "type", "bank_account_number" if bank else "code"]
    for name in needed:
        changed = change.field(name)
        after = FIELD[name].comparable(changed.after) if changed else ""
        missing = change.action is Action.CREATE and not after
        cleared = change.account is not None and changed is not None and not after
        if missing:
            yield Violation(
                "missing-field",
                f"A new account needs a {FIELD[name].label}.",
                f"Add `{name}:` to this entry. If the account is in Xero already, "
                + (
                    "its number finds it, or its account_id."
                    if name == "bank_account_number"
                    else "find it by its present code (in `previously`) or by account_id."
                ),
            )
        elif cleared:
            yield Violation(
                "missing-field",
                f"An account cannot be without its {FIELD[name].label}.",
                f"Give `{name}:` a value, or leave the line out to keep Xero's.",
            )


def _lengths(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    for changed in change.fields:
        field, length = FIELD[changed.field], len(str(changed.after))
        if field.max_length and length > field.max_length:
            yield Violation(
                f"{field.name}-too-long".replace("_", "-"),
                f"The {field.label} has {length} characters; Xero takes {field.max_length}.",
                f"Shorten it by {length - field.max_length}.",
            )


def _applicable(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    for changed in change.fields:
        field = FIELD[changed.field]
        if not field.applies(change.account_type) and field.comparable(changed.after):
            yield Violation(
                "field-not-for-type",
                f"{field.name} does not apply to an account of type {change.account_type}: "
                f"it is for {_FOR[field.applies_to]}.",
                "Remove the line.",
            )


def _never_empty(change: Change, rates: TaxRates) -> Iterator[Violation]:
    """Every account that Xero gives has a tax rate and a report code: empty never lasts.

    Nor do a bank account's kind and currency. Seen in its recorded answers; that it puts its
    default back is not documented. What a bank account keeps as it is, is `_bank`'s.
    """
    if change.desired is None or change.action is Action.DELETE:
        return
    bank = change.account_type == "BANK"
    for name in FILLED_BY_XERO:
        changed = change.field(name)
        if (bank and change.account and name in BANK_KEEPS) or not FIELD[name].applies(
            change.account_type
        ):
            continue
        if change.desired.values.get(name) == "" and (changed or change.account is None):
            ways = "Write the one that you want"
            if name == "tax_type" and not bank:
                rated = rates.usable_for(class_of(change.account_type))
                ways += f" ({', '.join(rate.tax_type for rate in rated)})" if rated else ""
            yield Violation(
                "never-empty",
                f"No account in Xero is without a {FIELD[name].label}: cleared, it would get "
                "its default, and each plan would clear it anew.",
                f"{ways}, or remove the line to leave it to Xero.",
            )


def _known_type(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    changed = change.field("type")
    if changed and changed.after and not class_of(str(changed.after)):
        yield Violation(
            "unknown-type",
            f"{changed.after} is not an account type that Xero takes.",
            _did_you_mean(str(changed.after), FIELD["type"].choices),
        )


def _known_status(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    account = change.account
    if account and account.status not in (Status.ACTIVE, Status.ARCHIVED):
        yield Violation(
            "unknown-status",
            f"Xero says that the account's status is {account.status}, which xerosync does "
            "not know.",
            "Look at the account in Xero, and leave it out of the file until it is settled.",
        )


def _system(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    """Xero Central: a system account's name and code can change, the type must stay."""
    account = change.account
    if not account or not account.system_account:
        return
    what = f"{account.label} is the system account {account.system_account}"
    if change.field("type"):
        yield Violation(
            "system-account-type",
            f"{what}: Xero keeps its type {account.type}.",
            f"Write `type: {account.type}`, or remove the line.",
        )
    if change.action in (Action.ARCHIVE, Action.DELETE):
        yield Violation(
            "system-account-archive",
            f"{what}: Xero posts to it by itself and refuses to {change.action} it.",
            "Remove the entry, or its status; Xero's settings switch the feature off.",
        )
    elif account.status == Status.ARCHIVED and change.action is Action.UPDATE:
        yield Violation(
            "system-account-archive",
            f"{what}, and archived: it must be restored for an edit, and Xero refuses to "
            "archive a system account again.",
            "Leave only `status: ARCHIVED` in the entry, or remove the entry.",
        )


def _retype(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    changed = change.field("type")
    if not change.account or not changed or not changed.after:
        return
    if "BANK" in (changed.before, changed.after):
        yield Violation(
            "retype-bank",
            f"Xero does not turn {changed.before} into {changed.after}: a bank account "
            "stays one, and no other account becomes one.",
            "Create a new account of that type, and archive this one.",
        )
    elif changed.after == "INVENTORY":
        yield Violation(
            "retype-inventory",
            "Xero does not turn an account into INVENTORY.",
            "Create a new inventory account, and move the stock items to it in Xero.",
        )


def _bank(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    """Xero docs: "You cannot update the Bank Account Type"; its PayPal accounts are its own."""
    if change.account_type != "BANK":
        return
    wanted = change.field("bank_account_type")
    if wanted and wanted.after == "PAYPAL":
        yield Violation(
            "paypal",
            "Xero's API does not create PayPal accounts.",
            "Add the PayPal account in Xero (Accounting, Bank accounts), then run again.",
        )
    rate = change.field("tax_type")
    if not change.account and rate and rate.after not in _NO_TAX:
        yield Violation(
            "bank-field-fixed",
            f"A bank account in Xero has no tax: it does not take the rate {rate.after}.",
            "Remove the line.",
        )
    if not change.account or change.account.type != "BANK":
        return
    for name in BANK_KEEPS:
        changed = change.field(name)
        if changed and not (name == "bank_account_type" and changed.after == "PAYPAL"):
            yield Violation(
                "bank-field-fixed",
                f"Xero does not change the {FIELD[name].label} of a bank account "
                f"({changed.before or 'none'} to {changed.after or 'none'}).",
                f"Write `{name}: {changed.before}`, or remove the line. For another "
                f"{FIELD[name].label}, open a new bank account.",
            )


def _protect(change: Change, _rates: TaxRates) -> Iterator[Violation]:
    if not change.desired or not change.desired.protect or not change.account:
        return
    forbidden = ""
    if change.action in (Action.ARCHIVE, Action.DELETE):
        forbidden = change.action.past
    elif change.field("type"):
        forbidden = "given another type"
    if forbidden:
        yield Violation(
            "protected",
            f"The file protects this account (`protect: true`): it may not be {forbidden}.",
            "Remove `protect: true` in a change of its own, reviewed by its owner.",
        )


def _tax_rate(change: Change, rates: TaxRates) -> Iterator[Violation]:
    """Xero docs, TaxRates: a rate says which classes of accounts it can apply to."""
    changed = change.field("tax_type")
    retyped = change.field("type")
    if change.action is Action.DELETE or not rates.all:
        return
    code = ""
    if changed:
        code = str(changed.after)
    elif retyped and change.account:
        code = change.account.tax_type
    if not code:
        return
    known = change.account.account_class if change.account and not retyped else ""
    account_class = class_of(change.account_type, known)
    usable = ", ".join(f"{r.tax_type} ({r.name})" for r in rates.usable_for(account_class))
    ways = f"Rates that apply to {account_class or 'this'} accounts: {usable or 'none'}."
    rate = rates.by_code(code)
    if rate is None:
        same = rates.by_name(code)
        if len(same) > 1:
            codes = ", ".join(r.tax_type for r in same)
            reason = f"{len(same)} tax rates are named {code}."
            yield Violation("tax-rate-ambiguous", reason, f"Write the code: one of {codes}.")
            return
        names = tuple(r.tax_type for r in rates.all) + tuple(r.name for r in rates.all)
        reason = f"The organisation has no tax rate {code}."
        yield Violation("tax-rate-unknown", reason, f"{_did_you_mean(code, names)} {ways}".strip())
    elif rate.status != Status.ACTIVE:
        reason = f"The tax rate {rate.tax_type} ({rate.name}) is {rate.status.lower()} in Xero."
        yield Violation("tax-rate-inactive", reason, ways)
    elif account_class and account_class not in rate.applies_to:
        why = "" if changed else ", and the account keeps it when its type changes"
        reason = (
            f"The tax rate {rate.tax_type} ({rate.name}) does not apply to {account_class} "
            f"accounts{why}."
        )
        yield Violation("tax-rate-class", reason, ways)


@lru_cache(maxsize=256)
def _did_you_mean(written: str, choices: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(written, choices, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else ""


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
