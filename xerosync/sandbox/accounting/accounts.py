"""Turns calls for Accounts into answers: the endpoint of the chart of accounts.

Xero answers XML unless asked for JSON; the sandbox speaks JSON alone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from uuid import UUID

from xerosync.sandbox.accounting import rules
from xerosync.sandbox.accounting.account import render
from xerosync.sandbox.accounting.draft import BodyError, account_id, draft, echo, element
from xerosync.sandbox.accounting.where import QueryError, arrange, choose
from xerosync.sandbox.http.messages import (
    Answer,
    envelope,
    invalid,
    not_allowed,
    not_found,
    problem,
    text_answer,
)

if TYPE_CHECKING:
    from xerosync.sandbox.accounting.account import Account
    from xerosync.sandbox.books.store import Store
    from xerosync.sandbox.http.messages import Call

FIELDS = (
    "AccountID",
    "Code",
    "Name",
    "Status",
    "Type",
    "TaxType",
    "Description",
    "Class",
    "SystemAccount",
    "EnablePaymentsToAccount",
    "ShowInExpenseClaims",
    "BankAccountNumber",
    "BankAccountType",
    "CurrencyCode",
    "ReportingCode",
    "ReportingCodeName",
    "HasAttachments",
    "AddToWatchlist",
)
NO_ID = "AccountID is required to update an account: create one with PUT"
"""Ours. What Xero does with POST /Accounts for an account without id is not documented."""


def answer(call: Call, item: str, store: Store) -> Answer:
    """Answer a call for the chart, or for one account when ``item`` is its id."""
    if item and not _is_guid(item):
        return not_found()
    match call.method, bool(item):
        case "GET", False:
            return _list(call, store)
        case "GET", True:
            return _one(item, store)
        case "DELETE", True:
            return _delete(item, store)
        case ("PUT", False) | ("POST", _):
            return _write(call, item, store)
        case _:
            return not_allowed(["GET", "POST", "DELETE"] if item else ["GET", "PUT", "POST"])


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _accounts(store: Store, *accounts: Account) -> Answer:
    return envelope("Accounts", [render(account) for account in accounts], store.now_ms())


def _list(call: Call, store: Store) -> Answer:
    since = modified_since(call.headers.get("if-modified-since", ""))
    elements = [render(each) for each in store.accounts() if each.updated_ms >= since]
    try:
        chosen = choose(elements, call.parameter("where"), FIELDS, "Account")
        chosen = arrange(chosen, call.parameter("order"), FIELDS, "Account")
    except QueryError as error:
        return problem(16, "QueryParseException", str(error))
    return envelope("Accounts", chosen, store.now_ms())


def modified_since(text: str) -> float:
    """Return the time of an If-Modified-Since header in milliseconds since 1970, or 0.

    RFC 1123 or ISO 8601; without a zone it is UTC (Xero docs, Requests and responses).
    One that cannot be read is ignored, as HTTP asks.
    """
    moment: datetime | None = None
    # ISO 8601 with the precision that Python reads: at most six digits of a second.
    iso = re.sub(r"(\.\d{6})\d+", r"\1", text.strip())
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(iso)
        except ValueError:
            continue
        break
    if moment is None:
        return 0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000


def _one(item: str, store: Store) -> Answer:
    account = store.account(item)
    return _accounts(store, account) if account else not_found()


def _delete(item: str, store: Store) -> Answer:
    account = store.account(item)
    if account is None:
        return not_found()
    return _settle(rules.delete(account, store), render(account), store)


def _write(call: Call, item: str, store: Store) -> Answer:
    """PUT creates, POST updates; the id in the path counts before the one in the body."""
    media = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in {"application/json", "text/json"}:
        return text_answer(415, "The sandbox reads application/json alone.")
    try:
        sent = element(call.body)
        fields = draft(sent)
    except BodyError as error:
        return problem(17, "PostDataInvalidException", str(error))
    if call.method == "PUT":
        return _settle(rules.create(fields, store), echo(sent), store)
    wanted = item or account_id(sent)
    if not wanted:
        return invalid(echo(sent), [NO_ID])
    account = store.account(wanted)
    if account is None:
        return invalid(echo(sent), [rules.NOT_FOUND])
    return _settle(rules.update(account, fields, store), echo(sent), store)


def _settle(verdict: rules.Verdict, shown: dict[str, object], store: Store) -> Answer:
    """Write the account of a verdict and answer it, or answer what is against it."""
    if verdict.account is None:
        return invalid(shown, verdict.messages)
    store.put(verdict.account)
    return _accounts(store, verdict.account)
