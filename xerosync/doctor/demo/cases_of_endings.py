"""What Xero accepts when an account is archived or deleted, and how the API itself behaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

from xerosync.doctor.demo.answers import REFUSED, deleted, found, judged, refused
from xerosync.doctor.demo.cases_of_creates import archived, tax_for_all
from xerosync.doctor.demo.demo_books import DemoBooks
from xerosync.doctor.demo.item import Item
from xerosync.doctor.demo.port import Json, NotAsked, RawAnswer, Unanswered, answered, listed, text
from xerosync.errors import DayLimitReached, LedgerError, SignInError
from xerosync.xero_behaviour import OTHER, XeroAnswer


def status_with_details(books: DemoBooks) -> XeroAnswer:
    """Archive and rename an account in one call."""
    _, name = books.names.new()
    answer = books.update(books.fresh(), Status="ARCHIVED", Name=name)
    return judged(answer, "accepted", Status="ARCHIVED", Name=name)


def update_archived(books: DemoBooks) -> XeroAnswer:
    """Rename an archived account."""
    _, name = books.names.new()
    return judged(books.update(archived(books), Name=name), "accepted", Name=name)


def delete_unused(books: DemoBooks) -> XeroAnswer:
    """Delete a new account."""
    return deleted(books.delete(books.fresh()))


def delete_archived(books: DemoBooks) -> XeroAnswer:
    """Delete the archived account. This is the last question about it."""
    answer = books.delete(archived(books))
    books.keep("archived", None)
    return deleted(answer)


def archive_locked(books: DemoBooks) -> XeroAnswer:
    """Archive an account that a tracked item uses, and restore it for the next question."""
    account = _locked(books)
    answer = books.update(account, Status="ARCHIVED")
    if answer.done and not books.update(account, Status="ACTIVE").done:
        books.keep("locked", None)
    return judged(answer, "accepted", Status="ARCHIVED")


def delete_locked(books: DemoBooks) -> XeroAnswer:
    """Delete an account that a tracked item uses."""
    answer = books.delete(_locked(books))
    if answer.done:
        books.keep("locked", None)
    return deleted(answer)


def _locked(books: DemoBooks) -> Json:
    """Return the cost account of a tracked item; create both if needed. Raises `NotAsked`."""

    def make() -> Json:
        tax = tax_for_all(books)
        stock = books.shared("stock", lambda: books.fresh("INVENTORY", **tax))
        cost = books.fresh("DIRECTCOSTS", **tax)
        Item(books).create(stock, cost)
        return cost

    return books.shared("locked", make)


def idempotency_same(books: DemoBooks) -> XeroAnswer:
    """Send one create twice with the same idempotency key."""
    key, values = str(uuid4()), books.draft()
    one = books.create(values, key=key)
    if not one.done:
        raise NotAsked(f"Xero did not create the account: {one.why}")
    books.keep("key", {"key": key})
    two = books.create(values, key=key)
    if not two.done:
        return refused(two)
    ids = {text(answer.account, "AccountID").lower() for answer in (one, two)}
    return found("replayed" if len(ids) == 1 else OTHER, two)


def idempotency_other(books: DemoBooks) -> XeroAnswer:
    """Send another create with an idempotency key that was used before."""

    def missing() -> Json:
        raise NotAsked("The earlier create with the same key did not succeed.")

    values = books.draft()
    answer = books.create(values, key=text(books.shared("key", missing), "key"))
    return judged(answer, "done", Name=values["Name"])


def modified_since(books: DemoBooks) -> XeroAnswer:
    """Read the accounts that changed after a date in the future."""
    then = datetime.now(UTC) + timedelta(days=365)
    answer = books.read("/Accounts", {"If-Modified-Since": f"{then:%Y-%m-%dT%H:%M:%S}"})
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return found("not_modified", answer)
    if not answer.done or not isinstance(answer.data.get("Accounts"), list):
        return found(OTHER, answer)
    return found("everything" if answer.data["Accounts"] else "empty", answer)


def connections_listed(books: DemoBooks) -> XeroAnswer:
    """Read /connections with a custom connection."""
    custom = books.custom_connection()
    books.count()
    answer = _of_sign_in(custom.connections)
    ids = {text(one, "tenantId").casefold() for one in listed(answer.data, "Connections")}
    here = answer.done and books.organisation.tenant_id.casefold() in ids
    return found("listed" if here else "not_listed", answer)


def scope_requested(books: DemoBooks) -> XeroAnswer:
    """Request a custom connection's token with a scope."""
    answer = _of_sign_in(books.custom_connection().token_with_scope)
    if answer.done:
        return found("accepted", answer)
    return found(REFUSED if answer.status == HTTPStatus.BAD_REQUEST else OTHER, answer)


def _of_sign_in(ask: Callable[[], RawAnswer]) -> RawAnswer:
    """Return the answer to a call about the sign-in. Most errors become `Unanswered`."""
    try:
        return answered(ask())
    except DayLimitReached:
        raise
    except (LedgerError, SignInError) as error:
        raise Unanswered(error.message) from error
