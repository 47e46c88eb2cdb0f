"""The configured addresses → every address we send to, and no other."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from xerosync.errors import UsageError
from xerosync.urls import is_loopback


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Xero is: `api`, `identity` and `login`, without a slash at the end.

    Raises `UsageError` for plain http to anything but this machine: settings refuse it
    too, and this is the place that would send the token.
    """

    api: str = "https://api.xero.com"
    identity: str = "https://identity.xero.com"
    login: str = "https://login.xero.com"

    def __post_init__(self) -> None:
        for url in (self.api, self.identity, self.login):
            parts = urlsplit(url)
            if parts.scheme != "https" and not (
                parts.scheme == "http" and is_loopback(parts.hostname or "")
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
        """The token endpoint, which may be posted to in read-only mode too."""
        return f"{self.identity}/connect/token"

    @property
    def revocation(self) -> str:
        """Where a sign-in is ended; in read-only mode too, as it changes no books."""
        return f"{self.identity}/connect/revocation"

    @property
    def authorization(self) -> str:
        """The page on which a person signs in: opened in a browser, never sent to."""
        return f"{self.login}/identity/connect/authorize"

    def signs_in(self, url: str) -> bool:
        """Tell whether an address is for signing in or out."""
        return url in {self.token, self.revocation}

    @property
    def secure(self) -> bool:
        """Whether any of them is https, so that certificates matter."""
        return any(url.startswith("https:") for url in (self.api, self.identity))

    def allows(self, url: str) -> bool:
        """Tell whether an address is one of ours."""
        return (
            self.signs_in(url) or url == self.connections or url.startswith(f"{self.accounting}/")
        )
