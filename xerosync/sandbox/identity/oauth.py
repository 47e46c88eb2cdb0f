"""Turns calls for tokens and connections into answers: Xero's identity service.

Errors are those of RFC 6749, section 5.2, as Xero's service answers them: 400 with
``{"error": …}``. The one client is ``sandbox``, and ``sandbox`` is its secret.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from xerosync.sandbox.http.messages import Answer, json_answer, not_allowed, not_found
from xerosync.sandbox.identity.tokens import ACCESS_SECONDS, App

if TYPE_CHECKING:
    from xerosync.sandbox.books.store import Store
    from xerosync.sandbox.http.messages import Call
    from xerosync.sandbox.identity.tokens import Access, Issued, Tokens

CLIENT = "sandbox"
SECRET = "sandbox"  # noqa: S105 - the sandbox's only secret is that it has none
READ = "accounting.settings.read"
WRITE = "accounting.settings"
SCOPES = frozenset(
    {"openid", "profile", "email", "offline_access", READ, WRITE}
    | {
        f"accounting.{name}{suffix}"
        for name in ("transactions", "contacts", "attachments", "reports", "journals", "budgets")
        for suffix in ("", ".read")
    }
)


class GrantError(ValueError):
    """A token is refused; its text is the code of RFC 6749."""


def token(call: Call, tokens: Tokens) -> Answer:
    """Answer POST /connect/token."""
    if call.method != "POST":
        return not_allowed(["POST"])
    form = call.form()
    try:
        with_secret = _client(call, form)
        issued = _grant(form, tokens, with_secret=with_secret)
    except GrantError as error:
        return json_answer({"error": str(error)}, 400)
    body = {
        "access_token": issued.access_token,
        "expires_in": ACCESS_SECONDS,
        "token_type": "Bearer",
        "scope": issued.scopes,
    }
    if issued.refresh_token:
        body["refresh_token"] = issued.refresh_token
    return json_answer(body)


def revocation(call: Call, tokens: Tokens) -> Answer:
    """Answer POST /connect/revocation: 200 whatever the token was (RFC 7009)."""
    if call.method != "POST":
        return not_allowed(["POST"])
    form = call.form()
    try:
        _client(call, form)
    except GrantError as error:
        return json_answer({"error": str(error)}, 400)
    tokens.revoke(form.get("token", ""))
    return Answer(status=200)


def unknown_scopes(scopes: str) -> bool:
    """Whether any of these scopes is none that the sandbox knows."""
    return bool(set(scopes.split()) - SCOPES)


def _client(call: Call, form: dict[str, str]) -> bool:
    """Check who asks; whether the secret was shown. It may be in the header or the form."""
    client, secret = form.get("client_id", ""), form.get("client_secret", "")
    kind, _, credentials = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            decoded = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise GrantError("invalid_client") from None
        client, _, secret = (unquote_plus(part) for part in decoded.partition(":"))
    if not client:
        raise GrantError("invalid_request")
    if client != CLIENT or secret not in {"", SECRET}:
        raise GrantError("invalid_client")
    return bool(secret)


def _grant(form: dict[str, str], tokens: Tokens, *, with_secret: bool) -> Issued:
    match form.get("grant_type", ""):
        case "client_credentials":
            return _client_credentials(form, tokens, with_secret=with_secret)
        case "authorization_code":
            issued = tokens.redeem_code(
                form.get("code", ""),
                form.get("redirect_uri", ""),
                form.get("code_verifier", ""),
                with_secret=with_secret,
            )
        case "refresh_token":
            issued = tokens.refresh(form.get("refresh_token", ""), with_secret=with_secret)
        case "":
            raise GrantError("invalid_request")
        case _:
            raise GrantError("unsupported_grant_type")
    if issued is None:
        raise GrantError("invalid_grant")
    return issued


def _client_credentials(form: dict[str, str], tokens: Tokens, *, with_secret: bool) -> Issued:
    """Return a custom connection's token: the scopes asked for, or those the connection has.

    It has no refresh token; ``offline_access`` is passed over (what Xero does is not known).
    """
    if not with_secret:
        raise GrantError("invalid_client")
    scopes = form.get("scope", "") or WRITE
    if unknown_scopes(scopes):
        raise GrantError("invalid_scope")
    granted = [scope for scope in scopes.split() if scope != "offline_access"]
    return tokens.issue(App.CUSTOM, " ".join(granted))


def connections(call: Call, item: str, access: Access, tokens: Tokens, store: Store) -> Answer:
    """Answer a call for the connections of a token's app."""
    if call.method != ("DELETE" if item else "GET"):
        return not_allowed(["DELETE" if item else "GET"])
    if item:
        return Answer(status=204) if tokens.disconnect(access.app, item) else not_found()
    connection = tokens.connection(access.app)
    event = call.parameter("authEventId")
    if connection is None or (event and event != connection.event):
        return json_answer([])
    place = store.country
    created = f"{datetime.fromtimestamp(connection.created, UTC):%Y-%m-%dT%H:%M:%S.%f}0"
    return json_answer(
        [
            {
                "id": connection.id,
                "authEventId": connection.event,
                "tenantId": place.tenant_id,
                "tenantType": "ORGANISATION",
                "tenantName": place.organisation,
                "createdDateUtc": created,
                "updatedDateUtc": created,
            }
        ]
    )
