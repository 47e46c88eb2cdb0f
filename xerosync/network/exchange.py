"""Send one request over HTTP and read its whole answer. Only this module uses `requests`.

The time and the size of an answer are limited; redirects are not followed,
and cookies and `.netrc` are ignored. Every failure is a `NoReply`.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from xerosync import __version__
from xerosync.network.deadline import limit_answers
from xerosync.network.no_reply import NoReply, explain
from xerosync.urls import is_loopback

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
"""How long the whole answer may take, from the last byte of the request."""
EXCHANGE_SECONDS = CONNECT_SECONDS + READ_SECONDS
CALL_SECONDS = 150.0
"""Roughly how long a call may take, from its first attempt to the end of its last repeat."""
LARGEST_ANSWER = 32_000_000
"""The most bytes of an answer after decompression. A chart of 1,000 accounts is about 1 MB."""
_CHUNK = 8192
"""Bytes read at a time: gzip can expand them about a thousandfold."""


@dataclass(frozen=True, slots=True)
class RawReply:
    """One complete answer, with header names in lower case. Nothing in it is masked."""

    status: int
    reason: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


class Connections:
    """Connections to one service, for any number of threads.

    At most `kept` idle connections to each host stay open.

    Proxies and CAs come from the environment as `requests` reads it (`HTTPS_PROXY`,
    `NO_PROXY`, `REQUESTS_CA_BUNDLE`); the system's trust store is used too. Calls to this
    machine never go through a proxy: it would see their secrets.

    `variable` names the environment variable with the address of the service, and `hint`
    returns what to do if a host cannot be reached. Both are for messages.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        *,
        variable: str,
        hint: Callable[[str], str],
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        kept: int = 5,
    ) -> None:
        self._variable = variable
        self._hint = hint
        self._timeout = timeout
        self._session = _Session(headers, kept)

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        seconds: float = EXCHANGE_SECONDS,
        largest: int = LARGEST_ANSWER,
    ) -> RawReply | NoReply:
        """Send one request and read its whole answer, or return why there is none.

        The exchange takes about `seconds` at most. A failure is returned and not raised: an
        exception would keep the request alive, with its secrets.
        """
        host = _host(url)
        connect, read = self._timeout
        try:
            with self._session.request(
                method,
                url,
                data=body,
                headers=dict(headers),
                auth=lambda request: request,  # without it, requests would read `.netrc`
                timeout=Timeout(total=seconds, connect=connect, read=read),  # type: ignore[arg-type]
                allow_redirects=False,
                proxies={"no_proxy": host} if is_loopback(host) else None,
                stream=True,
            ) as response:
                content = self._content(response, host, largest)
        except NoReply as failure:
            return failure
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return explain(error, host, self._hint(host))
        found = {name.lower(): value for name, value in response.headers.items()}
        return RawReply(response.status_code, str(response.reason or ""), found, content)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _content(self, response: requests.Response, host: str, largest: int) -> bytes:
        """Read the whole body.

        Raises `NoReply` if the body is too large, or if its compression is not gzip: other
        compressions, and gzip within gzip, could expand much further in a single step.
        """
        coding = response.headers.get("content-encoding", "").strip().casefold()
        if coding not in {"", "identity", "gzip"}:
            raise NoReply(
                f"The answer from {host} is compressed in a way that was not asked for.",
                f"A proxy may have changed it. If {self._variable} is set, check it.",
                untouched=False,
                lasting=True,
            )
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > largest:
                raise NoReply(
                    f"The answer from {host} is larger than {largest // 1_000_000} MB.",
                    f"No answer should be that large. If {self._variable} is set, check it;"
                    " check any proxy, too.",
                    untouched=False,
                    lasting=True,
                )
        return bytes(content)


def is_proxied(url: str) -> bool:
    """Whether calls to an address go through a proxy of the environment or the system."""
    if is_loopback(_host(url)):
        return False
    proxies = requests.utils.get_environ_proxies(url, no_proxy=None)
    return bool(requests.utils.select_proxy(url, proxies))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class _Limited(HTTPAdapter):
    def __init__(self, kept: int, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        super().__init__(pool_maxsize=kept)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (as its base)
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        limit_answers(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401 (as its base)
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
        limit_answers(manager)
        return manager


class _Session(requests.Session):
    """Keeps no cookies. Reads the system's certificates, which is slow, only if HTTPS is used."""

    def __init__(self, headers: Mapping[str, str], kept: int) -> None:
        super().__init__()
        self.headers.update({"Accept-Encoding": "gzip", "User-Agent": f"xerosync/{__version__}"})
        self.headers.update(headers)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._kept = kept
        self.mount("http://", _Limited(kept))
        self._lock = threading.Lock()

    def get_adapter(self, url: str) -> BaseAdapter:
        with self._lock:
            adapter = super().get_adapter(url)
            if not isinstance(adapter, _Limited):
                # It trusts the system's certificates as well as those of `requests`.
                adapter = _Limited(self._kept, ssl.create_default_context())
                self.mount("https://", adapter)
        return adapter
