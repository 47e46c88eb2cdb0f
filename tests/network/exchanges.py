"""Single requests that are answered, or that fail."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from xerosync.network.exchange import CONNECT_SECONDS, READ_SECONDS, Connections, RawReply
from xerosync.network.no_reply import NoReply


def connections(
    connect: float = CONNECT_SECONDS, read: float = READ_SECONDS
) -> closing[Connections]:
    return closing(
        Connections({}, variable="XERO_API_URL", hint=lambda _: "", timeout=(connect, read))
    )


def answered(http: Connections, url: str, headers: Mapping[str, str] | None = None) -> RawReply:
    """Send a GET and return its answer."""
    found = http.exchange("GET", url, headers or {})
    assert isinstance(found, RawReply), found
    return found


def failed(http: Connections, url: str) -> NoReply:
    """Send a GET and return why it has no answer."""
    found = http.exchange("GET", url, {})
    assert isinstance(found, NoReply), found
    return found
