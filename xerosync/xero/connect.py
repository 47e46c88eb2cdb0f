"""Credentials and addresses → one organisation's ledger, signed in and ready."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from xerosync.model import OrganisationPin
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.credentials import Credentials, choose, open_tokens
from xerosync.xero.auth.tenants import find_tenant
from xerosync.xero.auth.token_endpoint import Endpoint
from xerosync.xero.clock import Clock
from xerosync.xero.http.client import Api
from xerosync.xero.http.rate_limit import Pace
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Exchange, Sender, Transport
from xerosync.xero.ledger import XeroLedger

__all__ = ["Credentials", "Hooks", "connect"]


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
    way = choose(credentials, addresses.identity)
    sender = hooks.sender or Transport(
        addresses, read_only=read_only, on_exchange=hooks.on_exchange
    )
    endpoint = Endpoint(sender, hooks.clock, Backoff(hooks.chance))
    try:
        tokens = open_tokens(way, credentials, addresses, endpoint, read_only=read_only)

        def api(tenant_id: str) -> Api:
            return Api(
                sender,
                tokens,
                Pace(hooks.clock, on_wait=hooks.on_wait),
                clock=hooks.clock,
                backoff=Backoff(hooks.chance),
                tenant_id=tenant_id,
            )

        chosen = way.sign_in.tenant_id if way.sign_in else ""
        tenant_id = credentials.tenant_id or find_tenant(
            api(""), addresses.connections, wanted, chosen
        )
    except BaseException:
        sender.close()
        raise
    return XeroLedger(api(tenant_id), addresses.accounting)
