"""A stored sign-in → access tokens, refreshed by one process at a time and kept.

Whoever holds the lock reads the store again first: if another process has refreshed, its
token is taken. The old refresh token stays in the store until the new one is safe on the
disk, so that a refresh whose answer was lost is asked for again with the old one, which
Xero takes for 30 minutes more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from oauthlib.oauth2 import WebApplicationClient

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.xero.auth.sign_in import SignIn
from xerosync.xero.auth.store import Store
from xerosync.xero.auth.token_endpoint import App, Endpoint, Grant
from xerosync.xero.http.access_tokens import REFRESH_BEFORE

_AGAIN = "Sign in again: `xerosync auth login`."


@dataclass(frozen=True, slots=True)
class Refresh:
    """How a sign-in gets new tokens, and how it is ended. `secret` is a web app's."""

    endpoint: Endpoint
    token_url: str
    revocation_url: str
    secret: Secret | None = None

    def grant(self, sign_in: SignIn) -> Grant:
        """Ask for new tokens. Raises `SignInError`."""
        token = sign_in.refresh_token
        body = WebApplicationClient(sign_in.client_id).prepare_refresh_body(
            refresh_token=token.reveal(), client_id=sign_in.client_id
        )
        return self.endpoint.ask(self.token_url, self._app(sign_in), body, (token,), self._refusal)

    def revoke(self, sign_in: SignIn) -> None:
        """End a sign-in at Xero. Raises `SignInError` unless Xero says that it is ended."""
        token = sign_in.refresh_token
        client = WebApplicationClient(sign_in.client_id)
        _, _, body = client.prepare_token_revocation_request(
            "https://localhost",
            token.reveal(),
            token_type_hint="refresh_token",  # noqa: S106 (the kind of token, RFC 7009)
            client_id=sign_in.client_id,
        )
        reply = self.endpoint.post(self.revocation_url, self._app(sign_in), body, (token,))
        if reply.status != 200:  # noqa: PLR2004 (all that RFC 7009 knows for done)
            raise SignInError(
                f"Xero did not end the sign-in (status {reply.status}); it is still kept.",
                "Run again later, or forget it on this machine alone: `xerosync auth logout"
                " --keep-at-xero`, and end it in Xero under Settings, Connected apps.",
            )

    def _app(self, sign_in: SignIn) -> App:
        if sign_in.web_app and self.secret is None:
            raise SignInError(
                "This sign-in is a web app's, and XERO_CLIENT_SECRET is not set.",
                "Set XERO_CLIENT_SECRET to the app's secret: it is never stored.",
            )
        return App(sign_in.client_id, self.secret if sign_in.web_app else None)

    def _refusal(self, error: str) -> SignInError | None:
        if error == "invalid_grant":
            return SignInError(
                "The sign-in has ended: unused for 60 days, revoked, or renewed elsewhere"
                " from a copy.",
                _AGAIN,
            )
        return None


class StoredTokens:
    """The tokens of a store, for any number of threads and processes."""

    def __init__(self, store: Store, refresh: Refresh) -> None:
        self._store = store
        self._refresh = refresh
        self._clock = refresh.endpoint.clock
        self._lock = Lock()
        self._known: SignIn | None = None

    def access_token(self) -> str:
        """Give a token with a minute left at least, refreshing where there is none."""
        with self._lock:
            if self._known is None:
                self._known = self._load()
            if self._near_end(self._known):
                self._known = self._renewed(self._known.access_token)
            return self._known.access_token.reveal()

    def renew(self, stale: str) -> str:
        """Give another token than one that Xero called expired."""
        with self._lock:
            if self._known is None or self._known.access_token.reveal() == stale:
                self._known = self._renewed(Secret(stale))
            return self._known.access_token.reveal()

    def _renewed(self, stale: Secret) -> SignIn:
        with self._store.locked(self._clock):
            kept = self._load()
            if kept.access_token != stale and not self._near_end(kept):
                return kept
            with self._store.writing(keyring=self._store.in_keyring) as write:
                fresh = kept.renewed(self._refresh.grant(kept), self._clock.now())
                write(fresh)
        return fresh

    def _load(self) -> SignIn:
        sign_in = self._store.load()
        if sign_in is None:
            raise SignInError("Signed out: the stored sign-in is gone.", _AGAIN)
        return sign_in

    def _near_end(self, sign_in: SignIn) -> bool:
        return sign_in.ends - self._clock.now() < timedelta(seconds=REFRESH_BEFORE)
