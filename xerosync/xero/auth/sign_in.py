"""A person's sign-in as it is stored between runs, and its JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from xerosync.errors import SignInError
from xerosync.secret import Secret
from xerosync.xero.auth.token_endpoint import Grant
from xerosync.xero.http.responses import find_json

VERSION = 1
UNUSED_DAYS = 60
"""Xero ends a sign-in that was unused for this many days (Xero's FAQ, OAuth 2.0)."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in through one app, and its tokens.

    `identity` is the address of the service that issued them: they are sent to no other.
    `tenant_id` and `tenant_name` are the organisation chosen at sign-in, "" if none was.
    `ends` is when the access token expires, `used` when Xero last issued the tokens.
    """

    client_id: str
    identity: str
    web_app: bool
    scopes: tuple[str, ...]
    access_token: Secret
    refresh_token: Secret
    ends: datetime
    used: datetime
    tenant_id: str = ""
    tenant_name: str = ""

    @property
    def lapses(self) -> datetime:
        """When the sign-in ends unless it is used before."""
        return self.used + timedelta(days=UNUSED_DAYS)

    def check_identity(self, identity: str, hint: str) -> None:
        """Raise `SignInError` if another identity service issued the tokens."""
        if self.identity != identity:
            raise SignInError(
                f"The stored sign-in was made at {self.identity}, and XEROSYNC_IDENTITY_URL is"
                f" {identity}: tokens are only sent to the service that issued them.",
                hint,
            )

    def renewed(self, grant: Grant, now: datetime) -> SignIn:
        """Return the sign-in with new tokens; values that the grant omits are kept."""
        return replace(
            self,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or self.refresh_token,
            scopes=grant.scopes or self.scopes,
            ends=now + timedelta(seconds=grant.lifetime),
            used=now,
        )


def to_text(sign_in: SignIn) -> str:
    """Return a sign-in as JSON, tokens included."""
    return json.dumps({"version": VERSION, **asdict(sign_in)}, default=_encode)


def _encode(value: datetime | Secret) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.reveal()


def from_text(text: str) -> SignIn | None:
    """Read a sign-in; return None if it is invalid. No exception quotes the text."""
    found = find_json(text)
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return None
    required = ("client_id", "identity", "access_token", "refresh_token", "ends", "used")
    if not all(isinstance(found.get(name), str) and found[name] for name in required):
        return None
    try:
        ends, used = (datetime.fromisoformat(found[name]) for name in ("ends", "used"))
        scopes = tuple(str(scope) for scope in found["scopes"])
        web_app = found["web_app"] is True
    except (KeyError, TypeError, ValueError):
        return None
    if ends.tzinfo is None or used.tzinfo is None:
        return None
    return SignIn(
        client_id=found["client_id"],
        identity=found["identity"],
        web_app=web_app,
        scopes=scopes,
        access_token=Secret(found["access_token"]),
        refresh_token=Secret(found["refresh_token"]),
        ends=ends,
        used=used,
        tenant_id=str(found.get("tenant_id", "")),
        tenant_name=str(found.get("tenant_name", "")),
    )
