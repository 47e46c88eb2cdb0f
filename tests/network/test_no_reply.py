"""Each failure says what happened, and whether anything was sent."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import urllib3

from network.exchanges import connections, failed
from network.scripted_server import Server, drop, respond, silent
from xerosync.network.no_reply import Stage, explain


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
        connections(60.0, seconds) as http,
    ):
        failure = failed(http, server.url)
    assert says in failure.message
    assert not failure.untouched


def test_a_refused_connection_sent_nothing() -> None:
    with Server(respond(200)) as server:
        url = server.url
    with connections() as http:
        failure = failed(http, url)
    assert "Could not connect" in failure.message
    assert failure.untouched


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
        with connections(seconds, 60.0) as http:
            failure = failed(http, url)
    assert says in failure.message
    assert failure.untouched
    assert failure.stage == Stage.TLS


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
