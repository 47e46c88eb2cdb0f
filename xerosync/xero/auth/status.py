"""Ask Xero what the credentials open: organisations, scopes, expiry, calls left."""

from __future__ import annotations

import base64
import binascii
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from xerosync.errors import AccessDenied
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.credentials import AuthKind, Credentials, choose, open_tokens
from xerosync.xero.auth.tenants import Connection, list_tenants
from xerosync.xero.gateway import Gateway, Hooks
from xerosync.xero.http.client import ApiCall, XeroClient
from xerosync.xero.http.responses import find_json


@dataclass(frozen=True, slots=True)
class OrganisationAccess:
    """One organisation: whether it was chosen, and today's remaining calls, None if unknown."""

    connection: Connection
    chosen: bool
    calls_left_today: int | None


@dataclass(frozen=True, slots=True)
class SignInStatus:
    """What a sign-in opens. `ends` is the access token's end, `lapses` the unused sign-in's.

    `kept_in` is where a person's sign-in is stored: the path of its file, or `keyring`.
    """

    kind: AuthKind
    client_id: str
    organisations: tuple[OrganisationAccess, ...]
    scopes: tuple[str, ...]
    ends: datetime | None
    lapses: datetime | None = None
    kept_in: str = ""


def read_status(credentials: Credentials, addresses: Addresses, hooks: Hooks) -> SignInStatus:
    """Sign in, and ask Xero what the sign-in gives access to. Raises like `connect`."""
    method = choose(credentials, addresses.identity)
    with closing(Gateway(addresses, hooks, read_only=True)) as gateway:
        tokens = open_tokens(method, credentials, gateway.token_endpoint, read_only=True)
        connections = list_tenants(gateway.client(tokens), addresses.connections)
        chosen = credentials.tenant_id or (method.sign_in.tenant_id if method.sign_in else "")
        organisations = tuple(
            OrganisationAccess(
                one,
                one.tenant_id == chosen,
                _calls_left(gateway.client(tokens, one.tenant_id), addresses),
            )
            for one in connections
        )
        scopes, ends = _read_claims(tokens.access_token())
    store = credentials.store
    stored = store.load() if method.sign_in and store else None
    if not store or not stored:
        client_id = "" if method.kind is AuthKind.GIVEN else credentials.client_id
        return SignInStatus(method.kind, client_id, organisations, scopes, ends)
    return SignInStatus(
        method.kind,
        stored.client_id,
        organisations,
        stored.scopes,
        stored.ends,
        stored.lapses,
        "keyring" if store.in_keyring else str(store.path),
    )


def _calls_left(client: XeroClient, addresses: Addresses) -> int | None:
    """Make the cheapest call there is: every answer says how many calls are left."""
    try:
        client.call(ApiCall("GET", f"{addresses.accounting}/Organisation"))
    except AccessDenied:
        return None
    return client.rate_limit.day_left


def _read_claims(token: str) -> tuple[tuple[str, ...], datetime | None]:
    """Read scopes and expiry of an access token that is a JWT, for display only."""
    try:
        _, payload, _ = token.split(".")
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
    except (binascii.Error, ValueError):
        return (), None
    claims = find_json(text)
    if not isinstance(claims, dict):
        return (), None
    scope, exp = claims.get("scope"), claims.get("exp")
    scopes = scope.split() if isinstance(scope, str) else scope if isinstance(scope, list) else ()
    ends = datetime.fromtimestamp(exp, UTC) if isinstance(exp, int) and 0 < exp < 2**33 else None
    return tuple(map(str, scopes)), ends
