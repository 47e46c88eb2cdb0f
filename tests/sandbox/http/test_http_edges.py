"""Responses to requests that are unusual, wrong or incomplete."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox.client import only

if TYPE_CHECKING:
    from sandbox.client import Client
    from xerosync.sandbox import Sandbox


def test_a_get_with_a_body_does_not_disturb_the_next_request(client: Client) -> None:
    for _ in range(3):
        answer = client.call("GET", "/Organisation", data=b'{"Accounts": []}' * 1000)
        assert answer.status_code == 200
    assert len(client.accounts()) > 60


def test_every_response_has_its_own_correlation_id(client: Client, sandbox: Sandbox) -> None:
    answers = [client.call("GET", path) for path in ("/Accounts", "/Accounts", "/Nothing")]
    answers.append(requests.post(f"{sandbox.url}/connect/token", timeout=10))

    assert len({answer.headers["Xero-Correlation-Id"] for answer in answers}) == 4


@pytest.mark.parametrize("path", ["/api.xro/2.0/Invoices", "/api.xro/2.0", "/", "/nothing"])
def test_an_unknown_path_is_not_found(client: Client, sandbox: Sandbox, path: str) -> None:
    answer = client.session.get(f"{sandbox.url}{path}", timeout=10)

    assert answer.status_code == 404
    assert answer.text == "The resource you're looking for cannot be found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/Accounts", "GET, PUT, POST"),
        ("PATCH", "/Accounts", "GET, PUT, POST"),
        ("PUT", "/Accounts/10000000-0000-0000-0000-000000000000", "GET, POST, DELETE"),
        ("PUT", "/Organisation", "GET"),
        ("POST", "/TaxRates", "GET"),
    ],
)
def test_a_method_that_is_not_allowed_is_a_405(
    client: Client, method: str, path: str, allowed: str
) -> None:
    answer = client.call(method, path, json={})

    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_token_endpoint_accepts_only_post(sandbox: Sandbox, method: str) -> None:
    assert requests.request(method, f"{sandbox.url}/connect/token", timeout=10).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"1",
        b'{"Accounts": []}',
        b'{"Accounts": [1]}',
        b'{"Code": ["200"]}',
        b'{"Code": true}',
        b'{"AddToWatchlist": "perhaps"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"Code": "601", "Name": "\\ud800", "Type": "EXPENSE"}',
        b'{"AccountID": "\\udfff"}',
        b'{"Code": ' + b"9" * 5000 + b"}",
        b'{"Code": NaN}',
    ],
)
def test_a_malformed_body_is_a_post_data_invalid_exception(client: Client, body: bytes) -> None:
    answer = client.call(
        "PUT", "/Accounts", data=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["ErrorNumber"] == 14
    assert answer.json()["Type"] == "PostDataInvalidException"


def test_numbers_and_texts_are_converted_to_the_type_of_the_field(client: Client) -> None:
    account = only(
        client.create(Code=601, Name="Number", Type="EXPENSE", ShowInExpenseClaims="true")
    )

    assert account["Code"] == "601"
    assert account["ShowInExpenseClaims"] is True


def test_a_body_without_length_is_refused_and_the_connection_closed(client: Client) -> None:
    answer = client.call("PUT", "/Accounts", data=iter([b"{", b"}"]))

    assert (answer.status_code, answer.headers["Connection"]) == (411, "close")
    assert client.accounts()


@pytest.mark.parametrize(
    ("length", "status"), [("x", 400), ("99999999999", 413), ("9" * 5000, 413), ("-1", 400)]
)
def test_a_bad_length_is_refused(sandbox: Sandbox, length: str, status: int) -> None:
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            f"POST /connect/token HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode()
        )
        assert f"HTTP/1.1 {status} ".encode() in connection.recv(4096)


def test_a_client_that_disconnects_does_not_disturb_others(
    client: Client, sandbox: Sandbox
) -> None:
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"PUT /api.xro/2.0/Accounts HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")

    assert client.accounts()


def test_long_responses_are_compressed_on_request(client: Client) -> None:
    packed = client.call("GET", "/Accounts")
    plain = client.call("GET", "/Accounts", headers={"Accept-Encoding": "identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json()["Accounts"] == plain.json()["Accounts"]


def test_text_in_any_script_is_returned_unchanged(client: Client) -> None:
    name = "Kāinga & 房租 🏠"

    assert only(client.create(Code="601", Name=name, Type="EXPENSE"))["Name"] == name
    assert client.find("601")["Name"] == name


def test_the_log_has_calls_but_no_secrets(client: Client, sandbox: Sandbox) -> None:
    sandbox.clear_log()
    form = {"grant_type": "client_credentials", "client_secret": "sandbox"}
    requests.post(f"{sandbox.url}/connect/token", data=form, timeout=10)
    client.create({"Idempotency-Key": "k"}, Code="601", Name="x", Type="EXPENSE")
    client.accounts(where='Code=="601"')

    token, write, read = sandbox.requests

    assert (token.method, token.path, token.status, token.body) == (
        "POST",
        "/connect/token",
        400,
        "",
    )
    assert not token.is_write
    assert (write.method, write.path, write.status) == ("PUT", "/api.xro/2.0/Accounts", 200)
    assert write.is_write
    assert json.loads(write.body)["Code"] == "601"
    assert write.headers["idempotency-key"] == "k"
    assert "authorization" not in write.headers
    assert not read.is_write
    assert read.query.startswith("where=")
