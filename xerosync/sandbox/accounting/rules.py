"""Turns what is asked of an account into its new form, or into Xero's reasons against it.

Rules that touch one account's state; those on single fields are in ``checks``. Each text
of Xero's has its source; one marked "ours" stands where Xero's own is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from xerosync.sandbox.accounting import checks, reporting
from xerosync.sandbox.accounting.account import CLASS_OF, Account, Status, account_number

if TYPE_CHECKING:
    from xerosync.sandbox.accounting.draft import Draft
    from xerosync.sandbox.books.store import Store

STATUS_WITH_DETAILS = "Cannot update account details and STATUS on the same request"
"""waynerobinson/xeroizer#324 shows it in full; also for a status that would not change."""
ONLY_STATUS = "Can only update STATUS on Archived accounts"
"""A third party's list of Xero's messages (PHPAccounting)."""
SYSTEM_ARCHIVE = "Cannot archive System accounts"
"""The same list."""
NOT_FOUND = "Account is not found"
"""The same list."""
SYSTEM_DELETE = "Cannot delete System accounts"
"""Ours. Xero docs, Accounts: system accounts and accounts in use cannot be deleted."""
USED_DELETE = "Cannot delete an account that is used on transactions"
"""Ours; the same rule."""
STATUS_DELETED = "An account cannot be deleted by an update of its STATUS"
"""Ours. Xero docs, Accounts, document the DELETE method for it, and nothing else."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The account as it is to be written, or what is against it."""

    account: Account | None
    messages: tuple[str, ...] = ()


def create(draft: Draft, store: Store) -> Verdict:
    """Judge a new account.

    AddToWatchlist is ignored: "Works only with POST and not PUT" (Xero docs, Accounts).
    A status other than ACTIVE counts as status with details; Xero's own rule for a
    create is not documented. Without a tax type Xero sets the output type of the
    country on revenue and the input type on expenses; on others we assume none.
    """
    messages = checks.on_create(draft, store)
    if draft.get("status", Status.ACTIVE) != Status.ACTIVE:
        messages.append(STATUS_WITH_DETAILS)
    if messages:
        return Verdict(None, tuple(messages))
    place = store.country
    class_ = CLASS_OF[draft["type"]]
    is_bank = draft["type"] == "BANK"
    word = {"REVENUE": "out", "EXPENSE": "in"}.get(class_, "none")
    fields = {key: value for key, value in draft.items() if key != "add_to_watchlist"}
    if is_bank:
        fields["bank_account_number"] = account_number(draft["bank_account_number"])
        fields["bank_account_type"] = draft.get("bank_account_type") or "BANK"
        fields["currency_code"] = draft.get("currency_code") or place.currency
    else:
        for key in ("bank_account_number", "bank_account_type", "currency_code"):
            fields.pop(key, None)
    fields["tax_type"] = draft.get("tax_type") or place.tax[word]
    fields["reporting_code"] = draft.get("reporting_code") or reporting.DEFAULTS[class_]
    fields["status"] = Status.ACTIVE
    return Verdict(
        Account(**{"code": ""} | fields, account_id=str(uuid4()), updated_ms=store.now_ms())
    )


def update(current: Account, draft: Draft, store: Store) -> Verdict:
    """Judge a change of an account: its status alone, or details alone.

    After an update by the API an ordinary account reads BankAccountType ``NONE``
    instead of ``""`` (seen in answers of a demo company).
    """
    details = {key: value for key, value in draft.items() if key != "status"}
    if "status" in draft:
        if details:
            return Verdict(None, (STATUS_WITH_DETAILS,))
        return _change_status(current, draft["status"], store)
    if not details:
        return Verdict(current)
    if current.status == Status.ARCHIVED:
        return Verdict(None, (ONLY_STATUS,))
    messages = checks.on_update(current, details, store)
    if messages:
        return Verdict(None, tuple(messages))
    account = replace(current, **_settled(current, details), updated_ms=store.now_ms())
    was_default = current.reporting_code == reporting.DEFAULTS.get(current.class_)
    if not account.reporting_code or ("reporting_code" not in details and was_default):
        account = replace(account, reporting_code=reporting.DEFAULTS[account.class_])
    return Verdict(account)


def _settled(current: Account, details: Draft) -> Draft:
    """Bring the details of an update into the form that is kept."""
    kept = dict(details)
    fixed = ("bank_account_type", "currency_code")
    for key in fixed if current.is_bank else (*fixed, "bank_account_number"):
        kept.pop(key, None)
    if not current.is_bank:
        kept["bank_account_type"] = "NONE"
    if "bank_account_number" in kept:
        kept["bank_account_number"] = account_number(kept["bank_account_number"])
    if not kept.get("tax_type", "kept"):
        del kept["tax_type"]
    return kept


def _change_status(current: Account, status: str, store: Store) -> Verdict:
    if status not in set(Status):
        return Verdict(None, (checks.unknown("Status", status),))
    if status == Status.DELETED:
        return Verdict(None, (STATUS_DELETED,))
    if status == Status.ARCHIVED and current.is_system:
        return Verdict(None, (SYSTEM_ARCHIVE,))
    return Verdict(replace(current, status=status, updated_ms=store.now_ms()))


def delete(current: Account, store: Store) -> Verdict:
    """Judge the removal of an account: not of a system account nor of one in use."""
    if current.is_system:
        return Verdict(None, (SYSTEM_DELETE,))
    if current.used:
        return Verdict(None, (USED_DELETE,))
    return Verdict(replace(current, status=Status.DELETED, updated_ms=store.now_ms()))
