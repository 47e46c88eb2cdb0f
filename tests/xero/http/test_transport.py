"""What is sent to Xero, and that secrets are masked in what comes back."""

from __future__ import annotations

import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from network.scripted_server import Server, drip, respond

from xerosync import __version__
from xerosync.errors import UsageError
from xerosync.network.no_reply import NoReply
from xerosync.xero.addresses import Addresses
from xerosync.xero.http.transport import (
    Exchange,
    ReadOnlyViolation,
    Reply,
    Request,
    Transport,
)


def transport(url: str, *, read_only: bool = False, **more: object) -> closing[Transport]:
    return closing(
        Transport(Addresses(url, url), read_only=read_only, **more)  # type: ignore[arg-type]
    )


def get(url: str, **more: object) -> Request:
    return Request("GET", f"{url}/api.xro/2.0/Accounts", **more)  # type: ignore[arg-type]


def send(http: Transport, request: Request) -> Reply:
    reply = http.send(request)
    assert isinstance(reply, Reply)
    return reply


def test_one_request_one_reply() -> None:
    with Server(respond(200, b'{"a": 1}', {"Xero-Correlation-Id": "c-1"})) as server:
        with transport(server.url) as http:
            reply = send(http, get(server.url, headers={"X-Y": "z"}, authorization="Bearer t"))
        headers = server.asked[0].headers
    assert (reply.status, reply.text, reply.correlation_id) == (200, '{"a": 1}', "c-1")
    assert headers["User-Agent"] == f"xerosync/{__version__}"
    assert headers["Accept"] == "application/json"
    assert headers["Authorization"] == "Bearer t"
    assert "gzip" in headers["Accept-Encoding"]
    assert headers["X-Y"] == "z"


def test_gzip_and_a_byte_order_mark_are_read() -> None:
    body = gzip.compress("\ufeff{}".encode())
    with (
        Server(respond(200, body, {"Content-Encoding": "gzip"})) as server,
        transport(server.url) as http,
    ):
        assert send(http, get(server.url)).text == "{}"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_a_read_only_transport_sends_only_gets_to_the_api(method: str) -> None:
    with Server(respond(200)) as server, transport(server.url, read_only=True) as http:
        with pytest.raises(ReadOnlyViolation):
            http.send(Request(method, f"{server.url}/api.xro/2.0/Accounts"))
        assert server.asked == []


def test_a_read_only_transport_can_sign_in() -> None:
    with Server(respond(200)) as server, transport(server.url, read_only=True) as http:
        http.send(Request("POST", f"{server.url}/connect/token", body=b"x"))
        http.send(get(server.url))
        assert [asked.method for asked in server.asked] == ["POST", "GET"]


@pytest.mark.parametrize(
    "path",
    ["http://127.0.0.1:1/api.xro/2.0/Accounts", "{}/other", "{}.evil.example/api.xro/2.0/A"],
)
def test_nothing_is_sent_to_other_addresses(path: str) -> None:
    with Server(respond(200)) as server, transport(server.url) as http:
        with pytest.raises(ValueError, match="configured addresses"):
            http.send(Request("GET", path.format(server.url)))
        assert server.asked == []


def test_plain_http_is_only_for_loopback() -> None:
    with pytest.raises(UsageError):
        transport("http://xero.example")


def test_a_request_takes_no_longer_than_it_may() -> None:
    with Server(drip(b"HTTP/1.1 200 OK\r\n\r\n")) as server, transport(server.url) as http:
        began = time.monotonic()
        reply = http.send(get(server.url, seconds=0.3))
        assert isinstance(reply, NoReply)
        assert "too long" in reply.message
        assert time.monotonic() - began < 30


def test_each_exchange_is_reported_without_secrets() -> None:
    reported: list[Exchange] = []
    with Server(respond(503, b"", {"Xero-Correlation-Id": "c-9"})) as server:
        url = server.url
        with transport(url, on_exchange=reported.append) as http:
            http.send(get(url, authorization="Bearer marked"))
    with transport(url, on_exchange=reported.append) as http:
        assert isinstance(http.send(get(url, authorization="Bearer marked")), NoReply)
    assert [(one.method, one.path, one.status, one.correlation_id) for one in reported] == [
        ("GET", "/api.xro/2.0/Accounts", 503, "c-9"),
        ("GET", "/api.xro/2.0/Accounts", 0, ""),
    ]
    assert reported[0].seconds > 0
    assert reported[1].failure
    assert "marked" not in repr(reported)


def test_a_token_quoted_in_an_error_is_masked() -> None:
    with (
        Server(respond(500, b"bad header: Bearer marked")) as server,
        transport(server.url) as http,
    ):
        reply = send(http, get(server.url, authorization="Bearer marked", secrets=("marked", "")))
    assert reply.text == "bad header: Bearer ***"


@pytest.mark.parametrize(
    "body",
    [b'{"refresh_token": "marked", "a": 1}', b"error=x&client_secret=marked", b"Basic marked"],
)
def test_text_that_looks_like_a_secret_is_masked(body: bytes) -> None:
    with Server(respond(500, body)) as server, transport(server.url) as http:
        assert "marked" not in send(http, get(server.url)).text


@pytest.mark.parametrize("quoted", ["secret/+1234", "secret%2F%2B1234", "\\u0073ecret\\/+1234"])
def test_a_secret_quoted_in_a_good_answer_is_masked(quoted: str) -> None:
    body = json.dumps({"Name": "NAME"}).replace("NAME", f"{quoted} and Stock").encode()
    echo = respond(200, body, {"X-Said": "id secret/+1234"})
    with Server(echo) as server, transport(server.url) as http:
        http.send(get(server.url, secrets=("secret/+1234", "tock")))
        reply = send(http, get(server.url))
    assert json.loads(reply.text) == {"Name": "*** and Stock"}
    assert reply.headers["x-said"] == "id ***"


def test_many_threads_share_one_transport() -> None:
    with Server(respond(200)) as server, transport(server.url) as http:
        with ThreadPoolExecutor(5) as pool:
            statuses = list(pool.map(lambda _: send(http, get(server.url)).status, range(50)))
        assert statuses == [200] * 50
        assert len(server.asked) == 50
