"""What all calls of one command share: the transport, the clock and the apps' rate limits."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event

from xerosync.secret import SecretMask
from xerosync.xero.addresses import Addresses
from xerosync.xero.auth.token_endpoint import TokenEndpoint
from xerosync.xero.clock import Clock
from xerosync.xero.http.access_tokens import TokenSource
from xerosync.xero.http.client import XeroClient
from xerosync.xero.http.rate_limit import RateLimit, SlidingWindow, app_rate_limit
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Exchange, Sender, Transport


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the caller may observe or replace.

    `on_wait` receives the seconds of waits (see `RateLimit`); `on_exchange` receives each
    exchange, without secrets. Both may be called from several threads. `chance` returns
    numbers from 0 up to 1, for the jitter. `sender` replaces the network.
    """

    clock: Clock = field(default_factory=Clock)
    on_wait: Callable[[float], None] | None = None
    on_exchange: Callable[[Exchange], None] | None = None
    chance: Callable[[], float] = random.random
    sender: Sender | None = None


class Gateway:
    """Opens clients and the token endpoint, all over one transport. Close it after use."""

    def __init__(self, addresses: Addresses, hooks: Hooks, *, read_only: bool) -> None:
        self.addresses = addresses
        self.read_only = read_only
        self.clock = hooks.clock
        self._hooks = hooks
        self._backoff = Backoff(hooks.chance)
        mask = SecretMask()
        self._sender = hooks.sender or Transport(
            addresses, read_only=read_only, on_exchange=hooks.on_exchange, mask=mask
        )
        self.token_endpoint = TokenEndpoint(
            addresses, self._sender, hooks.clock, self._backoff, mask
        )
        self._apps: dict[str, RateLimit] = {}
        self._windows: dict[str, SlidingWindow] = {}

    def app_limit(self, app: str) -> RateLimit:
        """Return the rate limit of the app with this client id; for "", return a new one."""
        limit = app_rate_limit(self.clock, self._hooks.on_wait)
        return self._apps.setdefault(app, limit) if app else limit

    def client(
        self,
        tokens: TokenSource,
        tenant_id: str = "",
        app_limit: RateLimit | None = None,
        stop: Event | None = None,
    ) -> XeroClient:
        """Open a client for one tenant, with its own rate limit beside the app's.

        All clients for one tenant share the count of its calls, but no lock: use only one of them
        at a time. `stop` ends this client's waits for rate limits and before repeats.
        """
        clock = replace(self.clock, stop=stop) if stop else self.clock
        window = SlidingWindow()
        if tenant_id:
            window = self._windows.setdefault(tenant_id, window)
        return XeroClient(
            self._sender,
            tokens,
            RateLimit(clock, window=window, on_wait=self._hooks.on_wait),
            clock=clock,
            backoff=self._backoff,
            tenant_id=tenant_id,
            app_limit=app_limit,
        )

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()
