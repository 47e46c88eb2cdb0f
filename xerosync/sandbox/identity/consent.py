"""Turns a person's sign-in into the consent page, and their decision into a redirect.

The authorization code flow of RFC 6749 with PKCE (RFC 7636), as at
https://login.xero.com/identity/connect/authorize. Nobody signs in: the page has the
two buttons alone.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from xerosync.sandbox.http.messages import HTML, Answer, not_allowed
from xerosync.sandbox.identity.oauth import CLIENT, unknown_scopes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xerosync.sandbox.books.store import Store
    from xerosync.sandbox.http.messages import Call
    from xerosync.sandbox.identity.tokens import Tokens

FIELDS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
WHAT = {
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
<p><small>This is the xerosync sandbox on your own machine, not Xero.</small></p>
</main></body>
</html>
"""


def answer(call: Call, store: Store, tokens: Tokens) -> Answer:
    """Answer a call for the consent page: GET shows it, POST takes the decision."""
    if call.method not in {"GET", "POST"}:
        return not_allowed(["GET", "POST"])
    if call.method == "POST":
        asked = call.form()
    else:
        query = parse_qs(call.query, keep_blank_values=True)
        asked = {name: values[0] for name, values in query.items()}
    if trouble := _untrustworthy(asked):
        return _page(400, "This sign-in cannot go on", f"<p>{escape(trouble)}</p>")
    if error := _mistaken(asked):
        return _redirect(asked, {"error": error})
    if call.method == "GET":
        return _page(200, "Allow access?", _form(asked, store.country.organisation))
    if asked.get("decision") != "allow":
        return _redirect(asked, {"error": "access_denied"})
    code = tokens.issue_code(asked["scope"], asked["redirect_uri"], asked.get("code_challenge", ""))
    return _redirect(asked, {"code": code, "scope": asked["scope"]})


def _untrustworthy(asked: Mapping[str, str]) -> str:
    """Why nothing may be sent to the redirect address, or ``""``.

    Xero takes http for ``localhost`` alone, 127.0.0.1 is refused (told by a third
    party); the sandbox takes no other machine at all. It insists on ``state``.
    """
    if asked.get("client_id") != CLIENT:
        return f"The client id must be {CLIENT!r}."
    try:
        redirect = urlsplit(asked.get("redirect_uri", ""))
    except ValueError:
        return "The redirect_uri is not an address."
    if redirect.scheme not in {"http", "https"} or redirect.hostname != "localhost":
        return "The redirect_uri must be http://localhost, with a port and path."
    if redirect.fragment:
        return "The redirect_uri must have no fragment."
    return "" if asked.get("state") else "The state is missing."


def _mistaken(asked: Mapping[str, str]) -> str:
    """Return the error code of RFC 6749, section 4.1.2.1, for what was asked, or ``""``."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    scopes = asked.get("scope", "")
    if not scopes.strip() or unknown_scopes(scopes):
        return "invalid_scope"
    challenge = asked.get("code_challenge", "")
    if challenge and asked.get("code_challenge_method") != "S256":
        return "invalid_request"
    if challenge and not re.fullmatch(r"[A-Za-z0-9_-]{43}", challenge):
        return "invalid_request"
    return ""


def _form(asked: Mapping[str, str], organisation: str) -> str:
    hidden = "\n".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in FIELDS
        if name in asked
    )
    scopes = "\n".join(
        f"<li>{escape(WHAT.get(scope, scope))} <small>({escape(scope)})</small></li>"
        for scope in asked["scope"].split()
    )
    return f"""<p><strong>{escape(asked["client_id"])}</strong> asks for access to
<strong>{escape(organisation)}</strong>. It could:</p>
<ul>
{scopes}
</ul>
<form method="post" action="/identity/connect/authorize">
{hidden}
<button class="allow" name="decision" value="allow">Allow access</button>
<button name="decision" value="deny">Deny</button>
</form>"""


def _page(status: int, title: str, content: str) -> Answer:
    body = PAGE.format(title=escape(title), content=content).encode()
    return Answer(status=status, content_type=HTML, body=body, headers=HEADERS)


def _redirect(asked: Mapping[str, str], answer: Mapping[str, str]) -> Answer:
    uri = asked["redirect_uri"]
    query = urlencode({**answer, "state": asked["state"]})
    location = f"{uri}{'&' if urlsplit(uri).query else '?'}{query}"
    return Answer(status=302, content_type=HTML, headers=HEADERS | {"Location": location})
