"""A message for Xero's token endpoint → what it granted, or in plain words why it did not.

`oauthlib` writes and reads the messages (RFC 6749), our transport sends them. What is lost
on the way is sent again: a refresh token may be used again for 30 minutes after it was
replaced (Xero's FAQ, OAuth 2.0), which is what that grace is for.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.xero.clock import Clock
from xerosync.xero.http.allowance import read_allowance
from xerosync.xero.http.failure import NoReply
from xerosync.xero.http.responses import find_json, plain
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Reply, Request, Sender

LIFETIME = 1800.0
"""Seconds that Xero's access tokens last, should an answer not say."""

APP_PAGE = "https://developer.xero.com/app/manage"

_ATTEMPTS = 3

Refusal = Callable[[str], SignInError | None]
"""From Xero's word for a refusal (`invalid_grant`, …) to what it means for this sign-in."""


@dataclass(frozen=True, slots=True)
class App:
    """Who asks: a client id, and for an app that has one its secret."""

    client_id: str
    secret: Secret | None = None

    @property
    def basic(self) -> Secret:
        """The credentials of HTTP's Basic, "" without a secret."""
        if self.secret is None:
            return Secret("")
        pair = f"{self.client_id}:{self.secret.reveal()}"
        return Secret(base64.b64encode(pair.encode()).decode())


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted. `lifetime` is the access token's, in seconds; `scopes` () if not said."""

    access_token: Secret
    lifetime: float
    refresh_token: Secret | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The addresses for signing in and out, and how to call them."""

    sender: Sender
    clock: Clock
    backoff: Backoff

    def ask(
        self, url: str, app: App, body: str, secrets: tuple[Secret, ...], refusal: Refusal
    ) -> Grant:
        """Post a message, and give what is granted.

        `secrets` are those that the body holds. Raises `SignInError`, which says what Xero
        did not like.
        """
        reply = self.post(url, app, body, secrets)
        if not isinstance(find_json(reply.text), dict):
            raise SignInError(
                f"The sign-in server did not answer with a token (status {reply.status}).",
                "Something else may answer in its place: check XEROSYNC_IDENTITY_URL and any"
                " proxy, and see https://status.xero.com.",
            )
        granted, error, description = _parse(reply.text, app.client_id)
        if granted is None:
            raise refusal(error) or explain(error, description)
        return granted

    def post(self, url: str, app: App, body: str, secrets: tuple[Secret, ...]) -> Reply:
        """Post a message, three times at most, and give the reply, whatever it says."""
        for attempt in range(1, _ATTEMPTS):
            reply = self._post(url, app, body, secrets)
            wait = self.backoff.seconds(attempt)
            if isinstance(reply, Reply):
                allowance = read_allowance(reply.headers, self.clock.now())
                if not _passes(reply.status) or allowance.is_too_long:
                    return reply
                wait = max(wait, allowance.retry_after or 0.0)
            elif reply.lasting:
                break
            self.clock.wait(wait)
        else:
            reply = self._post(url, app, body, secrets)
        if isinstance(reply, NoReply):
            raise SignInError(f"Cannot sign in to Xero. {reply.message}", reply.hint)
        return reply

    def _post(self, url: str, app: App, body: str, secrets: tuple[Secret, ...]) -> Reply | NoReply:
        hidden = (*secrets, app.basic, *((app.secret,) if app.secret else ()))
        basic = app.basic.reveal()
        request = Request(
            "POST",
            url,
            {"Content-Type": "application/x-www-form-urlencoded"},
            f"Basic {basic}" if basic else "",
            body=body.encode(),
            secrets=tuple(secret.reveal() for secret in hidden),
        )
        try:
            return self.sender.send(request)
        except NoReply as no_reply:
            return no_reply


def _passes(status: int) -> bool:
    """Tell whether the same message may be answered with another status later."""
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def explain(error: str, description: str = "") -> SignInError:
    """Say what any refusal means of which the caller knows nothing better."""
    match error:
        case "invalid_client":
            return SignInError(
                "Xero does not accept this client id and secret.",
                "Check XERO_CLIENT_ID and XERO_CLIENT_SECRET (and XERO_PROFILE) against"
                f" {APP_PAGE}; a secret that is lost can only be replaced.",
            )
        case _:
            said = f": {plain(description)}" if description else ""
            return SignInError(
                f"Xero refuses the sign-in ({plain(error)}{said}).",
                f"Check the app at {APP_PAGE}.",
            )


def _parse(text: str, client_id: str) -> tuple[Grant | None, str, str]:
    """Give the grant, or the error and its description; no exception keeps the answer."""
    try:
        token = BackendApplicationClient(client_id).parse_request_body_response(text)
        granted = dict(token)
    except OAuth2Error as error:
        return None, str(error.error or "unknown"), str(error.description or "")
    except (ValueError, TypeError, AttributeError):
        return None, "unreadable", ""
    lifetime, scope = granted.get("expires_in"), granted.get("scope")
    refresh = granted.get("refresh_token")
    return (
        Grant(
            Secret(str(granted["access_token"])),
            float(lifetime) if isinstance(lifetime, int | float) else LIFETIME,
            Secret(refresh) if isinstance(refresh, str) and refresh else None,
            tuple(scope.split()) if isinstance(scope, str) else _texts(scope),
        ),
        "",
        "",
    )


def _texts(scope: object) -> tuple[str, ...]:
    return tuple(map(str, scope)) if isinstance(scope, list) else ()
