"""A client id and secret → an access token, by OAuth 2.0 client credentials.

This is Xero's custom connection: one organisation, no user, no refresh token (so no
`offline_access`); a token lasts 30 minutes (Xero docs, Custom Connections). `oauthlib`
writes and reads the messages, our transport sends them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from xerosync.errors import SignInError
from xerosync.xero.answers import find_json, plain
from xerosync.xero.clock import Clock
from xerosync.xero.failure import NoReply
from xerosync.xero.retry import Backoff
from xerosync.xero.tokens import Secret, Token
from xerosync.xero.transport import Reply, Request, Sender

LIFETIME = 1800.0
"""Seconds that Xero's access tokens last, should an answer not say."""

_ATTEMPTS = 3
_APP_PAGE = "https://developer.xero.com/app/manage"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Signs in as an app. `url` is the token endpoint; `scope` what the token may do."""

    sender: Sender
    clock: Clock
    backoff: Backoff
    url: str
    client_id: str
    client_secret: Secret
    scope: str

    def fetch(self) -> Token:
        """Get a new token; the answer of a broken connection or a 5xx is asked for again.

        Raises `SignInError`, which says what Xero did not like.
        """
        for attempt in range(1, _ATTEMPTS):
            reply = self._ask()
            if isinstance(reply, Reply) and reply.status < 500:  # noqa: PLR2004 (not its side)
                return self._token(reply)
            if isinstance(reply, NoReply) and reply.lasting:
                break
            self.clock.wait(self.backoff.seconds(attempt))
        else:
            reply = self._ask()
        if isinstance(reply, NoReply):
            raise SignInError(f"Cannot sign in to Xero. {reply.message}", reply.hint)
        return self._token(reply)

    def _ask(self) -> Reply | NoReply:
        secret = self.client_secret.reveal()
        basic = base64.b64encode(f"{self.client_id}:{secret}".encode()).decode()
        client = BackendApplicationClient(self.client_id)
        request = Request(
            "POST",
            self.url,
            {"Content-Type": "application/x-www-form-urlencoded"},
            f"Basic {basic}",
            body=client.prepare_request_body(scope=self.scope).encode(),
            secrets=(basic, secret),
        )
        try:
            return self.sender.send(request)
        except NoReply as no_reply:
            return no_reply

    def _token(self, reply: Reply) -> Token:
        if not isinstance(find_json(reply.text), dict):
            raise SignInError(
                f"The sign-in server did not answer with a token (status {reply.status}).",
                "Something else may answer in its place: check XEROSYNC_IDENTITY_URL and any"
                " proxy, and see https://status.xero.com.",
            )
        token, error, description = _parse(reply.text, self.client_id)
        if token is None:
            raise _refusal(error, plain(description), self.scope)
        expires_in = token.get("expires_in")
        lifetime = float(expires_in) if isinstance(expires_in, int | float) else LIFETIME
        return Token(str(token["access_token"]), self.clock.monotonic() + lifetime)


def _parse(text: str, client_id: str) -> tuple[dict[str, object] | None, str, str]:
    """Give the token, or the error and its description; no exception keeps the answer."""
    try:
        token = BackendApplicationClient(client_id).parse_request_body_response(text)
    except OAuth2Error as error:
        return None, str(error.error or "unknown"), str(error.description or "")
    except (ValueError, TypeError, AttributeError):
        return None, "unreadable", ""
    return dict(token), "", ""


def _refusal(error: str, description: str, scope: str) -> SignInError:
    match error:
        case "invalid_client":
            return SignInError(
                "Xero does not accept this client id and secret.",
                "Check XERO_CLIENT_ID and XERO_CLIENT_SECRET (and XERO_PROFILE) against"
                f" {_APP_PAGE}; a secret that is lost can only be replaced.",
            )
        case "invalid_scope":
            return SignInError(
                f"This app may not ask for the scope {scope}.",
                f"Add {scope} to the custom connection at {_APP_PAGE} and have it"
                " authorised again.",
            )
        case "invalid_grant":
            return SignInError(
                "Xero no longer honours what this app was granted.",
                f"Authorise the custom connection again at {_APP_PAGE}.",
            )
        case "unauthorized_client" | "unsupported_grant_type":
            return SignInError(
                "This app may not sign in by client credentials.",
                f"Only a custom connection may: make one at {_APP_PAGE}.",
            )
        case _:
            said = f": {description}" if description else ""
            return SignInError(
                f"Xero refuses the sign-in ({plain(error)}{said}).",
                f"Check the app at {_APP_PAGE}.",
            )
