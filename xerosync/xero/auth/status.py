"""Credentials → what they open, asked of Xero: organisations, scopes, ends, calls left."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from xerosync.errors import AccessDenied
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.credentials import Credentials, Kind, choose, open_tokens
from xerosync.xero.auth.login import open_sender
from xerosync.xero.auth.sign_in import SignIn
from xerosync.xero.auth.tenants import Connected, list_tenants
from xerosync.xero.auth.token_endpoint import Endpoint
from xerosync.xero.connect import Hooks
from xerosync.xero.http.client import Api, Call
from xerosync.xero.http.rate_limit import Pace
from xerosync.xero.http.responses import find_json
from xerosync.xero.http.retry import Backoff


@dataclass(frozen=True, slots=True)
class Opened:
    """One organisation: whether it was chosen, and the calls left today, None if not told."""

    organisation: Connected
    chosen: bool
    calls_left_today: int | None


@dataclass(frozen=True, slots=True)
class Status:
    """What a sign-in opens. `ends` is the access token's end, `lapses` the sign-in's if unused.

    `kept_in` is where a person's sign-in is: the path of its file, or `keyring`.
    """

    kind: Kind
    client_id: str
    organisations: tuple[Opened, ...]
    scopes: tuple[str, ...]
    ends: datetime | None
    lapses: datetime | None
    kept_in: str


def look(credentials: Credentials, addresses: Addresses, hooks: Hooks) -> Status:
    """Sign in, and ask Xero what is open. Raises as `connect`."""
    way = choose(credentials, addresses.identity)
    sender = open_sender(addresses, hooks)
    try:
        endpoint = Endpoint(sender, hooks.clock, Backoff(hooks.chance))
        tokens = open_tokens(way, credentials, addresses, endpoint, read_only=True)

        def api(tenant_id: str) -> Api:
            return Api(
                sender,
                tokens,
                Pace(hooks.clock, on_wait=hooks.on_wait),
                clock=hooks.clock,
                backoff=Backoff(hooks.chance),
                tenant_id=tenant_id,
            )

        connected = list_tenants(api(""), addresses.connections)
        chosen = credentials.tenant_id or (way.sign_in.tenant_id if way.sign_in else "")
        opened = tuple(
            Opened(one, one.tenant_id == chosen, _calls_left(api(one.tenant_id), addresses))
            for one in connected
        )
        scopes, ends = _claims(tokens.access_token())
    finally:
        sender.close()
    kept = credentials.store.load() if way.sign_in and credentials.store else None
    return Status(
        way.kind,
        kept.client_id if kept else "" if way.kind is Kind.GIVEN else credentials.client_id,
        opened,
        kept.scopes if kept else scopes,
        kept.ends if kept else ends,
        kept.lapses if kept else None,
        _place(credentials, kept),
    )


def _place(credentials: Credentials, kept: SignIn | None) -> str:
    if not kept or not credentials.store:
        return ""
    return "keyring" if credentials.store.in_keyring else str(credentials.store.path)


def _calls_left(api: Api, addresses: Addresses) -> int | None:
    """Make the cheapest call there is: what is left comes with every answer."""
    try:
        api.call(Call("GET", f"{addresses.accounting}/Organisation"))
    except AccessDenied:
        return None
    return api.pace.day_left


def _claims(token: str) -> tuple[tuple[str, ...], datetime | None]:
    """Read scopes and end of an access token that tells them (a JWT), for showing alone."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 (RFC 7519: header, claims, signature)
        return (), None
    try:
        text = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode()
    except (binascii.Error, ValueError):
        return (), None
    claims = find_json(text)
    if not isinstance(claims, dict):
        return (), None
    scope, exp = claims.get("scope"), claims.get("exp")
    scopes = scope.split() if isinstance(scope, str) else scope if isinstance(scope, list) else ()
    if not isinstance(exp, int) or not 0 < exp < 2**33:
        return tuple(map(str, scopes)), None
    return tuple(map(str, scopes)), datetime.fromtimestamp(exp, UTC)
