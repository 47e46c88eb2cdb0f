"""Every address of Xero that xerosync calls."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from xerosync.errors import UsageError
from xerosync.urls import PLAIN_HTTP, is_loopback


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of Xero: `api`, `identity` and `login`, without a slash at the end.

    Raises `UsageError` unless each is https, or plain http to this machine.
    """

    api: str = "https://api.xero.com"
    identity: str = "https://identity.xero.com"
    login: str = "https://login.xero.com"

    def __post_init__(self) -> None:
        for url in (self.api, self.identity, self.login):
            parts = urlsplit(url)
            local = parts.scheme == "http" and is_loopback(parts.hostname or "")
            if parts.scheme != "https" and not local:
                whom = parts.hostname or "this address"
                raise UsageError(f"Tokens are not sent to {whom} over plain http.", PLAIN_HTTP)

    @property
    def accounting(self) -> str:
        """The root of the accounting API."""
        return f"{self.api}/api.xro/2.0"

    @property
    def connections(self) -> str:
        """The address that lists the connected organisations."""
        return f"{self.api}/connections"

    @property
    def token(self) -> str:
        """The token endpoint, allowed in read-only mode too."""
        return f"{self.identity}/connect/token"

    @property
    def revocation(self) -> str:
        """The endpoint that ends a sign-in, allowed in read-only mode too."""
        return f"{self.identity}/connect/revocation"

    @property
    def authorization(self) -> str:
        """The consent page, which is opened in a browser."""
        return f"{self.login}/identity/connect/authorize"

    @property
    def discovery(self) -> str:
        """The OpenID configuration of the identity service, which needs no sign-in."""
        return f"{self.identity}/.well-known/openid-configuration"

    def is_sign_in(self, url: str) -> bool:
        """Whether an address is the token endpoint or the endpoint that ends a sign-in."""
        return url in {self.token, self.revocation}

    def allows(self, url: str) -> bool:
        """Whether xerosync may send to an address."""
        return (
            self.is_sign_in(url)
            or url in {self.connections, self.discovery, self.authorization}
            or url.startswith(f"{self.accounting}/")
        )
