"""The consent page: the authorization endpoint of the OAuth flow.

It replaces https://login.xero.com/identity/connect/authorize, for the authorization code flow of
RFC 6749, with or without PKCE (RFC 7636). There is no login, only buttons to allow and to deny.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode, urlsplit

from xerosync.sandbox.http.messages import HTML, Request, Response, method_not_allowed
from xerosync.sandbox.identity.claims import CLIENT
from xerosync.sandbox.identity.scopes import API, PERSONAL
from xerosync.sandbox.identity.tokens import Tokens

FIELDS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
)
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VISIBLE = re.compile("[!-~]+")
"""The characters allowed in a redirect URI. A line break could add a header to the response."""
MEANINGS = {
    "offline_access": "keep access while you are away",
    "accounting.settings": "view and change the chart of accounts and settings",
    "accounting.settings.read": "view the chart of accounts and settings",
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Frame-Options": "DENY",
}
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #eef1f4; color: #1d2733; }}
main {{ max-width: 26rem; margin: 10vh auto; padding: 2rem; background: #fff;
  border-radius: .5rem; }}
h1 {{ font-size: 1.25rem; margin-top: 0; }}
button {{ font: inherit; padding: .5rem 1.5rem; border-radius: .25rem; border: 1px solid #1d5d9b;
  background: #fff; color: #1d5d9b; cursor: pointer; }}
button.allow {{ background: #1d5d9b; color: #fff; }}
small {{ color: #5b6770; }}
</style>
</head>
<body><main>
<h1>{title}</h1>
{content}
<p><small>This is the xerosync sandbox on your own computer, not Xero.</small></p>
</main></body>
</html>
"""


def respond(request: Request, organisations: Sequence[str], tokens: Tokens) -> Response:
    """Respond to a request for the consent page: GET shows it, POST sends the decision.

    One decision is for all ``organisations`` (names), as with Xero's bulk connections.
    """
    if request.method not in {"GET", "POST"}:
        return method_not_allowed("GET", "POST")
    asked = request.form() if request.method == "POST" else request.parameters()
    if reason := _untrusted(asked):
        return _page(400, "This sign-in cannot continue", f"<p>{escape(reason)}</p>")
    if error := _error_code(asked):
        return _redirect(asked, {"error": error})
    if request.method == "GET":
        return _page(200, "Allow access?", _form(asked, organisations))
    if asked.get("decision") != "allow":
        return _redirect(asked, {"error": "access_denied"})
    code = tokens.issue_code(
        asked["scope"],
        asked["redirect_uri"],
        asked.get("code_challenge", ""),
        asked.get("nonce", ""),
    )
    return _redirect(asked, {"code": code, "scope": asked["scope"]})


def _untrusted(asked: Mapping[str, str]) -> str:
    """Return the reason not to redirect the browser, or ``""`` if it may be redirected.

    According to a third party, Xero accepts http only for ``localhost``, not for 127.0.0.1. The
    sandbox accepts only ``localhost``, with http or https.
    """
    if asked.get("client_id") != CLIENT:
        return f'Only the client id "{CLIENT}" can sign in here: sign in again with it.'
    uri = asked.get("redirect_uri", "")
    try:
        redirect = urlsplit(uri)
    except ValueError:
        return "The redirect_uri is not a URL."
    if not VISIBLE.fullmatch(uri):
        return "The redirect_uri is not a URL."
    if redirect.scheme not in {"http", "https"} or redirect.hostname != "localhost":
        return "The redirect_uri must be on localhost, such as http://localhost:8742/callback."
    return "The redirect_uri must have no fragment." if redirect.fragment else ""


def _error_code(asked: Mapping[str, str]) -> str:
    """Return a request's error code (RFC 6749, 4.1.2.1), or ``""`` if the request is valid."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    scopes = set(asked.get("scope", "").split())
    if not scopes or scopes - PERSONAL - API:
        return "invalid_scope"
    challenge = asked.get("code_challenge", "")
    is_s256 = asked.get("code_challenge_method") == "S256" and CHALLENGE.fullmatch(challenge)
    return "" if is_s256 or not challenge else "invalid_request"


def _form(asked: Mapping[str, str], organisations: Sequence[str]) -> str:
    hidden = "\n".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in FIELDS
        if name in asked
    )
    scopes = "\n".join(
        f"<li>{escape(MEANINGS.get(scope, 'use the scope'))} <small>({escape(scope)})</small></li>"
        for scope in asked["scope"].split()
    )
    whose, names = organisations[0], ""
    if len(organisations) > 1:
        whose = f"{len(organisations):,} organisations"
        listed = "\n".join(f"<li>{escape(name)}</li>" for name in organisations)
        names = f"<details><summary>Organisations</summary>\n<ul>\n{listed}\n</ul></details>\n"
    return f"""<p><strong>{escape(asked["client_id"])}</strong> asks for access to
<strong>{escape(whose)}</strong>. It will be able to:</p>
<ul>
{scopes}
</ul>
{names}<form method="post" action="/identity/connect/authorize">
{hidden}
<button class="allow" name="decision" value="allow">Allow access</button>
<button name="decision" value="deny">Deny</button>
</form>"""


def _page(status: int, title: str, content: str) -> Response:
    body = PAGE.format(title=escape(title), content=content).encode()
    return Response(status=status, content_type=HTML, body=body, headers=HEADERS)


def _redirect(asked: Mapping[str, str], result: Mapping[str, str]) -> Response:
    uri = asked["redirect_uri"]
    state = {"state": asked["state"]} if asked.get("state") else {}
    query = urlencode({**result, **state})
    location = f"{uri}{'&' if urlsplit(uri).query else '?'}{query}"
    return Response(status=302, content_type=HTML, headers=HEADERS | {"Location": location})
