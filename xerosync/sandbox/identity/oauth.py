"""Xero's identity service: the token, revocation and connections endpoints.

Errors of the token and revocation endpoints are those of RFC 6749, section 5.2. Like Xero's, each
has the status 400 and the body ``{"error": …}``.

The client id ``sandbox`` has access to all organisations. It is an app that a person uses, or a
custom connection, depending on how it signs in. ``sandbox-1`` is a custom connection to only the
first organisation, ``sandbox-2`` to only the second. The secret of every client id is ``sandbox``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from xerosync.sandbox.books.seed import Organisation
from xerosync.sandbox.books.store import Store
from xerosync.sandbox.http.messages import (
    Request,
    Response,
    json_response,
    method_not_allowed,
    not_found,
)
from xerosync.sandbox.identity.claims import ACCESS_SECONDS, CLIENT
from xerosync.sandbox.identity.scopes import API, OFFLINE
from xerosync.sandbox.identity.tokens import Access, AppType, Connection, Issued, Tokens

SECRET = "sandbox"  # noqa: S105 - not a secret


class GrantError(ValueError):
    """The request is refused. The exception's text is an error code of RFC 6749."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code)
        self.description = description

    def response(self) -> Response:
        """Return a 400 response with this error."""
        described = {"error_description": self.description} if self.description else {}
        return json_response({"error": str(self), **described}, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomConnection:
    """How the custom connection is set up, and how it behaves.

    ``ticked`` has the scopes that were ticked for the connection. If ``takes_scope`` is false, a
    token request that names a scope is refused. If ``names_tenant`` is false, tokens do not name
    the organisation. Some custom connections at Xero have one of these limits.
    """

    ticked: frozenset[str] = API
    takes_scope: bool = True
    names_tenant: bool = True


def token(
    request: Request, tokens: Tokens, connection: CustomConnection, organisations: Sequence[int]
) -> Response:
    """Respond to POST /connect/token; ``organisations`` are the numbers of all organisations."""
    if request.method != "POST":
        return method_not_allowed("POST")
    form = request.form()
    try:
        only, with_secret = _client(request, form, organisations)
        issued = _grant(form, tokens, connection, only, with_secret=with_secret)
    except GrantError as error:
        return error.response()
    body = {
        "access_token": issued.access_token,
        "expires_in": ACCESS_SECONDS,
        "token_type": "Bearer",
        "scope": issued.scopes,
    }
    more = {"refresh_token": issued.refresh_token, "id_token": issued.id_token}
    return json_response(body | {name: token for name, token in more.items() if token})


def revocation(request: Request, tokens: Tokens) -> Response:
    """Respond to POST /connect/revocation. Even an unknown token gets a 200 (RFC 7009)."""
    if request.method != "POST":
        return method_not_allowed("POST")
    form = request.form()
    try:
        _client(request, form)
    except GrantError as error:
        return error.response()
    tokens.revoke(form.get("token", ""))
    return Response(status=200)


def _client(
    request: Request, form: dict[str, str], organisations: Sequence[int] = ()
) -> tuple[int, bool]:
    """Return the number of the client's organisation, and whether a secret was sent.

    The number is 0 if the client has all organisations. The client id and the secret are in the
    header or in the form. Raise ``GrantError`` if the id is missing, or if one of them is wrong.
    """
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
    clients = {CLIENT: 0} | {f"{CLIENT}-{nth}": one for nth, one in enumerate(organisations, 1)}
    if client not in clients or secret not in {"", SECRET}:
        raise GrantError("invalid_client")
    return clients[client], bool(secret)


def _grant(
    form: dict[str, str],
    tokens: Tokens,
    connection: CustomConnection,
    only: int,
    *,
    with_secret: bool,
) -> Issued:
    kind = form.get("grant_type", "")
    if only and kind != "client_credentials":
        raise GrantError("unauthorized_client")
    match kind:
        case "client_credentials":
            if not with_secret:
                raise GrantError("invalid_client")
            return _client_credentials(form, tokens, connection, only)
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


def _client_credentials(
    form: dict[str, str], tokens: Tokens, connection: CustomConnection, only: int
) -> Issued:
    """Return a custom connection's token, with all ticked scopes if the request names none.

    There is no refresh token. The scope ``offline_access`` is ignored: Xero's answer is unknown.
    """
    asked = [scope for scope in form.get("scope", "").split() if scope != OFFLINE]
    if asked and not (connection.takes_scope and connection.ticked.issuperset(asked)):
        raise GrantError("invalid_scope", "Client credentials scope validation failed")
    scopes = " ".join(asked or sorted(connection.ticked))
    return tokens.issue(AppType.CUSTOM, scopes, names_tenant=connection.names_tenant, only=only)


def connections(
    request: Request, item: str, access: Access, tokens: Tokens, stores: Mapping[int, Store]
) -> Response:
    """Respond to GET /connections, or to DELETE /connections/ID with the id in ``item``.

    ``stores`` has the organisations that may be listed, by number.
    """
    allowed = "DELETE" if item else "GET"
    if request.method != allowed:
        return method_not_allowed(allowed)
    if item:
        return Response(status=204) if tokens.disconnect(access.app, item) else not_found()
    event = request.parameters().get("authEventId")
    return json_response(
        [
            _connection(connection, stores[connection.organisation].organisation)
            for connection in tokens.connections(access.app)
            if connection.organisation in stores and event in {None, "", connection.event}
        ]
    )


def _connection(connection: Connection, organisation: Organisation) -> dict[str, str]:
    created = f"{datetime.fromtimestamp(connection.created, UTC):%Y-%m-%dT%H:%M:%S.%f}0"
    return {
        "id": connection.id,
        "authEventId": connection.event,
        "tenantId": organisation.tenant_id,
        "tenantType": "ORGANISATION",
        "tenantName": organisation.name,
        "createdDateUtc": created,
        "updatedDateUtc": created,
    }
