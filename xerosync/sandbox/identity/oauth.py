"""Xero's identity service: the token, revocation and connections endpoints.

Errors are those of RFC 6749, section 5.2, in Xero's form: 400 with ``{"error": …}``. The
only client id is ``sandbox``, and its secret is ``sandbox`` too.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from xerosync.sandbox.books.store import Store
from xerosync.sandbox.http.messages import (
    Request,
    Response,
    json_response,
    method_not_allowed,
    not_found,
)
from xerosync.sandbox.identity.tokens import ACCESS_SECONDS, Access, AppType, Issued, Tokens

CLIENT = "sandbox"
SECRET = "sandbox"  # noqa: S105 - not a secret
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
    """No token is granted; the text is an error code of RFC 6749."""


def token(request: Request, tokens: Tokens) -> Response:
    """Respond to POST /connect/token."""
    if request.method != "POST":
        return method_not_allowed("POST")
    form = request.form()
    try:
        with_secret = _client(request, form)
        issued = _grant(form, tokens, with_secret=with_secret)
    except GrantError as error:
        return json_response({"error": str(error)}, 400)
    body = {
        "access_token": issued.access_token,
        "expires_in": ACCESS_SECONDS,
        "token_type": "Bearer",
        "scope": issued.scopes,
    }
    if issued.refresh_token:
        body["refresh_token"] = issued.refresh_token
    return json_response(body)


def revocation(request: Request, tokens: Tokens) -> Response:
    """Respond to POST /connect/revocation: 200 whatever the token was (RFC 7009)."""
    if request.method != "POST":
        return method_not_allowed("POST")
    form = request.form()
    try:
        _client(request, form)
    except GrantError as error:
        return json_response({"error": str(error)}, 400)
    tokens.revoke(form.get("token", ""))
    return Response(status=200)


def unknown_scopes(scopes: str) -> bool:
    """Whether any of these scopes is unknown to the sandbox."""
    return bool(set(scopes.split()) - SCOPES)


def _client(request: Request, form: dict[str, str]) -> bool:
    """Check the client id and secret in the header or form; return whether there was a secret."""
    client, secret = form.get("client_id", ""), form.get("client_secret", "")
    kind, _, credentials = request.headers.get("authorization", "").partition(" ")
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
    """Return a token for a custom connection, with the requested scopes or those it has.

    It has no refresh token; ``offline_access`` is ignored (what Xero does is not known).
    """
    if not with_secret:
        raise GrantError("invalid_client")
    scopes = form.get("scope", "") or WRITE
    if unknown_scopes(scopes):
        raise GrantError("invalid_scope")
    granted = [scope for scope in scopes.split() if scope != "offline_access"]
    return tokens.issue(AppType.CUSTOM, " ".join(granted))


def connections(
    request: Request, item: str, access: Access, tokens: Tokens, store: Store
) -> Response:
    """Respond to a request for the connections of an app, or to remove one of them."""
    allowed = "DELETE" if item else "GET"
    if request.method != allowed:
        return method_not_allowed(allowed)
    if item:
        return Response(status=204) if tokens.disconnect(access.app, item) else not_found()
    connection = tokens.connection(access.app)
    event = request.parameters().get("authEventId")
    if connection is None or (event and event != connection.event):
        return json_response([])
    place = store.country
    created = f"{datetime.fromtimestamp(connection.created, UTC):%Y-%m-%dT%H:%M:%S.%f}0"
    return json_response(
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
