"""Tokens, the consent page and connections: who may call, and the errors for others."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.client import Client

if TYPE_CHECKING:
    from sandbox.client import Clock
    from xerosync.sandbox import Sandbox

VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)
REDIRECT = "http://localhost:8742/callback"
ASKED = {
    "response_type": "code",
    "client_id": "sandbox",
    "redirect_uri": REDIRECT,
    "scope": "offline_access accounting.settings",
    "state": "s t&a=te",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def ask_token(sandbox: Sandbox, auth: tuple[str, str] | None = None, /, **form: str) -> Any:
    return requests.post(f"{sandbox.url}/connect/token", data=form, auth=auth, timeout=10)


def consent_page(sandbox: Sandbox, **asked: str) -> requests.Response:
    return requests.get(
        f"{sandbox.url}/identity/connect/authorize",
        params=ASKED | asked,
        allow_redirects=False,
        timeout=10,
    )


def decide(sandbox: Sandbox, page: str, decision: str) -> dict[str, str]:
    """Press a button of the consent page; return the query of the redirect."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    form = {name: unescape(value) for name, value in fields} | {"decision": decision}
    answer = requests.post(
        f"{sandbox.url}/identity/connect/authorize", data=form, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert location.startswith(f"{REDIRECT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def sign_in(sandbox: Sandbox, **asked: str) -> dict[str, Any]:
    """Sign in as a person who allows access; return the tokens."""
    code = decide(sandbox, consent_page(sandbox, **asked).text, "allow")["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": "sandbox",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    answer = ask_token(sandbox, **form)
    assert answer.status_code == 200, answer.text
    again = ask_token(sandbox, **form)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    tokens: dict[str, Any] = answer.json()
    return tokens


@pytest.mark.parametrize("in_header", [True, False])
def test_client_credentials_give_a_token_without_a_refresh_token(
    sandbox: Sandbox, *, in_header: bool
) -> None:
    secret = {"client_id": "sandbox", "client_secret": "sandbox"}
    answer = ask_token(
        sandbox,
        ("sandbox", "sandbox") if in_header else None,
        grant_type="client_credentials",
        scope="accounting.settings",
        **{} if in_header else secret,
    ).json()

    assert answer.keys() == {"access_token", "expires_in", "token_type", "scope"}
    assert answer["expires_in"] == 1800
    assert answer["scope"] == "accounting.settings"
    client = Client(sandbox, answer["access_token"])
    with client.session:
        del client.session.headers["xero-tenant-id"]
        assert client.accounts()


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "other"}, "invalid_client"),
        ({"client_id": ""}, "invalid_request"),
        ({"client_secret": ""}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
    ],
)
def test_a_bad_token_request_says_why(sandbox: Sandbox, form: dict[str, str], error: str) -> None:
    good = {
        "grant_type": "client_credentials",
        "client_id": "sandbox",
        "client_secret": "sandbox",
    }
    answer = ask_token(sandbox, **good | form)

    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_the_consent_page_names_the_organisation_and_the_scopes(sandbox: Sandbox) -> None:
    answer = consent_page(sandbox)

    assert answer.status_code == 200
    assert "Demo Company (NZ)" in answer.text
    assert "accounting.settings" in answer.text
    assert "Allow access" in answer.text
    assert "Deny" in answer.text


def test_a_person_signs_in_with_pkce(sandbox: Sandbox) -> None:
    tokens = sign_in(sandbox)

    assert tokens["scope"] == ASKED["scope"]
    client = Client(sandbox, tokens["access_token"])
    with client.session:
        assert client.accounts()
        del client.session.headers["xero-tenant-id"]
        assert client.call("GET", "/Accounts").status_code == 403


def test_the_state_is_returned_with_either_decision(sandbox: Sandbox) -> None:
    page = consent_page(sandbox).text

    denied = decide(sandbox, page, "deny")

    assert denied == {"error": "access_denied", "state": ASKED["state"]}
    assert decide(sandbox, page, "allow")["state"] == ASKED["state"]


def test_a_sign_in_without_a_state_returns_no_state(sandbox: Sandbox) -> None:
    assert decide(sandbox, consent_page(sandbox, state="").text, "allow").keys() == {
        "code", "scope"
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        {"client_id": "other"},
        {"redirect_uri": "http://127.0.0.1:8742/callback"},
        {"redirect_uri": "https://example.com/"},
        {"redirect_uri": "http://[x"},
        {"redirect_uri": "http://localhost/#a"},
        {"redirect_uri": "http://localhost/\r\nSet-Cookie: a=b", "response_type": "token"},
        {"redirect_uri": "http://localhost/\u2028"},
    ],
)
def test_nothing_is_sent_to_an_untrusted_address(sandbox: Sandbox, asked: dict[str, str]) -> None:
    answer = consent_page(sandbox, **asked)

    assert answer.status_code == 400
    assert {"Location", "Set-Cookie"}.isdisjoint(answer.headers)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
def test_a_wrong_authorization_request_is_reported_to_the_app(
    sandbox: Sandbox, asked: dict[str, str], error: str
) -> None:
    answer = consent_page(sandbox, **asked)

    assert answer.status_code == 302
    assert f"error={error}" in answer.headers["Location"]


def test_the_consent_page_escapes_what_it_was_sent(sandbox: Sandbox) -> None:
    assert "<script>" not in consent_page(sandbox, state='"><script>').text


@pytest.mark.parametrize(
    "form",
    [{"code_verifier": "w" * 64}, {"code_verifier": ""}, {"redirect_uri": "http://localhost/"}],
)
def test_a_code_works_only_with_its_verifier_and_redirect_address(
    sandbox: Sandbox, form: dict[str, str]
) -> None:
    code = decide(sandbox, consent_page(sandbox).text, "allow")["code"]
    good = {
        "grant_type": "authorization_code",
        "client_id": "sandbox",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }

    assert ask_token(sandbox, **good | form).json() == {"error": "invalid_grant"}
    assert ask_token(sandbox, **good).json() == {"error": "invalid_grant"}


def test_a_code_lives_five_minutes(sandbox: Sandbox, clock: Clock) -> None:
    code = decide(sandbox, consent_page(sandbox).text, "allow")["code"]
    clock.now += 300

    answer = ask_token(
        sandbox,
        grant_type="authorization_code",
        client_id="sandbox",
        code=code,
        redirect_uri=REDIRECT,
        code_verifier=VERIFIER,
    )

    assert answer.json() == {"error": "invalid_grant"}


def test_a_web_app_signs_in_with_its_secret(sandbox: Sandbox) -> None:
    page = consent_page(sandbox, code_challenge="", code_challenge_method="").text
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}

    code = decide(sandbox, page, "allow")["code"]
    public = ask_token(sandbox, client_id="sandbox", code=code, **form)
    assert public.json() == {"error": "invalid_grant"}
    code = decide(sandbox, page, "allow")["code"]
    answer = ask_token(sandbox, ("sandbox", "sandbox"), code=code, **form)

    refresh = {"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]}
    assert ask_token(sandbox, client_id="sandbox", **refresh).status_code == 400
    assert ask_token(sandbox, ("sandbox", "sandbox"), **refresh).status_code == 200


def test_a_sign_in_without_offline_access_gets_no_refresh_token(sandbox: Sandbox) -> None:
    assert "refresh_token" not in sign_in(sandbox, scope="accounting.settings")


def test_a_refresh_token_is_replaced_and_the_old_one_works_for_30_minutes(
    sandbox: Sandbox, clock: Clock
) -> None:
    first = sign_in(sandbox)["refresh_token"]

    def refresh(token: str) -> Any:
        return ask_token(
            sandbox, grant_type="refresh_token", client_id="sandbox", refresh_token=token
        )

    second = refresh(first).json()["refresh_token"]
    assert second != first
    clock.now += 1799
    assert refresh(first).status_code == 200
    clock.now += 1
    assert refresh(first).json() == {"error": "invalid_grant"}
    third = refresh(second).json()["refresh_token"]
    clock.now += 60 * 86_400
    assert refresh(third).json() == {"error": "invalid_grant"}


def test_an_access_token_expires_after_half_an_hour(client: Client, clock: Clock) -> None:
    clock.now += 1799
    assert client.accounts()
    clock.now += 1

    answer = client.call("GET", "/Accounts")

    assert answer.status_code == 401
    assert answer.json()["Title"] == "Unauthorized"
    assert answer.json()["Detail"] == "TokenExpired: token expired at 06/01/2026 00:30:00"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic eDp5", ""])
def test_the_error_for_a_bad_token_differs_from_that_for_an_expired_one(
    client: Client, header: str
) -> None:
    client.session.headers["Authorization"] = header

    answer = client.call("GET", "/Accounts")

    assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthenticationUnsuccessful")


def test_a_missing_scope_is_a_401_with_its_own_detail(sandbox: Sandbox) -> None:
    reader = Client(sandbox, sandbox.access_token("accounting.settings.read"))
    with reader.session:
        assert reader.accounts()
        answer = reader.create(Code="601", Name="x", Type="EXPENSE")
        assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthorizationUnsuccessful")
    other = Client(sandbox, sandbox.access_token("accounting.contacts"))
    with other.session:
        assert other.call("GET", "/Accounts").json()["Detail"] == "AuthorizationUnsuccessful"


def test_a_wrong_tenant_is_forbidden(client: Client) -> None:
    client.session.headers["xero-tenant-id"] = "00000000-0000-0000-0000-000000000000"

    answer = client.call("GET", "/Accounts")

    assert answer.status_code == 403
    assert answer.json()["Detail"] == "AuthenticationUnsuccessful"


@pytest.mark.parametrize("path", ["/connections", "/Connections"])
def test_connections_name_the_tenant(client: Client, sandbox: Sandbox, path: str) -> None:
    (connection,) = client.session.get(f"{sandbox.url}{path}", timeout=10).json()

    assert connection["tenantId"] == sandbox.tenant_id
    assert connection["tenantName"] == "Demo Company (NZ)"
    assert connection["tenantType"] == "ORGANISATION"
    event = {"authEventId": connection["authEventId"]}
    url = f"{sandbox.url}{path}"
    assert len(client.session.get(url, params=event, timeout=10).json()) == 1
    assert client.session.get(url, params={"authEventId": "x"}, timeout=10).json() == []


def test_without_a_connection_calls_are_forbidden_until_the_next_sign_in(
    client: Client, sandbox: Sandbox
) -> None:
    url = f"{sandbox.url}/connections"
    (connection,) = client.session.get(url, timeout=10).json()

    assert client.session.delete(f"{url}/{connection['id']}", timeout=10).status_code == 204
    assert client.session.delete(f"{url}/{connection['id']}", timeout=10).status_code == 404
    assert client.session.get(url, timeout=10).json() == []
    assert client.call("GET", "/Accounts").status_code == 403
    sandbox.access_token()
    assert client.accounts()


def test_a_revocation_ends_only_the_persons_tokens_and_connection(
    client: Client, sandbox: Sandbox
) -> None:
    tokens = sign_in(sandbox)
    person = Client(sandbox, tokens["access_token"])
    with person.session:
        assert person.accounts()

        answer = requests.post(
            f"{sandbox.url}/connect/revocation",
            data={"token": tokens["refresh_token"]},
            auth=("sandbox", "sandbox"),
            timeout=10,
        )

        assert answer.status_code == 200
        assert person.call("GET", "/Accounts").status_code == 401
    assert client.accounts()
