"""What a request sends and to where, and what is read of its answer."""

from __future__ import annotations

import gzip
import ssl
import tracemalloc
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from network.exchanges import answered, connections, failed
from network.scripted_server import Server, deflated, respond
from xerosync.network.exchange import LARGEST_ANSWER


def test_redirects_are_not_followed() -> None:
    with (
        Server(respond(302, b"", {"Location": "/api.xro/2.0/Elsewhere"})) as server,
        connections() as http,
    ):
        assert answered(http, server.url).status == 302
        assert len(server.asked) == 1


def test_cookies_are_not_kept() -> None:
    with (
        Server(respond(200, b"{}", {"Set-Cookie": "a=b"})) as server,
        connections() as http,
    ):
        answered(http, server.url)
        answered(http, server.url)
        assert "Cookie" not in server.asked[1].headers


def test_netrc_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Server(respond(200)) as server, connections() as http:
        answered(http, server.url, {"Authorization": "Bearer t"})
        answered(http, server.url)
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
    with Server(respond(200)) as proxy, connections() as http:
        monkeypatch.setenv(variable, proxy.url)
        assert "Could not connect" in failed(http, url).message
        assert proxy.asked == []


def test_a_call_to_another_machine_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://api.xero.invalid"
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with Server(respond(502)) as proxy, connections() as http:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert "proxy" in failed(http, url).message
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
    with Server(respond(200)) as server, connections() as http:
        assert (answered(http, server.url).status, made) == (200, [])
        for _ in range(2):
            failed(http, server.url.replace("http:", "https:"))
        assert len(made) == 1


def test_a_connection_is_kept_after_an_answer_in_time() -> None:
    ports = set()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        ports.add(handler.client_address[1])
        respond(200)(handler)

    with Server(answer) as server, connections() as http:
        assert [answered(http, server.url).status for _ in range(3)] == [200] * 3
    assert len(ports) == 1


def test_an_answer_that_unpacks_to_too_much_is_not_read() -> None:
    """1.5 MB of gzip became 4.5 GB; what is held stays near the cap."""
    body = deflated(256 << 20)
    with (
        Server(respond(200, body, {"Content-Encoding": "gzip"})) as server,
        connections() as http,
    ):
        tracemalloc.start()
        failure = failed(http, server.url)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * LARGEST_ANSWER
    assert "larger than 32 MB" in failure.message
    assert failure.lasting
    assert not failure.untouched


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "x"])
def test_only_the_codings_that_were_asked_for_are_unpacked(coding: str) -> None:
    body = gzip.compress(gzip.compress(b"{}"))
    with (
        Server(respond(200, body, {"Content-Encoding": coding})) as server,
        connections() as http,
    ):
        assert "compressed in a way" in failed(http, server.url).message
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"
