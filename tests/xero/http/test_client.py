"""Which calls are repeated, and which error each failure raises."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest

from xero.scripted import API, FixedTokens, Script, Step, Time, client_for, lost, reply
from xerosync.errors import (
    AccessDenied,
    DayLimitReached,
    Interrupted,
    LedgerError,
    OutcomeUnknown,
    RejectedByXero,
    SignInError,
    Unavailable,
    XerosyncError,
)
from xerosync.network.no_reply import NoReply
from xerosync.xero.http.client import ApiCall
from xerosync.xero.http.limit_headers import LimitHeaders
from xerosync.xero.http.transport import Reply, Request

GET = ApiCall("GET", f"{API}/Accounts")
PUT = ApiCall("PUT", f"{API}/Accounts", {"Accounts": [{"Code": "200"}]}, "key-1")
DELETE = ApiCall("DELETE", f"{API}/Accounts/1")
GOOD = reply(200, {"Accounts": []}, x_minlimit_remaining="50")
EXPIRED = reply(401, {"Title": "Unauthorized", "Detail": "TokenExpired: token expired at 01/23"})
NO_SCOPE = reply(401, {"title": "Unauthorized", "detail": "AuthorizationUnsuccessful"})
MINUTE = reply(429, "", x_rate_limit_problem="minute", retry_after="7", x_minlimit_remaining="0")
CONCURRENT = reply(429, "", x_rate_limit_problem="concurrent")
DAY = reply(429, "", x_rate_limit_problem="day", retry_after="14400")
INVALID = reply(
    400,
    {
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": [
            {"ValidationErrors": [{"Message": "Please enter a unique Name."}, {"Message": "Two"}]},
            {"ValidationErrors": [{"Message": "Two"}, {"Message": "Three"}]},
        ],
    },
    xero_correlation_id="c-1",
)

PASSING = [
    lost(),
    lost(untouched=True),
    reply(500, "An error occurred"),
    reply(502, "<html>Bad gateway</html>"),
    reply(503, "The Xero API is currently offline for maintenance"),
    reply(504),
    reply(408),
    reply(520, "?"),
    MINUTE,
    CONCURRENT,
    reply(200, '{"Accounts": [{"Co'),
    reply(200, "<html>sign in to the wifi</html>"),
    reply(200, ""),
]


@pytest.mark.parametrize("failure", PASSING)
def test_a_read_survives_temporary_failures(failure: Step) -> None:
    script = Script(failure, failure, GOOD)
    assert client_for(script).call(GET).data == {"Accounts": []}
    assert len(script.requests) == 3


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (reply(206, {"Accounts": []}), "status 206"),
        (reply(200, {"Accounts": [], "pagination": {"page": 1, "pageCount": 2}}), "page 1 of 2"),
        (reply(200, {"Accounts": [{}], "pagination": {"itemCount": 2}}), "1 of 2 entries"),
        (reply(200, {"Accounts": [{}], "Pagination": {"ItemCount": "250"}}), "1 of 250 entries"),
        (reply(200, {"Accounts": []}, link='<https://x?page=2>; rel="next"'), "a next page"),
        (reply(200, {"Accounts": []}, link="<https://x?page=2>;rel=prev, <y>; rel=next"), "a next"),
    ],
)
def test_an_incomplete_list_is_refused(part: Reply, why: str) -> None:
    script = Script(part)
    with pytest.raises(Unavailable, match=why) as caught:
        client_for(script).call(GET)
    assert "Accounts" in caught.value.message
    assert caught.value.hint
    client_for(Script(part)).call(PUT)


@pytest.mark.parametrize(
    "whole",
    [
        reply(200, {"Accounts": [{}], "pagination": {"page": 1, "pageCount": 1, "itemCount": 1}}),
        reply(200, {"Accounts": [], "pagination": None}),
        reply(200, {"Accounts": [], "pagination": {"pageCount": [], "itemCount": "9" * 5000}}),
        reply(200, {"Accounts": []}, link='<https://x/style.css>; rel="preload"'),
    ],
)
def test_a_complete_list_is_read(whole: Reply) -> None:
    assert "Accounts" in client_for(Script(whole)).call(GET).data


@pytest.mark.parametrize("failure", PASSING)
def test_a_read_gives_up_after_five_attempts(failure: Step) -> None:
    script = Script(loop=failure)
    with pytest.raises(Unavailable) as caught:
        client_for(script).call(GET)
    assert len(script.requests) == 5
    assert caught.value.message


def test_backoff_grows_with_each_attempt() -> None:
    time = Time()
    with pytest.raises(Unavailable):
        client_for(Script(loop=reply(503)), time, chance=1.0).call(GET)
    assert time.slept == [0.5, 1.0, 2.0, 4.0]


def test_an_untrusted_certificate_is_not_tried_again() -> None:
    script = Script(NoReply("Not trusted.", untouched=True, lasting=True))
    with pytest.raises(Unavailable):
        client_for(script).call(GET)
    assert len(script.requests) == 1


def test_a_redirect_is_not_followed() -> None:
    script = Script(reply(302, "", location="https://elsewhere.example"))
    with pytest.raises(Unavailable, match="redirect"):
        client_for(script).call(GET)


@pytest.mark.parametrize("failure", PASSING)
def test_a_write_is_repeated_under_its_own_key(failure: Step) -> None:
    script = Script(failure, GOOD)
    client_for(script).call(PUT)
    first, second = script.requests
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "key-1"
    assert first.body == second.body


@pytest.mark.parametrize(
    ("failure", "ending"),
    [
        (lost(), OutcomeUnknown),
        (lost(untouched=True), Unavailable),
        (reply(503, "The Xero API is currently offline for maintenance"), OutcomeUnknown),
        (reply(504), OutcomeUnknown),
        (MINUTE, Unavailable),
        (CONCURRENT, Unavailable),
        (reply(200, "cut of"), OutcomeUnknown),
        (reply(302), OutcomeUnknown),
    ],
)
def test_only_a_write_that_may_have_acted_has_an_unknown_outcome(
    failure: Step, ending: type[XerosyncError]
) -> None:
    with pytest.raises(LedgerError) as caught:
        client_for(Script(loop=failure)).call(PUT)
    assert type(caught.value) is ending


def test_a_second_500_under_one_key_counts_as_the_cached_one() -> None:
    script = Script(loop=reply(500, "An error occurred", xero_correlation_id="c-5"))
    with pytest.raises(OutcomeUnknown) as caught:
        client_for(script).call(PUT)
    assert len(script.requests) == 2
    assert caught.value.correlation_id == "c-5"


@pytest.mark.parametrize("failure", [lost(), reply(500), reply(503), reply(200, "cut of")])
def test_a_delete_is_repeated_without_a_key_and_a_later_refusal_has_an_unknown_outcome(
    failure: Step,
) -> None:
    """If the account is gone, the first attempt may have deleted it."""
    script = Script(failure, GOOD)
    client_for(script).call(DELETE)
    assert "Idempotency-Key" not in script.requests[1].headers
    with pytest.raises(OutcomeUnknown):
        client_for(Script(failure, reply(404, "The resource cannot be found"))).call(DELETE)
    script = Script(loop=failure)
    with pytest.raises(OutcomeUnknown):
        client_for(script).call(DELETE)
    assert len(script.requests) == 5


@pytest.mark.parametrize("failure", [lost(untouched=True), MINUTE, CONCURRENT])
def test_a_delete_is_repeated_when_it_cannot_have_acted(failure: Step) -> None:
    script = Script(failure, GOOD)
    client_for(script).call(DELETE)
    assert "Idempotency-Key" not in script.requests[0].headers


def test_a_write_that_took_its_whole_time_is_not_repeated() -> None:
    """A call ends long before Xero forgets its key, after six minutes."""
    time = Time()

    def slow(_: object) -> Reply:
        time.seconds += 160
        raise lost()

    script = Script(slow, GOOD)
    with pytest.raises(OutcomeUnknown):
        client_for(script, time).call(PUT)
    assert len(script.requests) == 1


def test_a_wait_caused_by_another_call_counts_and_leaves_the_outcome_unknown() -> None:
    time = Time()

    def slow(_: object) -> Reply:
        """Take long, while another thread meets a limit."""
        time.seconds += 120
        client.rate_limit.obey(LimitHeaders(retry_after=40))
        raise lost()

    script = Script(slow)
    client = client_for(script, time)
    with pytest.raises(OutcomeUnknown, match="was lost"):
        client.call(PUT)
    assert len(script.requests) == 1
    assert time.seconds - 1000 < 150


@pytest.mark.parametrize(
    "later", [INVALID, NO_SCOPE, DAY, reply(403, {"Title": "Forbidden"}), reply(404), reply(412)]
)
def test_a_later_error_does_not_settle_an_unknown_outcome(later: Step) -> None:
    """The repeat may be refused because the first attempt succeeded."""
    with pytest.raises(OutcomeUnknown) as caught:
        client_for(Script(lost(), later)).call(PUT)
    assert isinstance(caught.value.__cause__, XerosyncError)


def test_a_stopped_repeat_has_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown):
        client_for(Script(lost()), Time(stop_after=0)).call(PUT)


def test_stopping_a_read_is_an_interruption() -> None:
    with pytest.raises(Interrupted):
        client_for(Script(reply(503)), Time(stop_after=0)).call(GET)


def test_each_validation_message_is_reported_once_in_order() -> None:
    with pytest.raises(RejectedByXero) as caught:
        client_for(Script(INVALID)).call(PUT)
    assert caught.value.messages == ("Please enter a unique Name.", "Two", "Three")
    assert caught.value.correlation_id == "c-1"


def test_an_expired_token_is_renewed_once() -> None:
    tokens = FixedTokens()
    script = Script(EXPIRED, GOOD)
    client_for(script, tokens=tokens).call(PUT)
    assert [request.authorization for request in script.requests] == ["Bearer t1", "Bearer t2"]
    assert tokens.renewals == 1


def test_a_new_token_that_is_expired_too_is_an_error() -> None:
    script = Script(EXPIRED, EXPIRED)
    with pytest.raises(SignInError):
        client_for(script).call(GET)


@pytest.mark.parametrize(
    ("call", "scope"), [(GET, "accounting.settings.read"), (PUT, "accounting.settings,")]
)
def test_a_missing_scope_is_named_and_no_token_is_renewed(call: ApiCall, scope: str) -> None:
    tokens = FixedTokens()
    with pytest.raises(AccessDenied, match=scope):
        client_for(Script(NO_SCOPE), tokens=tokens).call(call)
    assert tokens.renewals == 0


def test_a_minute_limit_is_waited_out_and_reported() -> None:
    time, reported = Time(), list[float]()
    client_for(Script(MINUTE, GOOD), time, on_wait=reported.append).call(GET)
    assert sum(time.slept) == pytest.approx(7.0, abs=0.5)
    assert len(reported) == 1


def test_the_day_limit_stops_with_the_time_to_continue() -> None:
    time = Time()
    with pytest.raises(DayLimitReached, match=r"until 2\d November 2026 at \d\d:00 "):
        client_for(Script(DAY), time).call(GET)
    assert time.slept == []


def test_a_wait_over_90_seconds_stops_the_run() -> None:
    with pytest.raises(DayLimitReached):
        client_for(Script(reply(429, "", x_rate_limit_problem="minute", retry_after="91"))).call(
            GET
        )


def test_nothing_is_sent_after_the_last_call_of_the_day() -> None:
    script = Script(reply(200, {}, x_daylimit_remaining="0"))
    client = client_for(script)
    client.call(GET)
    with pytest.raises(DayLimitReached):
        client.call(GET)
    assert len(script.requests) == 1


def test_the_61st_call_waits_for_a_minute() -> None:
    time = Time()
    left = iter(range(59, -1, -1))
    times: list[float] = []

    def answer(_: object) -> Reply:
        times.append(time.seconds)
        return reply(200, {}, x_minlimit_remaining=str(next(left)))

    client = client_for(Script(loop=answer), time)
    for _ in range(60):
        client.call(GET)
    left = iter(range(59, -1, -1))
    client.call(GET)
    assert times[59] == times[0]
    assert times[60] - times[59] == pytest.approx(60.1)


def test_every_call_names_the_tenant() -> None:
    script = Script(GOOD)
    client_for(script).call(GET)
    assert script.requests[0].headers["Xero-Tenant-Id"] == "tenant"


def test_a_wait_is_reported_once_for_all_threads() -> None:
    reported = list[float]()
    client = client_for(Script(), on_wait=reported.append)
    client.rate_limit._report(30.0)
    client.rate_limit._report(30.5)
    client.rate_limit._report(0.4)
    assert reported == [30.0]


def test_each_attempt_waits_longer_than_the_one_before() -> None:
    time = Time()
    client_for(Script(lost(), lost(), GOOD), time, chance=0.99).call(replace(PUT, key="k"))
    assert all(one < two for one, two in pairwise(time.slept))


@pytest.mark.parametrize("call", [GET, PUT, DELETE])
@pytest.mark.parametrize("wait", ["1", "60", "89"])
def test_a_call_ends_within_150_seconds_with_its_repeats(call: ApiCall, wait: str) -> None:
    """Each attempt takes as long as it may; some are told to come back later."""
    time = Time()

    def slow(request: Request) -> Reply:
        time.seconds += request.seconds
        return reply(503, "", retry_after=wait)

    with pytest.raises(XerosyncError):
        client_for(Script(loop=slow), time, chance=1.0).call(call)
    assert time.seconds - 1000 <= 150


def test_a_wait_that_would_end_too_late_is_not_begun() -> None:
    time = Time()
    limited = reply(429, "", x_rate_limit_problem="minute", retry_after="80")
    with pytest.raises(Unavailable, match="rate limit"):
        client_for(Script(loop=limited), time).call(GET)
    assert time.seconds - 1000 < 90


@pytest.mark.parametrize(
    "wait",
    [
        "999999999",
        "77000",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 99 Foo 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2027 00:00:00 +99999999999999999",
        "\x00\ud800",
    ],
)
@pytest.mark.parametrize("status", [200, 429, 503])
def test_a_very_long_or_invalid_retry_after_never_blocks_calls_for_long(
    wait: str, status: int
) -> None:
    time = Time()
    odd = reply(status, {"Accounts": []}, retry_after=wait, x_minlimit_remaining="0")
    client = client_for(Script(odd, GOOD, GOOD, GOOD), time)
    with suppress(XerosyncError):
        client.call(GET)
    with suppress(XerosyncError):
        client.call(GET)
    assert time.seconds - 1000 < 150


def test_a_lone_surrogate_can_be_sent() -> None:
    script = Script(GOOD)
    client_for(script).call(replace(PUT, body={"Accounts": [{"Name": "\ud800"}]}))
    assert script.requests[0].body == b'{"Accounts": [{"Name": "\\ud800"}]}'
