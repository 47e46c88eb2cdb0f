"""Sign in as a person, by the OAuth 2.0 authorization code flow.

With PKCE (RFC 7636) an app needs no secret; a web app sends its secret instead. `oauthlib` builds
the address of the consent page and reads the callback; a `state` shows that both belong together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.xero.auth.scopes import BROAD_USAGE_SCOPES, USAGE_SCOPES
from xerosync.xero.auth.token_endpoint import APP_PAGE, App, Grant, TokenEndpoint, explain
from xerosync.xero.http.client import WRITE_SCOPE
from xerosync.xero.http.responses import plain

_AGAIN = "Run `xerosync auth login` again."


@dataclass(frozen=True, slots=True)
class CodeFlow:
    """One sign-in of one person, from the consent page to the grant.

    `redirect` is the redirect address, exactly as it is registered at Xero.
    """

    app: App
    redirect: str
    scopes: tuple[str, ...]
    state: Secret = field(repr=False)
    verifier: Secret | None = field(repr=False)

    @classmethod
    def begin(cls, app: App, redirect: str, scopes: tuple[str, ...]) -> CodeFlow:
        """Begin a sign-in, with PKCE if the app has no secret."""
        client = WebApplicationClient(app.client_id)
        state = Secret(client.create_code_verifier(43))
        pkce = None if app.secret else Secret(client.create_code_verifier(96))
        return cls(app, redirect, scopes, state, pkce)

    def address(self, page: str) -> str:
        """Return the address to open in the browser; `page` is Xero's consent page."""
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
        """Return the code in the callback's query.

        Raises `SignInError` if the query has no code, or the `state` of another sign-in.
        """
        client = WebApplicationClient(self.app.client_id)
        try:
            found = client.parse_request_uri_response(
                f"{_secure(self.redirect)}?{query}", state=self.state.reveal()
            )
        except OAuth2Error as refusal:
            found, error, said = {}, str(refusal.error), str(refusal.description or "")
        except ValueError:
            found, error, said = {}, "unreadable", ""
        if found.get("code"):
            return Secret(str(found["code"]))
        raise self._refused(error, said)

    def redeem(self, endpoint: TokenEndpoint, code: Secret) -> Grant:
        """Exchange the code for tokens. Raises like `TokenEndpoint.request`."""
        secrets = (code, self.verifier) if self.verifier else (code,)
        body = WebApplicationClient(self.app.client_id).prepare_request_body(
            code=code.reveal(),
            redirect_uri=self.redirect,
            code_verifier=self.verifier.reveal() if self.verifier else None,
        )
        return endpoint.request(self.app, body, secrets, self._refusal)

    def _refusal(self, error: str) -> SignInError | None:
        if error == "invalid_grant":
            return SignInError(
                "Xero did not accept the code from the browser.",
                f"A code can be used once, and only within 5 minutes. {_AGAIN}",
            )
        if error in {"invalid_client", "unauthorized_client"} and self.verifier:
            return SignInError(
                "Xero does not allow this app to sign in without a secret.",
                "The client id must belong to an app with PKCE (at Xero: Mobile or desktop app)."
                " For a web app, add --web-app, and set XERO_CLIENT_ID and XERO_CLIENT_SECRET.",
            )
        return None

    def _refused(self, error: str, description: str) -> SignInError:
        match error:
            case "mismatching_state":
                return SignInError(
                    "The browser returned from a different sign-in (the state does not match).",
                    f"The page may be from an earlier attempt. {_AGAIN}",
                )
            case "access_denied":
                return SignInError(
                    "Access was denied in the browser.", f"{_AGAIN} In the browser, allow access."
                )
            case "invalid_scope":
                writes = WRITE_SCOPE in self.scopes
                less = "; --read-only requests read access only" if writes else ""
                return SignInError(
                    f"This app is not allowed to request the scopes {' '.join(self.scopes)}.",
                    f"Check the app at {APP_PAGE}{less}.{_other_scopes(self.scopes)}",
                )
            case "missing_code" | "unreadable":
                return SignInError("The browser returned without a code.", _AGAIN)
            case _:
                return explain(plain(error), description)


def _other_scopes(scopes: tuple[str, ...]) -> str:
    """Return a hint to add `--broad-scopes`, or to leave it out; "" without usage scopes."""
    if set(USAGE_SCOPES.values()) <= set(scopes):
        return " For an app created before March 2026, add --broad-scopes."
    if set(BROAD_USAGE_SCOPES.values()) <= set(scopes):
        return " For an app created in March 2026 or later, leave --broad-scopes out."
    return ""


def _secure(url: str) -> str:
    """Return an address as https, to pass a check of oauthlib; the result is never opened."""
    return urlunsplit(urlsplit(url)._replace(scheme="https"))
