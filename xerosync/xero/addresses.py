"""The configured addresses → every address we send to, and no other."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from xerosync.errors import UsageError


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Xero is: `api` and `identity`, both without a slash at the end.

    Raises `UsageError` for plain http to anything but this machine: settings refuse it
    too, and this is the place that would send the token.
    """

    api: str = "https://api.xero.com"
    identity: str = "https://identity.xero.com"

    def __post_init__(self) -> None:
        for url in (self.api, self.identity):
            parts = urlsplit(url)
            if parts.scheme != "https" and not (
                parts.scheme == "http" and _is_loopback(parts.hostname or "")
            ):
                raise UsageError(
                    f"Not sending tokens to {parts.hostname or 'no host'}: it is not https.",
                    "Use https; plain http is for this machine alone (127.0.0.1, localhost).",
                )

    @property
    def accounting(self) -> str:
        """The root of the accounting API."""
        return f"{self.api}/api.xro/2.0"

    @property
    def connections(self) -> str:
        """The list of organisations that a token opens."""
        return f"{self.api}/connections"

    @property
    def token(self) -> str:
        """The token endpoint: the one address that may be posted to in read-only mode."""
        return f"{self.identity}/connect/token"

    @property
    def secure(self) -> bool:
        """Whether any of them is https, so that certificates matter."""
        return any(url.startswith("https:") for url in (self.api, self.identity))

    def allows(self, url: str) -> bool:
        """Tell whether an address is one of ours."""
        return url in {self.token, self.connections} or url.startswith(f"{self.accounting}/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
