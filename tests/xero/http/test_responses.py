"""Every known answer of Xero, and unexpected ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero.scripted import START, reply
from xerosync.errors import (
    AccessDenied,
    LedgerError,
    RejectedByXero,
    RejectedToken,
    ScopeMissing,
    XerosyncError,
)
from xerosync.xero.http.limit_headers import LimitHeaders, read_limits
from xerosync.xero.http.responses import Answer, CallFailure, Cause, judge, plain
from xerosync.xero.http.transport import Reply

SCOPE = "accounting.settings"

XML = """<?xml version="1.0" encoding="utf-8"?>
<ApiException xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <ErrorNumber>10</ErrorNumber>
  <Type>ValidationException</Type>
  <Message>A validation exception occurred</Message>
  <Elements>
    <DataContractBase xsi:type="Account">
      <ValidationErrors>
        <ValidationError><Message>Please enter a unique Name &amp; Code.</Message></ValidationError>
        <ValidationError><Message><![CDATA[Too long]]></Message></ValidationError>
      </ValidationErrors>
    </DataContractBase>
  </Elements>
</ApiException>"""


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (reply(400, {"Message": "Bad where"}), RejectedByXero, "Bad where"),
        (reply(400, {"message": "lower case"}), RejectedByXero, "lower case"),
        (reply(400, {"Type": "x"}), RejectedByXero, r"refused the call \(JSON without a message\)"),
        (reply(400, {"Elements": [None, 3, {"ValidationErrors": [{}, 4]}]}),
         RejectedByXero, "refused"),
        (reply(400, "<ApiException></ApiException>"), RejectedByXero, r"call \(not JSON\)"),
        (reply(400, "<html>nginx</html>"), RejectedByXero, "a web page"),
        (reply(400, XML), RejectedByXero, "^Please enter a unique Name & Code.; Too long$"),
        (reply(400, XML.replace("ValidationError>", "X>")), RejectedByXero, "^A validation exc"),
        (reply(400, "<!DOCTYPE a [<!ENTITY b 'x'>]>" + XML), RejectedByXero, "a web page"),
        (reply(400, XML + "<"), RejectedByXero, "a web page"),
        (reply(400, XML.replace("Name", "N" * 300_000)), RejectedByXero, "a web page"),
        (reply(404, XML), RejectedByXero, "A validation exception occurred"),
        (reply(400, ""), RejectedByXero, "an empty body"),
        (reply(401, {"Detail": "AuthenticationUnsuccessful"}), RejectedToken, "Authentication"),
        (reply(401, "nope"), RejectedToken, "nope"),
        (reply(401, {"Detail": "AuthorizationUnsuccessful"}), ScopeMissing, SCOPE),
        (reply(401, "", www_authenticate='error="insufficient_scope"'), ScopeMissing, SCOPE),
        (reply(403, {"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}),
         AccessDenied, "organisation"),
        (reply(404, "The resource cannot be found"), RejectedByXero, "cannot be found"),
        (reply(404, ""), RejectedByXero, "cannot be found"),
        (reply(404, "<html>not here</html>"), LedgerError, "404"),
        (reply(405, ""), LedgerError, "405"),
        (reply(412, ""), LedgerError, "412"),
        (reply(413, "Too large"), LedgerError, "Too large"),
        (reply(415, "Unsupported"), LedgerError, "415"),
        (reply(501, {"Type": "ApiMethodNotImplementedException", "Message": "Not here"}),
         RejectedByXero, "Not here"),
    ],
)  # fmt: skip
def test_a_final_refusal_is_raised(answer: Reply, error: type[XerosyncError], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        judge(answer, scope=SCOPE)
    assert type(caught.value) is error


@pytest.mark.parametrize("status", [404, 405])
def test_the_hint_asks_for_a_report_with_the_correlation_id(status: int) -> None:
    """The hint prints the id; without an id, it does not mention one."""
    headers = {"xero-correlation-id": "7f3a2b"}
    with pytest.raises(LedgerError) as caught:
        judge(reply(status, "Not here", **headers), scope=SCOPE)
    assert "XEROSYNC_API_URL" in caught.value.hint
    assert "report this with Xero's correlation id, 7f3a2b." in caught.value.hint
    with pytest.raises(LedgerError) as caught:
        judge(reply(status, "Not here"), scope=SCOPE)
    assert caught.value.hint.endswith("please report this.")


@pytest.mark.parametrize(
    ("answer", "cause", "says"),
    [
        (reply(500, {"Title": "Oops"}), Cause.SERVER_ERROR, "Oops"),
        (reply(500, "<html><body>Oops</body></html>"), Cause.SERVER_ERROR, "500"),
        (reply(503, "The Xero API is temporarily unavailable"), Cause.UNAVAILABLE, "temporarily"),
        (reply(599, ""), Cause.UNAVAILABLE, "599"),
        (reply(200, "[1"), Cause.UNREADABLE, "not JSON"),
        (reply(200, "3"), Cause.UNREADABLE, "JSON, but not an object"),
        (reply(200, " null\n"), Cause.UNREADABLE, "JSON, but not an object"),
        (reply(204, ""), Cause.UNREADABLE, "empty"),
        (reply(200, "[" * 200_000), Cause.UNREADABLE, "not JSON"),
        (reply(401, {"detail": "TokenExpired: token expired at"}), Cause.TOKEN_EXPIRED, "expired"),
    ],
)
def test_a_temporary_failure_is_returned(answer: Reply, cause: Cause, says: str) -> None:
    failure = judge(answer, scope=SCOPE)
    assert isinstance(failure, CallFailure)
    assert failure.cause is cause
    assert says in failure.message


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("17", 17.0), ("Tue, 24 Nov 2026 09:00:30 GMT", 30.0), ("Tue, 24 Nov 2020 09:00 GMT", 0.0),
        ("soon", None), ("-3", None), ("", None), ("9" * 20, None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert read_limits({"retry-after": text}, START).retry_after == seconds


def test_invalid_limit_headers_are_ignored() -> None:
    headers = {"x-minlimit-remaining": "many", "x-daylimit-remaining": "-1"}
    assert read_limits(headers, START) == LimitHeaders()


def test_a_bare_list_is_read_as_connections() -> None:
    answer = judge(reply(200, [{"tenantId": "1"}]), scope=SCOPE)
    assert isinstance(answer, Answer)
    assert answer.data == {"Connections": [{"tenantId": "1"}]}


def test_control_characters_are_replaced() -> None:
    assert plain("a\x1b[31mred\x07\nb\u202ec\ud800") == "a\ufffd[31mred\ufffd b\ufffdc\ufffd"
    assert len(plain("x" * 5000)) == 300


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Elements", "ValidationErrors", "Message", "Detail", "title", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.integers(100, 599), json_values)
def test_any_answer_can_be_read(status: int, body: object) -> None:
    """The result is an answer, a failure or one of our errors."""
    try:
        judge(reply(status, body), scope=SCOPE)
    except XerosyncError as error:
        assert error.message  # noqa: PT017 (that nothing else is raised is the point)
