"""Create, update, archive and delete an account, by Xero's rules.

Each public function returns the changed account or raises ``RulesBroken``. Checks of single
fields are in ``checks``, which also says what "our wording" means.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from xerosync.sandbox.accounting import checks, reporting
from xerosync.sandbox.accounting.account import (
    CLASS_OF,
    LOCKED_BY,
    Account,
    AccountStatus,
    account_number,
)
from xerosync.sandbox.accounting.request_body import Draft
from xerosync.sandbox.books.store import Store

STATUS_WITH_DETAILS = "Cannot update account details and STATUS on the same request"
"""From the issue waynerobinson/xeroizer#324.

Xero also sends this message if the request repeats the account's present status.
"""
ONLY_STATUS = "Can only update STATUS on Archived accounts"
"""From PHPAccounting's list of Xero's messages."""
SYSTEM_ARCHIVE = "Cannot archive System accounts"
"""From PHPAccounting's list of Xero's messages."""
NOT_FOUND = "Account is not found"
"""From PHPAccounting's list of Xero's messages."""
SYSTEM_DELETE = "Cannot delete System accounts"
"""Our wording. Xero docs, Accounts: a system account cannot be deleted."""
USED_DELETE = "Cannot delete an account that is used on transactions"
"""Our wording. Xero docs, Accounts: an account in use cannot be deleted."""
NO_DELETE = "Cannot delete this account"
"""Our wording. Sent only if ``Assumptions`` says that Xero keeps unused or archived accounts."""
LOCKED = "Cannot {verb} an account that is used by {use}"
"""Our wording. The rule is in help.xero.com, locked accounts."""
STATUS_DELETED = "An account cannot be deleted by an update of its STATUS"
"""Our wording. Xero docs, Accounts, document only the DELETE method for deleting."""

KEPT = frozenset({AccountStatus.ACTIVE, AccountStatus.ARCHIVED})


class RulesBroken(ValueError):
    """The change breaks rules; ``messages`` are the messages to respond with."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


def create(draft: Draft, store: Store) -> Account:
    """Return a new account.

    By default AddToWatchlist is ignored: "Works only with POST and not PUT" (Xero docs). By default
    a status other than ACTIVE is refused, with the message for an update of status and details;
    Xero does not document this case. If no tax type was sent, revenue gets the country's tax on
    sales, and an expense gets the tax on purchases. For other accounts we assume no tax.
    """
    messages = checks.on_create(draft, store)
    status, assumed = draft.get("status", AccountStatus.ACTIVE), store.assumed
    if status != AccountStatus.ACTIVE and assumed.status_with_details != "accepted":
        messages += assumed.refusal("status_with_details", STATUS_WITH_DETAILS)
    elif status not in KEPT:
        messages.append(checks.BAD_VALUE.format(name="Status", value=status))
    if messages:
        raise RulesBroken(*messages)
    draft = _without_ignored(draft, draft["type"], store)
    place = store.country
    class_ = CLASS_OF[draft["type"]]
    tax = {"REVENUE": "out", "EXPENSE": "in"}.get(class_, "none")
    values: Draft = {"code": ""} | draft | {"status": status}
    if assumed.watchlist_on_put != "stored":
        values["add_to_watchlist"] = False
    values["tax_type"] = draft.get("tax_type") or place.tax[tax]
    values["reporting_code"] = draft.get("reporting_code") or reporting.DEFAULTS[class_]
    if draft["type"] == "BANK":
        values["bank_account_number"] = account_number(draft["bank_account_number"])
        values["bank_account_type"] = draft.get("bank_account_type") or "BANK"
        values["currency_code"] = draft.get("currency_code") or place.currency
    else:
        values |= {"bank_account_number": "", "bank_account_type": "", "currency_code": ""}
    return Account(**values, account_id=str(uuid4()), updated_ms=store.now_ms())


def update(current: Account, draft: Draft, store: Store) -> Account:
    """Return an account with a new status or new details.

    By default a status and details in one request are refused. An update of details sets the
    BankAccountType to ``NONE`` unless the account is a bank account (seen in a demo company).
    """
    details = {key: value for key, value in draft.items() if key != "status"}
    if "status" in draft:
        if details and store.assumed.status_with_details != "accepted":
            raise RulesBroken(*store.assumed.refusal("status_with_details", STATUS_WITH_DETAILS))
        if draft["status"] == AccountStatus.ACTIVE:
            return _with_details(_with_status(current, draft["status"], store), details, store)
        return _with_status(_with_details(current, details, store), draft["status"], store)
    return _with_details(current, details, store)


def _with_details(current: Account, details: Draft, store: Store) -> Account:
    if not details:
        return current
    if current.status == AccountStatus.ARCHIVED and store.assumed.update_archived != "accepted":
        raise RulesBroken(*store.assumed.refusal("update_archived", ONLY_STATUS))
    if messages := checks.on_update(current, details, store):
        raise RulesBroken(*messages)
    details = _without_ignored(details, details.get("type", current.type), store)
    account = replace(current, **_stored(current, details, store), updated_ms=store.now_ms())
    was_default = current.reporting_code == reporting.DEFAULTS.get(current.class_)
    if details.get("reporting_code") == "" and store.assumed.clear_reporting_code == "cleared":
        return account
    if not account.reporting_code or ("reporting_code" not in details and was_default):
        account = replace(account, reporting_code=reporting.DEFAULTS[account.class_])
    return account


def _without_ignored(draft: Draft, type_: str, store: Store) -> Draft:
    assumed, ignored = store.assumed, set()
    if draft.get("description") == "" and assumed.clear_description == "kept":
        ignored.add("description")
    code = draft.get("reporting_code", "")
    if getattr(assumed, reporting.question(code)) in {"kept", "ignored"}:
        ignored.add("reporting_code")
    in_doubt = CLASS_OF.get(type_) in checks.PROFIT_AND_LOSS
    if in_doubt and assumed.payments_on_expense == "ignored":
        ignored.add("enable_payments_to_account")
    if type_ == "BANK" and assumed.bank_tax == "ignored":
        ignored.add("tax_type")
    return {key: value for key, value in draft.items() if key not in ignored}


def _stored(current: Account, details: Draft, store: Store) -> Draft:
    """Return the details of an update as Xero stores them."""
    fixed = {"bank_account_type", "currency_code"}
    if not details.get("tax_type"):
        fixed.add("tax_type")
    stored = {key: value for key, value in details.items() if key not in fixed}
    number = account_number(details.get("bank_account_number", current.bank_account_number))
    if current.is_bank:
        return stored | {"bank_account_number": number}
    if details.get("type") == "BANK":
        as_bank = {"bank_account_type": "BANK", "currency_code": store.country.currency}
        return stored | {"bank_account_number": number, **as_bank}
    return stored | {"bank_account_number": "", "bank_account_type": "NONE"}


def _with_status(current: Account, status: str, store: Store) -> Account:
    if status not in set(AccountStatus):
        raise RulesBroken(checks.BAD_VALUE.format(name="Status", value=status))
    if status == AccountStatus.DELETED:
        raise RulesBroken(STATUS_DELETED)
    if status == AccountStatus.ARCHIVED and current.is_system:
        raise RulesBroken(SYSTEM_ARCHIVE)
    if status == AccountStatus.ARCHIVED:
        _refuse_if_locked(current, "archive", store)
    elif current.status != status:
        details = {"code": current.code, "name": current.name}
        if messages := checks.taken(details, store, current.account_id):
            raise RulesBroken(*messages)
    return replace(current, status=status, updated_ms=store.now_ms())


def _refuse_if_locked(current: Account, verb: str, store: Store) -> None:
    """Raise ``RulesBroken`` if a lock makes Xero refuse the ``verb`` (archive or delete)."""
    if use := store.lock_of(current):
        ours = LOCKED.format(verb=verb, use=LOCKED_BY.get(use, use))
        if messages := store.assumed.refused(f"{verb}_locked", ours):
            raise RulesBroken(*messages)


def delete(current: Account, store: Store) -> Account:
    """Return an account with the status DELETED.

    Raise ``RulesBroken`` for a system account and for an account in use. ``Assumptions`` decide
    which other accounts Xero refuses to delete: by default, only locked accounts.
    """
    if current.is_system:
        raise RulesBroken(SYSTEM_DELETE)
    _refuse_if_locked(current, "delete", store)
    if current.used:
        raise RulesBroken(USED_DELETE)
    archived = current.status == AccountStatus.ARCHIVED
    question = "delete_archived" if archived else "delete_unused"
    if not store.lock_of(current) and getattr(store.assumed, question) == "refused":
        raise RulesBroken(*store.assumed.refusal(question, NO_DELETE))
    return replace(current, status=AccountStatus.DELETED, updated_ms=store.now_ms())
