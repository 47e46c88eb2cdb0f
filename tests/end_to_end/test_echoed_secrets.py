"""A server that echoes every secret, in headers, good answers, errors and redirects, shows none."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import quote

import pytest
from command_line import Xerosync
from network.scripted_server import Server, respond
from xero.auth.conftest import point_at
from xero.auth.test_store import keep

from xerosync.secret import Secret
from xerosync.xero.auth.sign_in import SignIn
from xerosync.xero.auth.store import TokenStore
from xerosync.xero.clock import Clock

GIVEN, LONG, SHORT = "given-access/token+1", "a+client/secret&of~an<app>", "hunt3r2"
GRANTED, REFRESH, RENEWED = "granted-access.token", "refresh-token/1=", "refresh-token-2"
FORGE = "ghs_forge-token"
SECRETS = (GIVEN, LONG, SHORT, GRANTED, REFRESH, RENEWED, FORGE)
CHART = """version: 1
organisation: {name: Demo}
accounts:
- {code: "200", name: Sales, type: REVENUE, description: x}
- {code: "299", name: Hire, type: REVENUE}
"""
COMMANDS = (
    ["plan", "--debug", "--format", "json"],
    ["plan", "--debug", "--verbose", "--out", "plan.json", "--html-file", "plan.html"],
    ["plan", "--debug", "--markdown-file", "plan.md"],
    ["show", "plan.json"],
    ["apply", "--yes", "--debug", "--format", "json"],
    ["drift", "--debug", "--format", "json"],
    ["pull", "--debug"],
    ["auth", "status", "--debug"],
    ["auth", "status", "--debug", "--format", "json"],
    ["ci", "comment", "--debug", "--failed", "-f", "accounts.yaml"],
    ["ci", "source", "--debug"],
)
STATUSES = (200, 201, 206, 301, 307, 400, 401, 403, 404, 409, 412, 429, 500, 501, 503)
SIGN_INS = ("given", "custom", "short", "person")


def spellings() -> set[str]:
    """Return each secret as it is, in an address, in Basic credentials, and in JSON."""
    pairs = {base64.b64encode(f"app:{secret}".encode()).decode() for secret in (LONG, SHORT)}
    quoted = {quote(secret, safe="") for secret in SECRETS}
    return {*SECRETS, *pairs, *quoted, *(json.dumps(secret)[1:-1] for secret in SECRETS)}


def page(status: int, said: str, form: str) -> tuple[str, str]:
    """Return the body of an error that quotes a text, and its type."""
    error = {"Title": f"Bad {said}", "Detail": f"Bad {said}", "error": said, "message": said}
    elements = [{"ValidationErrors": [{"Message": f"Not {said}"}]}]
    match form:
        case "json":
            body = json.dumps({**error, "Message": said, "Elements": elements, "Status": status})
            return body, "application/json"
        case "xml":
            text = said.replace("&", "&amp;").replace("<", "&lt;")
            return f"<ApiException><Message>{text}</Message></ApiException>", "text/xml"
        case _:
            return f"Bad request: {said}", "text/plain"


def echo(status: int, form: str, secrets: set[str]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return a handler that grants tokens, and answers all else with secrets and this status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        forge = "/repos/" in handler.path
        quoted = {FORGE} if forge else secrets
        said = " ".join([*sorted(quoted), handler.headers.get("Authorization", "")])
        headers = {
            "X-Echo": said,
            "WWW-Authenticate": f'Bearer error="{said}"',
            "Xero-Correlation-Id": min(secrets),
            "Location": f"https://example.com/?token={quote(said)}",
        }
        path = handler.path.partition("?")[0]
        if path == "/connect/token":
            grant = {"access_token": GRANTED, "refresh_token": RENEWED, "token_type": "Bearer"}
            respond(200, json.dumps(grant | {"scope": "accounting.settings"}).encode())(handler)
        elif status >= 300:
            body, kind = page(status, said, form)
            respond(status, body.encode(), headers | {"Content-Type": kind})(handler)
        else:
            body = json.dumps(document(path, said))
            respond(status, body.encode(), headers | {"Content-Type": "application/json"})(handler)

    return answer


def document(path: str, said: str) -> object:
    account = {
        "AccountID": "a-1", "Code": "200", "Name": f"Sales {said}", "Status": "ACTIVE",
        "Type": "REVENUE", "TaxType": "OUTPUT", "Description": f"x {said}", "Class": said,
    }  # fmt: skip
    rate = {
        "TaxType": "OUTPUT",
        "Name": f"15% {said}",
        "Status": "ACTIVE",
        "CanApplyToRevenue": True,
    }
    demo = {"OrganisationID": "t-1", "Name": "Demo", "ShortCode": said, "CountryCode": said}
    if path.endswith("/connections"):
        return [{"tenantId": "t-1", "tenantName": "Demo", "tenantType": "ORGANISATION"}]
    if "/repos/" in path:
        return []
    return {"Accounts": [account], "TaxRates": [rate], "Organisations": [demo]}


def sign_in(kind: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set every credential that one way to sign in uses."""
    for name in ("XERO_ACCESS_TOKEN", "XERO_CLIENT_ID", "XERO_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XERO_CLIENT_ID", "app")
    if kind == "given":
        monkeypatch.setenv("XERO_ACCESS_TOKEN", GIVEN)
    if kind in {"given", "custom", "short"}:
        monkeypatch.setenv("XERO_CLIENT_SECRET", SHORT if kind == "short" else LONG)
    ended = datetime.now(UTC) - timedelta(hours=1)
    keep(
        TokenStore(),
        SignIn(
            "app", url, web_app=False, scopes=("offline_access", "accounting.settings"),
            access_token=Secret(GIVEN), refresh_token=Secret(REFRESH), ends=ended, used=ended,
            tenant_id="t-1", tenant_name="Demo",
        ),
    )  # fmt: skip


def known(kind: str) -> set[str]:
    """Return the secrets that a run with this sign-in has: Xero knows no others."""
    own = {"given": {GIVEN, LONG}, "custom": {LONG, GRANTED}, "short": {SHORT, GRANTED}}
    return own.get(kind, {REFRESH, RENEWED, GRANTED, GIVEN})


@pytest.mark.parametrize("form", ["json", "xml", "text"])
@pytest.mark.parametrize("kind", SIGN_INS)
def test_no_echoed_secret_is_shown(
    xerosync: Xerosync,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    form: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("xerosync.cli.session.new_clock", lambda _: Clock(sleep=lambda _: None))
    monkeypatch.setattr("xerosync.ci.rest.time.sleep", lambda _: None)
    for name, value in {
        "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/books", "GITHUB_TOKEN": FORGE,
        "GITHUB_REF": "refs/pull/1/merge", "GITHUB_SHA": "a" * 40, "GITHUB_RUN_ID": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    shown: list[str] = []
    statuses = STATUSES if kind == "person" else (200, 301, 400)
    for status in statuses if form == "json" else (400,):
        (project / "accounts.yaml").write_text(CHART)
        with Server(echo(status, form, known(kind))) as server:
            point_at(server.url, monkeypatch)
            monkeypatch.setenv("GITHUB_API_URL", server.url)
            for command in COMMANDS:
                sign_in(kind, server.url, monkeypatch)
                said = xerosync(*command)
                shown += [said.out, said.err]
                assert "This is a bug" not in said.err, (status, command, said.err)
    files = [path for path in project.rglob("*") if path.is_file()]
    shown += [path.read_bytes().decode("utf-8", "replace") for path in files] + [caplog.text]
    everything = "\n".join(shown)
    assert "debug: " in everything
    assert "GitHub answered 4" in everything
    if form == "json":
        assert "Sales ***" in everything
    for secret in known(kind) | {FORGE}:
        for spelling in (one for one in spellings() if secret in one or one == secret):
            assert spelling not in everything, (secret, spelling, where(shown, spelling))


def where(shown: list[str], secret: str) -> str:
    """Return the surroundings of a secret in what was shown."""
    text = next(one for one in shown if secret in one)
    at = text.index(secret)
    return text[max(0, at - 100) : at + 100]
