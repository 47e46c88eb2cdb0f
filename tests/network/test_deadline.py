"""An answer has a time limit as a whole, and so has the lookup of a host name."""

from __future__ import annotations

import socket
import time
from threading import Event

import pytest

from network.exchanges import connections, failed
from network.scripted_server import Server, drip


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
    with Server(drip(text)) as server, connections(5.0, 0.3) as http:
        began = time.monotonic()
        failure = failed(http, server.url)
        assert time.monotonic() - began < 30
    assert "too long" in failure.message
    assert not failure.untouched


def test_resolving_a_host_name_has_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    never = Event()

    def hang(*_: object) -> list[object]:
        never.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setenv("NO_PROXY", "*")
    began = time.monotonic()
    with connections(0.05, 0.05) as http:
        failure = failed(http, "https://api.xero.com")
    never.set()
    assert "does not respond" in failure.message
    assert failure.untouched
    assert time.monotonic() - began < 30
