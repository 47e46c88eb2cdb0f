"""Client credentials: the request, each failure, and the choice of the organisation."""

from __future__ import annotations

import base64
import json
import time as real_time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from urllib.parse import parse_qs

import pytest

from xero.scripted import Script, Step, Time, lost, reply
from xerosync.desired import OrganisationPin
from xerosync.errors import AccessDenied, RejectedByXero, SignInError, Unavailable
from xerosync.network.no_reply import NoReply
from xerosync.secret import Secret
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.client_credentials import ClientCredentials
from xerosync.xero.auth.credentials import AuthKind, AuthMethod, open_tokens
from xerosync.xero.auth.token_endpoint import App, TokenEndpoint
from xerosync.xero.connect import Credentials, Hooks, connect
from xerosync.xero.http.access_tokens import AccessToken, FixedToken, RenewedTokens
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Reply

GRANTED = reply(200, {"access_token": "tok", "token_type": "Bearer", "expires_in": 1800})
APP = Credentials(client_id="id", client_secret=Secret("pa:ss"))


def sign_in(script: Script, time: Time | None = None) -> ClientCredentials:
    clock = (time or Time()).clock
    endpoint = TokenEndpoint(Addresses(), script, clock, Backoff(lambda: 0.5))
    return ClientCredentials(endpoint, App("id", Secret("pa:ss")), "a.scope")


def test_the_request_uses_client_credentials_and_basic_authentication() -> None:
    script, time = Script(GRANTED), Time()
    token = sign_in(script, time).fetch()
    request = script.requests[0]
    assert request.url == "https://identity.xero.com/connect/token"
    assert request.authorization == "Basic " + base64.b64encode(b"id:pa:ss").decode()
    assert parse_qs((request.body or b"").decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["a.scope"],
    }
    assert (token.text, token.expires) == ("tok", time.seconds + 1800)


@pytest.mark.parametrize(
    ("answer", "says", "hint"),
    [
        (reply(400, {"error": "invalid_client"}), "client id, or its secret", "XERO_CLIENT_SECRET"),
        (reply(401, {"error": "invalid_client"}), "client id, or its secret", "XERO_CLIENT_SECRET"),
        (reply(400, {"error": "invalid_grant"}), "no longer valid", "again"),
        (reply(400, {"error": "unauthorized_client"}), "client credentials", "custom connection"),
        (reply(400, {"error": "odd\x1b", "error_description": "Why"}), "Why", "app"),
        (reply(400, {"error": 3}), "3", "app"),
        (reply(200, {}), "did not return a token (status 200)", "XEROSYNC_IDENTITY_URL"),
        (reply(404, {"Title": "Not Found"}), "token (status 404)", "Wait a minute, and see"),
        (reply(403, "<html>Access denied</html>"), "403", "proxy"),
        (reply(200, "<html>wifi</html>"), "200", "XEROSYNC_IDENTITY_URL"),
    ],
)
def test_each_refusal_is_explained_with_a_hint(answer: Reply, says: str, hint: str) -> None:
    with pytest.raises(SignInError) as caught:
        sign_in(Script(answer)).fetch()
    assert says in caught.value.message
    assert hint in caught.value.hint
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize(
    "failure",
    [lost(), lost(untouched=True), reply(503, "offline"), reply(429), reply(429, retry_after="7")],
)
def test_a_temporary_failure_is_tried_three_times(failure: Step) -> None:
    assert sign_in(Script(failure, failure, GRANTED)).fetch().text == "tok"
    script = Script(loop=failure)
    with pytest.raises(SignInError):
        sign_in(script).fetch()
    assert len(script.requests) == 3


def test_retry_after_from_the_token_endpoint_is_obeyed_if_short() -> None:
    time = Time()
    assert sign_in(Script(reply(429, retry_after="30"), GRANTED), time).fetch().text == "tok"
    assert time.slept == [30.0]
    with pytest.raises(SignInError, match="429"):
        sign_in(Script(reply(429, retry_after="3600"))).fetch()


def test_an_untrusted_certificate_is_not_tried_again() -> None:
    script = Script(NoReply("Not trusted.", "Fix it.", untouched=True, lasting=True))
    with pytest.raises(SignInError, match="Not trusted") as caught:
        sign_in(script).fetch()
    assert caught.value.hint == "Fix it."
    assert len(script.requests) == 1


def test_a_token_is_used_until_a_minute_before_it_expires() -> None:
    time, made = Time(), list[float]()

    def fetch(_: str, __: float) -> AccessToken:
        made.append(time.seconds)
        return AccessToken(f"t{len(made)}", time.seconds + 1800)

    tokens = RenewedTokens(fetch, time.clock)
    assert tokens.access_token() == "t1"
    time.seconds += 1740
    assert tokens.access_token() == "t1"
    time.seconds += 1
    assert tokens.access_token() == "t2"


def test_only_one_of_many_threads_fetches_a_token() -> None:
    count, lock = [0], Lock()

    def fetch(_: str, __: float) -> AccessToken:
        with lock:
            count[0] += 1
        real_time.sleep(0.02)
        return AccessToken(f"t{count[0]}", 1e12)

    tokens = RenewedTokens(fetch, Time().clock)
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda _: tokens.access_token(), range(20))) == {"t1"}
        assert set(pool.map(lambda _: tokens.renew("t1"), range(20))) == {"t2"}
    assert count[0] == 2


def test_an_expired_fixed_token_cannot_be_renewed() -> None:
    with pytest.raises(SignInError, match="XERO_ACCESS_TOKEN has"):
        FixedToken(Secret("x")).renew("x")


def test_an_expired_token_of_a_profile_is_reported_with_the_variables_of_the_profile() -> None:
    credentials = Credentials(profile="ACME", access_token=Secret("x"))
    endpoint = TokenEndpoint(Addresses(), Script(), Time().clock, Backoff(lambda: 0.5))
    tokens = open_tokens(AuthMethod(AuthKind.GIVEN), credentials, endpoint, read_only=True)
    with pytest.raises(SignInError, match="XERO_ACCESS_TOKEN_ACME has") as caught:
        tokens.renew("x")
    assert "XERO_CLIENT_SECRET_ACME, or XERO_TOKEN_COMMAND_ACME" in caught.value.hint


@pytest.mark.parametrize(
    ("credentials", "says"),
    [
        (Credentials(), "Nobody is signed in to Xero."),
        (Credentials(profile="ACME"), "for the profile ACME"),
        (Credentials(client_id="id"), "XERO_CLIENT_SECRET is not set"),
        (Credentials(client_secret=Secret("s")), "XERO_CLIENT_ID is not set"),
    ],
)
def test_missing_credentials_are_named(credentials: Credentials, says: str) -> None:
    script = Script()
    with pytest.raises(SignInError, match=says) as caught:
        connect(credentials, Addresses(), read_only=True, hooks=Hooks(sender=script))
    assert "XERO_ACCESS_TOKEN" in caught.value.hint
    assert "--sandbox" in caught.value.hint
    assert script.requests == []


def connections(*names: str, kind: str = "ORGANISATION") -> Reply:
    return reply(200, [{"tenantId": f"id-{n}", "tenantName": n, "tenantType": kind} for n in names])


def chosen(answer: Reply, wanted: OrganisationPin | None = None) -> str:
    script = Script(GRANTED, answer)
    hooks = Hooks(Time().clock, sender=script)
    return connect(APP, Addresses(), read_only=True, wanted=wanted, hooks=hooks).tenant_id


def test_the_only_organisation_is_used() -> None:
    assert chosen(connections("Acme")) == "id-Acme"


def test_the_file_chooses_among_several_by_id_or_name() -> None:
    several = connections("Acme", "Beta")
    assert chosen(several, OrganisationPin(name="beta")) == "id-Beta"
    assert chosen(several, OrganisationPin(name="Acme", tenant_id="ID-BETA")) == "id-beta"


@pytest.mark.parametrize("wanted", [None, OrganisationPin()])
def test_several_without_a_match_are_listed_instead_of_using_the_first(
    wanted: OrganisationPin | None,
) -> None:
    with pytest.raises(AccessDenied, match=r"Acme \(id-Acme\), Beta \(id-Beta\)") as caught:
        chosen(connections("Acme", "Beta"), wanted)
    assert "XERO_TENANT_ID" in caught.value.hint


def test_one_organisation_in_two_rows_is_one() -> None:
    assert chosen(connections("Acme", "Acme")) == "id-Acme"


def test_a_pinned_tenant_needs_no_list() -> None:
    script = Script(GRANTED)
    hooks = Hooks(Time().clock, sender=script)
    pin = OrganisationPin(tenant_id="ID-A")
    assert connect(APP, Addresses(), read_only=True, wanted=pin, hooks=hooks).tenant_id == "id-a"
    assert "/connections" not in "".join(request.url for request in script.requests)


REFUSED_LISTS = [
    connections(),
    connections("Firm", kind="PRACTICE"),
    reply(400, {"Detail": "Xero-User-Id and/or Xero-Tenant-Id header must be supplied"}),
    reply(401, {"Detail": "AuthenticationUnsuccessful"}),
    reply(403, {"Detail": "AuthenticationUnsuccessful"}),
]


def jwt(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.signature"


@pytest.mark.parametrize("answer", REFUSED_LISTS)
@pytest.mark.parametrize("claimed", ["59712f8f-45a3-4d45-a705-5d0c9748317e", ""])
def test_without_a_list_the_token_names_the_organisation_or_none_is_sent(
    answer: Reply, claimed: str
) -> None:
    token = jwt(xero_tenant_id=claimed)
    granted = reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": 1800})
    hooks = Hooks(Time().clock, sender=Script(granted, answer))
    assert connect(APP, Addresses(), read_only=True, hooks=hooks).tenant_id == claimed


@pytest.mark.parametrize("answer", REFUSED_LISTS)
def test_a_given_token_without_the_claim_needs_the_list(answer: Reply) -> None:
    given = Credentials(access_token=Secret("t"))
    hooks = Hooks(Time().clock, sender=Script(answer))
    with pytest.raises((SignInError, RejectedByXero)):
        connect(given, Addresses(), read_only=True, hooks=hooks)


REFUSED_SCOPE = reply(
    400,
    {
        "error": "invalid_scope",
        "error_description": "Client credentials scope validation failed",
    },
)


def test_a_refused_scope_is_asked_for_again_without_one() -> None:
    script = Script(REFUSED_SCOPE, GRANTED)
    assert sign_in(script).fetch().text == "tok"
    assert b"scope" in (script.requests[0].body or b"")
    assert b"scope" not in (script.requests[1].body or b"")


def test_the_error_for_a_missing_scope_names_those_of_the_connection() -> None:
    granted = {"access_token": "tok", "token_type": "Bearer", "scope": "accounting.contacts"}
    with pytest.raises(AccessDenied, match=r"a\.scope; it has accounting\.contacts"):
        sign_in(Script(REFUSED_SCOPE, reply(200, granted))).fetch()


def test_a_connection_that_gives_no_token_names_the_scope() -> None:
    with pytest.raises(AccessDenied, match=r"a\.scope") as caught:
        sign_in(Script(loop=REFUSED_SCOPE)).fetch()
    assert "a.scope" in caught.value.hint


def test_an_unreadable_list_of_connections_is_reported() -> None:
    with pytest.raises(Unavailable, match="not an object"):
        chosen(reply(200, [3]))


def test_a_given_tenant_id_needs_no_request() -> None:
    script = Script()
    given = Credentials(access_token=Secret("t"), tenant_id="mine")
    ledger = connect(given, Addresses(), read_only=True, hooks=Hooks(sender=script))
    assert ledger.tenant_id == "mine"
    assert script.requests == []
    ledger.close()
    assert script.closed


@pytest.mark.parametrize(
    ("read_only", "scope"), [(True, "accounting.settings.read"), (False, "accounting.settings")]
)
def test_read_only_requests_only_the_read_scope(read_only: bool, scope: str) -> None:
    script = Script(GRANTED, connections("Acme"))
    connect(APP, Addresses(), read_only=read_only, hooks=Hooks(Time().clock, sender=script))
    assert parse_qs((script.requests[0].body or b"").decode())["scope"] == [scope]


def test_a_failed_connect_closes_the_connections() -> None:
    script = Script(reply(400, {"error": "invalid_client"}))
    with pytest.raises(SignInError):
        connect(APP, Addresses(), read_only=True, hooks=Hooks(Time().clock, sender=script))
    assert script.closed
