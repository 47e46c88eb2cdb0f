"""A person's sign-in as it is stored between runs, and its JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from xerosync.errors import SignInError
from xerosync.secret import Secret, is_credential
from xerosync.text import read_timestamp
from xerosync.xero.auth.token_endpoint import Grant
from xerosync.xero.http.responses import find_json

VERSION = 1
LOGIN = "xerosync auth login"
SIGN_IN_AGAIN = f"Sign in again: `{LOGIN}`."
UNUSED_DAYS = 60
"""Xero ends a sign-in that was unused for this many days (Xero's FAQ, OAuth 2.0)."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in through one app, and its tokens.

    `identity` is the address of the identity service that issued the tokens; with any other, they
    are not used. `tenant_id` and `tenant_name` are of the organisation chosen at sign-in, or "".
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
        """When the sign-in ends if it is not used before."""
        return self.used + timedelta(days=UNUSED_DAYS)

    def check_identity(self, identity: str, hint: str) -> None:
        """Raise `SignInError` if another identity service issued the tokens."""
        if self.identity != identity:
            raise SignInError(
                f"The stored sign-in was made at {self.identity}, and this run uses {identity}"
                " (XEROSYNC_IDENTITY_URL): tokens are only sent to the service that issued them.",
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
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.reveal()


def from_text(text: str) -> SignIn | None:
    """Read a sign-in; return None if it is invalid. No exception quotes the text."""
    found = find_json(text)
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return None
    required = ("client_id", "identity", "access_token", "refresh_token")
    scopes, web_app = found.get("scopes"), found.get("web_app")
    tenant_id, tenant_name = found.get("tenant_id", ""), found.get("tenant_name", "")
    ends, used = (_moment(found.get(name)) for name in ("ends", "used"))
    if not (
        all(is_credential(found.get(name)) for name in required)
        and isinstance(scopes, list)
        and all(map(is_credential, scopes))
        and isinstance(web_app, bool)
        and (tenant_id == "" or is_credential(tenant_id))
        and isinstance(tenant_name, str)
        and ends
        and used
    ):
        return None
    return SignIn(
        client_id=found["client_id"],
        identity=found["identity"],
        web_app=web_app,
        scopes=tuple(scopes),
        access_token=Secret(found["access_token"]),
        refresh_token=Secret(found["refresh_token"]),
        ends=ends,
        used=used,
        tenant_id=tenant_id,
        tenant_name=tenant_name,
    )


def _moment(value: object) -> datetime | None:
    try:
        return read_timestamp(value) if isinstance(value, str) else None
    except ValueError:
        return None
