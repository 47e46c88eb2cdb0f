"""Credentials and addresses → one organisation's ledger, signed in and ready."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from xerosync.errors import SignInError
from xerosync.model import OrganisationPin
from xerosync.xero.addresses import Addresses
from xerosync.xero.api import READ_SCOPE, WRITE_SCOPE, Api
from xerosync.xero.auth import ClientCredentials
from xerosync.xero.client import XeroLedger
from xerosync.xero.clock import Clock
from xerosync.xero.pace import Pace
from xerosync.xero.retry import Backoff
from xerosync.xero.tenant import find_tenant
from xerosync.xero.tokens import FetchedTokens, GivenToken, Secret, Tokens
from xerosync.xero.transport import Exchange, Sender, Transport


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in: an access token, or else a client id and secret.

    `tenant_id` chooses the organisation; "" asks Xero which ones are open.
    """

    access_token: Secret | None = field(default=None, repr=False)
    client_id: str = ""
    client_secret: Secret | None = field(default=None, repr=False)
    tenant_id: str = ""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the caller may watch or put in place.

    `on_wait` is told the seconds of each wait of a second or more; `on_exchange` each
    exchange, with nothing secret in it. Both may be called from several threads.
    `chance` gives the jitter, numbers from 0 up to 1. `sender` stands in for the network.
    """

    clock: Clock = field(default_factory=Clock)
    on_wait: Callable[[float], None] | None = None
    on_exchange: Callable[[Exchange], None] | None = None
    chance: Callable[[], float] = random.random
    sender: Sender | None = None


def connect(
    credentials: Credentials,
    addresses: Addresses,
    *,
    read_only: bool,
    wanted: OrganisationPin | None = None,
    hooks: Hooks | None = None,
) -> XeroLedger:
    """Sign in where needed, find the organisation, and give its ledger.

    `read_only` asks for the scope that reads, and sends nothing but GETs. `wanted` is the
    file's pin, to choose among several organisations; that the books match it is for the
    caller to check. Raises `SignInError`, `AccessDenied`, `UsageError`, or as `Api.call`.
    """
    hooks = hooks or Hooks()
    sender = hooks.sender or Transport(
        addresses, read_only=read_only, on_exchange=hooks.on_exchange
    )
    try:
        tokens = _tokens(credentials, addresses, sender, hooks, read_only=read_only)

        def api(tenant_id: str) -> Api:
            return Api(
                sender,
                tokens,
                Pace(hooks.clock, on_wait=hooks.on_wait),
                clock=hooks.clock,
                backoff=Backoff(hooks.chance),
                tenant_id=tenant_id,
            )

        tenant_id = credentials.tenant_id or find_tenant(api(""), addresses.connections, wanted)
    except BaseException:
        sender.close()
        raise
    return XeroLedger(api(tenant_id), addresses.accounting)


def _tokens(
    credentials: Credentials,
    addresses: Addresses,
    sender: Sender,
    hooks: Hooks,
    *,
    read_only: bool,
) -> Tokens:
    """Choose the way to sign in; an access token goes first."""
    if credentials.access_token:
        return GivenToken(credentials.access_token)
    if not credentials.client_id or not credentials.client_secret:
        raise _nobody(credentials)
    sign_in = ClientCredentials(
        sender,
        hooks.clock,
        Backoff(hooks.chance),
        addresses.token,
        credentials.client_id,
        credentials.client_secret,
        READ_SCOPE if read_only else WRITE_SCOPE,
    )
    return FetchedTokens(sign_in.fetch, hooks.clock)


def _nobody(credentials: Credentials) -> SignInError:
    """Say which variables are missing to sign in with."""
    ways = (
        "Set XERO_CLIENT_ID and XERO_CLIENT_SECRET (a custom connection), or XERO_ACCESS_TOKEN"
        " and XERO_TENANT_ID. To try without an account at Xero, add --sandbox: it needs none."
    )
    if credentials.client_id:
        return SignInError("XERO_CLIENT_SECRET is not set.", ways)
    if credentials.client_secret:
        return SignInError("XERO_CLIENT_ID is not set.", ways)
    return SignInError("No credentials for Xero are set.", ways)
