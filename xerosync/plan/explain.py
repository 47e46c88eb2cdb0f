"""Explain each change: its reasons, what it means for the books, and what to check first.

A warning says what to check first, and blocks nothing. Warnings about what Xero does not document
are in `doubts`: a report on Xero's behaviour can settle them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from xerosync.desired import DeleteRefused, DesiredChart
from xerosync.model import Status
from xerosync.plan.blocks.doubts import doubts_of
from xerosync.plan.blocks.rules import rate_of_other_class
from xerosync.plan.impact import in_past_periods, move
from xerosync.plan.known import Known
from xerosync.plan.matching.identity import Identities, renamed_by_code
from xerosync.plan.matching.match import Match, MatchedBy
from xerosync.plan.matching.shared_words import share_a_word
from xerosync.plan.plan import Action, Change
from xerosync.xero_behaviour import Question

LOCKED_BY = (
    "a repeating invoice, a bank rule, a tracked inventory item, a registered fixed asset or "
    "payroll"
)
"""What locks an account in Xero, according to Xero's help.

A locked account can be edited, but not archived or deleted. A report on Xero's behaviour may show
that a tracked inventory item does not lock its account.
"""

_TRACKED = "a tracked inventory item"
_NOT_SHOWN = "This plan does not show these uses, nor the balance, which should be zero."
_ARCHIVE = (
    f"Xero does not archive an account that is used by {LOCKED_BY}: remove it from there first."
    f" {_NOT_SHOWN}"
)
_ARCHIVE_LOCKED = (
    f"Xero would archive the account even if {_TRACKED} still used it: give such an item another"
    f" account first. {_NOT_SHOWN}"
)
_ARCHIVE_READ = (
    "Xero does not archive an account that a bank rule, a registered fixed asset or payroll uses,"
    " and its API does not show these uses."
)
MEANS: Mapping[Action, str] = {
    Action.DELETE: "A delete cannot be undone.",
    Action.ARCHIVE: "No new transaction can use an archived account; its history stays.",
    Action.RESTORE: "New transactions can use a restored account again; its history never left.",
    Action.CREATE: "Accounts that Xero does not have yet.",
}
"""What an action means for the books; what an update means depends on its fields."""

_DELETE = (
    f"{MEANS[Action.DELETE]} Xero refuses it if the account has transactions, or is used by"
    f" {LOCKED_BY}; this plan does not show that."
)
_DELETE_LOCKED = (
    f"{MEANS[Action.DELETE]} Xero refuses it if the account has transactions; use by"
    f" {_TRACKED} does not prevent it. This plan shows neither."
)
_DELETE_READ = (
    f"{MEANS[Action.DELETE]} Xero refuses it if the account has transactions, or is used by a"
    " bank rule, a registered fixed asset or payroll; its API does not show that."
)
_FIRST = {
    (True, False): "First bring its balance to zero.",
    (False, True): "First move whatever uses it to another account.",
    (True, True): "First bring its balance to zero, and move whatever uses it to another account.",
}
"""What to do first, by whether the account has a balance and whether something uses it."""

_ABOUT_USAGE = frozenset(
    (
        *(_ARCHIVE, _ARCHIVE_LOCKED, _ARCHIVE_READ, _DELETE, _DELETE_LOCKED, _DELETE_READ),
        *_FIRST.values(),
    )
)
_RENAMED = "Renamed: past transactions and reports show the new name."


def explain(change: Change, identities: Identities, known: Known, desired: DesiredChart) -> Change:
    """Return the change with its reasons and warnings."""
    matched = identities.match_of(change)
    reasons = (
        *(_matched_by(matched, known) if matched else ()),
        *_deviations(change),
        *_meaning_of_fields(change),
        *_meaning_of_action(change, desired),
    )
    warnings = (
        *identities.warnings(change),
        *_warn_of_action(change, known),
        *_warn_of_doubts(change, known, desired.delete_refused),
    )
    return replace(change, reasons=reasons, warnings=warnings)


def _matched_by(matched: Match, known: Known) -> Iterator[str]:
    """Yield how the account was found, where that is not obvious."""
    account, entry = matched.account, matched.desired
    if account is None:
        return
    match matched.by:
        case MatchedBy.PREVIOUSLY:
            yield "Renumbered, as `previously` says."
        case MatchedBy.OVERRIDDEN:
            yield f"Found as {account.label}, its code and name in the standard."
            if entry.name and entry.name != account.name:
                yield _RENAMED
        case MatchedBy.TEMPORARY:
            yield (
                f"An interrupted apply left this account as {account.label}; this plan finishes "
                "the move."
            )
        case MatchedBy.BANK_ACCOUNT_NUMBER if entry.code:
            yield f"Found by its bank account number; its code is {account.code or 'empty'}."
        case MatchedBy.ARCHIVED_NAME:
            accepted = known.is_known(Question.ARCHIVED_NAME, "accepted")
            why = "" if accepted else ": Xero may refuse a new account of that name"
            yield f"The archived account {account.label} has this name, so it is restored{why}."
        case MatchedBy.CODE if account.status == Status.ARCHIVED and entry.status == Status.ACTIVE:
            yield "An archived account already has this code; it will be restored."
        case MatchedBy.CODE if renamed_by_code(matched) and share_a_word(account.name, entry.name):
            yield _RENAMED


def _deviations(change: Change) -> Iterator[str]:
    """Yield the reasons of the entry's overrides if the file itself overrides a changed field."""
    entry = change.desired
    if entry is None or entry.source == entry.inherited:
        return
    if any(changed.field not in entry.origins for changed in change.fields):
        for reason in entry.reasons:
            yield f"Differs from the standard: {reason}"


def _meaning_of_fields(change: Change) -> Iterator[str]:
    if change.account is None:
        return
    if change.field("code"):
        yield (
            "The history stays with the account: every past transaction and report shows the "
            "new code. Bank rules, apps and imports that use the old code must be changed."
        )
    if change.field("type"):
        yield _meaning_of_type(change)
    if change.field("tax_type"):
        yield (
            "Only new transactions take the new tax rate; posted ones keep theirs, and filed "
            "returns do not change."
        )


def _meaning_of_type(change: Change) -> str:
    moved = move(change)
    if moved is None:
        before = change.account.type if change.account else ""
        shown = f"Reports show the account under {change.account_type} instead of {before}"
        return f"{shown}, {in_past_periods()}."
    where = f"from {moved.before.phrase} to {moved.after.phrase}"
    return f"Its whole balance moves {where}, {in_past_periods(moved.crosses)}."


def _meaning_of_action(change: Change, desired: DesiredChart) -> Iterator[str]:
    match change.action:
        case Action.ARCHIVE:
            yield (
                f"{MEANS[change.action]} Apps that use it fail, and contacts that have it as their "
                "default lose it. It can be restored."
            )
            if change.desired is None:
                yield "It is not in the file, and the file says `unmanaged: archive`."
        case Action.RESTORE:
            yield MEANS[change.action]
        case Action.DELETE if desired.delete_refused is DeleteRefused.ARCHIVE:
            yield "If Xero refuses the delete, it is archived (`on_delete_refused: archive`)."
    waiver = change.desired.archive_waiver if change.desired else ""
    if change.removes and desired.archive_requires and waiver:
        yield f"`archive_requires` is waived: {waiver}"


def _warn_of_action(change: Change, known: Known) -> Iterator[str]:
    if change.removes and change.usage:
        balance, used = change.usage.balance, change.usage.used
        has_balance = balance is not None and bool(balance.amount)
        if has_balance or used:
            yield _FIRST[has_balance, used]
    if change.action is Action.ARCHIVE:
        accepted = known.is_known(Question.ARCHIVE_LOCKED, "accepted")
        unread = _ARCHIVE_LOCKED if accepted else _ARCHIVE
        yield unread if change.usage is None else _ARCHIVE_READ
    if change.action is Action.DELETE:
        deleted = known.is_known(Question.DELETE_LOCKED, "deleted")
        unread = _DELETE_LOCKED if deleted else _DELETE
        yield unread if change.usage is None else _DELETE_READ
    archived = change.account is not None and change.account.status == Status.ARCHIVED
    if archived and change.action is Action.UPDATE:
        yield "The account is archived: it is restored for the edit, and archived again."


def about_usage(warning: str) -> bool:
    """Whether a warning is about what uses the account."""
    return warning in _ABOUT_USAGE


def usage_warnings(warnings: Iterable[str]) -> tuple[str, ...]:
    """Return the warnings about usage that one change has in many organisations, each once.

    The warnings that say what to do first are replaced by one that fits all these organisations.
    """
    found = dict.fromkeys(filter(about_usage, warnings))
    first = [what for what, said in _FIRST.items() if said in found]
    if not first:
        return tuple(found)
    both = _FIRST[any(has for has, _ in first), any(used for _, used in first)]
    return (both, *(said for said in found if said not in _FIRST.values()))


def _warn_of_doubts(change: Change, known: Known, delete_refused: DeleteRefused) -> Iterator[str]:
    """Yield warnings of what Xero does not document, and of a tax rate of another account class."""
    for doubt in doubts_of(change, known, delete_refused):
        if doubt.warning and doubt.is_open(known):
            yield doubt.warning
    mismatch = rate_of_other_class(change, known.rates)
    if mismatch and known.is_known(Question.TAX_MISMATCH, "accepted"):
        accepted = f"an account with such a tax rate {known.evidence(Question.TAX_MISMATCH)}"
        yield f"According to Xero's list of tax rates, the {mismatch}. Xero accepted {accepted}."
