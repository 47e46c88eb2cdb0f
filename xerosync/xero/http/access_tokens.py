"""Sources of access tokens for the API client."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import NoReturn, Protocol

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.xero.clock import Clock

REFRESH_BEFORE = 60.0
"""A token with fewer seconds left than this is not used for a new call."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, and when it expires, in seconds of the monotonic clock."""

    text: str = field(repr=False)
    expires: float


class TokenSource(Protocol):
    """Where access tokens come from. Every method may raise `SignInError`.

    `ends` is when to give up, in seconds of the monotonic clock.
    """

    def access_token(self, ends: float = math.inf) -> str:
        """Return a valid token."""
        ...

    def renew(self, stale: str, ends: float = math.inf) -> str:
        """Return a token other than `stale`, which Xero called expired."""
        ...


class FixedToken:
    """A token from outside (`XERO_ACCESS_TOKEN`), which cannot be renewed."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def access_token(self, ends: float = math.inf) -> str:  # noqa: ARG002 (nothing is fetched)
        """Return the token."""
        return self._secret.reveal()

    def renew(self, stale: str, ends: float = math.inf) -> NoReturn:  # noqa: ARG002 (as above)
        """Raise `SignInError`."""
        raise SignInError(
            "The access token in XERO_ACCESS_TOKEN has expired.",
            "Xero's tokens are valid for 30 minutes. Set a new one, or set XERO_CLIENT_ID and"
            " XERO_CLIENT_SECRET to get a new token for each run.",
        )


class RenewedTokens:
    """Tokens kept in memory until a minute before they expire; then `fetch` gets another.

    `fetch` receives the token to replace, "" for none, and when to give up. However many
    threads ask at once, one fetches and the others wait for it.
    """

    def __init__(self, fetch: Callable[[str, float], AccessToken], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._token = AccessToken("", 0.0)

    def access_token(self, ends: float = math.inf) -> str:
        """Return a token that is valid for another minute at least."""
        with self._lock:
            token = self._token
            if not token.text or token.expires - self._clock.monotonic() < REFRESH_BEFORE:
                self._token = self._fetch(token.text, ends)
            return self._token.text

    def renew(self, stale: str, ends: float = math.inf) -> str:
        """Return a token other than `stale`; fetch it unless another thread already has."""
        with self._lock:
            if self._token.text in {"", stale}:
                self._token = self._fetch(stale, ends)
            return self._token.text
