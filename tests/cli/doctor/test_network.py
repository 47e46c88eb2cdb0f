"""The doctor says why Xero cannot be reached, and what to do."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from command_line import Xerosync
from network.scripted_server import Server, drop, respond
from xero.auth.conftest import point_at

from cli.doctor.conftest import Doctor
from xerosync.doctor.connections_to_xero import check_proxy
from xerosync.sandbox import Sandbox
from xerosync.xero.clock import Clock

Connect = Callable[..., Sandbox]
Answer = Callable[[BaseHTTPRequestHandler], None]

LOCALHOST = Path(__file__).parent / "localhost"
REACH = {"reach_identity", "reach_api", "reach_login"}
PORTAL = b"<!doctype html><title>Hotel</title>Room number?"


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XERO_CLIENT_ID", "sandbox")
    monkeypatch.setenv("XERO_CLIENT_SECRET", "sandbox")


@pytest.fixture
def refusing() -> Iterator[str]:
    """Hold a port on which nothing listens, and yield its address."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def test_a_refused_connection_is_reported_and_stops_only_checks_that_need_it(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    point_at(refusing, monkeypatch)
    found = doctor()
    assert found.failed == REACH
    for name in REACH:
        assert found.message(name).startswith("TCP: Could not connect to 127.0.0.1")
        assert found.facts(name)["stage"] == "tcp"
    assert "run `xerosync sandbox` on its port" in found.hint("reach_api")
    assert found.message("sign_in") == "not checked: Xero's identity service was not reached."
    assert found.message("clock").startswith("not checked")
    assert (found.level("file"), found.level("credentials")) == ("ok", "ok")


def test_a_name_that_is_not_resolved_is_reported_as_a_dns_failure(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    found = doctor()
    assert found.failed == REACH
    assert found.message("reach_api") == "DNS: The host name api.xero.com could not be resolved."
    assert "Check your network" in found.hint("reach_api")
    assert "set HTTPS_PROXY" in found.hint("reach_api")
    assert found.facts("reach_api") == {
        "usual_address": True, "proxied": False, "stage": "dns", "tls": "",
    }  # fmt: skip


@contextmanager
def untrusted() -> Iterator[str]:
    """Serve over TLS with a certificate that nobody trusts, and yield the address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(LOCALHOST / "certificate.pem", LOCALHOST / "key.pem")

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            respond(401)(self)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_untrusted_certificate_is_a_tls_failure_with_the_text_of_openssl(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with untrusted() as url:
        point_at(url, monkeypatch)
        found = doctor()
        assert found.failed == REACH
        said = found.message("reach_api")
        assert said.startswith("TLS: This machine does not trust the certificate of localhost (")
        assert "self-signed certificate" in said
        assert "REQUESTS_CA_BUNDLE" in found.hint("reach_api")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(LOCALHOST / "certificate.pem"))
        found = doctor()
        assert (found.level("certificates"), found.level("reach_api")) == ("ok", "ok")
        assert "REQUESTS_CA_BUNDLE" in found.message("certificates")


@pytest.mark.parametrize(
    ("status", "says", "hint"),
    [
        (407, "asks for a user name and password to connect to api.xero.com (407)", "USER:PASS"),
        (403, "refused the connection to api.xero.com (403)", "NO_PROXY"),
    ],
)
def test_a_proxy_that_refuses_says_why(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, status: int, says: str, hint: str
) -> None:
    with Server(respond(status)) as proxy:
        address = proxy.url.replace("http://", "http://someone:pl4nted-pass@")
        monkeypatch.setenv("HTTPS_PROXY", address)
        found = doctor()
        assert proxy.asked
    assert found.failed == REACH
    assert says in found.message("reach_api")
    assert hint in found.hint("reach_api")
    assert found.facts("reach_api")["stage"] == "proxy"
    assert found.message("proxy") == "calls go through a proxy (HTTPS_PROXY)"
    assert found.facts("proxy")["proxied"] == ["identity", "api", "login"]
    assert "pl4nted-pass" not in json.dumps(found.checks)


def test_a_proxy_that_cannot_be_reached_is_reported(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    monkeypatch.setenv("https_proxy", refusing)
    found = doctor()
    assert found.failed == REACH
    assert found.message("reach_login") == (
        "Proxy: The proxy on the way to login.xero.com cannot be reached."
    )


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "http://h:99999", "ftp://h:1"])
def test_a_proxy_with_an_invalid_address_is_reported(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    found = doctor()
    assert found.failed == REACH
    assert found.facts("reach_api")["stage"] == "proxy"
    assert "The address of the proxy on the way to api.xero.com" in found.message("reach_api")
    assert "like http://HOST:PORT" in found.hint("reach_api")


def test_a_proxy_that_is_not_used_for_xero_is_not_a_problem(
    connection: Connect, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection()
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert doctor("--offline").message("proxy") == "none"
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    found = doctor()
    assert (found.code, found.level("proxy")) == (0, "ok")
    assert found.message("proxy") == "none for Xero, although HTTPS_PROXY is set"


@pytest.mark.parametrize(
    ("answer", "failed", "says"),
    [
        (respond(200, PORTAL, {"Content-Type": "text/html"}), {"reach_identity", "reach_api"},
         "something other than Xero answers at 127.0.0.1 with a web page"),
        (respond(302, b"", {"Location": "http://portal.example/login"}), REACH,
         "something other than Xero answers at 127.0.0.1 with a redirect"),
        (respond(302, b"", {"Location": "http://10.0.0.1/login"}), REACH,
         "something other than Xero answers at 127.0.0.1 with a redirect"),
        (respond(403, b'{"blocked": true}'), {"sign_in"},
         "127.0.0.1 gives an answer that is not usual for Xero (403)"),
        (respond(503), REACH, "127.0.0.1 is not available (503)"),
        (drop, REACH, "The connection to 127.0.0.1 was lost"),
        (respond(200, b"{", length=9), REACH, "was cut off"),
    ],
    ids=["portal", "redirect", "redirect to an address", "firewall", "down", "dropped", "cut off"],
)  # fmt: skip
def test_an_unusual_answer_in_place_of_xero_is_described(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, answer: Answer, failed: set[str], says: str
) -> None:
    with Server(answer) as server:
        point_at(server.url, monkeypatch)
        found = doctor()
    assert found.failed == failed
    assert says in found.message("reach_api")
    assert found.message("reach_api").startswith("HTTP: ")
    assert found.hint("reach_api")
    assert found.message("clock").startswith("not checked")


@pytest.mark.parametrize(
    ("ahead", "level", "says"),
    [
        (timedelta(seconds=20), "ok", "agrees with Xero's"),
        (timedelta(minutes=3), "warn", "3 minutes ahead of Xero's."),
        (timedelta(hours=1), "fail", "60 minutes ahead of Xero's."),
        (timedelta(hours=-1), "fail", "60 minutes behind Xero's."),
        (timedelta(days=40), "fail", "40 days ahead of Xero's."),
    ],
    ids=str,
)
def test_the_clock_is_compared_with_xeros(
    connection: Connect, doctor: Doctor, monkeypatch: pytest.MonkeyPatch,
    ahead: timedelta, level: str, says: str,
) -> None:  # fmt: skip
    connection()
    clock = Clock(now=lambda: datetime.now(UTC) + ahead, sleep=lambda _: None)
    monkeypatch.setattr("xerosync.cli.session.new_clock", lambda _: clock)
    found = doctor()
    assert (found.level("clock"), found.message("clock")) == (level, says)
    assert abs(found.facts("clock")["skew_seconds"] - ahead.total_seconds()) < 10
    assert found.code == (1 if level == "fail" else 0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "REQUESTS_CA_BUNDLE names a path that does not exist"),
        (b"no certificate", "REQUESTS_CA_BUNDLE names a file without certificates"),
    ],
)
def test_certificates_that_cannot_be_used_are_found(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    content: bytes | None, says: str,
) -> None:  # fmt: skip
    file = tmp_path / "pl4nted.pem"
    if content:
        file.write_bytes(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    found = doctor("--offline")
    assert found.failed == {"certificates"}
    assert says in found.message("certificates")
    assert "pl4nted" not in json.dumps(found.checks)


def test_a_missing_file_of_certificates_is_named_by_the_calls_too(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "gone.pem")
    found = doctor()
    assert found.failed == REACH | {"certificates"}
    assert "certificates to trust is missing" in found.message("reach_api")


def test_unneeded_certificates_are_only_a_warning(
    connection: Connect, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection()
    monkeypatch.setenv("SSL_CERT_FILE", "gone.pem")
    found = doctor()
    assert (found.code, found.level("certificates")) == (0, "warn")


def test_with_debug_each_call_is_shown_and_no_secret(
    connection: Connect, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection()
    monkeypatch.setenv("XERO_CLIENT_SECRET", "pl4nted-secret")
    said = xerosync("doctor", "--debug")
    assert "GET /connections 401" in said.err
    assert "POST /connect/token" in said.err
    assert "pl4nted" not in said.err + said.out


def test_ctrl_c_does_not_wait_for_answers(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("xerosync.xero.probe._ask", interrupted)
    assert xerosync("doctor").code == 130


def test_a_service_that_limits_calls_is_not_taken_for_a_proxy(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = {"Content-Type": "text/html", "Retry-After": "30"}
    with Server(respond(429, b"<!doctype html><title>Too many</title>", page)) as server:
        point_at(server.url, monkeypatch)
        found = doctor()
    for name in REACH:
        assert found.level(name) == "warn"
        assert found.message(name) == "HTTP: 127.0.0.1 limits calls at the moment (429)."
        assert "Wait a minute" in found.hint(name)
        assert "proxy" not in found.hint(name)


def test_each_configured_address_is_reported_with_its_variable(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    point_at(refusing, monkeypatch)
    found = doctor()
    for service in ("identity", "api", "login"):
        assert f"or unset XEROSYNC_{service.upper()}_URL." in found.hint(f"reach_{service}")
    point_at("https://xero.invalid", monkeypatch)
    found = doctor()
    for service in ("identity", "api", "login"):
        hint = found.hint(f"reach_{service}")
        assert f"XEROSYNC_{service.upper()}_URL is set: is it right?" in hint
        assert hint.count("XEROSYNC_") == 1


def test_a_hint_that_all_addresses_share_is_shown_once(
    xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", refusing)
    said = xerosync("doctor")
    lines = said.out.splitlines()
    hints = [at for at, line in enumerate(lines) if "Check HTTPS_PROXY and NO_PROXY." in line]
    assert len(hints) == 1
    assert "login.xero.com cannot be reached" in lines[hints[0] - 1]


def test_hosts_that_are_waited_for_are_named_on_a_terminal(
    connection: Connect, xerosync: Xerosync, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", refusing)
    assert "Asking" not in xerosync("doctor").err
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = xerosync("doctor").err
    assert "Asking identity.xero.com, api.xero.com and login.xero.com: at most 25 s." in said
    assert "Asking" not in xerosync("doctor", "--offline").err


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ((), "the system's, and those of certifi"),
        (("CURL_CA_BUNDLE",), "the system's, and those in CURL_CA_BUNDLE"),
        (
            ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"),
            "the system's, and those in REQUESTS_CA_BUNDLE; CURL_CA_BUNDLE is ignored",
        ),
        (
            ("SSL_CERT_FILE",),
            (
                "those in SSL_CERT_FILE in place of the system's file, and those in the system's "
                "folder, and those of certifi"
            ),
        ),
        (
            ("SSL_CERT_FILE", "CURL_CA_BUNDLE"),
            (
                "those in SSL_CERT_FILE in place of the system's file, and those in the system's "
                "folder, and those in CURL_CA_BUNDLE"
            ),
        ),
        (
            ("SSL_CERT_FILE", "SSL_CERT_DIR"),
            (
                "those in SSL_CERT_FILE and SSL_CERT_DIR in place of the system's, and those of"
                " certifi"
            ),
        ),
        (
            ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"),
            (
                "those in SSL_CERT_FILE and SSL_CERT_DIR in place of the system's, and those in"
                " CURL_CA_BUNDLE"
            ),
        ),
    ],
    ids=str,
)
def test_only_certificates_that_are_used_are_listed(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, variables: tuple[str, ...], says: str
) -> None:
    for name in variables:
        place = LOCALHOST if name == "SSL_CERT_DIR" else LOCALHOST / "certificate.pem"
        monkeypatch.setenv(name, str(place))
    assert doctor("--offline").message("certificates") == says


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ([], "it is not known whether calls go through one"),
        (["HTTPS_PROXY"], "it is not known whether calls go through one; HTTPS_PROXY is set"),
    ],
)
def test_a_proxy_is_not_denied_if_the_addresses_are_not_known(
    variables: list[str], said: str
) -> None:
    assert check_proxy(variables, proxied=None).message == said
