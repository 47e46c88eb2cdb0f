"""What uses an account is read by four GETs at once; what cannot be read is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from threading import Barrier, Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from xero.reports import ACCOUNTS, contact, contact_pages, repeating, report, row
from xero.scripted import API, Script, client_for, reply
from xerosync.errors import SignInError
from xerosync.usage import NOTHING, Balance, Usage, UsageKind
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero.ledger import XeroLedger

DAY = date(2026, 11, 26)
BOOKS: dict[str, Any] = {
    "TrialBalance": report(row("a-1", "", "", "1,204.50", "")),
    "Items": {"Items": [{"Code": "TOOL", "SalesDetails": {"AccountCode": "461"}}]},
    "RepeatingInvoices": {"RepeatingInvoices": [repeating("Acme", {"AccountID": "a-1"})]},
}
NO_SCOPE = reply(401, {"Title": "Unauthorized", "Detail": "AuthorizationUnsuccessful"})
FIVE_THOUSAND = contact_pages(5000)


class Books:
    """Answers the four reads; `answers` replaces some of them."""

    def __init__(self, answers: Mapping[str, Reply] | None = None) -> None:
        self.answers = answers or {}
        self.contacts = FIVE_THOUSAND
        self.asked: list[str] = []
        self._lock = Lock()

    def __call__(self, request: Request) -> Reply:
        parts = urlsplit(request.url)
        name = parts.path.rpartition("/")[2]
        assert request.method == "GET"
        with self._lock:
            self.asked.append(f"{name}?{parts.query}" if parts.query else name)
        if name in self.answers:
            return self.answers[name]
        if name == "Contacts":
            query = parse_qs(parts.query)
            assert query["pageSize"] == ["1000"]
            return reply(200, self.contacts[int(query["page"][0]) - 1])
        return reply(200, BOOKS[name])


def read(books: Books) -> Usage:
    return XeroLedger(client_for(Script(loop=books)), API).usage(ACCOUNTS, DAY)


def test_everything_is_read_and_contacts_in_pages() -> None:
    books = Books()
    usage = read(books)
    found = usage.of("A-1")
    assert found.balance == Balance(Decimal("1204.50"), moved=True)
    assert found.items == ("TOOL",)
    assert found.next_invoice == date(2026, 12, 1)
    assert found.contacts is not None
    assert len(found.contacts) == 50
    assert usage.unknown == ()
    assert "TrialBalance?date=2026-11-26" in books.asked
    assert len(books.asked) == 3 + 5


def test_an_account_that_nothing_names_has_no_uses() -> None:
    found = read(Books()).of("a-2")
    assert (found.items, found.repeating_invoices, found.contacts) == ((), (), ())
    assert found.unknown == ()
    assert found.balance == Balance(NOTHING)


def test_the_reads_run_at_once() -> None:
    """Four calls that wait for each other only finish if they run side by side."""
    barrier = Barrier(4, timeout=60)
    books = Books()
    books.contacts = contact_pages(0)

    def meet(request: Request) -> Reply:
        barrier.wait()
        return books(request)

    usage = XeroLedger(client_for(Script(loop=meet)), API).usage(ACCOUNTS, DAY)
    assert usage.unknown == ()


@pytest.mark.parametrize(
    ("path", "kind", "scope"),
    [
        ("TrialBalance", UsageKind.BALANCE, "accounting.reports.trialbalance.read"),
        ("Items", UsageKind.ITEMS, "accounting.settings.read"),
        ("RepeatingInvoices", UsageKind.REPEATING_INVOICES, "accounting.invoices.read"),
        ("Contacts", UsageKind.CONTACTS, "accounting.contacts.read"),
    ],
)
def test_a_missing_scope_makes_one_kind_unknown(path: str, kind: UsageKind, scope: str) -> None:
    usage = read(Books({path: NO_SCOPE}))
    assert [(one.kind, one.scope) for one in usage.unknown] == [(kind, scope)]
    assert usage.unknown[0].reason == f"the sign-in lacks the scope {scope}"
    assert usage.of("a-1").unknown == (kind,)
    assert usage.of("a-2").unknown == (kind,)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (reply(200, report(titles=("Konto", "Soll", "Haben"))), "columns of the report"),
        (reply(403, {"Detail": "no reports for you"}), "no reports for you"),
        (reply(404, ""), "cannot be found"),
        (reply(500, ""), "internal error"),
        (reply(200, "<html>"), "could not be read"),
    ],
)
def test_a_failure_is_said_and_the_rest_is_known(answer: Reply, says: str) -> None:
    usage = read(Books({"TrialBalance": answer}))
    assert [one.kind for one in usage.unknown] == [UsageKind.BALANCE]
    assert says in usage.unknown[0].reason
    assert usage.of("a-1").items == ("TOOL",)
    assert usage.of("a-1").balance is None


def test_a_sign_in_that_xero_rejects_is_an_error() -> None:
    with pytest.raises(SignInError, match="rejected the access token"):
        read(Books({"Items": reply(401, {"Detail": "AuthenticationUnsuccessful"})}))


def test_without_counts_pages_are_read_until_one_is_empty() -> None:
    """A server that ignores the size of a page must not end the list early."""
    books = Books()
    named = contact(1, SalesDefaultAccountCode="461")
    books.contacts = [{"Contacts": [contact(2)]}, {"Contacts": [named]}, {"Contacts": []}]
    assert read(books).of("a-1").contacts == ("Contact 1",)


def test_a_server_that_repeats_its_first_page_ends_as_unknown() -> None:
    books = Books({"Contacts": reply(200, {"Contacts": [contact(1)]})})
    (unknown,) = read(books).unknown
    assert "one contact twice" in unknown.reason
    assert len(books.asked) == 3 + 2


def test_the_pages_of_contacts_have_an_end() -> None:
    books = Books()
    books.contacts = contact_pages(60, 1)
    (unknown,) = read(books).unknown
    assert unknown.reason.endswith("more than 50 pages")


def test_names_of_contacts_are_in_no_text_form_of_the_value() -> None:
    """A value that is logged, or quoted in a traceback, shows no personal data."""
    found = read(Books()).of("a-1")
    assert "Contact " not in repr(found)
    assert "Acme" not in repr(found)
    assert "Contact " not in str(found.to_json())
