"""A person's sign-in as it is kept between runs ↔ its JSON text."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from xerosync.secret import Secret
from xerosync.xero.auth.token_endpoint import Grant
from xerosync.xero.http.responses import find_json

VERSION = 1
UNUSED_DAYS = 60
"""Days after its last use at which Xero ends a sign-in (Xero's FAQ, OAuth 2.0)."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signed in through which app, and the tokens that came of it.

    `identity` is the address of the service that gave them: they go to no other.
    `tenant_id` and `tenant_name` are the organisation chosen at sign-in, "" when none was.
    `ends` is the access token's end, `used` when the tokens were last given out.
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
        """When it ends unless it is used before."""
        return self.used + timedelta(days=UNUSED_DAYS)

    def for_organisation(self, tenant_id: str, name: str) -> SignIn:
        """Give the sign-in with an organisation chosen."""
        return replace(self, tenant_id=tenant_id, tenant_name=name)

    def renewed(self, granted: Grant, now: datetime) -> SignIn:
        """Give the sign-in with its new tokens; what the answer leaves out stays."""
        return replace(
            self,
            access_token=granted.access_token,
            refresh_token=granted.refresh_token or self.refresh_token,
            scopes=granted.scopes or self.scopes,
            ends=now + timedelta(seconds=granted.lifetime),
            used=now,
        )


def to_text(sign_in: SignIn) -> str:
    """Write a sign-in, tokens and all."""
    return json.dumps(
        {
            "version": VERSION,
            "client_id": sign_in.client_id,
            "identity": sign_in.identity,
            "web_app": sign_in.web_app,
            "scopes": list(sign_in.scopes),
            "access_token": sign_in.access_token.reveal(),
            "refresh_token": sign_in.refresh_token.reveal(),
            "ends": sign_in.ends.astimezone(UTC).isoformat(),
            "used": sign_in.used.astimezone(UTC).isoformat(),
            "tenant_id": sign_in.tenant_id,
            "tenant_name": sign_in.tenant_name,
        }
    )


def from_text(text: str) -> SignIn | None:
    """Read a sign-in; None for what is none. Nothing that is raised or given quotes the text."""
    found = find_json(text)
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return None
    try:
        return _read(found)
    except (KeyError, TypeError, ValueError):
        return None


def _read(found: dict[str, Any]) -> SignIn | None:
    texts = [
        found[name]
        for name in ("client_id", "identity", "access_token", "refresh_token", "ends", "used")
    ]
    if not all(isinstance(text, str) and text for text in texts):
        return None
    ends, used = (datetime.fromisoformat(found[name]) for name in ("ends", "used"))
    if ends.tzinfo is None or used.tzinfo is None:
        return None
    return SignIn(
        client_id=found["client_id"],
        identity=found["identity"],
        web_app=found["web_app"] is True,
        scopes=tuple(str(scope) for scope in found["scopes"]),
        access_token=Secret(found["access_token"]),
        refresh_token=Secret(found["refresh_token"]),
        ends=ends,
        used=used,
        tenant_id=str(found.get("tenant_id", "")),
        tenant_name=str(found.get("tenant_name", "")),
    )
