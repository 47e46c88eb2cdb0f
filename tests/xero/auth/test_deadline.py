"""A call ends within 150 seconds, including requests for its token and all waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from xero.auth.test_store import ONE, keep
from xero.scripted import API, Script, Time, client_for, reply
from xerosync.errors import XerosyncError
from xerosync.network.no_reply import NoReply
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.client_credentials import ClientCredentials
from xerosync.xero.auth.refresh import RefreshFlow
from xerosync.xero.auth.store import TokenStore
from xerosync.xero.auth.token_endpoint import App, TokenEndpoint
from xerosync.xero.http.access_tokens import RenewedTokens
from xerosync.xero.http.client import ApiCall
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Reply, Request

GET = ApiCall("GET", f"{API}/Accounts")
PUT = ApiCall("PUT", f"{API}/Accounts", {"Accounts": [{"Code": "200"}]}, "key-1")
GRANTED = reply(200, {"access_token": "tok", "token_type": "Bearer", "expires_in": 1800})
EXPIRED = reply(401, {"Detail": "TokenExpired"})
Answer = Callable[[Request, Time], Reply]


def silent(request: Request, time: Time) -> Reply:
    """Answer nothing for as long as the request waits."""
    time.seconds += request.seconds
    raise NoReply("Xero took too long to answer.", untouched=False)


def late(reply: Reply) -> Answer:
    """Answer just before the request stops waiting."""

    def answer(request: Request, time: Time) -> Reply:
        time.seconds += request.seconds - 0.05
        return reply

    return answer


def busy(_: Request, time: Time) -> Reply:
    """Ask to wait."""
    time.seconds += 1
    return reply(429, retry_after="80")


def spent(call: ApiCall, tokens: Answer, api: Answer = silent) -> float:
    """Return the seconds that a call took until it failed."""
    time = Time()

    def answer(request: Request) -> Reply:
        return (tokens if request.url.endswith("/token") else api)(request, time)

    script = Script(loop=answer)
    endpoint = TokenEndpoint(Addresses(), script, time.clock, Backoff(lambda: 0.5))
    app = ClientCredentials(endpoint, App("id", Secret("secret")), "a.scope")
    client = client_for(script, time, tokens=RenewedTokens(app.fetch, time.clock))
    with pytest.raises(XerosyncError):
        client.call(call)
    return time.seconds - 1000


@pytest.mark.parametrize("call", [GET, PUT], ids=["GET", "PUT"])
@pytest.mark.parametrize(
    ("tokens", "api"),
    [
        (silent, silent),
        (busy, silent),
        (late(GRANTED), silent),
        (late(GRANTED), late(reply(503))),
        (late(GRANTED), late(EXPIRED)),
        (late(reply(400, {"error": "invalid_scope"})), silent),
    ],
    ids=["silent", "busy", "late", "late and down", "late and expired", "scope refused"],
)
def test_a_call_and_its_token_requests_end_in_time(
    call: ApiCall, tokens: Answer, api: Answer
) -> None:
    assert spent(call, tokens, api) <= 151


def test_the_wait_for_a_lock_of_another_process_is_part_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time()
    store = TokenStore(folder=tmp_path)
    keep(store, ONE)

    def held(*_: object, **options: float) -> None:
        from filelock import Timeout  # noqa: PLC0415 (imported where it is used, too)

        time.seconds += options["timeout"]
        raise Timeout(str(tmp_path))

    monkeypatch.setattr(FileLock, "acquire", held)
    endpoint = TokenEndpoint(Addresses(), Script(), time.clock, Backoff())
    client = client_for(
        Script(), time, tokens=RenewedTokens(RefreshFlow(endpoint, store).fetch, time.clock)
    )
    with pytest.raises(XerosyncError, match="is using this sign-in"):
        client.call(GET)
    assert time.seconds - 1000 <= 151
