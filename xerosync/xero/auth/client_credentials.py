"""A client id and secret → an access token, by OAuth 2.0 client credentials.

This is Xero's custom connection: one organisation, no user, no refresh token (so no
`offline_access`); a token lasts 30 minutes (Xero docs, Custom Connections).
"""

from __future__ import annotations

from dataclasses import dataclass

from oauthlib.oauth2 import BackendApplicationClient

from xerosync.errors import SignInError
from xerosync.xero.auth.token_endpoint import APP_PAGE, App, Endpoint
from xerosync.xero.http.access_tokens import Token


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Signs in as an app. `url` is the token endpoint; `scope` what the token may do."""

    endpoint: Endpoint
    url: str
    app: App
    scope: str

    def fetch(self) -> Token:
        """Get a new token; what is lost on the way, or meets a 5xx, is asked for again.

        Raises `SignInError`, which says what Xero did not like.
        """
        body = BackendApplicationClient(self.app.client_id).prepare_request_body(scope=self.scope)
        granted = self.endpoint.ask(self.url, self.app, body, (), self._refusal)
        ends = self.endpoint.clock.monotonic() + granted.lifetime
        return Token(granted.access_token.reveal(), ends)

    def _refusal(self, error: str) -> SignInError | None:
        match error:
            case "invalid_scope":
                return SignInError(
                    f"This app may not ask for the scope {self.scope}.",
                    f"Add {self.scope} to the custom connection at {APP_PAGE} and have it"
                    " authorised again.",
                )
            case "invalid_grant":
                return SignInError(
                    "Xero no longer honours what this app was granted.",
                    f"Authorise the custom connection again at {APP_PAGE}.",
                )
            case "unauthorized_client" | "unsupported_grant_type":
                return SignInError(
                    "This app may not sign in by client credentials.",
                    f"Only a custom connection may: make one at {APP_PAGE}. For a web app,"
                    " run `xerosync auth login --web-app`.",
                )
            case _:
                return None
