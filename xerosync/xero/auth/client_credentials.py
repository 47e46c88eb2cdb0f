"""Sign in as an app, by the OAuth 2.0 client credentials flow.

This is Xero's custom connection: one organisation, no user, no refresh token (so no
`offline_access`); a token is valid for 30 minutes (Xero docs, Custom Connections).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthlib.oauth2 import BackendApplicationClient

from xerosync.errors import SignInError
from xerosync.xero.auth.token_endpoint import APP_PAGE, App, TokenEndpoint
from xerosync.xero.http.access_tokens import AccessToken


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The sign-in of an app; `scope` is what its tokens may do."""

    endpoint: TokenEndpoint
    app: App
    scope: str

    def fetch(self, _stale: str = "") -> AccessToken:
        """Request a new token. Raises `SignInError`, which explains what Xero refused."""
        body = BackendApplicationClient(self.app.client_id).prepare_request_body(scope=self.scope)
        grant = self.endpoint.request(self.app, body, (), self._refusal)
        expires = self.endpoint.clock.monotonic() + grant.lifetime
        return AccessToken(grant.access_token.reveal(), expires)

    def _refusal(self, error: str) -> SignInError | None:
        match error:
            case "invalid_scope":
                return SignInError(
                    f"This app may not request the scope {self.scope}.",
                    f"Add {self.scope} to the custom connection at {APP_PAGE}, and have it"
                    " authorised again.",
                )
            case "invalid_grant":
                return SignInError(
                    "This app's authorisation is no longer valid.",
                    f"Authorise the custom connection again at {APP_PAGE}.",
                )
            case "unauthorized_client" | "unsupported_grant_type":
                return SignInError(
                    "This app may not use client credentials.",
                    f"Only a custom connection may: create one at {APP_PAGE}. For a web app,"
                    " run `xerosync auth login --web-app`.",
                )
            case _:
                return None
