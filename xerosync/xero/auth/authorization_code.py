"""A person's consent in a browser → a grant, by OAuth 2.0 authorization code.

With PKCE (RFC 7636) there is no secret; a web app shows its secret instead. `oauthlib`
makes the address and reads what comes back; a `state` ties the one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.errors import MismatchingStateError

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.xero.auth.token_endpoint import APP_PAGE, App, Endpoint, Grant, explain
from xerosync.xero.http.responses import plain

_VERIFIER_LENGTH = 96
_STATE_LENGTH = 43
_AGAIN = "Run `xerosync auth login` again."


@dataclass(frozen=True, slots=True)
class CodeFlow:
    """One sign-in of one person, from the address of the consent page to the grant.

    `redirect` is where the browser comes back to, exactly as it is registered at Xero.
    """

    app: App
    redirect: str
    scopes: tuple[str, ...]
    state: Secret = field(repr=False)
    verifier: Secret | None = field(repr=False)

    @classmethod
    def begin(cls, app: App, redirect: str, scopes: tuple[str, ...]) -> CodeFlow:
        """Begin a sign-in; with PKCE when the app has no secret."""
        client = WebApplicationClient(app.client_id)
        state = Secret(client.create_code_verifier(_STATE_LENGTH))
        pkce = None if app.secret else Secret(client.create_code_verifier(_VERIFIER_LENGTH))
        return cls(app, redirect, scopes, state, pkce)

    def address(self, page: str) -> str:
        """Give the address to open in the browser; `page` is Xero's consent page."""
        client = WebApplicationClient(self.app.client_id)
        challenge = {}
        if self.verifier:
            text = client.create_code_challenge(self.verifier.reveal(), "S256")
            challenge = {"code_challenge": text, "code_challenge_method": "S256"}
        address = client.prepare_request_uri(
            _secure(page),
            redirect_uri=self.redirect,
            scope=list(self.scopes),
            state=self.state.reveal(),
            **challenge,
        )
        return urlunsplit(urlsplit(address)._replace(scheme=urlsplit(page).scheme))

    def code(self, query: str) -> Secret:
        """Read what the browser brought back. Raises `SignInError` for anything but a code."""
        client = WebApplicationClient(self.app.client_id)
        try:
            found = client.parse_request_uri_response(
                f"{_secure(self.redirect)}?{query}", state=self.state.reveal()
            )
        except MismatchingStateError:
            found, error, said = {}, "state", ""
        except OAuth2Error as trouble:
            found, error, said = {}, str(trouble.error), str(trouble.description or "")
        except ValueError:
            found, error, said = {}, "unreadable", ""
        if found.get("code"):
            return Secret(str(found["code"]))
        raise self._refused(error, said)

    def redeem(self, endpoint: Endpoint, url: str, code: Secret) -> Grant:
        """Exchange the code for tokens at the token endpoint. Raises `SignInError`."""
        secrets: tuple[Secret, ...] = (code,)
        if self.verifier:
            secrets = (code, self.verifier)
        body = WebApplicationClient(self.app.client_id).prepare_request_body(
            code=code.reveal(),
            redirect_uri=self.redirect,
            code_verifier=self.verifier.reveal() if self.verifier else None,
        )
        return endpoint.ask(url, self.app, body, secrets, self._refusal)

    def _refusal(self, error: str) -> SignInError | None:
        if error == "invalid_grant":
            return SignInError(
                "Xero does not take the code that the browser brought back.",
                f"It is good for 5 minutes and once. {_AGAIN}",
            )
        if error in {"invalid_client", "unauthorized_client"} and self.verifier:
            return SignInError(
                "Xero does not let this app sign in without a secret.",
                "XERO_CLIENT_ID must be of an app with PKCE (at Xero: Mobile or desktop app);"
                " for a web app add --web-app and set XERO_CLIENT_SECRET.",
            )
        return None

    def _refused(self, error: str, description: str) -> SignInError:
        match error:
            case "state" | "mismatching_state":
                return SignInError(
                    "The browser came back with another sign-in than this one (state).",
                    f"An old page was used, or something else called. {_AGAIN}",
                )
            case "access_denied":
                return SignInError("Access was denied in the browser.", f"{_AGAIN} Then allow it.")
            case "invalid_scope":
                return SignInError(
                    f"This app may not ask for the scopes {' '.join(self.scopes)}.",
                    f"Check the app at {APP_PAGE}; --read-only asks for less.",
                )
            case "missing_code" | "unreadable":
                return SignInError("The browser came back without a code.", _AGAIN)
            case _:
                return explain(plain(error), description)


def _secure(url: str) -> str:
    """Give an address as https: oauthlib reads no other, and these never leave this machine.

    Plain http passes for loopback alone; settings and `Addresses` see to that.
    """
    return urlunsplit(urlsplit(url)._replace(scheme="https"))
