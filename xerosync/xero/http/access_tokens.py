"""Ways to sign in → one access token that is good now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import NoReturn, Protocol

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.xero.clock import Clock

REFRESH_BEFORE = 60.0
"""Seconds before its end at which a token is no longer used for a new call."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and when it ends: seconds of the monotonic clock."""

    text: str = field(repr=False)
    ends: float


class Tokens(Protocol):
    """Where access tokens come from. Every method may raise `SignInError`."""

    def access_token(self) -> str:
        """Give a token that is good now."""
        ...

    def renew(self, stale: str) -> str:
        """Give another token than one that Xero called expired."""
        ...


class GivenToken:
    """A token from outside (`XERO_ACCESS_TOKEN`), used as it is for as long as it lasts."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def access_token(self) -> str:
        """Give the token."""
        return self._secret.reveal()

    def renew(self, stale: str) -> NoReturn:  # noqa: ARG002 (whichever it was, no other)
        """Refuse: there is no other."""
        raise SignInError(
            "The access token in XERO_ACCESS_TOKEN has expired.",
            "Xero's tokens last 30 minutes. Set a new one, or set XERO_CLIENT_ID and"
            " XERO_CLIENT_SECRET to have one made for each run.",
        )


class FetchedTokens:
    """Tokens that `fetch` gets, kept in memory until 60 seconds before their end.

    However many threads ask at once, one fetches and the others wait for it.
    """

    def __init__(self, fetch: Callable[[], Token], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._token: Token | None = None

    def access_token(self) -> str:
        """Give a token with a minute left at least, fetching one when there is none."""
        with self._lock:
            if self._token is None or self._near_end(self._token):
                self._token = self._fetch()
            return self._token.text

    def renew(self, stale: str) -> str:
        """Fetch another token, unless another thread already has."""
        with self._lock:
            if self._token is None or self._token.text == stale:
                self._token = self._fetch()
            return self._token.text

    def _near_end(self, token: Token) -> bool:
        return token.ends - self._clock.monotonic() < REFRESH_BEFORE
