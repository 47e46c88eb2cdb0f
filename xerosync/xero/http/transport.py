"""Send one request over HTTPS and return the reply. Only this module uses `requests`.

Its only policy is safety: it sends to Xero's addresses only, in read-only mode nothing but
GETs; the time and size of an answer are limited; redirects, cookies and `.netrc` are ignored.
`client.py` decides when to call and whether to repeat. Every failure is raised as `NoReply`.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from xerosync import __version__
from xerosync.secret import SecretMask
from xerosync.urls import is_loopback
from xerosync.xero.addresses import Addresses
from xerosync.xero.http.deadline import limit_answers
from xerosync.xero.http.network_errors import NoReply, explain

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
"""How long the whole answer may take, from the last byte of the request."""
EXCHANGE_SECONDS = CONNECT_SECONDS + READ_SECONDS
LARGEST_ANSWER = 32_000_000
"""The most bytes of an unpacked answer. A chart of a thousand accounts has about 1 MB."""
_CORRELATION_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_POOL = 5
_CHUNK = 8192
"""Bytes read at a time: gzip makes at most a thousand times as many of them."""


class ReadOnlyViolation(RuntimeError):
    """A bug: something tried to write through a read-only transport."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `secrets` are the texts that no message may show.

    The whole exchange takes no longer than `seconds`.
    """

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

    Secrets are masked in its headers and text, except in granted tokens: those are its data.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    @property
    def correlation_id(self) -> str:
        """The id by which Xero's support can find the call, "" if there is none to rely on."""
        found = self.headers.get("xero-correlation-id", "")
        return found if _CORRELATION_ID.fullmatch(found) else ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What `--debug` shows of one exchange: no header, no body, no secret.

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

    def send(self, request: Request) -> Reply:
        """Send one request. Raises `NoReply` if no complete reply came."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class Transport:
    """HTTPS to Xero, for any number of threads, over at most 5 pooled connections.

    Proxies and CAs come from the environment as `requests` reads it (`HTTPS_PROXY`,
    `NO_PROXY`, `REQUESTS_CA_BUNDLE`); the system's trust store is used too. Calls to this
    machine go through no proxy, which would see their secrets.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        read_only: bool,
        on_exchange: Callable[[Exchange], None] | None = None,
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        mask: SecretMask | None = None,
    ) -> None:
        self._addresses = addresses
        self._read_only = read_only
        self._on_exchange = on_exchange
        self._timeout = timeout
        self._mask = mask or SecretMask()
        self._session = _session(secure=addresses.secure)

    def send(self, request: Request) -> Reply:
        """Send one request and read its whole reply.

        Raises `NoReply` if no complete reply came, `ReadOnlyViolation` for a write in
        read-only mode, `ValueError` for an address that is not Xero's.
        """
        if not self._addresses.allows(request.url):
            raise ValueError("The transport only sends to the configured addresses.")
        writes = request.method != "GET" and not self._addresses.is_sign_in(request.url)
        if self._read_only and writes:
            raise ReadOnlyViolation(f"{request.method} in read-only mode")
        began = time.monotonic()
        reply = self._exchange(request)
        self._report(request, reply, time.monotonic() - began)
        if isinstance(reply, NoReply):
            raise reply
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _exchange(self, request: Request) -> Reply | NoReply:
        """Send, and return a failure, so that no exception keeps the request alive."""
        self._mask.add(*request.secrets)
        host = urlsplit(request.url).hostname or ""
        connect, read = self._timeout
        try:
            with self._session.request(
                request.method,
                request.url,
                data=request.body,
                headers=dict(request.headers),
                auth=_Authorization(request.authorization),
                timeout=Timeout(total=request.seconds, connect=connect, read=read),  # type: ignore[arg-type]
                allow_redirects=False,
                proxies={"no_proxy": host} if is_loopback(host) else None,
                stream=True,
            ) as response:
                content = _content(response)
        except NoReply as failure:
            return failure
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return explain(error, host)
        text = content.decode("utf-8", "replace").removeprefix("\ufeff")
        if not response.ok:
            text = self._mask.mask_error(text)
        elif not self._addresses.is_sign_in(request.url):
            text = self._mask.mask(text)
        headers = {n.lower(): self._mask.mask(value) for n, value in response.headers.items()}
        return Reply(response.status_code, headers, text)

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


class _Authorization(AuthBase):
    """Sets the header: without `auth`, requests would use `.netrc`."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value:
            r.headers["Authorization"] = self._value
        return r


class _Limited(HTTPAdapter):
    """Gives every answer a deadline."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as its base)
        super().init_poolmanager(*args, **kwargs)
        limit_answers(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401 (as its base)
        manager = super().proxy_manager_for(proxy, **kwargs)
        limit_answers(manager)
        return manager


class _Trusting(_Limited):
    """Trusts the system's certificates as well as those of `requests`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as its base)
        super().init_poolmanager(*args, ssl_context=ssl.create_default_context(), **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401 (as its base)
        return super().proxy_manager_for(proxy, ssl_context=ssl.create_default_context(), **kwargs)


def _session(*, secure: bool) -> requests.Session:
    """Make the session, which never changes, so that all threads may share it."""
    session = requests.Session()
    session.headers.update(
        {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"xerosync/{__version__}",
        }
    )
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("http://", _Limited(pool_maxsize=_POOL))
    if secure:
        session.mount("https://", _Trusting(pool_maxsize=_POOL))
    return session


def _content(response: requests.Response) -> bytes:
    """Read the whole body. Raises `NoReply` if it is too large, or compressed other than by gzip.

    Other content codings, and nested ones, could expand far more at once.
    """
    host = urlsplit(response.url).hostname or ""
    coding = response.headers.get("content-encoding", "").strip().casefold()
    if coding not in {"", "identity", "gzip"}:
        raise NoReply(
            f"The answer from {host} is compressed in a way that was not requested.",
            "A proxy may have changed it; check XEROSYNC_API_URL.",
            untouched=False,
            lasting=True,
        )
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise NoReply(
                f"The answer from {host} has more than {LARGEST_ANSWER // 1_000_000} MB.",
                "No chart of accounts is that large: check XEROSYNC_API_URL and any proxy.",
                untouched=False,
                lasting=True,
            )
    return bytes(content)
