"""Xero's token endpoint: send a request, return the grant, or explain the refusal.

`oauthlib` writes and reads the messages (RFC 6749); our transport sends them. A request
that got no answer is sent again: for this case, Xero accepts a refresh token for 30 minutes after
it was replaced (Xero's FAQ, OAuth 2.0).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from oauthlib.oauth2 import BackendApplicationClient, MissingTokenError, OAuth2Error

from xerosync.errors import SignInError
from xerosync.network.exchange import CALL_SECONDS, EXCHANGE_SECONDS
from xerosync.network.no_reply import OUTAGE, NoReply
from xerosync.secret import Secret, SecretMask, is_credential
from xerosync.xero.addresses import Addresses
from xerosync.xero.clock import Clock
from xerosync.xero.http.limit_headers import read_limits
from xerosync.xero.http.responses import find_json, plain
from xerosync.xero.http.retry import Backoff
from xerosync.xero.http.transport import NETWORK, Reply, Request, Sender

LIFETIME = 1800.0
"""Seconds for which an access token is valid if Xero's answer does not say."""

_LONGEST_LIFETIME = 86_400

APP_PAGE = "https://developer.xero.com/app/manage"

_TIMES = ("expires_in", "expires_at")
"""Fields that are not passed to oauthlib, which rejects an answer with an impossible time."""
_ATTEMPTS = 3

Refusal = Callable[[str], SignInError | None]
"""A function that returns a flow's own explanation of an OAuth error code, or None."""


@dataclass(frozen=True, slots=True)
class App:
    """An app registered at Xero: its client id and, if it has one, its secret."""

    client_id: str
    secret: Secret | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The texts to mask; none if the secret is just the client id, as in the sandbox."""
        if self.secret is None or self.secret == Secret(self.client_id):
            return ()
        return (self.secret, self.basic)

    @property
    def basic(self) -> Secret:
        """The credentials for HTTP Basic authentication, "" if the app has no secret."""
        if self.secret is None:
            return Secret("")
        pair = f"{self.client_id}:{self.secret.reveal()}"
        return Secret(base64.b64encode(pair.encode()).decode())


@dataclass(frozen=True, slots=True)
class Grant:
    """Granted tokens. The access token is valid for `lifetime` seconds. Unknown scopes are ()."""

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
        self,
        app: App,
        body: str,
        secrets: tuple[Secret, ...],
        refusal: Refusal | None = None,
        ends: float = math.inf,
    ) -> Grant:
        """Request tokens. Raises `SignInError` with the reason if Xero grants none, or like `post`.

        `secrets` are the secrets in the body. `ends` is when to give up, as in `post`.
        """
        reply = self.post(self.addresses.token, app, body, secrets, ends)
        grant, error, description = None, "", ""
        if isinstance(answer := find_json(reply.text), dict):
            grant, error, description = _parse(answer, app.client_id)
        mask = self.mask.mask_error
        if error:
            raise (refusal and refusal(error)) or explain(mask(error), mask(description))
        if grant is None:
            raise SignInError(
                f"The sign-in server did not return a token (status {reply.status}).",
                f"{OUTAGE} If another server may have answered, check XEROSYNC_IDENTITY_URL and any"
                " proxy.",
            )
        self.mask.add(grant.access_token, grant.refresh_token)
        return replace(grant, scopes=tuple(map(mask, grant.scopes)))

    def post(
        self,
        url: str,
        app: App,
        body: str,
        secrets: tuple[Secret, ...],
        ends: float = math.inf,
        *,
        failed: str = "Cannot sign in to Xero.",
        otherwise: str = "",
    ) -> Reply:
        """Post a message in up to three attempts, and return the reply, whatever its status.

        Gives up when the monotonic clock reaches `ends`, or after `CALL_SECONDS`. Raises
        `SignInError` if the last attempt got no reply, and `Interrupted` on a signal. The error
        begins with `failed`, and its hint ends with `otherwise`.
        """
        now = self.clock.monotonic
        ends = min(ends, now() + CALL_SECONDS)
        reply: Reply | NoReply = NoReply("It took too long.", NETWORK, untouched=True)
        for attempt in range(1, _ATTEMPTS + 1):
            if now() >= ends:
                break
            reply = self._post(url, app, body, secrets, min(EXCHANGE_SECONDS, ends - now()))
            wait = self.backoff.seconds(attempt)
            if isinstance(reply, Reply):
                limits = read_limits(reply.headers, self.clock.now())
                is_limit = reply.status == HTTPStatus.TOO_MANY_REQUESTS
                is_temporary = is_limit or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
                if not is_temporary or limits.is_too_long:
                    return reply
                wait = max(wait, limits.retry_after or 0.0)
            elif reply.lasting:
                break
            if attempt == _ATTEMPTS or now() + wait >= ends:
                break
            self.clock.wait(wait)
        if isinstance(reply, NoReply):
            hint = f"{reply.hint} {otherwise}".strip()
            raise SignInError(f"{failed} {reply.message}", hint)
        return reply

    def _post(
        self, url: str, app: App, body: str, secrets: tuple[Secret, ...], seconds: float
    ) -> Reply | NoReply:
        hidden = (*secrets, *app.secrets)
        self.mask.add(*hidden)
        basic = app.basic.reveal()
        request = Request(
            "POST",
            url,
            {"Content-Type": "application/x-www-form-urlencoded"},
            f"Basic {basic}" if basic else "",
            body=body.encode(),
            secrets=tuple(secret.reveal() for secret in hidden),
            seconds=seconds,
        )
        return self.sender.send(request)


def explain(error: str, description: str = "") -> SignInError:
    """Return the error for an OAuth error code that a flow does not explain in its own way."""
    if error == "invalid_client":
        return SignInError(
            "Xero does not accept this app's client id, or its secret if it has one.",
            f"Check that the app exists at {APP_PAGE}. Check XERO_CLIENT_ID, XERO_CLIENT_SECRET and"
            " XERO_PROFILE if they are set; a lost secret can only be replaced.",
        )
    said = f": {plain(description)}" if description else ""
    return SignInError(
        f"Xero refused the sign-in ({plain(error)}{said}).", f"Check the app at {APP_PAGE}."
    )


def _parse(answer: Mapping[str, object], client_id: str) -> tuple[Grant | None, str, str]:
    """Return the grant, the error and its description; None or "" for what is not there.

    Raises nothing that holds a token.
    """
    text = json.dumps({name: value for name, value in answer.items() if name not in _TIMES})
    try:
        token = dict(BackendApplicationClient(client_id).parse_request_body_response(text))
    except MissingTokenError:
        return None, "", ""
    except OAuth2Error as error:
        return None, str(error.error or "unknown"), str(error.description or "")
    except (ValueError, TypeError, AttributeError):
        return None, "", ""
    access, scope, refresh = (token.get(n) for n in ("access_token", "scope", "refresh_token"))
    if not is_credential(access) or not (refresh in (None, "") or is_credential(refresh)):
        return None, "", ""
    scopes = scope.split() if isinstance(scope, str) else scope
    grant = Grant(
        Secret(str(access)),
        _lifetime(answer.get("expires_in")),
        Secret(str(refresh)) if refresh else None,
        tuple(filter(is_credential, scopes)) if isinstance(scopes, list) else (),
    )
    return grant, "", ""


def _lifetime(seconds: object) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return LIFETIME
    return float(seconds) if 0 < seconds <= _LONGEST_LIFETIME else LIFETIME
