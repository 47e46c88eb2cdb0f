"""What each method of the ledger sends, and how it checks the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from xero.scripted import API, Script, client_for, reply
from xerosync.desired import OrganisationPin, Source
from xerosync.errors import (
    AccessDenied,
    LedgerError,
    OutcomeUnknown,
    RejectedByXero,
    Unavailable,
    WrongOrganisation,
)
from xerosync.xero.http.transport import Reply, Request
from xerosync.xero.ledger import XeroLedger, naming

SALES = {"AccountID": "a-1", "Code": "200", "Name": "Sales", "Status": "ACTIVE", "Type": "REVENUE"}

RATE = {"TaxType": "OUTPUT2", "Name": "15%", "Status": "ACTIVE"}


def ledger(script: Script) -> XeroLedger:
    return XeroLedger(client_for(script), API)


def answer(*accounts: object) -> Reply:
    return reply(200, {"Status": "OK", "Accounts": list(accounts)}, xero_correlation_id="c-1")


def sent(script: Script) -> tuple[str, str, object]:
    request = script.requests[0]
    body = json.loads(request.body) if request.body else None
    return request.method, request.url.removeprefix(API), body


def books(request: Request) -> Reply:
    match request.url.rpartition("/")[2]:
        case "Organisation":
            return reply(200, {"Organisations": [{"Name": "Demo", "OrganisationID": "tenant"}]})
        case "Accounts":
            return answer(SALES, SALES | {"AccountID": "a-2", "Status": "DELETED"})
        case _:
            return reply(200, {"TaxRates": [RATE]})


def test_the_chart_is_read_in_parallel() -> None:
    """Three calls that wait for each other only finish if they run at once."""
    barrier = Barrier(3, timeout=60)

    def meet(request: Request) -> Reply:
        barrier.wait()
        return books(request)

    chart = ledger(Script(loop=meet)).chart()
    assert chart.organisation.name == "Demo"
    assert chart.organisation.tenant_id == "tenant"
    assert [rate.tax_type for rate in chart.tax_rates] == ["OUTPUT2"]


def test_busy_shared_threads_do_not_delay_reading_the_chart() -> None:
    others = Event()
    with ThreadPoolExecutor(1) as shared:
        shared.submit(others.wait)
        reading = XeroLedger(client_for(Script(loop=books)), API, reads=shared)
        with ThreadPoolExecutor(1) as own:
            chart = own.submit(reading.chart)
            try:
                assert chart.result(timeout=30).organisation
            finally:
                others.set()


def test_deleted_accounts_are_skipped() -> None:
    assert [account.account_id for account in ledger(Script(loop=books)).accounts()] == ["a-1"]


def test_an_answer_for_the_wrong_organisation_is_refused() -> None:
    other = reply(200, {"Organisations": [{"Name": "Beta", "OrganisationID": "id-b"}]})
    with pytest.raises(WrongOrganisation, match=r"for Beta \(id-b\)"):
        ledger(Script(other)).organisation()


def test_denied_access_to_the_chart_is_raised() -> None:
    with pytest.raises(AccessDenied):
        ledger(Script(loop=reply(403, {"Title": "Forbidden"}))).chart()


@pytest.mark.parametrize("body", [{}, {"Accounts": None}, {"Accounts": ["x"]}])
def test_an_unreadable_list_is_an_error(body: object) -> None:
    with pytest.raises(Unavailable, match="Accounts"):
        ledger(Script(reply(200, body))).accounts()


def test_create_is_a_put_of_the_given_fields() -> None:
    script = Script(answer(SALES))
    written = ledger(script).create({"code": "200", "name": "Sales"}, key="k")
    assert sent(script) == ("PUT", "/Accounts", {"Accounts": [{"Code": "200", "Name": "Sales"}]})
    assert script.requests[0].headers["Idempotency-Key"] == "k"
    assert (written.account.account_id, written.correlation_id) == ("a-1", "c-1")


def test_update_is_a_post_to_the_account() -> None:
    script = Script(answer(SALES))
    ledger(script).update("a-1", {"description": ""}, key="k")
    assert sent(script) == ("POST", "/Accounts/a-1", {"Accounts": [{"Description": ""}]})


def test_a_status_is_sent_without_other_fields() -> None:
    script = Script(answer(SALES | {"Status": "ARCHIVED"}))
    ledger(script).set_status("A-1", "ARCHIVED", key="k")
    assert sent(script) == ("POST", "/Accounts/A-1", {"Accounts": [{"Status": "ARCHIVED"}]})


def test_delete_has_neither_body_nor_key() -> None:
    script = Script(answer(SALES | {"Status": "DELETED"}))
    assert ledger(script).delete("a-1").account.status == "DELETED"
    assert sent(script) == ("DELETE", "/Accounts/a-1", None)
    assert "Idempotency-Key" not in script.requests[0].headers


def test_an_id_cannot_change_the_address() -> None:
    script = Script(answer(SALES | {"AccountID": "../x?"}))
    ledger(script).delete("../x?")
    assert sent(script)[1] == "/Accounts/..%2Fx%3F"


@pytest.mark.parametrize(
    "wrong",
    [
        answer(),
        reply(200, {"Status": "OK"}),
        answer("x"),
        answer(SALES | {"AccountID": "a-9", "Code": "999", "Name": "Other"}),
        answer(SALES | {"AccountID": "00000000-0000-0000-0000-000000000000", "Code": "9"}),
    ],
)
def test_an_answer_about_another_account_has_an_unknown_outcome(wrong: Reply) -> None:
    writes: tuple[Callable[[XeroLedger], object], ...] = (
        lambda books: books.create({"code": "200", "name": "Sales"}, key="k"),
        lambda books: books.update("a-1", {"name": "Sales"}, key="k"),
        lambda books: books.set_status("a-1", "ACTIVE", key="k"),
        lambda books: books.delete("a-1"),
    )
    for write in writes:
        with pytest.raises(OutcomeUnknown):
            write(ledger(Script(wrong)))


def test_a_created_account_without_an_id_has_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown):
        ledger(Script(answer(SALES | {"AccountID": ""}))).create({"code": "200"}, key="k")


def test_an_answer_with_another_status_has_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown, match="ARCHIVED"):
        ledger(Script(answer(SALES))).set_status("a-1", "ARCHIVED", key="k")


def test_a_success_with_validation_errors_is_a_rejection() -> None:
    refused = SALES | {"ValidationErrors": [{"Message": "Please enter a unique Code"}]}
    with pytest.raises(RejectedByXero, match="unique Code"):
        ledger(Script(answer(refused))).update("a-1", {"code": "1"}, key="k")


def test_reading_the_chart_sends_three_gets() -> None:
    script = Script(loop=books)
    with ledger(script) as counted:
        counted.chart()
        assert [request.method for request in script.requests] == ["GET"] * 3
        assert counted.calls_left_today is None


def test_the_organisation_is_read_once_and_not_at_all_if_it_is_known() -> None:
    script = Script(loop=books)
    one = ledger(script)
    found = one.organisation()
    assert one.chart().organisation is one.chart().organisation is found
    urls = [request.url.rpartition("/")[2] for request in script.requests]
    assert (urls.count("Organisation"), urls.count("Accounts"), urls.count("TaxRates")) == (1, 2, 2)
    script.requests.clear()
    assert XeroLedger(client_for(script), API, known=found).chart().organisation is found
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Acme is not among the organisations.", "a.yaml: Acme is not among the organisations."),
        ("No access to the organisation Acme.", "a.yaml: No access to the organisation Acme."),
        ("Xero answered 500: Acme Holdings.", "a.yaml (Acme): Xero answered 500: Acme Holdings."),
    ],
)
def test_an_error_names_its_file_and_its_organisation_once(message: str, said: str) -> None:
    with (
        pytest.raises(LedgerError) as failed,
        naming(OrganisationPin("Acme", source=Source("a.yaml"))),
    ):
        raise LedgerError(message)
    assert failed.value.message == said
