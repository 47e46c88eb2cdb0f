"""Refresh a stored sign-in, in one process at a time.

A process that gets the lock reads the store again. If another process has refreshed the sign-in
meanwhile, the new token is used. The old refresh token stays in the store until the new one is
safely stored: a refresh that got no answer can be repeated with the old token, which Xero
accepts for another 30 minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from oauthlib.oauth2 import WebApplicationClient

from xerosync.errors import SignInError
from xerosync.network.exchange import CALL_SECONDS
from xerosync.secret import Secret
from xerosync.xero.auth.sign_in import SIGN_IN_AGAIN, SignIn
from xerosync.xero.auth.store import TokenStore
from xerosync.xero.auth.token_endpoint import App, Grant, TokenEndpoint
from xerosync.xero.http.access_tokens import REFRESH_BEFORE, AccessToken

_NOT_CONFIRMED = "Xero did not confirm that the sign-in has ended; it is still stored."
_ONLY_HERE = (
    "Or delete the sign-in from this machine with `xerosync auth logout --keep-at-xero`, and end it"
    " in Xero under Settings, Connected apps."
)


@dataclass(frozen=True, slots=True)
class RefreshFlow:
    """Refreshes or revokes the sign-in in a store. `secret` is the secret of a web app."""

    endpoint: TokenEndpoint
    store: TokenStore
    secret: Secret | None = None

    def fetch(self, stale: str, ends: float = math.inf) -> AccessToken:
        """Return the stored access token, or a new one if it is `stale` or about to expire.

        Gives up when the monotonic clock reaches `ends`, or after `CALL_SECONDS`. Raises
        `SignInError` if there is no token, and `Interrupted` on a signal.
        """
        clock = self.endpoint.clock
        ends = min(ends, clock.monotonic() + CALL_SECONDS)
        sign_in = self._load()
        if self._is_stale(sign_in, stale):
            with self.store.locked(clock, ends):
                sign_in = self._load()
                if self._is_stale(sign_in, stale):
                    with self.store.writing(keyring=self.store.in_keyring) as write:
                        sign_in = sign_in.renewed(self._request(sign_in, ends), clock.now())
                        write(sign_in)
        left = (sign_in.ends - clock.now()).total_seconds()
        return AccessToken(sign_in.access_token.reveal(), clock.monotonic() + left)

    def revoke(self, sign_in: SignIn) -> None:
        """End a sign-in at Xero. Raises `SignInError` unless Xero confirms it."""
        token = sign_in.refresh_token
        _, _, body = WebApplicationClient(sign_in.client_id).prepare_token_revocation_request(
            "https://localhost",
            token.reveal(),
            token_type_hint="refresh_token",  # noqa: S106 (the kind of token, RFC 7009)
            client_id=sign_in.client_id,
        )
        url = self.endpoint.addresses.revocation
        app = self._app(sign_in)
        reply = self.endpoint.post(
            url, app, body, (token,), failed=_NOT_CONFIRMED, otherwise=_ONLY_HERE
        )
        if reply.status != HTTPStatus.OK:
            raise SignInError(
                f"Xero did not end the sign-in (status {reply.status}); it is still stored.",
                f"Run again later. {_ONLY_HERE}",
            )

    def _request(self, sign_in: SignIn, ends: float) -> Grant:
        token = sign_in.refresh_token
        body = WebApplicationClient(sign_in.client_id).prepare_refresh_body(
            refresh_token=token.reveal(), client_id=sign_in.client_id
        )
        return self.endpoint.request(self._app(sign_in), body, (token,), _refusal, ends)

    def _app(self, sign_in: SignIn) -> App:
        if sign_in.web_app and self.secret is None:
            raise SignInError(
                "You signed in through a web app, and XERO_CLIENT_SECRET is not set.",
                "Set XERO_CLIENT_SECRET to the app's secret; it is never stored.",
            )
        return App(sign_in.client_id, self.secret if sign_in.web_app else None)

    def _load(self) -> SignIn:
        sign_in = self.store.load()
        if sign_in is None:
            raise SignInError("You have signed out: the stored sign-in is gone.", SIGN_IN_AGAIN)
        self.endpoint.mask.add(sign_in.access_token, sign_in.refresh_token)
        return sign_in

    def _is_stale(self, sign_in: SignIn, stale: str) -> bool:
        left = sign_in.ends - self.endpoint.clock.now()
        return sign_in.access_token == Secret(stale) or left < timedelta(seconds=REFRESH_BEFORE)


def _refusal(error: str) -> SignInError | None:
    if error != "invalid_grant":
        return None
    return SignInError(
        "The sign-in has ended: it was unused for 60 days, it was revoked, or a copy of it was used"
        " elsewhere.",
        SIGN_IN_AGAIN,
    )
