"""One request → one reply, over HTTPS: the only place that sends, and that knows `requests`.

No policy here but safety: to Xero's two addresses and nowhere else, nothing but GETs in
read-only mode, time-outs, no redirects, no cookies, no `.netrc`. When to call and whether
to repeat is in `api.py`. Whatever goes wrong below leaves as `NoReply`.
"""

from __future__ import annotations

import re
import ssl
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from threading import Lock
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from xerosync import __version__
from xerosync.xero.addresses import Addresses
from xerosync.xero.http.failure import NoReply, explain

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
_POOL = 5
_SECRET_LIKE = re.compile(
    r"""(\b(?:bearer|basic)\s+|(?:_token|_secret|code_verifier)["']?\s*[:=]\s*["']?)[^"'&\s,}]+""",
    re.IGNORECASE,
)


class ReadOnlyViolation(RuntimeError):
    """A bug: something tried to write through a transport that only reads."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `secrets` are the texts that must not come back in any message."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str = field(default="", repr=False)
    body: bytes | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply; header names are in lower case. Of an error, secrets are masked."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)

    @property
    def correlation_id(self) -> str:
        """The id under which Xero's support finds the call, "" when there is none."""
        return self.headers.get("xero-correlation-id", "")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What `--debug` tells of one exchange: no header, no body, no secret.

    `status` is 0 when no reply came; `trouble` then says why.
    """

    method: str
    path: str
    status: int
    seconds: float
    correlation_id: str = ""
    trouble: str = ""


class Sender(Protocol):
    """What sends: the transport, or a script in a test."""

    @property
    def sent(self) -> Mapping[str, int]:
        """The requests sent so far, by method; sign-in requests under `token`."""
        ...

    def send(self, request: Request) -> Reply:
        """Send one request; raises `NoReply` when no whole reply came."""
        ...

    def close(self) -> None:
        """Let the connections go."""
        ...


class Transport:
    """HTTPS to Xero, for any number of threads; at most 5 connections are kept.

    Proxies and CAs come from the environment as `requests` reads it (`HTTPS_PROXY`,
    `NO_PROXY`, `REQUESTS_CA_BUNDLE`), and the system's trust store counts too.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        read_only: bool,
        on_exchange: Callable[[Exchange], None] | None = None,
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        self._addresses = addresses
        self._read_only = read_only
        self._on_exchange = on_exchange
        self._timeout = timeout
        self._counting = Lock()
        self._sent: Counter[str] = Counter()
        self._session = _session(secure=addresses.secure)

    @property
    def sent(self) -> Mapping[str, int]:
        """The requests sent so far, by method; sign-in requests under `token`."""
        with self._counting:
            return dict(self._sent)

    def send(self, request: Request) -> Reply:
        """Send one request and read its reply to the end.

        Raises `NoReply` when no whole reply came, `ReadOnlyViolation` for a write in
        read-only mode, `ValueError` for an address that is not Xero's.
        """
        signs_in = self._addresses.signs_in(request.url)
        if not self._addresses.allows(request.url):
            raise ValueError("The transport sends to the configured addresses alone.")
        if self._read_only and request.method != "GET" and not signs_in:
            raise ReadOnlyViolation(f"{request.method} in read-only mode")
        with self._counting:
            self._sent["token" if signs_in else request.method] += 1
        began = time.monotonic()
        reply = self._exchange(request)
        self._tell(request, reply, time.monotonic() - began)
        if isinstance(reply, NoReply):
            raise reply
        return reply

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange(self, request: Request) -> Reply | NoReply:
        """Send; a failure is returned, so that no exception keeps the request alive."""
        try:
            response = self._session.request(
                request.method,
                request.url,
                data=request.body,
                headers=dict(request.headers),
                auth=_Authorization(request.authorization),
                timeout=self._timeout,
                allow_redirects=False,
            )
        except (requests.RequestException, OSError, ValueError) as error:
            return explain(error, urlsplit(request.url).hostname or "")
        text = response.content.decode("utf-8", "replace").removeprefix("\ufeff")
        if not response.ok:
            text = _mask(text, request.secrets)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, text)

    def _tell(self, request: Request, reply: Reply | NoReply, seconds: float) -> None:
        if self._on_exchange is None:
            return
        path = urlsplit(request.url).path
        told = (
            Exchange(request.method, path, 0, seconds, trouble=reply.message)
            if isinstance(reply, NoReply)
            else Exchange(request.method, path, reply.status, seconds, reply.correlation_id)
        )
        self._on_exchange(told)


class _Authorization(AuthBase):
    """Sets the header itself: given no `auth`, requests would take one from `.netrc`."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value:
            r.headers["Authorization"] = self._value
        return r


class _Trusting(HTTPAdapter):
    """Trusts the system's certificates beside those that `requests` brings or is given."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as its base)
        super().init_poolmanager(*args, ssl_context=ssl.create_default_context(), **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401 (as its base)
        return super().proxy_manager_for(proxy, ssl_context=ssl.create_default_context(), **kwargs)


def _session(*, secure: bool) -> requests.Session:
    """Make the session that all threads share; it never changes, so that they may."""
    session = requests.Session()
    session.headers.update({"Accept": "application/json", "User-Agent": f"xerosync/{__version__}"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("http://", HTTPAdapter(pool_maxsize=_POOL))
    if secure:
        session.mount("https://", _Trusting(pool_maxsize=_POOL))
    return session


def _mask(text: str, secrets: tuple[str, ...]) -> str:
    """Hide the secrets that were sent, and whatever else looks like one."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return _SECRET_LIKE.sub(r"\1***", text)
