"""OpenID Connect: discovery, signed tokens, and who signed in."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.client import NOON, Client
from sandbox.identity.test_sign_in import ask_token, sign_in
from sandbox.json_tokens import claims_of, decode, verified

if TYPE_CHECKING:
    from sandbox.client import Clock
    from xerosync.sandbox import Sandbox

DISCOVERY = "/.well-known/openid-configuration"


def fetch(url: str) -> Any:
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 200
    return answer.json()


def keys(sandbox: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = fetch(fetch(f"{sandbox.url}{DISCOVERY}")["jwks_uri"])
    return found


def test_discovery_names_endpoints_that_exist(sandbox: Sandbox) -> None:
    found = fetch(f"{sandbox.url}{DISCOVERY}")

    assert found["issuer"] == sandbox.url
    endpoints = [url for name, url in found.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(endpoints) == 4
    for url in endpoints:
        assert url.startswith(sandbox.url)
        assert requests.get(url, timeout=10).status_code != 404
    assert {"openid", "accounting.settings", "payroll.employees"} <= set(found["scopes_supported"])
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", DISCOVERY, 405), ("GET", "/.well-known/security.txt", 404)],
)
def test_other_requests_under_well_known_are_refused(
    sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    assert requests.request(method, f"{sandbox.url}{path}", timeout=10).status_code == status


def test_the_access_token_of_a_custom_connection_names_its_organisation(sandbox: Sandbox) -> None:
    token = ask_token(sandbox, ("sandbox", "sandbox"), grant_type="client_credentials").json()

    claims = verified(token["access_token"], keys(sandbox))
    assert claims["iss"] == sandbox.url
    assert claims["client_id"] == "sandbox"
    assert claims["xero_tenant_id"] == sandbox.tenant_id
    assert (claims["nbf"], claims["exp"]) == (NOON, NOON + 1800)
    assert claims["scope"] == token["scope"].split()
    assert claims["authentication_event_id"]
    assert "xero_userid" not in claims


def test_the_access_token_of_a_person_names_the_person(sandbox: Sandbox) -> None:
    token = sign_in(sandbox)
    client = Client(sandbox, token["access_token"])
    with client.session:
        (connection,) = client.session.get(f"{sandbox.url}/connections", timeout=10).json()

    claims = verified(token["access_token"], keys(sandbox))
    assert claims["xero_userid"]
    assert claims["authentication_event_id"] == connection["authEventId"]
    assert "xero_tenant_id" not in claims
    assert "id_token" not in token


def test_no_two_tokens_are_the_same(sandbox: Sandbox) -> None:
    assert sandbox.access_token() != sandbox.access_token()


def test_openid_adds_an_identity_token(sandbox: Sandbox) -> None:
    token = sign_in(sandbox, scope="openid profile email accounting.settings", nonce="n-0S6_WzA2")

    claims = verified(token["id_token"], keys(sandbox))
    assert (claims["iss"], claims["aud"]) == (sandbox.url, "sandbox")
    assert claims["exp"] - claims["iat"] == 300
    assert claims["nonce"] == "n-0S6_WzA2"
    assert claims["xero_userid"] == claims_of(token["access_token"])["xero_userid"]
    assert claims["sub"] == claims_of(token["access_token"])["sub"]
    assert {"email", "given_name", "family_name", "preferred_username"} <= claims.keys()
    half = hashlib.sha256(token["access_token"].encode()).digest()[:16]
    assert decode(claims["at_hash"]) == half


def test_a_person_can_grant_the_scopes_that_xeros_command_line_requests(sandbox: Sandbox) -> None:
    scopes = (
        "openid profile email offline_access accounting.contacts accounting.settings"
        " accounting.invoices accounting.payments accounting.banktransactions"
        " accounting.manualjournals accounting.reports.aged.read"
        " accounting.reports.balancesheet.read accounting.reports.profitandloss.read"
        " accounting.reports.trialbalance.read accounting.budgets.read accounting.attachments"
    )
    tokens = sign_in(sandbox, scope=scopes)

    assert tokens["scope"] == scopes
    assert tokens["id_token"]
    assert tokens["refresh_token"]


def test_an_identity_token_says_only_what_was_asked_for(sandbox: Sandbox) -> None:
    claims = claims_of(sign_in(sandbox, scope="openid accounting.settings")["id_token"])

    assert not {"email", "given_name", "nonce"} & claims.keys()


def test_a_refresh_renews_the_identity_token(sandbox: Sandbox, clock: Clock) -> None:
    first = sign_in(sandbox, scope="openid offline_access accounting.settings")
    clock.now += 60

    again = ask_token(
        sandbox,
        grant_type="refresh_token",
        client_id="sandbox",
        refresh_token=first["refresh_token"],
    ).json()

    before, after = claims_of(first["id_token"]), claims_of(again["id_token"])
    assert after["sub"] == before["sub"]
    assert after["exp"] == before["exp"] + 60


def test_a_changed_token_is_refused(sandbox: Sandbox) -> None:
    """The sandbox looks up each token, so that nobody can write a wider scope into one."""
    head, body, signature = sandbox.access_token("accounting.settings.read").split(".")
    wider = decode(body).replace(b"settings.read", b"settings")
    forged = base64.urlsafe_b64encode(wider).decode().rstrip("=")
    client = Client(sandbox, f"{head}.{forged}.{signature}")
    with client.session:
        assert client.call("GET", "/Accounts").status_code == 401
