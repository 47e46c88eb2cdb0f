"""The Accounts endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xerosync.sandbox.accounting import rules
from xerosync.sandbox.accounting.account import Account, render
from xerosync.sandbox.accounting.query import select
from xerosync.sandbox.accounting.request_body import account_id, draft, echo, first_element
from xerosync.sandbox.accounting.where import GUID, Fields
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.http.messages import (
    Request,
    Response,
    envelope,
    method_not_allowed,
    not_found,
    validation_exception,
)

FIELDS = Fields(
    "Account",
    GUID="AccountID",
    TEXT=(
        "Code Name Status Type TaxType Description Class SystemAccount BankAccountNumber "
        "BankAccountType CurrencyCode ReportingCode ReportingCodeName"
    ),
    FLAG="EnablePaymentsToAccount ShowInExpenseClaims HasAttachments AddToWatchlist",
    DATE="UpdatedDateUTC",
)
NO_ID = "AccountID is required to update an account: create one with PUT"
"""Our wording. Xero's response to POST /Accounts without an AccountID is not documented."""


def respond(request: Request, item: str, store: Store) -> Response:
    """Respond to a request for /Accounts, or for /Accounts/{AccountID} if ``item`` has the id."""
    if item and not GUID.fullmatch(item):
        return not_found()
    match request.method, bool(item):
        case "GET", False:
            return _list(request, store)
        case (("GET" | "DELETE"), True):
            return _read_or_delete(request, item, store)
        case ("PUT", False) | ("POST", _):
            return _create_or_update(request, item, store)
    return method_not_allowed(*(("GET", "POST", "DELETE") if item else ("GET", "PUT", "POST")))


def _read_or_delete(request: Request, item: str, store: Store) -> Response:
    account = store.account(item)
    if account is None:
        return not_found()
    if request.method == "GET":
        return envelope("Accounts", [render(account)], store.now_ms())
    return _write(lambda: rules.delete(account, store), render(account), store)


def _list(request: Request, store: Store) -> Response:
    """Respond with the accounts that the request selects.

    For an If-Modified-Since with no later change, we assume by default an empty list, not a 304.
    """
    elements = [render(account) for account in store.accounts()]
    answer = store.assumed.modified_since
    if answer == "everything":
        ignored = {n: v for n, v in request.headers.items() if n != "if-modified-since"}
        request = replace(request, headers=ignored)
    found = select(elements, FIELDS, request)
    if not found and "if-modified-since" in request.headers and answer == "not_modified":
        return Response(status=304)
    return envelope("Accounts", found, store.now_ms())


def _create_or_update(request: Request, item: str, store: Store) -> Response:
    """Create or update an account. An id in the path takes precedence over one in the body."""
    sent = first_element(request, "Accounts")
    fields = draft(sent)
    if request.method == "PUT":
        return _write(lambda: rules.create(fields, store), echo(sent), store)
    wanted = item or account_id(sent)
    if not wanted:
        return _without_id(sent, store)
    account = store.account(wanted)
    if account is None:
        return validation_exception(echo(sent), [rules.NOT_FOUND])
    return _write(lambda: rules.update(account, fields, store), echo(sent), store)


def _without_id(sent: dict[str, object], store: Store) -> Response:
    """Respond to a POST without an AccountID. By default we assume that Xero refuses it."""
    fields = draft(sent)
    account = store.by_code(fields.get("code", ""))
    if account and store.assumed.post_code_without_id == "updated":
        return _write(lambda: rules.update(account, fields, store), echo(sent), store)
    if account is None and store.assumed.post_without_id == "created":
        return _write(lambda: rules.create(fields, store), echo(sent), store)
    question = "post_code_without_id" if account else "post_without_id"
    return validation_exception(echo(sent), store.assumed.refusal(question, NO_ID))


def _write(change: Callable[[], Account], shown: dict[str, object], store: Store) -> Response:
    """Store the account that ``change`` returns, and respond with it.

    If the change breaks rules, respond with ``shown`` and a message for each broken rule.
    """
    try:
        account = change()
    except rules.RulesBroken as broken:
        return validation_exception(shown, broken.messages)
    store.change(account)
    return envelope("Accounts", [render(account)], store.now_ms())
