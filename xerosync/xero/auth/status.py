"""Ask Xero what the credentials give access to: organisations, scopes, expiry, calls left."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from xerosync.errors import AccessDenied
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.claims import read_claims
from xerosync.xero.auth.credentials import AuthKind, Credentials, choose, open_tokens
from xerosync.xero.auth.scopes import ALL_USAGE_SCOPES
from xerosync.xero.auth.tenants import Connection, not_connected, open_tenants
from xerosync.xero.gateway import Gateway, Hooks
from xerosync.xero.ledger import XeroLedger


@dataclass(frozen=True, slots=True)
class OrganisationAccess:
    """One organisation: whether it was chosen, and today's remaining calls, None if unknown."""

    connection: Connection
    chosen: bool
    calls_left_today: int | None


@dataclass(frozen=True, slots=True)
class SignInStatus:
    """What a sign-in gives access to.

    `ends` is when the access token expires, `lapses` when the sign-in ends if it is not used.
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
        tokens = open_tokens(
            method, credentials, gateway.token_endpoint, read_only=True, also=ALL_USAGE_SCOPES
        )
        pinned = credentials.tenant_id
        if pinned and method.kind is AuthKind.CUSTOM:
            connections: tuple[Connection, ...] = (Connection(pinned, ""),)
        else:
            client = gateway.client(tokens)
            connections = open_tenants(method.kind, tokens, client, addresses.connections, pinned)
        chosen = (pinned or (method.sign_in.tenant_id if method.sign_in else "")).casefold()
        unlisted = any(not one.name for one in connections)
        if pinned and not unlisted and chosen not in {c.tenant_id.casefold() for c in connections}:
            raise not_connected(pinned)
        organisations = tuple(
            _access(
                XeroLedger(gateway.client(tokens, one.tenant_id), addresses.accounting), one, chosen
            )
            for one in connections
        )
        claims = read_claims(tokens.access_token())
    store = credentials.store
    stored = store.load() if method.sign_in and store else None
    if not store or not stored:
        client_id = credentials.client_id if method.kind is AuthKind.CUSTOM else ""
        return SignInStatus(method.kind, client_id, organisations, claims.scopes, claims.ends)
    return SignInStatus(
        method.kind,
        stored.client_id,
        organisations,
        stored.scopes,
        stored.ends,
        stored.lapses,
        "keyring" if store.in_keyring else str(store.path),
    )


def _access(ledger: XeroLedger, connection: Connection, chosen: str) -> OrganisationAccess:
    """Make the cheapest call there is: every answer says how many calls are left.

    Raises `AccessDenied` if the connection has no name: only this call could have told it.
    """
    is_chosen = connection.tenant_id.casefold() == chosen
    try:
        found = ledger.organisation()
    except AccessDenied:
        if not connection.name:
            raise
        return OrganisationAccess(connection, is_chosen, None)
    named = Connection(found.tenant_id, connection.name or found.name)
    return OrganisationAccess(named, is_chosen, ledger.calls_left_today)
