"""What is sent and where, and that every failure below HTTP is raised as `NoReply`."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from xero.scripted_server import Server, drop, respond
from xerosync import __version__
from xerosync.errors import UsageError
from xerosync.network.exchange import LARGEST_ANSWER, Connections, RawReply
from xerosync.network.no_reply import NoReply, Stage, explain
from xerosync.xero.addresses import Addresses
from xerosync.xero.http.transport import (
    Exchange,
    ReadOnlyViolation,
    Request,
    Transport,
)


def transport(url: str, *, read_only: bool = False, **more: object) -> closing[Transport]:
    return closing(
        Transport(Addresses(url, url), read_only=read_only, **more)  # type: ignore[arg-type]
    )


def get(url: str, **more: object) -> Request:
    return Request("GET", f"{url}/api.xro/2.0/Accounts", **more)  # type: ignore[arg-type]


def test_one_request_one_reply() -> None:
    with Server(respond(200, b'{"a": 1}', {"Xero-Correlation-Id": "c-1"})) as server:
        with transport(server.url) as http:
            reply = http.send(get(server.url, headers={"X-Y": "z"}, authorization="Bearer t"))
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
        assert http.send(get(server.url)).text == "{}"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_read_only_sends_nothing_but_gets(method: str) -> None:
    with Server(respond(200)) as server, transport(server.url, read_only=True) as http:
        with pytest.raises(ReadOnlyViolation):
            http.send(Request(method, f"{server.url}/api.xro/2.0/Accounts"))
        assert server.asked == []


def test_read_only_still_signs_in() -> None:
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


def test_redirects_are_not_followed() -> None:
    with (
        Server(respond(302, b"", {"Location": "/api.xro/2.0/Elsewhere"})) as server,
        transport(server.url) as http,
    ):
        assert http.send(get(server.url)).status == 302
        assert len(server.asked) == 1


def test_cookies_are_not_kept() -> None:
    with (
        Server(respond(200, b"{}", {"Set-Cookie": "a=b"})) as server,
        transport(server.url) as http,
    ):
        http.send(get(server.url))
        http.send(get(server.url))
        assert "Cookie" not in server.asked[1].headers


def test_netrc_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Server(respond(200)) as server, transport(server.url) as http:
        http.send(get(server.url, authorization="Bearer t"))
        http.send(get(server.url))
        assert server.asked[0].headers["Authorization"] == "Bearer t"
        assert "Authorization" not in server.asked[1].headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_no_proxy_sees_a_call_to_this_machine(
    host: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `--sandbox`, a proxy would see the secret and could not reach the sandbox."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    url = f"http://{host}:9"
    with Server(respond(200)) as proxy, transport(url) as http:
        monkeypatch.setenv(variable, proxy.url)
        with pytest.raises(NoReply, match="Could not connect"):
            http.send(get(url, authorization="Bearer marked"))
        assert proxy.asked == []


def test_a_call_to_another_machine_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://api.xero.invalid"
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with Server(respond(502)) as proxy, transport(url) as http:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(NoReply, match="proxy"):
            http.send(get(url))
        assert [(one.method, one.path) for one in proxy.asked] == [
            ("CONNECT", "api.xero.invalid:443")
        ]


def test_the_system_s_certificates_are_read_once_and_only_for_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """This takes longer than everything else that a command does before its first call."""
    made: list[ssl.SSLContext] = []

    def create(*arguments: Any, **options: Any) -> ssl.SSLContext:
        made.append(create_default_context(*arguments, **options))
        return made[-1]

    create_default_context = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", create)
    with Server(respond(200)) as server:
        connections = Connections({}, variable="X", hint=lambda _: "")
        answer = connections.exchange("GET", server.url, {})
        assert isinstance(answer, RawReply)
        assert (answer.status, made) == (200, [])
        for _ in range(2):
            answer = connections.exchange("GET", server.url.replace("http:", "https:"), {})
            assert isinstance(answer, NoReply)
        assert len(made) == 1
        connections.close()


def drip(text: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return an answer that goes on with a byte every 20 ms, for a minute at most."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(text)
            for _ in range(3000):
                handler.wfile.write(b" ")
                time.sleep(0.02)
        handler.close_connection = True

    return answer


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
    ],
    ids=["status line", "header", "body", "body of a length", "chunk"],
)
def test_an_answer_that_arrives_a_byte_at_a_time_is_given_up(text: bytes) -> None:
    with Server(drip(text)) as server, transport(server.url, timeout=(5.0, 0.3)) as http:
        began = time.monotonic()
        with pytest.raises(NoReply, match="too long") as caught:
            http.send(get(server.url))
        assert time.monotonic() - began < 30
    assert not caught.value.untouched


def test_a_request_takes_no_longer_than_it_may() -> None:
    with Server(drip(b"HTTP/1.1 200 OK\r\n\r\n")) as server, transport(server.url) as http:
        began = time.monotonic()
        with pytest.raises(NoReply, match="too long"):
            http.send(get(server.url, seconds=0.3))
        assert time.monotonic() - began < 30


def test_a_connection_is_kept_after_an_answer_in_time() -> None:
    ports = set()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        ports.add(handler.client_address[1])
        respond(200)(handler)

    with Server(answer) as server, transport(server.url) as http:
        assert [http.send(get(server.url)).status for _ in range(3)] == [200] * 3
    assert len(ports) == 1


def deflated(size: int) -> bytes:
    """Return so many zeros as gzip, without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(size >> 20)) + packer.flush()


def test_an_answer_that_unpacks_to_too_much_is_not_read() -> None:
    """1.5 MB of gzip became 4.5 GB; what is held stays near the cap."""
    body = deflated(256 << 20)
    with (
        Server(respond(200, body, {"Content-Encoding": "gzip"})) as server,
        transport(server.url) as http,
    ):
        tracemalloc.start()
        with pytest.raises(NoReply, match="larger than 32 MB") as caught:
            http.send(get(server.url))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * LARGEST_ANSWER
    assert caught.value.lasting
    assert not caught.value.untouched


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "x"])
def test_only_the_codings_that_were_asked_for_are_unpacked(coding: str) -> None:
    body = gzip.compress(gzip.compress(b"{}"))
    with (
        Server(respond(200, body, {"Content-Encoding": coding})) as server,
        transport(server.url) as http,
        pytest.raises(NoReply, match="compressed in a way"),
    ):
        http.send(get(server.url))
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Wait until the client closes the connection."""
    handler.rfile.read(1)
    handler.close_connection = True


@pytest.mark.parametrize(
    ("answer", "says", "seconds"),
    [
        (drop, "was lost", 60.0),
        (respond(200, b'{"Accounts": [', length=5000), "was cut off", 60.0),
        (silent, "too long", 0.1),
        (respond(200, b"not gzip", {"Content-Encoding": "gzip"}), "was lost", 60.0),
    ],
)
def test_a_request_that_failed_after_sending_may_have_arrived(
    answer: object, says: str, seconds: float
) -> None:
    with (
        Server(answer) as server,  # type: ignore[arg-type]
        transport(server.url, timeout=(60.0, seconds)) as http,
        pytest.raises(NoReply, match=says) as caught,
    ):
        http.send(get(server.url))
    assert not caught.value.untouched


def test_a_refused_connection_sent_nothing() -> None:
    with Server(respond(200)) as server:
        url = server.url
    with transport(url) as http, pytest.raises(NoReply, match="Could not connect") as caught:
        http.send(get(url))
    assert caught.value.untouched


def cut_off(server: socket.socket) -> None:
    server.accept()[0].close()


def hang(_: socket.socket) -> None:
    """Leave the connection to the system, which accepts it and never answers."""


@pytest.mark.parametrize(
    ("answer", "says", "seconds"), [(cut_off, "was lost", 60.0), (hang, "took too long", 0.2)]
)
def test_a_tls_handshake_that_fails_sent_nothing(
    answer: Callable[[socket.socket], None], says: str, seconds: float
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(answer, server)
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        with (
            transport(url, timeout=(seconds, 60.0)) as http,
            pytest.raises(NoReply, match=says) as caught,
        ):
            http.send(get(url))
    assert caught.value.untouched
    assert caught.value.stage == Stage.TLS


@pytest.mark.parametrize(
    ("error", "says", "untouched"),
    [
        (requests.exceptions.ConnectTimeout(), "does not respond", True),
        (requests.exceptions.ProxyError(), "proxy", True),
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError()), "does not trust", True),
        (requests.exceptions.SSLError(ssl.SSLError()), "was lost", False),
        (requests.exceptions.ReadTimeout(), "too long", False),
        (urllib3.exceptions.LocationParseError("x"), "was lost", False),
        (ConnectionResetError(), "was lost", False),
    ],
)
def test_each_failure_says_whether_anything_was_sent(
    error: Exception, says: str, *, untouched: bool
) -> None:
    reported = explain(error, "api.xero.com")
    assert says in reported.message
    assert "api.xero.com" in reported.message
    assert reported.untouched is untouched


def test_each_exchange_is_reported_without_secrets() -> None:
    reported: list[Exchange] = []
    with Server(respond(503, b"", {"Xero-Correlation-Id": "c-9"})) as server:
        url = server.url
        with transport(url, on_exchange=reported.append) as http:
            http.send(get(url, authorization="Bearer marked"))
    with transport(url, on_exchange=reported.append) as http, pytest.raises(NoReply):
        http.send(get(url, authorization="Bearer marked"))
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
        reply = http.send(get(server.url, authorization="Bearer marked", secrets=("marked", "")))
    assert reply.text == "bad header: Bearer ***"


@pytest.mark.parametrize(
    "body",
    [b'{"refresh_token": "marked", "a": 1}', b"error=x&client_secret=marked", b"Basic marked"],
)
def test_what_looks_like_a_secret_is_masked_too(body: bytes) -> None:
    with Server(respond(500, body)) as server, transport(server.url) as http:
        assert "marked" not in http.send(get(server.url)).text


@pytest.mark.parametrize("quoted", ["secret/+1234", "secret%2F%2B1234", "\\u0073ecret\\/+1234"])
def test_a_secret_quoted_in_a_good_answer_is_masked(quoted: str) -> None:
    body = json.dumps({"Name": "NAME"}).replace("NAME", f"{quoted} and Stock").encode()
    echo = respond(200, body, {"X-Said": "id secret/+1234"})
    with Server(echo) as server, transport(server.url) as http:
        http.send(get(server.url, secrets=("secret/+1234", "tock")))
        reply = http.send(get(server.url))
    assert json.loads(reply.text) == {"Name": "*** and Stock"}
    assert reply.headers["x-said"] == "id ***"


def test_many_threads_share_one_transport() -> None:
    with Server(respond(200)) as server, transport(server.url) as http:
        with ThreadPoolExecutor(5) as pool:
            statuses = list(pool.map(lambda _: http.send(get(server.url)).status, range(50)))
        assert statuses == [200] * 50
        assert len(server.asked) == 50
