"""A call that is sent once: its reply is returned, whatever the status."""

from __future__ import annotations

import pytest

from xero.scripted import FixedTokens, Script, Time, client_for, lost, reply
from xerosync.errors import DayLimitReached, OutcomeUnknown, Unavailable
from xerosync.xero.http.client import ApiCall
from xerosync.xero.raw_calls import RawCalls

API = "https://api.xero.com/api.xro/2.0"
READ = ApiCall("GET", f"{API}/Accounts", headers={"If-Modified-Since": "2030-01-01"})
WRITE = ApiCall("PUT", f"{API}/Accounts", {"Name": "x"}, "key")
EXPIRED = reply(401, {"Detail": "TokenExpired: token expired at 12:00"})


@pytest.mark.parametrize("status", [200, 304, 400, 401, 403, 404, 405, 412, 500, 501, 503])
@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_call_is_sent_once_and_returns_any_status(status: int, call: ApiCall) -> None:
    script = Script(reply(status, {"Message": "as it is"}))
    assert client_for(script).once(call).status == status
    assert len(script.requests) == 1


def test_the_headers_are_sent() -> None:
    script = Script(reply(200, {}), reply(200, {}))
    client = client_for(script)
    client.once(READ)
    client.once(WRITE)
    read, write = script.requests
    assert read.headers["If-Modified-Since"] == "2030-01-01"
    assert write.headers["Idempotency-Key"] == "key"
    assert read.headers["Xero-Tenant-Id"] == write.headers["Xero-Tenant-Id"] == "tenant"


def test_an_expired_token_is_renewed_once() -> None:
    tokens = FixedTokens()
    script = Script(EXPIRED, reply(200, {}))
    assert client_for(script, tokens=tokens).once(WRITE).status == 200
    assert tokens.renewals == 1
    script = Script(EXPIRED, EXPIRED)
    assert client_for(script, tokens=tokens).once(WRITE).status == 401
    assert len(script.requests) == 2


def test_a_rate_limit_delays_the_next_call() -> None:
    time = Time()
    script = Script(reply(429, "", retry_after="17"), reply(200, {}))
    client = client_for(script, time)
    assert client.once(WRITE).status == 429
    assert not time.slept
    client.once(READ)
    assert sum(time.slept) == pytest.approx(17)


def test_a_day_limit_is_raised() -> None:
    script = Script(reply(429, "", retry_after="77000", x_rate_limit_problem="day"))
    with pytest.raises(DayLimitReached):
        client_for(script).once(READ)


def test_without_a_reply_a_write_may_have_acted() -> None:
    with pytest.raises(OutcomeUnknown):
        client_for(Script(lost())).once(WRITE)
    with pytest.raises(Unavailable):
        client_for(Script(lost(untouched=True))).once(WRITE)
    with pytest.raises(Unavailable):
        client_for(Script(lost())).once(READ)


def test_an_answer_has_its_json_and_every_message_once() -> None:
    refused = {"Elements": [{"ValidationErrors": [{"Message": "One"}, {"Message": "Two"}]}] * 2}
    inside = {"Accounts": [{"ValidationErrors": [{"Message": "Inside"}]}]}
    script = Script(
        reply(400, refused),
        reply(200, inside),
        reply(200, [{"tenantId": "t"}]),
        reply(404, "The resource cannot be found"),
        reply(400, "<ApiException><Message>In XML</Message></ApiException>"),
        reply(200, "not JSON"),
    )
    calls = RawCalls(client_for(script), API)
    answers = [calls.send("GET", "/Accounts") for _ in range(6)]
    assert [one.texts for one in answers] == [
        ("One", "Two"), ("Inside",), (), ("The resource cannot be found",), ("In XML",), (),
    ]  # fmt: skip
    assert [one.done for one in answers] == [False, False, True, False, False, True]
    assert answers[2].data == {"Connections": [{"tenantId": "t"}]}
    assert answers[5].data == {}
