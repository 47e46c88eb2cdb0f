"""Send one request to Xero and return the reply, or `NoReply` if no complete reply came.

The transport sends only to Xero's addresses. It masks secrets in the reply, except in the text of
a successful answer from a sign-in address. In read-only mode it sends only GETs and calls that
sign in or out. `network/` limits the time and size of an answer; the callers decide when to call
and whether to repeat.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from xerosync.network.exchange import CONNECT_SECONDS, EXCHANGE_SECONDS, READ_SECONDS, Connections
from xerosync.network.no_reply import NoReply
from xerosync.secret import SecretMask
from xerosync.urls import is_loopback
from xerosync.xero.addresses import Addresses
from xerosync.xero_limits import APP_AT_ONCE

NETWORK = "Check your network, and https://status.xero.com."
_NOT_XERO = (
    "This address is your own machine, not Xero: run `xerosync sandbox` on its port, or unset {}."
)
_ERROR = 400
_CORRELATION_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


class ReadOnlyViolation(RuntimeError):
    """A bug: something tried to write through a read-only transport."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, with its time limit. `secrets` are the texts that no message may show."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str = field(default="", repr=False)
    body: bytes | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    seconds: float = EXCHANGE_SECONDS


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete reply, with header names in lower case.

    Secrets are masked, except in the text of a successful answer from a sign-in address.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    @property
    def correlation_id(self) -> str:
        """The id by which Xero's support can find the call, "" if there is no valid one."""
        found = self.headers.get("xero-correlation-id", "")
        return found if _CORRELATION_ID.fullmatch(found) else ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What `--debug` shows of one exchange: no body, no secret, and one header, the correlation id.

    `status` is 0 if no reply came; `failure` then says why.
    """

    method: str
    path: str
    status: int
    seconds: float
    correlation_id: str = ""
    failure: str = ""


class Sender(Protocol):
    """Sends requests: the transport, or a script in a test."""

    def send(self, request: Request) -> Reply | NoReply:
        """Send one request; return `NoReply` if no complete reply came."""

    def close(self) -> None:
        """Close the connections."""


class Transport:
    """HTTPS to Xero, for any number of threads.

    `variables` names the environment variables that hold Xero's addresses, for messages.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        read_only: bool,
        on_exchange: Callable[[Exchange], None] | None = None,
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        mask: SecretMask | None = None,
        variables: tuple[str, ...] = ("XEROSYNC_API_URL", "XEROSYNC_IDENTITY_URL"),
    ) -> None:
        self._addresses = addresses
        self._read_only = read_only
        self._on_exchange = on_exchange
        self._mask = mask or SecretMask()
        not_xero = _NOT_XERO.format(" and ".join(variables))
        self._connections = Connections(
            {"Accept": "application/json"},
            variable=" or ".join(variables),
            hint=lambda host: not_xero if is_loopback(host) else NETWORK,
            timeout=timeout,
            kept=APP_AT_ONCE,
        )

    def send(self, request: Request) -> Reply | NoReply:
        """Send one request; return its whole reply, or why no complete reply came.

        Raises `ReadOnlyViolation` for a write in read-only mode, `ValueError` if it is not to Xero.
        """
        if not self._addresses.allows(request.url):
            raise ValueError("The transport only sends to the configured addresses.")
        writes = request.method != "GET" and not self._addresses.is_sign_in(request.url)
        if self._read_only and writes:
            raise ReadOnlyViolation(f"{request.method} in read-only mode")
        began = time.monotonic()
        reply = self._exchange(request)
        self._report(request, reply, time.monotonic() - began)
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _exchange(self, request: Request) -> Reply | NoReply:
        self._mask.add(*request.secrets)
        headers = dict(request.headers)
        if request.authorization:
            headers["Authorization"] = request.authorization
        raw = self._connections.exchange(
            request.method, request.url, headers, request.body, seconds=request.seconds
        )
        if isinstance(raw, NoReply):
            return raw
        text = raw.content.decode("utf-8", "replace").removeprefix("\ufeff")
        if raw.status >= _ERROR:
            text = self._mask.mask_error(text)
        elif not self._addresses.is_sign_in(request.url):
            text = self._mask.mask(text)
        masked = {name: self._mask.mask(value) for name, value in raw.headers.items()}
        return Reply(raw.status, masked, text)

    def _report(self, request: Request, reply: Reply | NoReply, seconds: float) -> None:
        if self._on_exchange is None:
            return
        path = urlsplit(request.url).path
        exchange = (
            Exchange(request.method, path, 0, seconds, failure=reply.message)
            if isinstance(reply, NoReply)
            else Exchange(request.method, path, reply.status, seconds, reply.correlation_id)
        )
        self._on_exchange(exchange)
