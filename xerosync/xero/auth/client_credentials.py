"""Sign in as an app, by the OAuth 2.0 client credentials flow.

Xero calls this a custom connection. It has one organisation and no user. A token is valid for 30
minutes (Xero docs, Custom Connections). It needs no `offline_access`: there is no refresh token.

Xero refuses a request for a scope that is not ticked for the connection, and for some connections
it refuses every scope. The request is then repeated without a scope, and Xero issues a token with
all ticked scopes. If Xero refuses this request too, and the command has optional scopes, the
necessary scope is requested alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from oauthlib.oauth2 import BackendApplicationClient

from xerosync.errors import AccessDenied, SignInError
from xerosync.network.exchange import CALL_SECONDS
from xerosync.xero.auth.claims import read_claims
from xerosync.xero.auth.token_endpoint import APP_PAGE, App, Grant, TokenEndpoint
from xerosync.xero.http.access_tokens import AccessToken
from xerosync.xero.http.client import WRITE_SCOPE
from xerosync.xero.http.responses import plain


class _ScopeRefused(SignInError):
    """Xero refused the scope of a request. Always caught in this module."""


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The sign-in of an app. `scope` is necessary; the scopes in `also` are optional."""

    endpoint: TokenEndpoint
    app: App
    scope: str
    also: tuple[str, ...] = ()

    def fetch(self, _stale: str = "", ends: float = math.inf) -> AccessToken:
        """Return a new access token.

        Gives up when the monotonic clock reaches `ends`, or after `CALL_SECONDS`. Raises
        `SignInError` if there is no token, and `AccessDenied` if the connection lacks the scope.
        """
        ends = min(ends, self.endpoint.clock.monotonic() + CALL_SECONDS)
        wanted = " ".join((self.scope, *self.also))
        grant = self._request(wanted, ends) or self._request("", ends)
        if grant is None and self.also:
            grant = self._request(self.scope, ends)
        if grant is None:
            raise self._lacks_scope("")
        scopes = grant.scopes or read_claims(grant.access_token.reveal()).scopes
        if scopes and not {self.scope, WRITE_SCOPE} & set(scopes):
            raise self._lacks_scope(" ".join(scopes))
        expires = self.endpoint.clock.monotonic() + grant.lifetime
        return AccessToken(grant.access_token.reveal(), expires)

    def _request(self, scope: str, ends: float) -> Grant | None:
        """Request a token; without a scope, for all ticked ones. None if Xero refuses the scope."""
        body = BackendApplicationClient(self.app.client_id).prepare_request_body(scope=scope)
        try:
            return self.endpoint.request(self.app, body, (), self._refusal, ends)
        except _ScopeRefused:
            return None

    def _lacks_scope(self, ticked: str) -> AccessDenied:
        only = f"; it has {plain(ticked)}" if ticked else ""
        return AccessDenied(
            f"This custom connection is not allowed to use the scope {self.scope}{only}.",
            f"Tick {self.scope} for the custom connection at {APP_PAGE}, and have it authorised"
            " again.",
        )

    def _refusal(self, error: str) -> SignInError | None:
        match error:
            case "invalid_scope":
                return _ScopeRefused("Xero refused the scope.")
            case "invalid_grant":
                return SignInError(
                    "This app's authorisation is no longer valid.",
                    f"Authorise the custom connection again at {APP_PAGE}.",
                )
            case "unauthorized_client" | "unsupported_grant_type":
                return SignInError(
                    "This app is not allowed to use client credentials.",
                    f"That needs a custom connection: create one at {APP_PAGE}. For a web app,"
                    " run `xerosync auth login --web-app`.",
                )
            case _:
                return None
