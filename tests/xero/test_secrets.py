"""Mark all secrets, make every call fail, and search everything shown for the mark."""

from __future__ import annotations

import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from network.scripted_server import Server, drop, respond

from xero.scripted import Time
from xerosync.errors import XerosyncError
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.connect import Credentials, Hooks, connect

MARK = "mArKeD"
APP = Credentials(client_id="app", client_secret=Secret(f"{MARK}-client-secret"))
TOKEN = Credentials(access_token=Secret(f"{MARK}-access-token"), tenant_id="tenant")
GRANT = f'{{"access_token": "{MARK}-granted", "token_type": "Bearer", "expires_in": 1800}}'
CONNECTED = b'[{"tenantId": "t", "tenantName": "Acme", "tenantType": "ORGANISATION"}]'

Answering = Callable[[BaseHTTPRequestHandler], None]


def echo(handler: BaseHTTPRequestHandler) -> None:
    """Answer with an error that quotes the request's headers, as proxies do."""
    respond(400, str(handler.headers).encode())(handler)


def quote(status: int) -> Answering:
    """Answer with the token inside invalid JSON."""
    return respond(status, f'{{"access_token": "{MARK}-granted", '.encode())


FAILURES: dict[str, Answering] = {
    "drop": drop,
    "cut": respond(200, GRANT.encode(), length=9999),
    "echo": echo,
    "quoted": quote(200),
    "quoted error": quote(500),
    "refused": respond(401, b'{"error": "invalid_client"}'),
    "denied": respond(403, b"{}"),
    "expired": respond(401, b'{"Detail": "TokenExpired"}'),
    "limit": respond(429, b"", {"Retry-After": "9999"}),
    "page": respond(503, b"<html></html>"),
    "odd": respond(200, b'{"access_token": {"a": 1}, "scope": 3}'),
}


def at_token(failure: Answering) -> Answering:
    return failure


def at_api(failure: Answering) -> Answering:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/connect/token":
            respond(200, GRANT.encode())(handler)
        elif handler.path == "/connections":
            respond(200, CONNECTED)(handler)
        else:
            failure(handler)

    return answer


def everything_of(error: BaseException) -> Iterator[str]:
    """Yield all that an exception shows or holds, through its whole chain."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield from (str(one), repr(one), repr(one.args), repr(vars(one)))
        yield "".join(traceback.format_exception(one))
        waiting += [one.__cause__, one.__context__]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("where", [at_token, at_api])
@pytest.mark.parametrize("credentials", [APP, TOKEN])
def test_no_output_contains_a_secret(
    failure: str, where: Callable[[Answering], Answering], credentials: Credentials
) -> None:
    out = io.StringIO()
    reported: list[object] = []
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    raised: list[XerosyncError] = []
    try:
        with Server(where(FAILURES[failure])) as server:
            hooks = Hooks(Time().clock, on_exchange=reported.append, chance=lambda: 0.0)
            addresses = Addresses(server.url, server.url)
            for read_only in (True, False):
                try:
                    with connect(credentials, addresses, read_only=read_only, hooks=hooks) as books:
                        reported.append(books)
                        if read_only:
                            books.accounts()
                        else:
                            books.create({"code": "200", "name": "Sales"}, key="k")
                except XerosyncError as error:
                    raised.append(error)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert len(raised) == 2
    assert reported
    shown = "\n".join([out.getvalue(), *map(repr, reported), *map(str, reported)])
    shown += "\n".join(text for error in raised for text in everything_of(error))
    assert MARK not in shown
    assert MARK.encode() not in pickle.dumps([vars(error) for error in raised])


def test_credentials_are_not_shown() -> None:
    assert MARK not in f"{APP!r} {TOKEN!r}"
