"""Xero's token endpoint: send a request, return the grant, or explain the refusal.

`oauthlib` writes and reads the messages (RFC 6749), our transport sends them. A request
that got no answer is sent again: Xero accepts a refresh token for 30 minutes after it was
replaced (Xero's FAQ, OAuth 2.0), for just this case.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from xerosync.errors import SignInError
from xerosync.network.no_reply import NoReply
from xerosync.secret import Secret, SecretMask
from xerosync.xero.addresses import Addresses
from xerosync.xero.clock import Clock
from xerosync.xero.http.limit_headers import read_limits
from xerosync.xero.http.responses import find_json, plain
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import Reply, Request, Sender

LIFETIME = 1800.0
"""Seconds for which Xero's access tokens are valid, if an answer does not say."""

APP_PAGE = "https://developer.xero.com/app/manage"

_ATTEMPTS = 3

Refusal = Callable[[str], SignInError | None]
"""Explains an OAuth error code (`invalid_grant`, …) in the terms of one flow, if it can."""


@dataclass(frozen=True, slots=True)
class App:
    """An app registered at Xero: its client id and, if it has one, its secret."""

    client_id: str
    secret: Secret | None = None

    @property
    def basic(self) -> Secret:
        """The credentials for HTTP Basic authentication, "" without a secret."""
        if self.secret is None:
            return Secret("")
        pair = f"{self.client_id}:{self.secret.reveal()}"
        return Secret(base64.b64encode(pair.encode()).decode())


@dataclass(frozen=True, slots=True)
class Grant:
    """Granted tokens. `lifetime` is the access token's, in seconds; `scopes` may be ()."""

    access_token: Secret
    lifetime: float
    refresh_token: Secret | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Sends requests for tokens and for their revocation; `mask` learns every secret."""

    addresses: Addresses
    sender: Sender
    clock: Clock
    backoff: Backoff
    mask: SecretMask = field(default_factory=SecretMask)

    def request(
        self, app: App, body: str, secrets: tuple[Secret, ...], refusal: Refusal | None = None
    ) -> Grant:
        """Request tokens. Raises `SignInError`, which explains what Xero refused.

        `secrets` are those in the body.
        """
        reply = self.post(self.addresses.token, app, body, secrets)
        if not isinstance(find_json(reply.text), dict):
            raise SignInError(
                f"The sign-in server did not return a token (status {reply.status}).",
                "Another server may have answered: check XEROSYNC_IDENTITY_URL and any proxy,"
                " and see https://status.xero.com.",
            )
        grant, error, description = _parse(reply.text, app.client_id)
        mask = self.mask.mask_error
        if grant is None:
            raise (refusal and refusal(error)) or explain(mask(error), mask(description))
        self.mask.add(grant.access_token, grant.refresh_token)
        return replace(grant, scopes=tuple(map(mask, grant.scopes)))

    def post(self, url: str, app: App, body: str, secrets: tuple[Secret, ...]) -> Reply:
        """Post a message in up to three attempts, and return the reply, whatever its status."""
        for attempt in range(1, _ATTEMPTS):
            reply = self._post(url, app, body, secrets)
            wait = self.backoff.seconds(attempt)
            if isinstance(reply, Reply):
                limits = read_limits(reply.headers, self.clock.now())
                if not _is_temporary(reply.status) or limits.is_too_long:
                    return reply
                wait = max(wait, limits.retry_after or 0.0)
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
        self.mask.add(*hidden)
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


def _is_temporary(status: int) -> bool:
    """Whether the same message may get another status later."""
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def explain(error: str, description: str = "") -> SignInError:
    """Return the general explanation of an OAuth error."""
    if error == "invalid_client":
        return SignInError(
            "Xero does not accept this client id and secret.",
            "Check XERO_CLIENT_ID and XERO_CLIENT_SECRET (and XERO_PROFILE) against"
            f" {APP_PAGE}; a lost secret can only be replaced.",
        )
    said = f": {plain(description)}" if description else ""
    return SignInError(
        f"Xero refused the sign-in ({plain(error)}{said}).", f"Check the app at {APP_PAGE}."
    )


def _parse(text: str, client_id: str) -> tuple[Grant | None, str, str]:
    """Return the grant, or the error and its description. Raise nothing that holds a token."""
    try:
        token = dict(BackendApplicationClient(client_id).parse_request_body_response(text))
    except OAuth2Error as error:
        return None, str(error.error or "unknown"), str(error.description or "")
    except (ValueError, TypeError, AttributeError):
        return None, "unreadable", ""
    lifetime, scope, refresh = (
        token.get(name) for name in ("expires_in", "scope", "refresh_token")
    )
    scopes = scope.split() if isinstance(scope, str) else scope
    grant = Grant(
        Secret(str(token["access_token"])),
        float(lifetime) if isinstance(lifetime, int | float) else LIFETIME,
        Secret(refresh) if isinstance(refresh, str) and refresh else None,
        tuple(map(str, scopes)) if isinstance(scopes, list) else (),
    )
    return grant, "", ""
