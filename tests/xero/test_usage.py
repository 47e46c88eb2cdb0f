"""What uses an account is read by four GETs at once; what cannot be read is unknown."""

from __future__ import annotations

import json
import math
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from threading import Barrier, Event, Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from xero.reports import ACCOUNTS, contact, contact_pages, repeating, report, row
from xero.scripted import API, START, FixedTokens, Script, Time, client_for, reply
from xerosync.desired import DesiredAccount, DesiredChart, OrganisationPin
from xerosync.errors import AccessDenied, SignInError
from xerosync.network.no_reply import NoReply
from xerosync.plan.build import build_reading
from xerosync.usage import NOTHING, Balance, RepeatingInvoices, Usage, UsageKind
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero.ledger import XeroLedger
from xerosync.xero.usage import DENIED, LACKING, UNREADABLE

AMOUNTS = ("", "", "1,204.50", "")
BOOKS: dict[str, Any] = {
    "TrialBalance": report(row("a-1", *AMOUNTS), total=AMOUNTS),
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
    return XeroLedger(client_for(Script(loop=books)), API).usage(ACCOUNTS)


def test_everything_is_read_and_contacts_in_pages() -> None:
    books = Books()
    usage = read(books)
    found = usage.of("A-1")
    assert found.balance == Balance(Decimal("1204.50"), moved=True)
    assert found.items == ("TOOL",)
    assert found.repeating_invoices == RepeatingInvoices(1, 0, date(2026, 12, 1))
    assert found.contacts == 50
    assert found.names is None
    assert usage.unknown == ()
    assert "TrialBalance?date=2026-11-24" in books.asked
    assert len(books.asked) == 3 + 5


def test_an_account_that_nothing_names_has_no_uses() -> None:
    found = read(Books()).of("a-2")
    assert (found.items, found.repeating_invoices, found.contacts) == ((), RepeatingInvoices(), 0)
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

    usage = XeroLedger(client_for(Script(loop=meet)), API).usage(ACCOUNTS)
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
        (reply(200, report(titles=("Konto", "Soll", "Haben"))), "not the expected ones: Konto"),
        (reply(403, {"Detail": "no reports for you"}), "no reports for you"),
        (reply(404, ""), "cannot be found"),
        (reply(500, ""), "internal error"),
        (reply(200, "<html>"), "could not be read"),
    ],
)
def test_a_failure_makes_one_kind_unknown_and_the_rest_is_known(answer: Reply, says: str) -> None:
    usage = read(Books({"TrialBalance": answer}))
    assert [one.kind for one in usage.unknown] == [UsageKind.BALANCE]
    assert says in usage.unknown[0].reason
    assert usage.of("a-1").items == ("TOOL",)
    assert usage.of("a-1").balance is None


def test_a_token_that_xero_rejects_for_one_read_makes_only_that_unknown() -> None:
    """The chart was read with the same token: an unreadable report must not fail a plan."""
    usage = read(Books({"Items": reply(401, {"Detail": "AuthenticationUnsuccessful"})}))
    (unknown,) = usage.unknown
    assert unknown.kind is UsageKind.ITEMS
    assert "rejected the access token" in unknown.reason


def test_a_read_that_xero_refuses_is_not_said_to_be_of_an_organisation_without_access() -> None:
    """The chart was read with the same token."""
    usage = read(Books({"TrialBalance": reply(403, {"Detail": "no reports for you"})}))
    assert [one.reason for one in usage.unknown] == ["Xero refused the call (no reports for you)"]
    usage = read(Books({"TrialBalance": reply(403, "")}))
    assert [one.reason for one in usage.unknown] == ["Xero refused the call (403)"]


def test_a_custom_connection_without_a_scope_is_said_to_lack_it() -> None:
    """Its token is renewed during the reads, and no call is refused."""

    class Unticked(FixedTokens):
        def renew(self, stale: str, ends: float = math.inf) -> str:
            raise AccessDenied("This custom connection lacks the scope x.", "Tick x.")

    books = Books({"Items": reply(401, {"Detail": "TokenExpired: token expired"})})
    usage = XeroLedger(client_for(Script(loop=books), tokens=Unticked()), API).usage(ACCOUNTS)
    (one,) = usage.unknown
    assert (one.reason, one.hint) == ("This custom connection lacks the scope x", "Tick x.")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (reply(401, {"Detail": "AuthenticationUnsuccessful"}), DENIED.format("acme")),
        (reply(403, {"Detail": "no reports for you"}), DENIED.format("acme")),
        (reply(500, ""), "Wait a minute, and see https://status.xero.com."),
        (reply(200, report(titles=("Konto", "Soll", "Haben"))), UNREADABLE),
    ],
)
def test_the_hint_depends_on_why_the_usage_is_unknown(answer: Reply, hint: str) -> None:
    books = Books({"TrialBalance": answer})
    (unknown,) = (
        XeroLedger(client_for(Script(loop=books)), API, login="acme").usage(ACCOUNTS).unknown
    )
    assert unknown.hint == hint
    assert unknown.scope == ""


def test_a_token_that_expired_and_cannot_be_renewed_is_an_error() -> None:
    """The process that handed it to an engine has to renew it."""
    books = Books({"Items": reply(401, {"Detail": "TokenExpired: token expired"})})
    with pytest.raises(SignInError, match="has expired"):
        XeroLedger(client_for(Script(loop=books), tokens=Lent()), API).usage(ACCOUNTS)


class Lent(FixedTokens):
    """A token that only its owner can renew."""

    def renew(self, stale: str, ends: float = math.inf) -> str:
        raise SignInError("The access token of a task has expired.")


@pytest.mark.parametrize("shared", [False, True])
def test_the_pages_after_the_first_are_read_at_once(*, shared: bool) -> None:
    """The first page says how many there are; the calls for the four others wait for each other."""
    others = Barrier(4, timeout=5)
    books = Books()

    def answer(request: Request) -> Reply:
        found = books(request)
        if "Contacts" in request.url and "page=1&" not in request.url:
            others.wait()
        return found

    with ThreadPoolExecutor(4) as pool:
        reads = pool if shared else None
        usage = XeroLedger(client_for(Script(loop=answer)), API, reads=reads).usage(ACCOUNTS)
    assert usage == read(Books())


def test_a_page_that_fails_makes_contacts_unknown() -> None:
    books = Books()

    def answer(request: Request) -> Reply:
        found = books(request)
        return reply(404, "") if "page=3&" in request.url else found

    usage = XeroLedger(client_for(Script(loop=answer)), API).usage(ACCOUNTS)
    assert [one.kind for one in usage.unknown] == [UsageKind.CONTACTS]
    assert usage.contacts is None


def test_without_counts_pages_are_read_until_one_is_empty() -> None:
    """A server that ignores the size of a page must not end the list early."""
    books = Books()
    named = contact(1, SalesDefaultAccountCode="461")
    books.contacts = [{"Contacts": [contact(2)]}, {"Contacts": [named]}, {"Contacts": []}]
    assert read(books).contacts == {"a-1": ("Contact 1",)}


def test_a_server_that_repeats_its_first_page_makes_contacts_unknown() -> None:
    books = Books({"Contacts": reply(200, {"Contacts": [contact(1)]})})
    (unknown,) = read(books).unknown
    assert "it has one contact twice" in unknown.reason
    assert len(books.asked) == 3 + 2


def test_more_than_50_pages_make_contacts_unknown_without_a_hint() -> None:
    books = Books()
    books.contacts = contact_pages(60, 1)
    (unknown,) = read(books).unknown
    assert unknown.reason == "there are more than 50,000, and xerosync reads no more"
    assert unknown.hint == ""


def test_the_repr_and_the_json_of_usage_have_no_names_of_contacts() -> None:
    """A value that is logged, or quoted in a traceback, shows no personal data."""
    found = read(Books()).of("a-1")
    assert "Contact " not in repr(found)
    assert "Acme" not in repr(found)
    assert "Contact " not in str(found.to_json())


@pytest.mark.parametrize(
    ("scope", "asked"),
    [
        ("accounting.settings.read", {"Items"}),
        ("accounting.settings accounting.reports.read", {"Items", "TrialBalance"}),
        ("accounting.invoices accounting.settings", {"Items", "RepeatingInvoices"}),
        (
            "accounting.transactions.read accounting.contacts.read accounting.settings.read",
            {"Items", "RepeatingInvoices", "Contacts"},
        ),
    ],
)
def test_a_call_is_not_made_if_the_token_lacks_its_scope(scope: str, asked: set[str]) -> None:
    payload = urlsafe_b64encode(json.dumps({"scope": scope.split()}).encode()).decode().rstrip("=")
    books = Books()
    books.contacts = contact_pages(0)
    ledger = XeroLedger(
        client_for(Script(loop=books), tokens=Given(f"h.{payload}.s")),
        API,
        login="login --profile acme",
    )
    usage = ledger.usage(ACCOUNTS)
    assert {one.partition("?")[0] for one in books.asked} == asked
    assert usage.calls == len(asked)
    lacking = [one.scope for one in usage.unknown]
    assert all(lacking)
    assert {one.hint for one in usage.unknown} == {LACKING.format("login --profile acme")}
    assert len(lacking) == 4 - len(asked)


class Given(FixedTokens):
    """A token from outside."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self, ends: float = math.inf) -> str:
        return self._token


def test_a_read_that_is_never_answered_ends_within_a_minute() -> None:
    time = Time()

    def answer(request: Request) -> Reply:
        if "TrialBalance" in request.url:
            time.seconds += 25
            raise NoReply("Nothing came back.", untouched=False)
        return books(request)

    books = Books()
    began = time.seconds
    usage = XeroLedger(client_for(Script(loop=answer), time), API).usage(ACCOUNTS)
    assert [one.kind for one in usage.unknown] == [UsageKind.BALANCE]
    assert time.seconds - began < 90


def test_only_the_kinds_that_are_asked_for_are_read() -> None:
    books = Books()
    ledger = XeroLedger(client_for(Script(loop=books)), API)
    usage = ledger.usage(ACCOUNTS, (UsageKind.BALANCE,))
    assert books.asked == ["TrialBalance?date=2026-11-24"]
    assert usage.of("a-1").balance == Balance(Decimal("1204.50"), moved=True)
    assert (usage.calls, usage.unknown) == (1, ())


def test_busy_shared_threads_do_not_delay_the_reads() -> None:
    """All of them may be waiting for an organisation whose answers are slow."""
    free = Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(free.wait)
        ledger = XeroLedger(client_for(Script(loop=Books())), API, reads=pool)
        try:
            assert ledger.usage(ACCOUNTS).unknown == ()
        finally:
            free.set()


def test_a_plan_with_three_archives_takes_one_round_trip_more() -> None:
    """The chart takes three calls at the same time, and then usage takes four."""
    chart_wave, usage_wave = Barrier(3, timeout=5), Barrier(4, timeout=5)
    books = Books()
    books.contacts = contact_pages(0)
    archived = [
        {"AccountID": f"a-{n}", "Code": f"46{n}", "Name": f"Old {n}", "Type": "EXPENSE",
         "Status": "ACTIVE", "Class": "EXPENSE", "TaxType": "NONE"}
        for n in (1, 2, 3)
    ]  # fmt: skip
    answers = {
        "Organisation": {"Organisations": [{"OrganisationID": "tenant", "Name": "Kauri Ltd"}]},
        "Accounts": {"Accounts": archived},
        "TaxRates": {"TaxRates": [{"TaxType": "NONE", "Name": "No GST", "Status": "ACTIVE"}]},
    }

    def answer(request: Request) -> Reply:
        name = urlsplit(request.url).path.rpartition("/")[2]
        (chart_wave if name in answers else usage_wave).wait()
        return reply(200, answers[name]) if name in answers else books(request)

    ledger = XeroLedger(client_for(Script(loop=answer)), API)
    current = ledger.chart()
    entries = [
        DesiredAccount({"code": f"46{n}", "name": f"Old {n}"}, status="ARCHIVED") for n in (1, 2, 3)
    ]
    desired = DesiredChart("a.yaml", tuple(entries), OrganisationPin("Kauri Ltd"))
    plan = build_reading(current, desired, lambda: ledger.usage(current.accounts))
    assert [change.usage is not None for change in plan.changes] == [True] * 3
    assert plan.usage is not None
    assert plan.usage.calls == 4


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-26T09:59:00+00:00", date(2026, 11, 26)),
        ("2026-11-26T10:00:00+00:00", date(2026, 11, 27)),
        ("2026-11-26T23:00:00-11:00", date(2026, 11, 28)),
    ],
)
def test_balances_include_what_is_dated_today_wherever_the_books_are(now: str, day: date) -> None:
    """In New Zealand it is the 27th from 11:00 UTC; a CI job on UTC would miss its entries."""
    books = Books()
    time = Time()
    time.seconds += (datetime.fromisoformat(now) - START).total_seconds()
    usage = XeroLedger(client_for(Script(loop=books), time), API).usage(
        ACCOUNTS, (UsageKind.BALANCE,)
    )
    assert books.asked == [f"TrialBalance?date={day}"]
    assert usage.as_at == day
