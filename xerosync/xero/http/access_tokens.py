"""Sources of access tokens for the API client."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, NoReturn, Protocol, TypeVar

from xerosync.errors import Interrupted, SignInError, XerosyncError
from xerosync.secret import Secret
from xerosync.xero.clock import Clock

T = TypeVar("T")

REFRESH_BEFORE = 60.0
"""A token that expires in fewer seconds than this is not used for a new call."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, and when it expires, in seconds of the monotonic clock."""

    text: str = field(repr=False)
    expires: float


class TokenSource(Protocol):
    """Where access tokens come from.

    Every method may raise `SignInError`, `UsageError` or `Interrupted`. `ends` is when to give
    up, in seconds of the monotonic clock.
    """

    def access_token(self, ends: float = math.inf) -> str:
        """Return a valid token."""

    def renew(self, stale: str, ends: float = math.inf) -> str:
        """Return a token other than `stale`, which Xero no longer accepts."""


class FixedToken:
    """A token that cannot be renewed, such as that in `XERO_ACCESS_TOKEN`.

    `variable` returns the name that a variable has in the profile.
    """

    def __init__(self, secret: Secret, variable: Callable[[str], str] = str) -> None:
        self._secret = secret
        self._variable = variable

    def access_token(self, ends: float = math.inf) -> str:  # noqa: ARG002 (nothing is fetched)
        """Return the token."""
        return self._secret.reveal()

    def renew(self, stale: str, ends: float = math.inf) -> NoReturn:  # noqa: ARG002 (as above)
        """Raise `SignInError`."""
        token = self._variable("XERO_ACCESS_TOKEN")
        raise SignInError(
            f"The access token in {token} has expired.",
            f"Xero's tokens are valid for 30 minutes. Set a new one. Or unset {token}, and set"
            f" {self._variable('XERO_CLIENT_ID')} and {self._variable('XERO_CLIENT_SECRET')}, or"
            f" {self._variable('XERO_TOKEN_COMMAND')}: they get new ones as needed.",
        )


class RenewedTokens:
    """Keeps a token in memory until a minute before it expires, then fetches another.

    `fetch` receives the token to replace, "" for none, and when to give up. If several threads
    need a token at once, one thread fetches it and the others wait.
    """

    def __init__(self, fetch: Callable[[str, float], AccessToken], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._token = AccessToken("", 0.0)

    def access_token(self, ends: float = math.inf) -> str:
        """Return a token; a new one if the last one expires within a minute."""
        with self._lock:
            token = self._token
            if not token.text or token.expires - self._clock.monotonic() < REFRESH_BEFORE:
                self._token = self._fetch(token.text, ends)
            return self._token.text

    def renew(self, stale: str, ends: float = math.inf) -> str:
        """Return a token other than `stale`; fetch one unless another thread already has."""
        with self._lock:
            if self._token.text in {"", stale}:
                self._token = self._fetch(stale, ends)
            return self._token.text


class Once(Generic[T]):
    """A value that several threads share: the first thread gets it, and the others wait for it.

    If getting it fails, each thread raises a copy of the error, and none tries again. If the first
    thread is interrupted, the next one tries.
    """

    def __init__(self, get: Callable[[], T]) -> None:
        self._get = get
        self._lock = Lock()
        self._found: tuple[T] | None = None
        self._failure: XerosyncError | None = None

    def get(self) -> T:
        """Return the value. If getting it fails, or failed before, raises a copy of the error."""
        with self._lock:
            if self._failure:
                raise copy(self._failure)
            if self._found is None:
                try:
                    self._found = (self._get(),)
                except Interrupted:
                    raise
                except XerosyncError as error:
                    self._failure = error
                    raise copy(error) from error
            return self._found[0]


class SharedTokens:
    """The tokens of a sign-in that many organisations share.

    After `access_token` or `renew` has failed, every method raises the same error, and no token is
    requested again. This does not hold after `Interrupted`, nor for a `FixedToken`, which other
    organisations may accept. If `replace`, `instead_of` renews the first token that Xero rejects.
    """

    def __init__(self, source: TokenSource, *, replace: bool = False) -> None:
        self._source = source
        self._lock = Lock()
        self._failure: XerosyncError | None = None
        self._replaced = not replace

    def access_token(self, ends: float = math.inf) -> str:
        """Return a valid token."""
        return self._from(lambda: self._source.access_token(ends))

    def renew(self, stale: str, ends: float = math.inf) -> str:
        """Return a token other than `stale`."""
        return self._from(lambda: self._source.renew(stale, ends))

    def instead_of(self, rejected: str, ends: float = math.inf) -> str:
        """Return a token other than the rejected token, or the rejected token if there is none.

        With `replace`, only the first rejected token is renewed: an organisation may reject all.
        """
        with self._lock:
            if self._failure:
                raise copy(self._failure)
            token = self._source.access_token(ends)
            if token == rejected and not self._replaced:
                self._replaced = True
                with suppress(SignInError):
                    token = self._source.renew(rejected, ends)
            return token

    def give_up(self, failure: XerosyncError) -> None:
        """From now on, return no tokens: every method raises `failure`, or an earlier failure."""
        self._failure = self._failure or failure

    def _from(self, fetch: Callable[[], str]) -> str:
        with self._lock:
            if self._failure:
                raise copy(self._failure)
            try:
                return fetch()
            except Interrupted:
                raise
            except XerosyncError as error:
                if not isinstance(self._source, FixedToken):  # other organisations may accept it
                    self.give_up(error)
                raise
