"""`xerosync usage` answers from Xero, and says what the sign-in may not read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync
from render.test_published_schemas import check, load
from xero.auth.conftest import (
    CHART,
    GENEROUS,
    Browser,
    books,
    browser,
    consent,
    login,
    point_at,
    project,
)
from xero.auth.test_login import Login

from xerosync.errors import ExitCode, SignInError
from xerosync.sandbox import Sandbox
from xerosync.xero.auth.authorization_code import CodeFlow
from xerosync.xero.auth.token_endpoint import App
from xerosync.xero.http.client import XeroClient

__all__ = ["books", "browser", "login", "project"]

Start = Callable[..., Sandbox]
GRANULAR = "accounting.reports.trialbalance.read accounting.invoices.read accounting.contacts.read"
BROAD = "accounting.reports.read accounting.transactions.read accounting.contacts.read"
USED = "NZD 1,204.50 debit; with transactions since the year end"


@pytest.fixture
def start(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that starts a sandbox, whose custom connection the command uses."""
    with ExitStack() as stack:

        def call(*faults: str, **options: Any) -> Sandbox:
            server = stack.enter_context(Sandbox(faults=faults, limits=GENEROUS, **options))
            point_at(server.url, monkeypatch)
            monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
            monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")
            return server

        yield call


def usage_of(xerosync: Xerosync, code: str) -> dict[str, Any]:
    said = xerosync("usage", code, "--format", "json")
    assert said.code == 0, said.err
    document = json.loads(said.out)
    check(load("usage.schema.json"), document)
    found: dict[str, Any] = document["accounts"][0]["usage"]
    return found


def test_usage_reads_the_books_that_the_file_names(start: Start, xerosync: Xerosync) -> None:
    server = start()
    said = xerosync("usage", "461", "200", "461")
    assert said.code == 0
    assert said.out.count("461 Printing & Stationery (EXPENSE)") == 1
    assert USED in said.out
    assert said.out.index("461 ") < said.out.index("200 Sales")
    assert "Bank rules, fixed assets and payroll may use an account too" in said.err
    assert {each.method for each in server.requests if "/api.xro/" in each.path} == {"GET"}


def test_without_a_file_the_only_organisation_is_read(start: Start, xerosync: Xerosync) -> None:
    start()
    Path("accounts.yaml").unlink()
    assert USED in xerosync("usage", "461").out


def test_a_file_for_other_books_is_refused_before_anything_is_shown(
    start: Start, xerosync: Xerosync
) -> None:
    start()
    Path("other.yaml").write_text(CHART.replace("(NZ)", "(AU)"), encoding="utf-8")
    said = xerosync("usage", "461", "-f", "other.yaml")
    assert said.code != 0
    assert not said.out


def test_a_missing_file_that_is_named_is_an_error(start: Start, xerosync: Xerosync) -> None:
    start()
    assert xerosync("usage", "461", "-f", "gone.yaml").code != 0


def test_a_broken_link_in_place_of_the_file_is_an_error(start: Start, xerosync: Xerosync) -> None:
    server = start()
    Path("accounts.yaml").unlink()
    Path("accounts.yaml").symlink_to("moved.yaml")
    assert xerosync("usage", "461").code == ExitCode.INVALID_FILE
    assert server.requests == ()


def test_unknown_codes_are_all_named_with_what_may_have_been_meant(
    start: Start, xerosync: Xerosync
) -> None:
    server = start()
    said = xerosync("usage", "461", "4611", "zzzz\x1b[31m")
    assert said.code == ExitCode.USAGE
    assert "Xero has no account with the code 4611 or zzzz\\x1b[31m." in said.err
    assert "461 Printing & Stationery" in said.err
    assert not any("TrialBalance" in each.path for each in server.requests)


def test_names_of_contacts_need_verbose(start: Start, xerosync: Xerosync) -> None:
    start()
    names = json.loads(xerosync("usage", "461", "--verbose", "--format", "json").out)
    shown = names["accounts"][0]["usage"]["contact_names"]
    assert shown
    assert not any(name in xerosync("usage", "461").out for name in shown)
    assert all(name in xerosync("usage", "461", "--verbose").out for name in shown)
    assert "contact_names" not in usage_of(xerosync, "461")


def test_a_read_that_xero_refuses_is_reported_with_advice(
    start: Start, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    start("GET /Contacts#*=403")
    monkeypatch.setenv("XERO_CLIENT_ID_ACME", "sandbox")
    monkeypatch.setenv("XERO_CLIENT_SECRET_ACME", "sandbox")
    said = xerosync("usage", "461", "--profile", "acme")
    assert said.code == 0
    assert "Contacts not known" in said.out
    assert "`xerosync auth login --profile acme --usage`; for a custom connection" in said.err


@pytest.mark.parametrize("write", ["", ".read"])
def test_a_custom_connection_without_the_scopes_says_what_is_not_known(
    start: Start, xerosync: Xerosync, write: str
) -> None:
    start(scopes=f"accounting.settings{write}")
    said = xerosync("usage", "461")
    assert said.code == 0
    assert (
        "Balances not known: the sign-in lacks the scope accounting.reports.trialbalance.read."
        in said.out
    )
    assert "Items               PAPER" in said.out
    assert "xerosync auth login --usage" in said.err
    assert usage_of(xerosync, "461")["unknown"] == ["balance", "repeating_invoices", "contacts"]


@pytest.mark.parametrize(
    "scopes",
    [f"accounting.settings.read {GRANULAR}", f"accounting.settings {GRANULAR}",
     f"accounting.settings {BROAD}"],
)  # fmt: skip
def test_a_custom_connection_uses_the_scopes_that_are_ticked(
    start: Start, xerosync: Xerosync, scopes: str
) -> None:
    start(scopes=scopes)
    assert usage_of(xerosync, "461")["unknown"] == []


def test_five_thousand_contacts_are_read_in_pages_of_a_thousand(
    start: Start, xerosync: Xerosync
) -> None:
    server = start()
    server.books.set_contacts(5000)
    (store,) = server.books.stores()
    keys = ("SalesDefaultAccountCode", "PurchasesDefaultAccountCode")
    listed = [each for each in store.contacts() if each["ContactStatus"] == "ACTIVE"]
    assert len(listed) > 4900
    for code in ("404", "429", "461"):
        using = [each for each in listed if code in {each.get(key) for key in keys}]
        assert usage_of(xerosync, code)["contacts"] == len(using), code
    pages = [each for each in server.requests if each.path.endswith("/Contacts")]
    assert len(pages) == 3 * 5


def test_a_plan_can_do_without_the_scopes(start: Start, xerosync: Xerosync) -> None:
    """Planning needs no permission to read invoices."""
    server = start(scopes="accounting.settings.read")
    assert xerosync("plan").code == 0
    assert xerosync("plan", "--no-usage").code == 0
    tokens = [each for each in server.requests if each.path == "/connect/token"]
    assert [each.status for each in tokens] == [400, 200, 200]


def test_the_command_that_adds_missing_scopes_is_advised(
    books: Sandbox, login: Login, xerosync: Xerosync
) -> None:
    assert login("--profile", "acme").code == 0
    said = xerosync("usage", "461", "--profile", "acme")
    assert said.code == 0
    assert "Contacts not known: the sign-in lacks the scope accounting.contacts.read." in said.out
    assert "`xerosync auth login --profile acme --usage`" in said.err


@pytest.mark.parametrize(
    ("options", "scopes"),
    [
        (("--usage",), f"offline_access accounting.settings {GRANULAR}"),
        (("--usage", "--read-only"), f"offline_access accounting.settings.read {GRANULAR}"),
        (("--usage", "--broad-scopes"), f"offline_access accounting.settings {BROAD}"),
    ],
)
def test_a_person_who_signs_in_for_usage_reads_everything(
    books: Sandbox,
    login: Login,
    browser: Browser,
    xerosync: Xerosync,
    options: tuple[str, ...],
    scopes: str,
) -> None:
    assert login(*options).code == 0
    assert f"scope={scopes.replace(' ', '+')}&" in f"{browser.opened[0]}&".replace("%20", "+")
    assert usage_of(xerosync, "461")["unknown"] == []
    assert f"Scopes:       {scopes}\n" in xerosync("auth", "status").out


def test_a_scope_that_xero_does_not_grant_is_named(
    books: Sandbox, login: Login, browser: Browser
) -> None:
    browser.person = lambda address: consent(address.replace("accounting.contacts.read", ""))
    said = login("--usage")
    assert said.code == 0
    assert "Xero did not grant accounting.contacts.read" in said.err
    browser.person = consent
    assert "did not grant" not in login("--usage").err


@pytest.mark.parametrize(
    ("scopes", "says"),
    [(GRANULAR, "add --broad-scopes"), (BROAD, "leave --broad-scopes out"), ("", "manage[;.]")],
)
def test_the_right_scope_option_is_advised_for_an_app_with_other_scopes(
    scopes: str, says: str
) -> None:
    flow = CodeFlow.begin(App("app"), "http://localhost/callback", ("a.b", *scopes.split()))
    with pytest.raises(SignInError) as caught:
        flow.code(f"error=invalid_scope&state={flow.state.reveal()}")
    assert re.search(says, caught.value.hint)
    assert ("--broad-scopes" in caught.value.hint) is bool(scopes)


def test_broad_scopes_alone_are_a_mistake(books: Sandbox, login: Login) -> None:
    said = login("--broad-scopes")
    assert said.code == ExitCode.USAGE
    assert "--broad-scopes needs --usage" in said.err


@pytest.mark.parametrize(
    ("hour", "day"), [(10, "2027-03-31"), (11, "2027-04-01")], ids=["old year", "new year"]
)
def test_the_financial_year_ends_at_midnight_where_the_books_are(
    start: Start, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, hour: int, day: str
) -> None:
    """New Zealand is 13 hours ahead of UTC then; in UTC+14 the new year has begun at both."""
    evening = datetime(2027, 3, 31, hour, 30, tzinfo=UTC)
    monkeypatch.setattr(XeroClient, "now", lambda _: evening)
    start(clock=evening.timestamp)
    said = xerosync("usage", "461", "--format", "json")
    document = json.loads(said.out)
    assert document["as_at"] == day
    assert document["accounts"][0]["usage"]["balance"] == "1204.50"
