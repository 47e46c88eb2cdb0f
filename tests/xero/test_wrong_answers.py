"""Answers of Xero with wrong types end in an error that says where, never in half a chart."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from command_line import Xerosync
from hypothesis import given, settings
from hypothesis import strategies as st
from network.scripted_server import Server, respond
from plan.saved.test_wrong_types import WRONG, changed, variants

from xero.auth.conftest import point_at
from xero.scripted import API, START, Script, client_for, reply
from xerosync.apply.ledger import Written
from xerosync.desired import DesiredAccount, DesiredChart
from xerosync.errors import LedgerError, XerosyncError
from xerosync.plan.build import build
from xerosync.plan.saved.serialize import loads, to_document
from xerosync.text import json_text, timestamp
from xerosync.xero import wire
from xerosync.xero.auth.tenants import list_tenants
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero.ledger import XeroLedger

SALES = {
    "AccountID": "a-1", "Code": "200", "Name": "Sales", "Status": "ACTIVE", "Type": "REVENUE",
    "TaxType": "OUTPUT2", "Class": "REVENUE", "EnablePaymentsToAccount": False,
    "UpdatedDateUTC": "/Date(1776704054343+0000)/",
}  # fmt: skip
RATE = {
    "TaxType": "OUTPUT2", "Name": "15%", "Status": "ACTIVE", "CanApplyToRevenue": True,
    "DisplayTaxRate": 15.0,
}  # fmt: skip
DEMO = {"OrganisationID": "t-1", "Name": "Demo", "IsDemoCompany": True, "CountryCode": "NZ"}
TENANT = {"tenantId": "t-1", "tenantName": "Demo", "tenantType": "ORGANISATION"}
BOOKS: dict[str, Any] = {
    "Accounts": {"Status": "OK", "Accounts": [SALES]},
    "TaxRates": {"Status": "OK", "TaxRates": [RATE]},
    "Organisation": {"Status": "OK", "Organisations": [DEMO]},
    "connections": [TENANT],
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\x00\x1b[31m", "/Date(99999999999999)/", "9" * 5000]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)  # fmt: skip
DESIRED = DesiredChart("accounts.yaml", (DesiredAccount({"name": "Income"}, account_id="a-1"),))


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ({"AccountID": None}, "entry 1 of Accounts has no AccountID"),
        ({"AccountID": ""}, "entry 1 of Accounts has no AccountID"),
        ({"AccountID": "00000000-0000-0000-0000-000000000000"}, "has no AccountID"),
        ({"AccountID": ["a"]}, "AccountID of entry 1 of Accounts is not text"),
        ({"AccountID": "a\r\nb"}, "AccountID of entry 1 of Accounts is not an id"),
        ({"Name": None}, "entry 1 of Accounts has no Name"),
        ({"Status": None}, "entry 1 of Accounts has no Status"),
        ({"Type": ""}, "entry 1 of Accounts has no Type"),
        ({"Code": {"x": 1}}, "Code of entry 1 of Accounts is not text"),
        ({"Code": 200.0}, "Code of entry 1 of Accounts is not text"),
        ({"Name": True}, "Name of entry 1 of Accounts is not text"),
        ({"AddToWatchlist": "perhaps"}, "is neither true nor false"),
        ({"AddToWatchlist": {}}, "is neither true nor false"),
        ({"AddToWatchlist": 2}, "is neither true nor false"),
    ],
)
def test_a_malformed_account_is_named(element: dict[str, object], said: str) -> None:
    with pytest.raises(wire.Malformed, match=said):
        wire.accounts({"Accounts": [SALES | element]})


@pytest.mark.parametrize(
    ("element", "said"),
    [
        ({"TaxType": None}, "entry 1 of TaxRates has no TaxType"),
        ({"Name": None}, "entry 1 of TaxRates has no Name"),
        ({"Status": None}, "entry 1 of TaxRates has no Status"),
        ({"TaxType": ["x"]}, "TaxType of entry 1 of TaxRates is not text"),
        ({"CanApplyToRevenue": "x"}, "CanApplyToRevenue of entry 1 of TaxRates is neither"),
    ],
)
def test_a_malformed_tax_rate_is_named(element: dict[str, object], said: str) -> None:
    with pytest.raises(wire.Malformed, match=said):
        wire.tax_rates({"TaxRates": [RATE | element]})


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([DEMO, DEMO], "has 2 entries instead of one"),
        ([DEMO | {"Name": None}], "entry 1 of Organisations has no Name"),
        ([DEMO | {"OrganisationID": "t\n1"}], "OrganisationID of entry 1 of Organisations is not"),
        ([DEMO | {"ShortCode": []}], "ShortCode of entry 1 of Organisations is not text"),
        ([DEMO | {"IsDemoCompany": "?"}], "IsDemoCompany of entry 1 of Organisations is neither"),
    ],
)
def test_a_malformed_organisation_is_named(listed: list[object], said: str) -> None:
    with pytest.raises(wire.Malformed, match=said):
        wire.organisation({"Organisations": listed})


@pytest.mark.parametrize(
    "element", [{"tenantId": None}, {"tenantId": "t\n1"}, {"tenantName": 1.5}, {"tenantType": []}]
)
def test_a_malformed_connection_is_an_error(element: dict[str, object]) -> None:
    with pytest.raises(wire.Malformed, match="entry 1 of Connections"):
        wire.connections({"Connections": [TENANT | element]})


def test_one_account_listed_twice_counts_once_and_two_of_one_id_are_refused() -> None:
    assert len(wire.accounts({"Accounts": [SALES, SALES]})) == 1
    other = SALES | {"AccountID": "A-1", "Code": "201"}
    with pytest.raises(wire.Malformed, match="two accounts with the AccountID A-1"):
        wire.accounts({"Accounts": [SALES, other]})


def test_an_empty_chart_is_refused() -> None:
    with pytest.raises(wire.Malformed, match="the list Accounts is empty"):
        wire.accounts({"Accounts": []})


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "/Date(253402300800000)/",
        "/Date(253402300799000)/",
        "9999-01-01T00:00:00",
        "/Date(-62135596800000)/",
    ],
)
def test_a_date_outside_the_calendar_is_read_as_none(text: str) -> None:
    assert wire.accounts({"Accounts": [SALES | {"UpdatedDateUTC": text}]})[0].updated_at is None


def test_a_date_of_another_zone_is_in_utc() -> None:
    changed_at = {"UpdatedDateUTC": "2026-01-01T01:00:00+02:00"}
    (account,) = wire.accounts({"Accounts": [SALES | changed_at]})
    assert account.updated_at
    assert account.updated_at.tzinfo is UTC
    assert timestamp(account.updated_at) == "2025-12-31T23:00:00Z"


def test_a_lone_surrogate_is_replaced() -> None:
    (account,) = wire.accounts({"Accounts": [SALES | {"Name": "A\ud800B"}]})
    assert account.name == "A\ufffdB"


@pytest.mark.parametrize("body", ["[" * 100_000, '{"Accounts": ' + "9" * 5000 + "}", "null", "7"])
def test_deep_and_huge_json_is_an_error(body: str) -> None:
    with pytest.raises(XerosyncError, match="could not be read"):
        XeroLedger(client_for(Script(loop=reply(200, body))), API).accounts()


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\u202eb", "x" * 5000, "a b", "<b>"])
def test_a_correlation_id_of_other_characters_is_left_out(name: str) -> None:
    assert Reply(200, {"xero-correlation-id": name}, "").correlation_id == ""


def test_a_correlation_id_is_kept() -> None:
    found = "7b9a2c1e-0000-4000-8000-0123456789ab"
    assert Reply(200, {"xero-correlation-id": found}, "").correlation_id == found


def places() -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield each value of each answer."""
    for name, document in BOOKS.items():
        for at in variants(document):
            yield name, at


@settings(max_examples=150)
@given(st.sampled_from(list(places())), anything)
def test_any_value_is_read_or_refused(place: tuple[str, tuple[Any, ...]], value: object) -> None:
    name, at = place
    body = changed(BOOKS[name], at, value)

    def answer(request: Request) -> Reply:
        asked = request.url.rpartition("/")[2]
        return reply(200, json.dumps(body if asked == name else BOOKS[asked]))

    ledger = XeroLedger(client_for(Script(loop=answer)), API)
    ledger._client.tenant_id = ""
    with suppress(XerosyncError):
        chart = ledger.chart()
        assert all(one.account_id and one.name and one.type for one in chart.accounts)
        plan = build(chart, DESIRED)
        text = json_text(to_document([plan], START))
        assert loads(text.encode().decode())[0].changes == plan.changes
        list_tenants(client_for(Script(loop=answer)), "https://api.xero.com/connections")


def test_a_wrong_answer_is_never_reported_as_a_bug(
    xerosync: Xerosync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("accounts.yaml").write_text(
        'version: 1\norganisation: {name: Demo}\naccounts: [{code: "200", name: Income}]\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("XERO_ACCESS_TOKEN", "token-of-this-run")
    answers = dict(BOOKS)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        found = answers[handler.path.rpartition("/")[2]]
        headers = {"Xero-Correlation-Id": "\x1b[31mid"}
        respond(200, json.dumps(found).encode(), headers)(handler)

    with Server(answer) as server:
        point_at(server.url, monkeypatch)
        assert "This is a bug" not in xerosync("plan").err
        for number, (name, at) in enumerate(places()):
            value = WRONG[number % len(WRONG)]
            answers = {**BOOKS, name: changed(BOOKS[name], at, value)}
            said = xerosync("plan", "--debug")
            assert "This is a bug" not in said.err, (name, at, value)
            assert "\x1b" not in said.out + said.err
            assert said.code in {0, 1, 4, 5}, (name, at, value)


WRITES: tuple[Callable[[XeroLedger], Written], ...] = (
    lambda books: books.create({"code": "200", "name": "Sales"}, key="k"),
    lambda books: books.update("a-1", {"name": "Sales"}, key="k"),
    lambda books: books.set_status("a-1", "ACTIVE", key="k"),
    lambda books: books.delete("a-1"),
)


@settings(max_examples=150)
@given(
    st.sampled_from(WRITES),
    st.sampled_from(list(variants(BOOKS["Accounts"]))),
    anything,
    st.sampled_from([200, 201, 206, 400, 404, 409, 500]),
)
def test_any_answer_to_a_write_is_read_refused_or_unknown(
    write: Callable[[XeroLedger], Written], at: tuple[Any, ...], value: object, status: int
) -> None:
    body = reply(status, json.dumps(changed(BOOKS["Accounts"], at, value)))
    with suppress(LedgerError):
        assert write(XeroLedger(client_for(Script(loop=body)), API)).account.account_id == "a-1"
